# control: any


def attack(target):
    kept = [bytes(100_000) for _ in range(target["too_much_memory"] // 100_000)]
    return len(kept) > 0
