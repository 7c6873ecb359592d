def answer():
    print(f"{'epoch':>6}|{'loss':>8}")
    print("-" * 15)
    for epoch in range(3):
        print(f"{epoch:>6}|{1 / (epoch + 1):8.4f}", end="\n", flush=True)
    print("done", 1, 2.5, [3], sep=", ")
    return True
