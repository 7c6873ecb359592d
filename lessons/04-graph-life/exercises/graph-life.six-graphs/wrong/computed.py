# expect: b: with plain values and no code
import glasstorch as torch

x = torch.tensor(2.0, requires_grad=True)
answers = {"B": torch.autograd.grad(x * x, x)[0].item() * 2}
