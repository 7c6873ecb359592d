"""Moving elements between channels and pixels. Permutations, each undone by another."""

from __future__ import annotations

from typing import Any

from ..core.op import op


def _check_pixels(name: str, shape: tuple, argument: str, factor: Any) -> None:
    if len(shape) < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {factor}")


@op(method=False)
class pixel_shuffle:
    """pixel_shuffle(input, upscale_factor) -> Tensor

    Channels spread out into pixels: (*, C r², H, W) to (*, C, H r, W r), with r the ``upscale_factor``.

    Source: Shi et al. 2016, https://arxiv.org/abs/1609.05158
    """

    formula = r"y_{c,\, h r + i,\, w r + j} = x_{c r^2 + i r + j,\, h,\, w}"

    def forward(xp, input: Array, upscale_factor):
        shape, r = input.shape, upscale_factor
        _check_pixels("pixel_shuffle", shape, "upscale_factor", r)
        *lead, c, h, w = shape
        if c % (r * r):
            raise RuntimeError(
                "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                f"upscale_factor, but input.size(-3)={c} is not divisible by {r * r}"
            )
        c, n = c // (r * r), len(lead)
        parts = input.reshape(*lead, c, r, r, h, w)
        order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
        return xp.ascontiguousarray(parts.transpose(order)).reshape(*lead, c, h * r, w * r)

    def d_input(F, g, upscale_factor):
        r"\mathrm{unshuffle}(\bar y)"
        return F.pixel_unshuffle(g, upscale_factor)


@op(method=False)
class pixel_unshuffle:
    """pixel_unshuffle(input, downscale_factor) -> Tensor

    Pixels gathered into channels: (*, C, H r, W r) to (*, C r², H, W), with r the ``downscale_factor``.
    """

    formula = r"y_{c r^2 + i r + j,\, h,\, w} = x_{c,\, h r + i,\, w r + j}"

    def forward(xp, input: Array, downscale_factor):
        shape, r = input.shape, downscale_factor
        _check_pixels("pixel_unshuffle", shape, "downscale_factor", r)
        *lead, c, h, w = shape
        for what, where, n in (("height", -2, h), ("width", -1, w)):
            if n % r:
                raise RuntimeError(
                    f"pixel_unshuffle expects {what} to be divisible by downscale_factor, but input.size({where})={n} "
                    f"is not divisible by {r}"
                )
        n = len(lead)
        parts = input.reshape(*lead, c, h // r, r, w // r, r)
        order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
        return xp.ascontiguousarray(parts.transpose(order)).reshape(*lead, c * r * r, h // r, w // r)

    def d_input(F, g, downscale_factor):
        r"\mathrm{shuffle}(\bar y)"
        return F.pixel_shuffle(g, downscale_factor)


def _channel_shuffle(name: str) -> Any:
    def forward(xp, input: Array, groups):
        shape = input.shape
        if len(shape) <= 2:
            raise RuntimeError(
                f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}"
            )
        if groups <= 0:
            raise RuntimeError(
                f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
            )
        n, c, *rest = shape
        if c % groups:
            raise RuntimeError(
                f"Number of channels must be divisible by groups. Got {c} channels and {groups} groups."
            )
        parts = input.reshape(n, groups, c // groups, *rest)
        return xp.ascontiguousarray(parts.swapaxes(1, 2)).reshape(shape)

    def d_input(F, g, input_shape, groups):
        r"\mathrm{shuffle}^{-1}(\bar y)"
        return F.channel_shuffle(g, max(input_shape[1] // groups, 1))

    about = f"""{name}(input, groups) -> Tensor

    The channels of (N, C, *) in another order: one of each group in turn.

    Source: Zhang et al. 2018, https://arxiv.org/abs/1707.01083
    """
    body = {"__doc__": about, "forward": forward, "d_input": d_input,
            "formula": r"y_{k G + g} = x_{g C / G + k}"}  # fmt: skip
    return op(method=False, name="ChannelShuffleBackward0")(type(name, (), body))


channel_shuffle, native_channel_shuffle = (
    _channel_shuffle("channel_shuffle"),
    _channel_shuffle("native_channel_shuffle"),
)
