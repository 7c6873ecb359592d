# control: any
import os


def attack(target):
    children = []
    for _ in range(20):
        child = os.fork()
        if child == 0:
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return len(children) == 20
