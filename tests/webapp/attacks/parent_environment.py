# control: none
import os


def attack(target):
    return "GLASSTORCH_TEST_SECRET" in os.environ
