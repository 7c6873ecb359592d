"""Quantized tensors and dynamically quantized layers: PyTorch's integers, PyTorch's numbers, and clear refusals."""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import nn
from glasstorch.backends import int8
from hypothesis import given, settings
from hypothesis import strategies as st
from support.alike import alike

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.cpu
SETTINGS = ("default_dynamic_qconfig", "per_channel_dynamic_qconfig", "float16_dynamic_qconfig")


@pytest.fixture(autouse=True)
def _quietly_on_one_engine() -> Iterator[None]:
    before = torch.backends.quantized.engine
    if "x86" not in torch.backends.quantized.supported_engines:
        pytest.skip("PyTorch has no x86 engine on this machine: others round otherwise")
    torch.backends.quantized.engine = "x86"
    for engine in (torch, glasstorch):
        engine.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch calls all of this deprecated
        yield
    torch.backends.quantized.engine = before


def both(make: Callable[[Any], Any], setting: str = SETTINGS[0]) -> tuple[Any, Any]:
    """A model in both engines, with the same weights, quantized: PyTorch's and ours."""
    theirs, ours = make(torch.nn), make(nn)
    ours.load_state_dict({k: glasstorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    out = []
    for engine, model in ((torch, theirs), (glasstorch, ours)):
        q = engine.ao.quantization
        names = {name: getattr(q, setting) for name, _ in model.named_children()}
        out.append(q.quantize_dynamic(model, names))
    assert repr(out[0]) == repr(out[1])
    return out[0], out[1]


def numbers(seed: int, *shape: int, size: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) * size).astype(np.float32)


def halves(seed: int, shape: tuple[int, ...], scale: Any) -> np.ndarray:
    """Numbers, many of them just between two steps, where rounding decides."""
    rng = np.random.default_rng(seed)
    steps = np.floor(rng.standard_normal(shape) * 50) + rng.choice([0, 0.5, 0.3], shape)
    return (steps * scale).astype(np.float32)


# ---------------------------------------------------------------- quantized tensors
@pytest.mark.parametrize("dtype", ["qint8", "quint8", "qint32"])
@pytest.mark.parametrize("seed", range(4))
def test_quantized_tensors(dtype: str, seed: int) -> None:
    scale, zero = float(np.random.default_rng(seed).uniform(0.01, 1)), 7 * seed
    x = halves(seed, (6, 5), scale)
    scales = np.random.default_rng(seed).uniform(0.01, 1, 5)

    def ask(E: Any) -> Any:
        kind = getattr(E, dtype)
        q = E.quantize_per_tensor(E.from_numpy(x), scale, zero, kind)
        c = E.quantize_per_channel(E.from_numpy(x), E.from_numpy(scales), E.arange(5) * 3, 1, kind)
        q_facts = (q.int_repr(), q.dequantize(), E.dequantize(q), q.q_scale(), q.q_zero_point())
        c_facts = (c.int_repr(), c.dequantize(), c.q_per_channel_scales(), c.q_per_channel_zero_points())
        shared = [(t.shape, t.size(1), t.dim(), t.numel(), t.element_size(), t.is_quantized) for t in (q, c)]
        words = [str(v) for v in (q, c, q.dtype, q.qscheme(), c.qscheme(), c.q_per_channel_axis())]
        limits = E.iinfo(q.dtype)
        return q_facts, c_facts, shared, words, (limits.min, limits.max, limits.bits)

    alike(ask)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([-8, -5, -3, 0, 4]),
    st.booleans(),
    st.sampled_from(["qint8", "quint8"]),
)
def test_ranges_become_pytorchs_scales(seed: int, power: int, reduce_range: bool, dtype: str) -> None:
    x = numbers(seed, 3, 4, size=10.0**power)
    x = (x, abs(x), -abs(x), x * 0)[seed % 4]

    def ask(E: Any) -> Any:
        q = E.quantize_per_tensor_dynamic(E.from_numpy(x), getattr(E, dtype), reduce_range)
        return q.q_scale(), q.q_zero_point(), q.int_repr()

    alike(ask)


