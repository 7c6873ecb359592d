import string


def answer():
    clean = "".join(c for c in "Hello, World!".lower() if c in string.ascii_lowercase + " ")
    table = {word: len(word) for word in clean.split()}
    return (
        table == {"hello": 5, "world": 5} and "ä".encode() == b"\xc3\xa4" and "a-b".partition("-")[2] == "b"
    )
