def answer():
    name, loss = "epoch", 0.123456
    text = f"{name:>8} {loss:.3f} {loss=:.2e} {1234567:,} {0.5:.0%} {'x' * 3!r}"
    return text == "   epoch 0.123 loss=1.23e-01 1,234,567 50% 'xxx'"
