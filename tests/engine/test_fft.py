"""Fourier transforms against PyTorch: every argument, types, gradients, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare
from support.matrices import random, same

ONE = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
REAL_ONLY = ("rfft", "ihfft")
ARGUMENTS = [
    (),
    (3,),
    (5,),
    (1,),
    (None, 0),
    (2, 1),
    (None, -1, "ortho"),
    (3, 0, "forward"),
    (None, -2, "backward"),
]
SEVERAL = [(), ((3, 4),), ((5,), (1,)), (None, (0, 1)), ((2, 2), (0, 2)), (None, (0, 1), "ortho"), ((-1, 3),),
           ((4, 6), (-1, 0)), (3, 0), (None, (2, 0), "forward")]  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_dimension(name: str) -> None:
    for kind in ("real",) if name in REAL_ONLY else ("real", "complex"):
        for arguments in ARGUMENTS:
            compare(lambda E, x, a=arguments: getattr(E.fft, name)(x, *a), random(kind, 2, 3, 4))


@pytest.mark.parametrize("name", ONE)
def test_several_dimensions(name: str) -> None:
    a = random("real" if name in REAL_ONLY else "complex", 2, 3, 4)
    for arguments in SEVERAL:
        compare(lambda E, x, k=arguments: getattr(E.fft, name + "n")(x, *k), a)
        compare(lambda E, x, k=arguments: getattr(E.fft, name + "2")(x, *k), a)


def test_types_and_layouts() -> None:
    single = random("real", 3, 5).astype(np.float32)
    compare(
        lambda E, x: (E.fft.fft(x), E.fft.rfft(x.mT), E.fft.irfft(x), E.fft.hfft(x), E.fft.ihfft(x)),
        single,
        second=False,
    )
    compare(
        lambda E, x: (E.fft.fft(x[:, ::2]), E.fft.ifftn(x.mT)),
        (single + 1j).astype(np.complex64),
        second=False,
    )
    compare(lambda E, x: (E.fft.fft(x), E.fft.irfft(x), E.fft.rfft(x > 1)), np.arange(6).reshape(2, 3))


def test_shifts_and_frequencies() -> None:
    compare(
        lambda E, x: (E.fft.fftshift(x), E.fft.ifftshift(x, 1), E.fft.fftshift(x, (0, -1))),
        random("real", 2, 3, 5),
    )
    compare(lambda E: (E.fft.fftfreq(5, 0.5), E.fft.fftfreq(6), E.fft.rfftfreq(6), E.fft.rfftfreq(5, d=2.0)))


TEXTS = [
    f"f.{name}({argument})"
    for name in ONE
    for argument in ("b3.half()", "b3.bfloat16()", "b3 + 1j", "tensor(1.0)", "b3[..., :0]", "b3[..., :1]", "b3, 0",
                     "b3, -1", "b3, None, 5", "b3, 2.5", "b3, dim=(0, 1)", "b3, norm='x'", "[1.0]", "b3.bool()")
] + [
    f"f.{name}n({argument})"
    for name in ONE
    for argument in ("b3.half()", "b3, (3,), (0, 1)", "b3, None, (0, 0)", "b3, None, ()", "b3, (2, 3, 4, 5)",
                     "b3, (0, 2)")
] + """
f.rfft2(b3 + 1j)
f.fft2(b3, None, None)
f.fft(b3, out=ones(2, 3, 4, dtype=E.complex64))
f.fftshift(b3, 5)
f.fftfreq(0)
f.fftfreq(-1)
f.fftfreq(5.5)
f.fftfreq(5, dtype=E.int64)
f.fftfreq(5, dtype=E.complex64)
f.fftfreq(5, dtype=E.float16)
f.fftfreq(6, 0)
f.rfftfreq(0)
f.rfftfreq(6, 0)
f.rfftfreq(5, requires_grad=True)
""".strip().split("\n")  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("text", TEXTS)
def test_edges_and_refusals(text: str) -> None:
    same(text)
