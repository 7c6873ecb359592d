# control: any
import threading


def attack(target):
    done = []
    thread = threading.Thread(target=done.append, args=(True,))
    thread.start()
    thread.join()
    return bool(done)
