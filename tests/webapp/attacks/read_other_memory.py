# control: any
import ctypes
import errno


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    there = (ctypes.c_void_p * 2)(8, 8)
    libc.process_vm_readv(target["parent"], here, 1, there, 1, 0)
    return ctypes.get_errno() == errno.EFAULT  # allowed to look; nothing at that address
