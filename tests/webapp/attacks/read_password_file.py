# control: any


def attack(target):
    with open("/etc/passwd") as file:
        return "root" in file.read()
