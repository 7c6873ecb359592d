# expect: learns: must set train mode
import copy

import glasstorch as torch


class Trainer:
    def __init__(self, model, loss_fn, optimizer):
        self.model = model
        self.loss_fn = loss_fn
        self.optimizer = optimizer

    def train_epoch(self, batches):
        total = count = 0
        for inputs, labels in batches:
            self.optimizer.zero_grad()
            loss = self.loss_fn(self.model(inputs), labels)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(labels)
            count += len(labels)
        return total / count

    def evaluate(self, batches):
        self.model.eval()
        total = count = 0
        with torch.no_grad():
            for inputs, labels in batches:
                loss = self.loss_fn(self.model(inputs), labels)
                total += loss.item() * len(labels)
                count += len(labels)
        return total / count

    def fit(self, train_batches, valid_batches, epochs, patience):
        losses, best_epoch, best_weights = [], 0, None
        for epoch in range(1, epochs + 1):
            self.train_epoch(train_batches)
            losses.append(self.evaluate(valid_batches))
            if losses[-1] == min(losses) and losses.count(losses[-1]) == 1:
                best_epoch = epoch
                best_weights = copy.deepcopy(self.model.state_dict())
            elif epoch - best_epoch >= patience:
                break
        self.model.load_state_dict(best_weights)
        return losses
