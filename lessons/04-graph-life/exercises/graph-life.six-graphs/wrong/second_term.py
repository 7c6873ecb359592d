# expect: c: is a constant: its derivative is 0
answers = {"A": "None", "B": 8, "C": 6, "D": "error", "E": 1, "F": 42}
