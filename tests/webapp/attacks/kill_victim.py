# control: any
import os
import signal


def attack(target):
    os.kill(target["victim"], signal.SIGUSR1)
    return True
