def answer():
    squares = {n: n * n for n in range(5) if n % 2}
    letters = {c for word in ("ab", "bc") for c in word}
    matrix = [[row * col for col in range(3)] for row in range(3)]
    return squares == {1: 1, 3: 9} and letters == set("abc") and matrix[2][2] == 4
