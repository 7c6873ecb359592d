# expect: warmup: starts at a tenth
answers = {
    "step": 0.2,
    "cosine": 0.1,
    "warmup": 0.0333,
    "cycle": 0.4,
}
