# control: any
import os


def attack(target):
    with open(os.path.join(target["open_folder"], "written"), "w") as file:
        return file.write("x" * 1000) == 1000
