# control: any
import socket


def attack(target):
    left, right = socket.socketpair()
    left.send(b"x")
    return right.recv(1) == b"x"
