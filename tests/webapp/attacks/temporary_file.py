# control: any
import tempfile


def attack(target):
    with tempfile.TemporaryFile() as file:
        return file.write(b"x") == 1
