# control: any
import mmap


def attack(target):
    with mmap.mmap(-1, target["too_much_memory"]) as area:
        return len(area) > 0
