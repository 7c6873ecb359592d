# expect: cosine: already at its end
answers = {
    "step": 0.2,
    "cosine": 0.0,
    "warmup": 0.04,
    "cycle": 0.4,
}
