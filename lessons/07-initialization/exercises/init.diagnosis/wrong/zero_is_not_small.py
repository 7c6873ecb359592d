# expect: patient-d: exactly zero
answers = {"A": "vanishing", "B": "healthy", "C": "exploding", "D": "vanishing", "E": "alike"}
