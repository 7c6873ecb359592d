# control: any


def attack(target):
    with open(target["checks"]) as file:
        return "def check_" in file.read()
