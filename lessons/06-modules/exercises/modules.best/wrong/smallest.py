# expect: best: the larger the score the better
import copy


def train_keeping_best(model, one_epoch, score, epochs):
    best, best_score = None, float("inf")
    for _ in range(epochs):
        model.train()
        one_epoch(model)
        model.eval()
        now = score(model)
        if now < best_score:
            best, best_score = copy.deepcopy(model.state_dict()), now
    model.load_state_dict(best)
    return best_score
