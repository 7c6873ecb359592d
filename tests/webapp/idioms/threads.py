# says: RuntimeError: can't start new thread ... without threads
import threading


def answer():
    threading.Thread(target=print).start()
    return True
