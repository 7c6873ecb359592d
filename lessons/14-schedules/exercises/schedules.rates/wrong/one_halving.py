# expect: step: once in all
answers = {
    "step": 0.4,
    "cosine": 0.1,
    "warmup": 0.04,
    "cycle": 0.4,
}
