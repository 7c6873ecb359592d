# expect: patient-e: all the same unit
answers = {"A": "vanishing", "B": "healthy", "C": "exploding", "D": "dead", "E": "healthy"}
