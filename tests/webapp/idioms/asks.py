# says: Nobody is there to answer `input()`
def answer():
    return input("your name? ")
