# expect: d: What does sigmoid save
answers = {"A": "None", "B": 8, "C": 2, "D": "works", "E": 1, "F": 42}
