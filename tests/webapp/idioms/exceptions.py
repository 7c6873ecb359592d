class TooLarge(ValueError):
    pass


def checked(n):
    if n > 3:
        raise TooLarge(f"{n} is too large")
    return n


def answer():
    try:
        checked(5)
    except TooLarge as error:
        said = str(error)
    else:
        said = ""
    finally:
        done = True
    assert done, "never"
    return said == "5 is too large"
