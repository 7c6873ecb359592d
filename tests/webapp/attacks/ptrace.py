# control: root
import ctypes


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, target["victim"], 0, 0):  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    libc.waitpid(target["victim"], None, 0)
    libc.ptrace(17, target["victim"], 0, 0)
    return True
