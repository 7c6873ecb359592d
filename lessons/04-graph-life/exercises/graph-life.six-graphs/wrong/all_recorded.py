# expect: e: was not recorded
answers = {"A": "None", "B": 8, "C": 2, "D": "error", "E": 6, "F": 42}
