# expect: step: halved only twice
answers = {
    "step": 0.1,
    "cosine": 0.1,
    "warmup": 0.04,
    "cycle": 0.4,
}
