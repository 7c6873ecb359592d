# control: any


def attack(target):
    with open(f"/proc/{target['parent']}/mem", "rb") as file:
        return file.readable()
