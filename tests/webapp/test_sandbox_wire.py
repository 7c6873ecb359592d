"""Frames and values: what goes in comes out, and nothing else can."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from glasstorch_web.sandbox import values, wire
from glasstorch_web.sandbox.limits import Limits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

NONCE = bytes(range(16))


def through(value: object) -> object:
    """A value over the wire and back."""
    encoder = values.Encoder()
    node = encoder.encode(value)
    frame = wire.frame(NONCE, {"arrays": encoder.arrays, "value": node}, encoder.payload)
    received = wire.FrameReader(NONCE, 1 << 24).feed(frame)
    assert received is not None
    header, payload = received
    return values.Decoder(values.split_arrays(header["arrays"], payload)).decode(header["value"])


scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@given(nested)
def test_plain_values_come_back_as_they_are(value: object) -> None:
    back = through(value)
    assert back == value
    assert type(back) is type(value)


@given(
    hnp.arrays(
        st.sampled_from(sorted(values.DTYPES)).map(np.dtype),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0),
    )
)
def test_arrays_come_back_as_they_are(array: np.ndarray) -> None:
    back = through(array)
    assert type(back) is np.ndarray
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_views_byte_orders_and_scalars() -> None:
    base = np.arange(12.0).reshape(3, 4)
    for array in (base.T, base[:, ::2], base.astype(">f4"), np.asfortranarray(base)):
        assert np.array_equal(through(array), array)
    assert type(through(np.float32(2.5))) is np.float32
    assert math.isnan(through(float("nan")))  # type: ignore[arg-type]


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (object(), "an object"),
        (Text("x"), "a Text"),
        ({1, 2}, "a set"),
        (2**64, "64 bits"),
        ({(1,): 2}, "a tuple as key"),
        (np.array([object()]), "dtype object"),
        (np.array(["text"]), "dtype str"),
        ([0] * 200_000, "more than 100000"),
    ],
    ids=["object", "subclass", "set", "int", "key", "objects", "strings", "long"],
)
def test_other_values_are_named(value: object, named: str) -> None:
    with pytest.raises(values.Unsupported, match=named):
        values.Encoder().encode(value)


def test_arrays_over_the_cap_are_not_sent() -> None:
    with pytest.raises(values.Unsupported, match="larger"):
        values.Encoder(payload_cap=1000).encode([np.zeros(100), np.zeros(100)])


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        assert wire.FrameReader(NONCE, 1000).feed(data) is None
    except wire.WireError:
        pass


@given(st.binary(max_size=200))
def test_no_payload_breaks_the_reader(data: bytes) -> None:
    frame = NONCE + len(data).to_bytes(4, "little") + bytes(8) + data
    try:
        received = wire.FrameReader(NONCE, 1000).feed(frame)
        assert received is not None
        assert isinstance(received[0], dict)
    except wire.WireError:
        pass


@given(st.lists(st.integers(1, 40), max_size=20))
def test_frames_arrive_in_pieces(sizes: list[int]) -> None:
    frame = wire.frame(NONCE, {"value": "x" * 100}, [b"abc"])
    reader = wire.FrameReader(NONCE, 1000)
    place = 0
    for size in sizes:
        if place + size >= len(frame):
            break
        assert reader.feed(frame[place : place + size]) is None
        place += size
    assert reader.feed(frame[place:]) == ({"value": "x" * 100}, bytearray(b"abc"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["list", "tuple", "dict", "array", "scalar", "tensor", "handle", "x"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=15,
)
PLAIN = (type(None), bool, int, float, str, list, tuple, dict, np.ndarray, np.generic, values.Handle)


@given(json_values)
def test_whatever_a_box_says_becomes_a_plain_value_or_nothing(node: object) -> None:
    node = json.loads(json.dumps(node))
    arrays = [np.zeros(3, np.float32), np.zeros((), np.int64)]
    try:
        value = values.Decoder(arrays).decode(node)
    except values.Malformed:
        return
    assert isinstance(value, PLAIN)
    assert type(value) in PLAIN or type(value) is np.int64


@given(json_values, st.binary(max_size=64))
def test_whatever_arrays_a_box_describes_are_arrays_or_nothing(described: object, payload: bytes) -> None:
    try:
        arrays = values.split_arrays(json.loads(json.dumps(described)), bytearray(payload))
    except values.Malformed:
        return
    assert all(type(array) is np.ndarray for array in arrays)
    assert sum(array.nbytes for array in arrays) == len(payload)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "float32", "shape": [2**62, 2**62]},
        {"dtype": "float32", "shape": [0, 2**62, 2**62]},
        {"dtype": "float32", "shape": [1] * 40},
        {"dtype": "float32", "shape": [True]},
        {"dtype": "float32", "shape": [1.0]},
        {"dtype": "float32"},
        {"dtype": ["f4"], "shape": [1]},
        {"dtype": "V8", "shape": [1]},
        {"dtype": "float32", "shape": [3]},
    ],
    ids=str,
)
def test_impossible_arrays_are_refused(entry: dict[str, object]) -> None:
    with pytest.raises(values.Malformed):
        values.split_arrays([entry], bytearray(8))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"cpu": 3}, "no entry 'cpu'"),
        ({"cpu_seconds": 0}, "positive"),
        ({"cpu_seconds": True}, "positive"),
        ({"memory_mb": "512"}, "positive"),
        ({"wall_seconds": 3600}, "the most is 120"),
    ],
)
def test_wrong_limits_are_explained(table: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Limits.from_table(table)
