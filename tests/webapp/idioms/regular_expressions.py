import re


def answer():
    found = re.findall(r"(\w+)=(\d+)", "lr=3, n=40")
    return dict(found) == {"lr": "3", "n": "40"} and re.sub(r"\s+", " ", "a   b") == "a b"
