# expect: b: still has to be passed
answers = {"f": 16, "e": 32, "c": 32, "b": 32, "a": -32}
