# control: any


def attack(target):
    return len(bytes(target["too_much_memory"])) > 0
