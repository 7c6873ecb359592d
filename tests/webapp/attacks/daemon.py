# control: any
import os


def attack(target):
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.nice(10)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
