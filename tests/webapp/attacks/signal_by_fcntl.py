# control: any
import fcntl


def attack(target):
    fcntl.fcntl(3, 8, target["victim"])  # F_SETOWN: the kernel sends SIGIO in our name
    return fcntl.fcntl(3, 9) == target["victim"]
