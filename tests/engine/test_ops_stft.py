"""The short-time Fourier transform and its inverse against PyTorch."""

from __future__ import annotations

import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 20))
W = np.hanning(10)[1:-1]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


OPTIONS = [
    {},
    {"hop_length": 3},
    {"hop_length": 1, "win_length": 5},
    {"normalized": True},
    {"onesided": False},
    {"center": False},
    {"center": False, "win_length": 5, "align_to_window": True},
    {"pad_mode": "constant"},
    {"pad_mode": "replicate"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_stft(options: dict) -> None:
    compare(lambda E, x: E.stft(x, 8, return_complex=True, **options), X)
    compare(lambda E, x: x.stft(9, return_complex=True, **options), X[0], second=False)


def test_stft_with_window() -> None:
    compare(lambda E, x, w: E.stft(x, 8, window=w, return_complex=True), X, W)
    compare(lambda E, x, w: E.stft(x, 11, 4, 8, w, return_complex=True), X, W)
    compare(lambda E, x, w: E.stft(x, 8, window=w, return_complex=False), X, W)
    compare(lambda E, x, w: E.stft(x, 8, window=w), X[0], W * (1 + 0.5j), second=False)
    compare(lambda E, x, w: E.stft(x, 8, window=w, onesided=False), X + 1j * X[::-1], W, second=False)


@pytest.mark.parametrize(
    "options", [{}, {"hop_length": 3}, {"normalized": True}, {"length": 25}, {"length": 60}], ids=str
)
def test_istft(options: dict) -> None:
    spectra = rng.normal(size=(2, 5, 12)) + 1j * rng.normal(size=(2, 5, 12))
    compare(lambda E, z: E.istft(z, 8, **options), spectra, second=False)
    compare(lambda E, z, w: z.istft(8, window=w, **options), spectra[0], W, second=False)
    whole = rng.normal(size=(8, 12)) + 1j * rng.normal(size=(8, 12))
    compare(lambda E, z, w: E.istft(z, 8, window=w, return_complex=True, **options), whole, W, second=False)
    compare(lambda E, z: E.istft(z, 8, onesided=False, **options), whole, second=False)


def test_there_and_back() -> None:
    x, w = glasstorch.from_numpy(X.copy()), glasstorch.hann_window(12, dtype=glasstorch.float64)
    for options in ({}, {"hop_length": 4}, {"normalized": True}):
        back = glasstorch.istft(
            glasstorch.stft(x, 12, window=w, return_complex=True, **options),
            12,
            window=w,
            length=20,
            **options,
        )
        assert float((back - x).abs().max()) < 1e-14


def test_errors() -> None:
    def x(E):
        return E.arange(20.0)

    def z(E):
        return E.stft(x(E), 8, return_complex=True)

    for fn, needle in (
        (lambda E: E.stft(x(E), 8), "requires the return_complex parameter be given for real inputs"),
        (lambda E: E.stft(x(E), 8, 2, 4, E.ones(8), return_complex=True), "but got window with size [8]"),
        (lambda E: E.stft(x(E), 8, 0, return_complex=True), "expected hop_length > 0, but got hop_length=0"),
        (
            lambda E: E.stft(x(E), 8, 2, 9, return_complex=True),
            "expected 0 < win_length <= n_fft, but got win_length=9",
        ),
        (
            lambda E: E.stft(x(E), 30, center=False, return_complex=True),
            "expected 0 < n_fft < 20, but got n_fft=30",
        ),
        (
            lambda E: E.stft(x(E).long(), 8, return_complex=True),
            "expected a tensor of floating point or complex values",
        ),
        (lambda E: E.stft(x(E).view(2, 2, 5), 8, return_complex=True), "expected a 1D or 2D tensor"),
        (lambda E: E.stft(x(E) * 1j, 8, onesided=True), "Cannot have onesided output"),
        (
            lambda E: E.stft(x(E), 8, align_to_window=True, return_complex=True),
            "only be set when center = false",
        ),
        (lambda E: E.istft(x(E), 8), "istft requires a complex-valued input tensor"),
        (lambda E: E.istft(z(E), 6), "to match n_fft / 2 + 1 when onesided=True, but got 5"),
        (lambda E: E.istft(z(E), 8, onesided=False), "to match n_fft when onesided=False, but got 5"),
        (lambda E: E.istft(z(E), 8, 9), "expected 0 < hop_length <= win_length"),
        (lambda E: E.istft(z(E), 8, win_length=9), "expected 0 < win_length <= n_fft"),
        (lambda E: E.istft(z(E), 8, window=E.ones(4)), "Invalid window shape"),
        (lambda E: E.istft(z(E), 8, center=False, window=E.hann_window(8)), "window overlap add min"),
        (lambda E: E.istft(z(E)[:, :0], 8), "input tensor cannot be empty"),
        (lambda E: E.istft(z(E), 8, return_complex=True), "Cannot have onesided output"),
    ):
        raises_alike(fn, needle)
