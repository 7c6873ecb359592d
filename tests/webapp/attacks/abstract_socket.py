# control: any
import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(b"\0glasstorch-attack-" + str(target["parent"]).encode())
        server.listen()
        return True
