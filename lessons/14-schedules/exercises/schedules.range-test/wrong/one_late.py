# expect: losses: after the step
import copy


def find_rates(model, loss_fn, optimizer, batches, low, high):
    before = copy.deepcopy(model.state_dict())
    lr = optimizer.param_groups[0]["lr"]
    rates, losses = [], []
    for k, (inputs, labels) in enumerate(batches):
        rate = low * (high / low) ** (k / (len(batches) - 1))
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), labels)
        loss.backward()
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] = rate
        rates.append(rate)
        losses.append(loss.item())
    model.load_state_dict(before)
    for group in optimizer.param_groups:
        group["lr"] = lr
    return rates, losses
