# expect: patient-b: as large as the last one
answers = {"A": "vanishing", "B": "vanishing", "C": "exploding", "D": "dead", "E": "alike"}
