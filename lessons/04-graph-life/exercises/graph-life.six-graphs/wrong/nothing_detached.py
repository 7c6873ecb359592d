# expect: c: with nothing detached
answers = {"A": "None", "B": 8, "C": 8, "D": "error", "E": 1, "F": 42}
