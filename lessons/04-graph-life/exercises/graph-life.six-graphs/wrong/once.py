# expect: b: That is one walk
answers = {"A": "None", "B": 4, "C": 2, "D": "error", "E": 1, "F": 42}
