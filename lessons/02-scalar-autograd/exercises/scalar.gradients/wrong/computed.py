# expect: f: Write your answers out
answers = {"f": 2 * abs(8), "e": 32, "c": 32, "b": 64, "a": -32}
