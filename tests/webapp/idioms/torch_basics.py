import torch


def answer():
    x = torch.randn(3, 4, requires_grad=True)
    y = (x.relu() ** 2).sum()
    y.backward()
    return (
        torch.allclose(x.grad, 2 * x.detach().clamp(min=0))
        and x.device.type == "cpu"
        and x.dtype == torch.float32
    )
