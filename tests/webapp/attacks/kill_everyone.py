# control: any
import os
import signal


def attack(target):
    os.killpg(target["victim_group"], signal.SIGURG)
    return True
