# control: root
import ctypes


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    path = target["open_folder"].encode()
    if libc.mount(path, path, None, 4096, None):
        return False
    return libc.umount(path) == 0
