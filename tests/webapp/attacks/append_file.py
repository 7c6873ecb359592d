# control: any


def attack(target):
    with open(target["victim_file"], "a") as file:
        return file.write("x") == 1
