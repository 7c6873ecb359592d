# expect: patient-c: Look how the activations grow
answers = {"A": "vanishing", "B": "healthy", "C": "healthy", "D": "dead", "E": "alike"}
