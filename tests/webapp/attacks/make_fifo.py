# control: any
import os


def attack(target):
    os.mkfifo(os.path.join(target["open_folder"], "fifo"))
    return True
