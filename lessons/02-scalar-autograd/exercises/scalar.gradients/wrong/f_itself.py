# expect: f: This is f itself
answers = {"f": 8, "e": 16, "c": 16, "b": 32, "a": -16}
