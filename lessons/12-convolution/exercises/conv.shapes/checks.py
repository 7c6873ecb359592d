"""Shapes and counts of five layers; the mistakes are those of the formula's parts."""

from glasstorch_web.grader.checks import predicted


def check_sizes(box, rng, asked):
    predicted(
        box,
        asked,
        "first",
        right=(16, 32, 32),
        wrong={
            (16, 28, 28): "Padding of 2 lays zeros around the picture, so a kernel of 5 keeps its size.",
            (3, 32, 32): "The channels that come out are as many as there are kernels: 16.",
            (48, 32, 32): "Each kernel adds up over all three channels; it makes one map, not three.",
        },
    )
    predicted(
        box,
        asked,
        "second",
        right=(32, 15, 15),
        wrong={
            (32, 16, 16): "That would be with padding of 1. Without it the last pixel starts no window: "
            "14.5 is rounded down before 1 is added.",
            (32, 30, 30): "This is the size for stride 1; the window moves by 2.",
            (32, 14, 14): "The first place costs no step: add 1 after dividing.",
        },
    )
    predicted(
        box,
        asked,
        "pool",
        right=(32, 7, 7),
        wrong={
            (
                32,
                14,
                14,
            ): "This is the size for stride 1. The stride of a pooling is its size, unless you say otherwise.",
            (32, 8, 8): "A window that would stick out is not used: round down.",
            (16, 7, 7): "Pooling halves height and width; every channel is pooled by itself.",
        },
    )


def check_dilation(box, rng, asked):
    predicted(
        box,
        asked,
        "wide",
        right=(8, 14, 14),
        wrong={
            (
                8,
                18,
                18,
            ): "This is the size without dilation. The cells stand 3 pixels apart, so the kernel spans more than 3.",
            (
                8,
                12,
                12,
            ): "The kernel spans 3 · (3 − 1) + 1 = 7 pixels, not 9: there are only two gaps between three cells.",
            (8, 6, 6): "Dilation spreads the kernel's cells, not its places; the window still moves by 1.",
        },
    )


def check_numbers(box, rng, asked):
    predicted(
        box,
        asked,
        "second_numbers",
        right=4640,
        wrong={
            4608: "These are the weights. There is also one bias for each output channel.",
            320: "Each kernel has a layer for every input channel: 16 of them.",
            4624: "One bias for each output channel (32), not for each input channel.",
        },
    )
    predicted(
        box,
        asked,
        "one_numbers",
        right=16448,
        wrong={
            16384: "These are the weights. There is also one bias for each output channel.",
            64 * 257 * 196: "The same numbers are used at every pixel: the picture's size does not count.",
        },
    )


def check_flatten(box, rng, asked):
    predicted(
        box,
        asked,
        "linear",
        right=1568,
        wrong={
            49: "Flatten keeps all channels: 32 maps of 49 numbers.",
            7200: "This is what `second` gives; the pooling comes between.",
        },
    )
