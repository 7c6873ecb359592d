# expect: a: the way through d only
answers = {"f": 16, "e": 32, "c": 32, "b": 64, "a": -96}
