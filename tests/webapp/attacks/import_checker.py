# control: none
import importlib


def attack(target):
    return importlib.import_module("glasstorch_web.grader") is not None
