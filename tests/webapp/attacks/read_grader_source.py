# control: any


def attack(target):
    with open(target["grader_source"]) as file:
        return bool(file.read())
