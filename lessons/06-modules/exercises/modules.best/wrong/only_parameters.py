# expect: best: The buffer at the end
import copy


def train_keeping_best(model, one_epoch, score, epochs):
    best, best_score = None, -float("inf")
    for _ in range(epochs):
        model.train()
        one_epoch(model)
        model.eval()
        now = score(model)
        if now > best_score:
            best, best_score = {k: v.detach().clone() for k, v in model.named_parameters()}, now
    model.load_state_dict(best, strict=False)
    return best_score