def test_what_quantized_tensors_refuse() -> None:
    q = glasstorch.quantize_per_tensor(glasstorch.ones(2, 3), 0.1, 0, glasstorch.qint8)
    for call in (lambda: q + 1, lambda: glasstorch.ones(2, 3) + q, lambda: q.sum(), lambda: glasstorch.cat([q, q]),
                 lambda: q[0], lambda: np.asarray(q), lambda: nn.functional.linear(q, q)):  # fmt: skip
        with pytest.raises(NotImplementedError, match=r"\.dequantize\(\)"):
            call()
    with pytest.raises(AttributeError):
        _ = q.no_such_thing
    with pytest.raises(RuntimeError, match="quantize_per_tensor makes"):
        glasstorch.zeros(2, dtype=glasstorch.qint8)
    with pytest.raises(RuntimeError, match="per tensor"):
        q.q_per_channel_scales()
    with pytest.raises(ValueError, match="nan"):
        glasstorch.quantize_per_tensor_dynamic(glasstorch.tensor([1.0, float("nan")]), glasstorch.qint8, True)

    def refused(E: Any) -> Any:
        x, out = E.ones(2), []
        for call in (lambda: E.quantize_per_tensor(x.double(), 0.1, 0, E.qint8),
                     lambda: E.quantize_per_tensor(x, 0.1, 300, E.quint8),
                     lambda: E.quantize_per_tensor(x, 0.1, 0, E.int8)):  # fmt: skip
            with pytest.raises(RuntimeError) as error:
                call()
            out.append(type(error.value).__name__)
        return out

    alike(refused)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_fake_quantization_rounds_and_lets_gradients_through(dtype: str) -> None:
    x = np.append(halves(3, (40,), 0.3), [np.nan, np.inf, -np.inf]).astype(dtype)

    def ask(E: Any) -> Any:
        t = E.tensor(x.tolist(), dtype=getattr(E, dtype), requires_grad=True)
        y = E.fake_quantize_per_tensor_affine(t, 0.3, 5, -20, 30)
        (y * E.arange(43)).nan_to_num().sum().backward()
        return y.detach().double(), t.grad.double(), type(y.grad_fn).__name__

    alike(ask)
    for args in ((0.1, 40, 0, 30), (0.1, 0, 30, 0)):
        alike(lambda E, args=args: E.fake_quantize_per_tensor_affine(E.ones(2), *args), words=30)


