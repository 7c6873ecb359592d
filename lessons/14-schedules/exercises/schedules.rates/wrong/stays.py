# expect: cycle: stays at 0
answers = {
    "step": 0.2,
    "cosine": 0.1,
    "warmup": 0.04,
    "cycle": 0.0,
}
