"""The short-time Fourier transform and its inverse.

A signal is cut into overlapping frames, each is weighted with a window and transformed. The inverse adds the frames up
again and divides by what the windows add up to. Source: Griffin and Lim, *Signal estimation from modified short-time
Fourier transform*, 1984; https://pytorch.org/docs/stable/generated/torch.stft.html
"""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.forms import method
from ..core.frames import warn, warn_once
from ..core.tensor import Tensor
from .complex import view_as_complex, view_as_real
from .fourier import _scale, fft_c2c, fft_c2r, fft_r2c
from .nnmisc import constant_pad
from .windows import fold_windows


def _spelled(name: str, input: Tensor, what: str, weights: Tensor | None, **options: Any) -> str:
    """The call as PyTorch's messages quote it."""
    if weights is not None:
        shown = f"torch.{weights.dtype.legacy}Tensor{{{list(weights._a.shape)}}}"
        options = {k: shown if k == "window" else v for k, v in options.items()}
    parts = ", ".join(f"{k}={int(v) if isinstance(v, bool) else v}" for k, v in options.items())
    return f"{name}({what}{list(input._a.shape)}, {parts})"


def _full_window(window: Tensor | None, input: Tensor, win_length: int, n_fft: int) -> Tensor | None:
    """The window with zeros on both sides up to the length of a frame; None when it would be all ones."""
    if window is None:
        if win_length == n_fft:
            return None
        window = input.new_ones((win_length,), dtype=input.dtype.to_real())
    left = (n_fft - win_length) // 2
    return constant_pad(window, ((left, n_fft - win_length - left),), 0) if win_length < n_fft else window


