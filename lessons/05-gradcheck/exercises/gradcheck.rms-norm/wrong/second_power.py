# expect: rows: is not 2
import glasstorch as torch


class RMSNorm(torch.autograd.Function):
    """x / sqrt(mean(x²)) * gain, over the last dimension. gain has one number for each column."""

    @staticmethod
    def forward(ctx, x, gain):
        scale = torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + 1e-6)
        ctx.save_for_backward(x, gain, scale)
        return x * scale * gain

    @staticmethod
    def backward(ctx, grad_output):
        x, gain, scale = ctx.saved_tensors
        coupling = (grad_output * gain * x).mean(dim=-1, keepdim=True)
        grad_x = scale * grad_output * gain - x * scale**2 * coupling
        grad_gain = (grad_output * x * scale).sum(dim=0)
        return grad_x, grad_gain
