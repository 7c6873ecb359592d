# control: any
import ctypes
import errno


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(425, 1, None)
    return ctypes.get_errno() == errno.EFAULT  # reached: it only missed its argument
