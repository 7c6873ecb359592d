# control: any


def attack(target):
    with open(target["secret"]) as file:
        return "secret" in file.read()
