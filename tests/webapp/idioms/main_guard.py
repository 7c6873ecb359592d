def answer():
    return True


if __name__ == "__main__":
    raise RuntimeError("this runs only as a program")