@method
def stft(
    input: Tensor, n_fft: int, hop_length: int | None = None, win_length: int | None = None,
    window: Tensor | None = None, center: bool = True, pad_mode: str = "reflect", normalized: bool = False,
    onesided: bool | None = None, return_complex: bool | None = None, align_to_window: bool | None = None,
) -> Tensor:  # fmt: skip
    """stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect", ...) -> Tensor

    The spectra of frames of ``n_fft`` samples, ``hop_length`` (a quarter of that) apart: (length,) or (batch, length)
    to (batch, frequencies, frames). ``window``: weights of ``win_length`` samples in the middle of a frame. ``center``
    pads the signal so that frame t lies around sample ``t * hop_length``. ``normalized`` divides by the root of
    ``n_fft``. ``onesided``: half of the frequencies, which is all there is of real signals (and the default there).
    ``return_complex=False``, deprecated, gives real and imaginary parts in a last dimension of 2.
    """
    if center and align_to_window is not None:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    x = _padded(input, n_fft // 2, pad_mode) if center else input
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    complex_values = x.is_complex() or (window is not None and window.is_complex())
    if return_complex is None:
        if not complex_values:
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will further require that "
                "return_complex=True in a future PyTorch release."
            )
        return_complex = True
    call = _spelled(
        "stft", x, f"torch.{x.dtype.legacy}Tensor", window, n_fft=n_fft, hop_length=hop, win_length=width,
        window=None, normalized=normalized, onesided=onesided, return_complex=return_complex,
        align_to_window=align_to_window,
    )  # fmt: skip
    if x.dtype.category < dt.FLOATING:
        raise RuntimeError(f"{call} : expected a tensor of floating point or complex values")
    if x._a.ndim not in (1, 2):
        raise RuntimeError(f"{call} : expected a 1D or 2D tensor")
    if window is None:
        warn(
            "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. "
            "Other windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral "
            "leakage.To suppress this warning and use a rectangular window, explicitly set "
            "`window=torch.ones(n_fft, device=<device>)`.",
        )
    rows = x.unsqueeze(0) if x._a.ndim == 1 else x
    if align_to_window and width < n_fft:
        left = (n_fft - width) // 2
        rows = constant_pad(rows, ((0, 0), (left, n_fft - width - left)), 0)
    length = rows._a.shape[-1]
    if not 0 < n_fft <= length:
        raise RuntimeError(f"{call} : expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    if hop <= 0:
        raise RuntimeError(f"{call} : expected hop_length > 0, but got hop_length={hop}")
    if not 0 < width <= n_fft:
        raise RuntimeError(f"{call} : expected 0 < win_length <= n_fft, but got win_length={width}")
    if window is not None and window._a.shape != (width,):
        raise RuntimeError(
            f"{call} : expected a 1D window tensor of size equal to win_length={width}, but got window with size "
            f"{list(window._a.shape)}"
        )
    frames = rows.unfold(-1, n_fft, hop)
    weights = _full_window(window, x, width, n_fft)
    out = _spectra(frames if weights is None else frames * weights, onesided, normalized)
    out = out.transpose(1, 2)
    out = out.squeeze(0) if x._a.ndim == 1 else out
    return out if return_complex else view_as_real(out)


def _padded(input: Tensor, pad: int, mode: str) -> Tensor:
    """The signal with ``pad`` samples on both sides; padding wants a batch and a channel dimension."""
    from ..nn.functional import pad as border

    wide = border(input.reshape((1,) * (3 - input._a.ndim) + input._a.shape), [pad, pad], mode)
    return wide.reshape(wide._a.shape[-input._a.ndim :] if input._a.ndim else ())


def _spectra(frames: Tensor, onesided: bool | None, normalized: bool) -> Tensor:
    n = frames._a.shape[-1]
    scale = _scale("ortho" if normalized else "backward", n, False)
    last = frames._a.ndim - 1
    if frames.is_complex():
        if onesided:
            raise RuntimeError("Cannot have onesided output if window or input is complex")
        return fft_c2c(frames, last, False, scale)
    if onesided is None or onesided:
        return fft_r2c(frames, last, scale)
    return fft_c2c(view_as_complex(_with_zeros(frames)), last, False, scale)


def _with_zeros(x: Tensor) -> Tensor:
    """Real numbers beside zeros in a last dimension of 2: complex numbers in parts."""
    x = x.unsqueeze(-1)
    return constant_pad(x, ((0, 0),) * (x._a.ndim - 1) + ((0, 1),), 0)


@method
def istft(
    input: Tensor, n_fft: int, hop_length: int | None = None, win_length: int | None = None,
    window: Tensor | None = None, center: bool = True, normalized: bool = False, onesided: bool | None = None,
    length: int | None = None, return_complex: bool = False,
) -> Tensor:  # fmt: skip
    """istft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, normalized=False, ...) -> Tensor

    The signal whose ``stft``, with the same options, is nearest to ``input``: (batch, frequencies, frames) to
    (batch, length). ``length`` cuts it off or fills it up with zeros; ``return_complex`` for complex signals.
    RuntimeError where the windows add up to 0 somewhere.
    """
    if window is None:
        warn_once(
            "A window was not provided. A rectangular window will be applied.Please provide the same window used by "
            "stft to make the inversion lossless.To suppress this warning and use a rectangular window, explicitly set "
            "`window=torch.ones(n_fft, device=<device>)`."
        )
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if not input.is_complex():
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    call = _spelled(
        "istft", input, f"CPU{input.dtype.legacy}Type", window, n_fft=n_fft, hop_length=hop, win_length=width,
        window=None, center=center, normalized=normalized, onesided=onesided, length=length,
        return_complex=return_complex,
    )  # fmt: skip
    _check_spectra(call, input, n_fft, hop, width, window, onesided)
    rows = input.unsqueeze(0) if input._a.ndim == 2 else input
    onesided = input._a.shape[-2] != n_fft if onesided is None else onesided
    frames = _signals(rows.transpose(1, 2), n_fft, onesided, normalized, return_complex, window)
    weights = _full_window(window, frames, width, n_fft)
    if weights is None:
        weights = frames.new_ones((n_fft,), dtype=frames.dtype.to_real())
    count = rows._a.shape[-1]
    total = n_fft + hop * (count - 1)
    signal = fold_windows(frames * weights, (rows._a.shape[0], total), 1, n_fft, hop)
    squares = (weights * weights).unsqueeze(0).expand(count, n_fft).unsqueeze(0)
    envelope = fold_windows(squares, (1, total), 1, n_fft, hop)
    start = n_fft // 2 if center else 0
    end = total - (n_fft // 2 if center else 0) if length is None else start + length
    signal, envelope = signal[:, start : min(end, total)], envelope[:, start : min(end, total)]
    least = envelope.detach().abs().min()
    if not float(least) > 1e-11:
        raise RuntimeError(f"{call} window overlap add min: {float(least):g}")
    out = signal / envelope
    if end > total:
        warn(
            "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. "
            "Please check your center and hop_length settings.",
        )
        out = constant_pad(out, ((0, 0), (0, end - total)), 0)
    return out.squeeze(0) if input._a.ndim == 2 else out


def _check_spectra(
    call: str, input: Tensor, n_fft: int, hop: int, width: int, window: Any, onesided: Any
) -> None:
    if not input._a.size:
        raise RuntimeError(f"{call} : input tensor cannot be empty.")
    if input._a.ndim not in (2, 3):
        raise RuntimeError(f"{call} : expected a tensor with 3 or 4 dimensions, but got {input._a.ndim + 1}")
    frequencies = input._a.shape[-2]
    half = frequencies != n_fft if onesided is None else onesided
    if frequencies != (n_fft // 2 + 1 if half else n_fft):
        want, given = ("n_fft / 2 + 1", "True") if half else ("n_fft", "False")
        raise RuntimeError(
            f"{call} : expected the frequency dimension (3rd to the last) of the input tensor to match {want} when "
            f"onesided={given}, but got {frequencies}"
        )
    if not 0 < hop <= width:
        raise RuntimeError(f"{call} : expected 0 < hop_length <= win_length")
    if not 0 < width <= n_fft:
        raise RuntimeError(f"{call} : expected 0 < win_length <= n_fft")
    if window is not None and window._a.shape != (width,):
        raise RuntimeError(f"{call} : Invalid window shape. window has to be 1D and length of `win_length`")


def _signals(
    spectra: Tensor, n_fft: int, onesided: bool, normalized: bool, return_complex: bool, window: Tensor | None
) -> Tensor:
    """Frames of samples from frames of frequencies."""
    scale = _scale("ortho" if normalized else "backward", n_fft, True)
    if return_complex:
        if onesided:
            raise RuntimeError("Cannot have onesided output if window or input is complex")
        return fft_c2c(spectra, 2, True, scale)
    if window is not None and window.is_complex():
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    return fft_c2r(spectra if onesided else spectra[..., : n_fft // 2 + 1], 2, n_fft, scale)
