# expect: e: as it is
answers = {"f": 16, "e": 16, "c": 16, "b": 32, "a": 16}
