# expect: f: leaves the `+= 1` out: h * h
answers = {"A": "None", "B": 8, "C": 2, "D": "error", "E": 1, "F": 36}
