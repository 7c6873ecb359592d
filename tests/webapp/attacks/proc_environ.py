# control: any


def attack(target):
    with open(f"/proc/{target['parent']}/environ", "rb") as file:
        return bool(file.read())
