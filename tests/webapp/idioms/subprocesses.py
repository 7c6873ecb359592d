# says: without network, other processes
import subprocess


def answer():
    return subprocess.run(["echo", "hello"], capture_output=True).returncode == 0
