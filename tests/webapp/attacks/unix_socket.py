# control: any
import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(target["unix_socket"])
        return True
