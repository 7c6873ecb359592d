answers = {
    "step": None,
    "cosine": None,
    "warmup": None,
    "cycle": None,
}
