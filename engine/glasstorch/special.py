"""Special functions: ``glasstorch.special``, PyTorch's ``torch.special``."""

from __future__ import annotations

from .core.forms import FUNCTIONS
from .ops.special import entr, erfcx, i0e, i1, i1e, log_ndtr, ndtr, ndtri, xlog1py, zeta

#: What is the same function under another name in the main namespace.
SAME = {
    "digamma": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "exp2": "exp2", "expit": "sigmoid",
    "expm1": "expm1", "gammaln": "lgamma", "i0": "i0", "log1p": "log1p", "log_softmax": "log_softmax", "logit": "logit",
    "logsumexp": "logsumexp", "multigammaln": "mvlgamma", "polygamma": "polygamma", "psi": "digamma", "round": "round",
    "sinc": "sinc", "softmax": "softmax", "xlogy": "xlogy",
}  # fmt: skip
globals().update({name: FUNCTIONS[other] for name, other in SAME.items() if other in FUNCTIONS})

__all__ = ["entr", "erfcx", "i0e", "i1", "i1e", "log_ndtr", "ndtr", "ndtri", "xlog1py", "zeta", *SAME]
