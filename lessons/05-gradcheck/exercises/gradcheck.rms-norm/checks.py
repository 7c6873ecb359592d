import numpy as np
from glasstorch_web.grader.checks import close


def _run(box, rng, shape, gain=None, signs=False):
    x, upstream = rng.normal(size=(2, *shape)) * 1.5
    x = np.sign(x) if signs else x
    gain = (
        rng.choice([-1, 1], size=shape[-1]) * rng.uniform(0.4, 2.5, size=shape[-1]) if gain is None else gain
    )
    scale = 1 / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)
    inner = upstream * gain
    coupling = (inner * x).mean(-1, keepdims=True)
    right = {
        "values": x * scale * gain,
        "x": scale * inner - x * scale**3 * coupling,
        "gain": (upstream * x * scale).reshape(-1, shape[-1]).sum(0),
    }
    mistakes = {
        "Where the numbers of a row are coupled, the gain is missing.": scale * inner
        - x * scale**3 * (upstream * x).mean(-1, keepdims=True),
        "Nearly. With rows whose root mean square is 1, every power of `scale` is the same; which one is it?": scale
        * inner
        - x * scale * coupling,
        "Nearly. Work out the derivative of `scale` by x: the power of it in the second term is not 2.": scale
        * inner
        - x * scale**2 * coupling,
        "The coupling of the numbers in a row is gone: they share one scale.": scale * inner,
        "The gain stands in the coupling twice now.": scale * inner
        - x * scale**3 * (inner * gain * x).mean(-1, keepdims=True),
        "Now the gain is in the coupling, and missing in the first term.": scale * upstream
        - x * scale**3 * coupling,
        "The coupling is the mean over the row; this is the sum.": scale * inner
        - x * scale**3 * coupling * shape[-1],
        "The gain is multiplied outside of the mean. It belongs inside: each column has its own.": scale
        * inner
        - x * scale**3 * (upstream * x).mean(-1, keepdims=True) * gain,
    }
    return box.call("harness.run", x, gain, upstream), right, mistakes


def check_fresh(box, rng):
    (values, x, gain), right, _ = _run(box, rng, (3, 4), gain=np.ones(4), signs=True)
    close(values, right["values"], 1e-4, 1e-5, what="the result")
    close(x, right["x"], 1e-4, 1e-5, what="the gradient of `x`, for x = ±1 and gain = 1")
    close(gain, right["gain"], 1e-4, 1e-5, what="the gradient of `gain`")


def check_gain(box, rng):
    (_, x, gain), right, mistakes = _run(box, rng, (3, 4), signs=True)
    close(x, right["x"], 1e-4, 1e-5, what="the gradient of `x`, for x = ±1", mistakes=mistakes)
    close(gain, right["gain"], 1e-4, 1e-5, what="the gradient of `gain`")


def check_rows(box, rng):
    (_, x, gain), right, mistakes = _run(box, rng, (3, 4))
    close(x, right["x"], 1e-6, 1e-8, what="the gradient of `x`", mistakes=mistakes)
    close(gain, right["gain"], 1e-6, 1e-8, what="the gradient of `gain`")


def check_sizes(box, rng):
    for shape in [(5, 2), (1, 7)]:
        (_, x, gain), right, _ = _run(box, rng, shape)
        close(x, right["x"], 1e-6, 1e-8)
        close(gain, right["gain"], 1e-6, 1e-8)
