# expect: patient-a: Dead units are a disease of ReLU
answers = {"A": "dead", "B": "healthy", "C": "exploding", "D": "vanishing", "E": "alike"}
