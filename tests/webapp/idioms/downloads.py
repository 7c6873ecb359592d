# says:
from urllib.request import urlopen


def answer():
    return urlopen("http://example.com").read()
