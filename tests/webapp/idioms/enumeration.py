from enum import Enum, IntFlag, auto


class Mode(Enum):
    TRAIN = auto()
    TEST = auto()


class Right(IntFlag):
    READ = 1
    WRITE = 2


def answer():
    return Mode["TRAIN"] is Mode.TRAIN and (Right.READ | Right.WRITE) == 3 and len(Mode) == 2
