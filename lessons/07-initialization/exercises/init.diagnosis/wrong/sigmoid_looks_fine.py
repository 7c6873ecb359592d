# expect: patient-a: Look at the gradients
answers = {"A": "healthy", "B": "healthy", "C": "exploding", "D": "dead", "E": "alike"}