# ---------------------------------------------------------------- the product
@pytest.mark.parametrize("terms", [int8.EXACT_TERMS, int8.EXACT_TERMS // 2])
@pytest.mark.parametrize("k", [0, 1, 512, 1024, 1025, 5000])
def test_products_of_integers_are_exact_at_the_worst(k: int, terms: int) -> None:
    top = 128 if terms == int8.EXACT_TERMS else 255
    for sign in (1, -1):
        a = np.full((2, k), sign * top, np.float32)
        w = np.full((70, k), -128, np.int8)
        w[::2] = 127
        found = int8.product(np, a, w, terms)
        np.testing.assert_array_equal(found, a.astype(np.int64) @ w.astype(np.int64).T)
        np.testing.assert_array_equal(found, int8.product(np, a, w.astype(np.float32), terms))


# ---------------------------------------------------------------- linear layers
@pytest.mark.parametrize("setting", SETTINGS[:2])
@pytest.mark.parametrize(
    ("features", "shape", "size"),
    [((5, 3), (4, 5), 1), ((1, 1), (1, 1), 1), ((7, 17), (0, 7), 1), ((7, 17), (2, 0, 7), 1), ((64, 70), (13, 64), 0),
     ((33, 9), (2, 3, 4, 33), 1e3), ((64, 100), (13, 64), 1e-6), ((2100, 6), (3, 2100), 1), ((20, 300), (1, 20), 1e4)],
)  # fmt: skip
def test_linear_gives_pytorchs_bits(setting: str, features: tuple, shape: tuple, size: float) -> None:
    for bias in (True, False):
        theirs, ours = both(lambda n, b=bias: n.Sequential(n.Linear(*features, bias=b)), setting)
        wanted, weight = theirs[0].weight(), ours[0].weight()
        assert (weight.int_repr().numpy() == wanted.int_repr().numpy()).all()
        assert str(weight) == str(wanted)
        for sign in (np.asarray, np.abs, lambda x: -np.abs(x)):
            x = sign(numbers(len(shape), *shape, size=size))
            expected, found = theirs(torch.from_numpy(x)), ours(glasstorch.from_numpy(x))
            np.testing.assert_array_equal(found.numpy(), expected.numpy())
            assert found.dtype is glasstorch.float32
            assert not found.requires_grad


def test_activations_between_two_steps_are_rounded_as_in_pytorch() -> None:
    eye = np.eye(37, dtype=np.float32)
    x = halves(0, (50, 37), 0.011)
    weights = [E.quantize_per_tensor(E.from_numpy(eye), 1.0, 0, E.qint8) for E in (torch, glasstorch)]
    packed = torch.ops.quantized.linear_prepack(weights[0], None)
    for reduce_range in (True, False):
        expected = torch.ops.quantized.linear_dynamic(torch.from_numpy(x), packed, reduce_range)
        found = glasstorch.ops.quantized.dynamic_linear(
            glasstorch.from_numpy(x), weights[1], None, reduce_range
        )
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_linear_in_half_precision() -> None:
    theirs, ours = both(lambda n: n.Sequential(n.Linear(6, 4)), SETTINGS[2])
    x = numbers(0, 5, 6)
    np.testing.assert_array_equal(ours[0].weight().numpy(), theirs[0].weight().numpy())
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours(glasstorch.from_numpy(x)).numpy(), expected, rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------- recurrent layers
def gate_step(layer: Any) -> float:
    """How far one activation that is rounded the other way can move a gate: a step of a state in (-1, 1), times the
    largest weight. ``tanh`` and ``sigmoid`` of NumPy and PyTorch differ in the last bit, so that this can happen."""
    weights = layer.get_weight().values()
    return 2 / 127 * max(float(abs(getattr(w, "dequantize", lambda w=w: w)()).max()) for w in weights)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize(
    ("sizes", "options"),
    [((3, 4), {}), ((5, 7), {"num_layers": 2, "bidirectional": True}), ((1, 1), {"batch_first": True}),
     ((9, 20), {"num_layers": 3, "batch_first": True})],
)  # fmt: skip
def test_recurrent_layers(kind: str, setting: str, sizes: tuple, options: dict) -> None:
    def make(n: Any) -> Any:
        return n.Sequential(getattr(n, kind)(*sizes, **options))

    directions = 2 if options.get("bidirectional") else 1
    x = numbers(1, 6, 3, sizes[0])
    batch = 6 if options.get("batch_first") else 3
    state = numbers(2, options.get("num_layers", 1) * directions, batch, sizes[1]).clip(-0.9, 0.9)

    def run(E: Any, model: Any) -> list:
        first = E.from_numpy(state)
        with E.no_grad():
            out = [
                model(E.from_numpy(x)),
                model[0](E.from_numpy(x), (first, first) if kind == "LSTM" else first),
            ]
        return [t.numpy() for t in flat(out)]

    close(make, setting, run)


def close(make: Callable[[Any], Any], setting: str, run: Callable[[Any, Any], list]) -> None:
    """Both engines' results are no step of a gate apart, and, but for chance, no more than a few last bits: of two
    tries with other weights one may hold an activation that rounds the other way."""
    largest = []
    for _ in range(2):
        theirs, ours = both(make, setting)
        largest.append(0.0)
        for expected, found in zip(run(torch, theirs), run(glasstorch, ours), strict=True):
            assert expected.shape == found.shape
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 + gate_step(ours[0]))
            largest[-1] = max(largest[-1], abs(found - expected).max(initial=0))
    assert min(largest) < 1e-6


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_packed_sequences(kind: str, enforce_sorted: bool) -> None:
    x = numbers(3, 5, 3, 4)
    lengths = [5, 3, 1] if enforce_sorted else [2, 5, 4]
    state = numbers(4, 4, 3, 6).clip(-0.9, 0.9)

    def run(E: Any, model: Any) -> list:
        packed = E.nn.utils.rnn.pack_padded_sequence(E.from_numpy(x), lengths, enforce_sorted=enforce_sorted)
        with E.no_grad():
            first = E.from_numpy(state)
            ends = [model(packed), model[0](packed, (first, first) if kind == "LSTM" else first)]
        padded = [(E.nn.utils.rnn.pad_packed_sequence(out)[0], last) for out, last in ends]
        return [t.numpy() for t in flat(padded)]

    close(lambda n: n.Sequential(getattr(n, kind)(4, 6, 2, bidirectional=True)), SETTINGS[0], run)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell", "relu"])
def test_cells(kind: str, setting: str) -> None:
    def make(n: Any) -> Any:
        return n.Sequential(
            n.RNNCell(3, 5, nonlinearity="relu") if kind == "relu" else getattr(n, kind)(3, 5)
        )

    x, h = numbers(4, 6, 3), numbers(5, 6, 5)

    def run(E: Any, model: Any) -> list:
        state = E.from_numpy(h)
        with E.no_grad():
            out = [
                model(E.from_numpy(x)),
                model[0](E.from_numpy(x), (state, state) if kind == "LSTMCell" else state),
            ]
        return [t.numpy() for t in flat(out)]

    close(make, setting, run)


def flat(value: Any) -> list:
    return [t for v in value for t in flat(v)] if isinstance(value, (list, tuple)) else [value]


# ---------------------------------------------------------------- whole models
class Tagger(nn.Module):
    """An embedding, an LSTM and two heads that are one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True)
        self.body = nn.Sequential(nn.Linear(16, 16), nn.ReLU())
        self.head = self.again = nn.Linear(16, 3)

    def forward(self, words: Any) -> Any:
        x = self.body(self.lstm(self.embedding(words))[0])
        return self.head(x) + self.again(x)


def test_models_are_copied_and_only_what_is_named_is_replaced() -> None:
    q = glasstorch.ao.quantization
    dynamic = glasstorch.ao.nn.quantized.dynamic
    model = Tagger().train()
    whole = q.quantize_dynamic(model)
    assert type(whole.lstm) is dynamic.LSTM
    assert type(whole.head) is dynamic.Linear
    assert whole.head is whole.again
    assert type(whole.embedding) is nn.Embedding
    assert not whole.training
    assert type(model.lstm) is nn.LSTM
    assert model.training
    assert not hasattr(model.lstm, "qconfig")
    assert [type(m) for m in q.quantize_dynamic(model, {nn.LSTM}).body] == [nn.Linear, nn.ReLU]
    part = q.quantize_dynamic(model, {"body": q.per_channel_dynamic_qconfig, "head": None, "lstm": None})
    assert type(part.body[0]) is dynamic.Linear
    assert type(part.head) is nn.Linear
    assert type(part.lstm) is nn.LSTM
    assert part.body[0].weight().qscheme() is glasstorch.per_channel_affine
    model.body[0].qconfig = None  # one's own word counts most
    assert type(q.quantize_dynamic(model, {nn.Linear}).body[0]) is nn.Linear
    assert type(q.quantize_dynamic(model, {nn.Linear}, dtype=glasstorch.float16).head) is dynamic.Linear
    words = glasstorch.randint(0, 11, (4, 7))
    with glasstorch.no_grad():
        assert abs(whole(words) - model.eval()(words)).max() < 0.1
    again = q.quantize_dynamic(whole)
    assert (again(words) == whole(words)).all()
    assert type(again.head) is dynamic.Linear
    assert q.quantize_dynamic(model, inplace=True) is model
    assert type(model.lstm) is dynamic.LSTM
    assert glasstorch.quantization.quantize_dynamic is q.quantize_dynamic
    assert nn.quantized.dynamic.LSTM is dynamic.LSTM


def test_a_transformer_keeps_its_attention() -> None:
    def ask(E: Any) -> str:
        model = E.nn.Sequential(E.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))
        return repr(E.ao.quantization.quantize_dynamic(model, {E.nn.Linear}))

    alike(ask)
    named = {
        "0": glasstorch.ao.quantization.default_dynamic_qconfig
    }  # whose projection reads a float weight itself
    model = nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))
    assert glasstorch.ao.quantization.quantize_dynamic(model, named)(glasstorch.randn(2, 5, 8)).shape == (
        2,
        5,
        8,
    )


def test_hooks_stay() -> None:
    model, seen = nn.Sequential(nn.Linear(2, 3)), []
    model[0].register_forward_pre_hook(lambda m, args: seen.append("before"))
    model[0].register_forward_hook(lambda m, args, out: seen.append(type(m).__name__))
    glasstorch.ao.quantization.quantize_dynamic(model)(glasstorch.ones(1, 2))
    assert seen == ["before", "Linear"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_states_go_round(setting: str) -> None:
    q = glasstorch.ao.quantization

    def fresh() -> Any:
        layers = {"linear": nn.Linear(4, 4), "plain": nn.Linear(4, 4, bias=False), "lstm": nn.LSTM(4, 3, 2),
                  "cell": nn.GRUCell(3, 3)}  # fmt: skip
        return q.quantize_dynamic(nn.ModuleDict(layers), dict.fromkeys(layers, getattr(q, setting)))

    def run(model: Any) -> Any:
        x = glasstorch.from_numpy(numbers(0, 2, 5, 4))
        with glasstorch.no_grad():
            return model["cell"](model["lstm"](model["plain"](model["linear"](x)))[0][-1])

    model = fresh()
    file = io.BytesIO()
    glasstorch.save(model.state_dict(), file)
    state = glasstorch.load(io.BytesIO(file.getvalue()))  # without trust
    other = fresh()
    assert str(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert (run(other) == run(model)).all()
    assert (run(copy.deepcopy(model)) == run(model)).all()
    file = io.BytesIO()
    glasstorch.save(model, file)
    assert (run(glasstorch.load(io.BytesIO(file.getvalue()), weights_only=False)) == run(model)).all()
    assert not list(model.parameters())
    with pytest.raises(RuntimeError, match="Missing key"):
        fresh().load_state_dict(nn.ModuleDict({"linear": nn.Linear(4, 4)}).state_dict())
    state["linear._packed_params._packed_params"] = state["lstm._all_weight_values.0.param"][:2]
    with pytest.raises(RuntimeError, match=r"linear\._packed_params.*size mismatch"):
        fresh().load_state_dict(state)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("zipped", [True, False])
def test_files_of_linear_layers_go_both_ways(setting: str, zipped: bool) -> None:
    theirs, ours = both(lambda n: n.Sequential(n.Linear(5, 4), n.Linear(4, 3, bias=False)), setting)
    x = numbers(0, 6, 5)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    for source, target, model, blank in (
        (torch, glasstorch, theirs, ours),
        (glasstorch, torch, ours, theirs),
    ):
        file = io.BytesIO()
        source.save(model.state_dict(), file, _use_new_zipfile_serialization=zipped)
        state = target.load(io.BytesIO(file.getvalue()), weights_only=True)
        for layer in blank:  # other numbers, so that loading has something to do
            layer.set_weight_bias(*reversed_rows(target, layer))
        blank.load_state_dict(state)
        found = blank(target.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def reversed_rows(E: Any, layer: Any) -> tuple:
    weight, bias = layer.weight(), layer.bias()
    if hasattr(weight, "is_quantized") and weight.is_quantized:
        weight = E.quantize_per_tensor(-weight.dequantize(), 0.5, 0, E.qint8)
    else:
        weight = -weight
    return weight, bias


def test_a_broken_file_with_quantized_tensors_is_refused() -> None:
    from glasstorch.serialization.rebuild import BrokenFileError, rebuild_qtensor
    from glasstorch.storage import TypedStorage

    scheme, channels = glasstorch.per_tensor_affine, glasstorch.per_channel_affine
    memory = glasstorch.zeros(6, dtype=glasstorch.int8).untyped_storage()
    ints = TypedStorage(wrap_storage=memory, dtype=glasstorch.int8, _internal=True)
    floats = TypedStorage(wrap_storage=memory, dtype=glasstorch.float16, _internal=True)
    one = glasstorch.ones(1)
    assert rebuild_qtensor(ints, 0, (2, 3), (3, 1), (scheme, 0.5, 0)).shape == (2, 3)
    for storage, size, parameters in ((ints, (2, 3), (scheme, "0.5", 0)), (ints, (2, 3), ()), (ints, (2, 3), (scheme,)),
                                      (floats, (1, 3), (scheme, 0.5, 0)), (ints, (2, 3), ("per_tensor", 0.5, 0)),
                                      (ints, (2, 3), (channels, one, one, 0)), (ints, (2, 3), (channels, one, one, 5)),
                                      (ints, (2, 3), None)):  # fmt: skip
        with pytest.raises(BrokenFileError, match="corrupt file"):
            rebuild_qtensor(storage, 0, size, (3, 1), parameters)
    with pytest.raises(RuntimeError, match="out of bounds"):
        rebuild_qtensor(ints, 0, (3, 3), (3, 1), (scheme, 0.5, 0))


@pytest.mark.parametrize(
    "make", [lambda: nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 4)), lambda: nn.LSTM(4, 3)]
)
def test_traced_programs_compute_the_same(make: Callable[[], Any]) -> None:
    model = glasstorch.ao.quantization.quantize_dynamic(nn.Sequential(make()))
    traced = glasstorch.jit.trace(model, glasstorch.randn(2, 3, 4))
    x = glasstorch.randn(2, 3, 4) * 10
    for expected, found in zip(flat([model(x)]), flat([traced(x)]), strict=True):
        assert (expected == found).all()


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    ("make", "shape"),
    [(lambda: nn.Linear(20, 7), (5, 20)), (lambda: nn.Linear(4, 3, bias=False), (2, 3, 4)),
     (lambda: nn.LSTM(6, 5), (4, 3, 6)), (lambda: nn.GRUCell(6, 5), (3, 6))],
)  # fmt: skip
def test_onnx_runtime_computes_with_the_same_integers(make: Callable, shape: tuple, setting: str) -> None:
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    q = glasstorch.ao.quantization
    plain = nn.Sequential(make())
    model = q.quantize_dynamic(plain, {"0": getattr(q, setting)})
    x = glasstorch.from_numpy(numbers(1, *shape))
    file = io.BytesIO()
    glasstorch.onnx.export(model, (x,), file)
    half = setting == SETTINGS[2]
    assert half or {"DynamicQuantizeLinear", "MatMulInteger"} <= {
        node.op_type for node in onnx.load_from_string(file.getvalue()).graph.node
    }
    session = runtime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    with glasstorch.no_grad():
        ours, exact = (np.asarray(flat([m(x)])[0]) for m in (model, plain))
    np.testing.assert_allclose(found, ours, rtol=0, atol=1e-6 if half else 0.03)
    if not half:  # with one more bit for activations it lies no farther from the float model
        assert abs(found - exact).mean() < abs(ours - exact).mean() * 1.3


# ---------------------------------------------------------------- what is refused, and by whom
def test_refusals() -> None:
    q = glasstorch.ao.quantization
    model = nn.Sequential(nn.Linear(3, 2))
    layer = q.quantize_dynamic(model)
    x = glasstorch.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="it is for inference"):
        layer(x).sum().backward()
    with pytest.raises(RuntimeError, match="nan or infinity"):
        layer(glasstorch.tensor([[1.0, float("inf"), 0.0]]))
    with pytest.warns(UserWarning, match=r"nn\.Sequential\(model\)"):
        assert type(q.quantize_dynamic(nn.Linear(2, 2))) is nn.Linear
    with pytest.raises(TypeError, match="observers"):
        q.quantize_dynamic(model, {nn.Linear: "int8"})
    with pytest.raises(TypeError, match="set of types"):
        q.quantize_dynamic(model, [nn.Linear])
    with pytest.raises(NotImplementedError, match="proj_size"):
        q.quantize_dynamic(nn.Sequential(nn.LSTM(4, 4, proj_size=2)))
    broken = nn.Sequential(nn.Linear(2, 2))
    nn.init.constant_(broken[0].weight, float("nan"))
    with pytest.raises(ValueError, match="weight with nan"):
        q.quantize_dynamic(broken)
    with pytest.raises(ValueError, match="symmetrically"):
        layer[0].set_weight_bias(
            glasstorch.quantize_per_tensor(glasstorch.ones(2, 3), 0.1, 3, glasstorch.qint8), None
        )
    assert not hasattr(q, "prepare")
    assert not hasattr(q, "MinMaxObserver")
    assert not hasattr(q, "quantize")

    def ask(E: Any) -> Any:
        model, out = E.nn.Sequential(E.nn.Linear(3, 2)), []
        quantize, ones = E.ao.quantization.quantize_dynamic, E.ones
        linear = quantize(model)
        lstm = quantize(E.nn.Sequential(E.nn.LSTM(3, 2)))[0]
        for call in (lambda: linear(ones(3)), lambda: linear(ones(2, 4)), lambda: linear(ones(2, 3).double()),
                     lambda: quantize(model, dtype=E.int8), lambda: quantize(model, {E.nn.Linear}, dtype=E.int8),
                     lambda: E.ao.nn.quantized.dynamic.Linear.from_float(linear[0]),
                     lambda: E.ao.nn.quantized.dynamic.Linear.from_float(E.nn.Linear(2, 3)),
                     lambda: quantize(E.nn.Sequential(E.nn.LSTM(3, 2, bias=False))),
                     lambda: lstm(ones(4, 3)), lambda: lstm(ones(4, 1, 2)), lambda: lstm(ones(0, 1, 3)),
                     lambda: lstm(ones(4, 1, 3), (ones(1, 2, 2), ones(1, 2, 2)))):  # fmt: skip
            with pytest.raises(Exception) as error:  # noqa: PT011 (the point is which)
                call()
            out.append(type(error.value).__name__)
        return out

    alike(ask)


def test_the_engine_of_quantization() -> None:
    backend = glasstorch.backends.quantized
    assert backend.engine in backend.supported_engines
    backend.engine = "fbgemm"
    with pytest.raises(RuntimeError, match="not supported"):
        backend.engine = "qnnpack"
    backend.engine = "x86"
