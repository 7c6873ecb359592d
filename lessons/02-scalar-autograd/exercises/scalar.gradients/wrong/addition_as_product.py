# expect: c: passes the gradient on as it is
answers = {"f": 16, "e": 32, "c": 320, "b": 64, "a": -32}
