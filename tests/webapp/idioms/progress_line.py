import sys


def answer():
    for step in range(3):
        print(f"\rstep {step}", end="")
        sys.stdout.flush()
    sys.stdout.write("\n")
    print("warning", file=sys.stderr)
    return True
