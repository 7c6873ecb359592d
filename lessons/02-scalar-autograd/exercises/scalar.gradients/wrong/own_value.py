# expect: e: and not its own
answers = {"f": 16, "e": 64, "c": 32, "b": -96, "a": -32}
