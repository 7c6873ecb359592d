# expect: a: is it stored there
answers = {"A": "[3, 3]", "B": 8, "C": 2, "D": "error", "E": 1, "F": 42}
