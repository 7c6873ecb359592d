# control: any
import os


def attack(target):
    os.link(target["victim_file"], os.path.join(target["open_folder"], "hard-link"))
    return True
