"""Recurrent layers, cells and packed sequences, against PyTorch."""

import copy
import pickle
import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch
from support.modules import equal_states, pair, same_run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3, 5))  # (T, N, in)


def _settings():
    for kind in ("RNN", "GRU", "LSTM"):
        yield kind, {}
        yield kind, {"num_layers": 2, "bidirectional": True, "bias": False}
        yield kind, {"num_layers": 2, "batch_first": True}
    yield "RNN", {"nonlinearity": "relu", "bidirectional": True}
    yield "LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True}
    yield "LSTM", {"proj_size": 2, "bias": False}


@pytest.mark.parametrize(("kind", "settings"), list(_settings()))
def test_layers(kind, settings):
    modules = pair(lambda E: getattr(E.nn, kind)(5, 4, **settings))
    same_run(modules, lambda E, m, x: m(x), X)
    same_run(modules, lambda E, m, x: m(x), X[:, 0])  # one sequence without a batch


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_second_gradients_and_given_state(kind):
    modules = pair(lambda E: getattr(E.nn, kind)(5, 4, num_layers=2, bidirectional=True))
    h, c = RNG.normal(size=(2, 4, 3, 4))

    def call(E, m, x, h, c):
        return m(x, (h, c)) if kind == "LSTM" else m(x, h)

    same_run(modules, call, X[:2], h, c, second=True)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("lengths", [[4, 2, 1], [1, 4, 4]])
def test_packed(kind, lengths):
    modules = pair(lambda E: getattr(E.nn, kind)(5, 4, num_layers=2, bidirectional=True))
    h, c = RNG.normal(size=(2, 4, 3, 4))

    def call(E, m, x, h, c):
        u = E.nn.utils.rnn
        packed = u.pack_padded_sequence(x, lengths, enforce_sorted=False)
        first, _ = m(packed)
        out, state = m(packed, (h, c) if kind == "LSTM" else h)
        return first.data, u.pad_packed_sequence(out), state, out.unsorted_indices

    same_run(modules, call, X, h, c)


def test_dropout_between_layers_has_pytorchs_stream():
    for kind in ("RNN", "GRU", "LSTM"):
        modules = pair(lambda E, kind=kind: getattr(E.nn, kind)(5, 4, num_layers=3, dropout=0.4))
        same_run(modules, lambda E, m, x: m(x), X)
        for m in modules:
            m.eval()
        same_run(modules, lambda E, m, x: m(x), X)


@pytest.mark.parametrize("kind", ["RNNCell", "GRUCell", "LSTMCell"])
@pytest.mark.parametrize("bias", [True, False])
def test_cells(kind, bias):
    modules = pair(lambda E: getattr(E.nn, kind)(5, 4, bias))
    h, c = RNG.normal(size=(2, 3, 4))

    def call(E, m, x, h, c):
        states = (h, c) if kind == "LSTMCell" else h
        one = (h[0], c[0]) if kind == "LSTMCell" else h[0]
        return m(x), m(x, states), m(x[0]), m(x[0], one)

    same_run(modules, call, X[0], h, c, second=True)


def test_cell_functions():
    w, v = RNG.normal(size=(2, 12, 3))
    x, h = RNG.normal(size=(2, 2, 3))
    b = RNG.normal(size=12)
    compare(lambda E, x, h, w, v, b: E.lstm_cell(x, (h, h * 2), w, v, b), x, h, w, v, b)
    compare(lambda E, x, h, w, v, b: E.gru_cell(x, h, w[:9], v[:9], b[:9], b[3:]), x, h, w, v, b)
    compare(lambda E, x, h, w, v, b: E.rnn_tanh_cell(x, h, w[:3], v[:3], b[:3]), x, h, w, v, b)
    compare(lambda E, x, h, w, v: E.rnn_relu_cell(x, h, w[:3], v[:3]), x, h, w, v)
    compare(lambda E, x, h, w, v: E.lstm(x[None], (h[None], h[None]), [w, v], False, 1, 0.0, True, False, False),
            x, h, w, v)  # fmt: skip


def test_types():
    for dtype in ("float32", "float16", "bfloat16"):
        ours, theirs = pair(lambda E, d=dtype: E.nn.LSTM(3, 2, dtype=getattr(E, d)), double=False)
        x = X[:, :, :3]
        a = ours(glasstorch.tensor(x, dtype=getattr(glasstorch, dtype)))[0]
        b = theirs(torch.tensor(x, dtype=getattr(torch, dtype)))[0]
        equal(a, b, dtype)


def test_weights_by_layer_and_copies():
    ours, theirs = pair(lambda E: E.nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2), double=False)
    assert [[tuple(w.shape) for w in ws] for ws in ours.all_weights] == [
        [tuple(w.shape) for w in ws] for ws in theirs.all_weights
    ]
    assert [tuple(w.shape) for w in ours._flat_weights] == [tuple(w.shape) for w in theirs._flat_weights]
    assert ours.flatten_parameters() is None
    again = pickle.loads(pickle.dumps(copy.deepcopy(ours)))
    equal_states(again, theirs)
    x = glasstorch.ones(2, 1, 3)
    assert glasstorch.equal(again(x)[0], ours(x)[0])
    ours.weight_ih_l0 = glasstorch.nn.Parameter(glasstorch.zeros(16, 3))  # a new parameter is used at once
    assert ours._flat_weights[0] is ours.weight_ih_l0


def test_layer_errors():
    cases = [
        (lambda E: E.nn.RNN(3, 4, nonlinearity="x"), "Unknown nonlinearity 'x'"),
        (lambda E: E.nn.GRU(3, 4, proj_size=1), "only supported for LSTM"),
        (lambda E: E.nn.LSTM(3, 4, proj_size=4), "proj_size has to be smaller than hidden_size"),
        (lambda E: E.nn.LSTM(3, 4, dropout=1.5), "dropout should be a number in range [0, 1]"),
        (lambda E: E.nn.LSTM(3.0, 4), "input_size should be of type int, got: float"),
        (lambda E: E.nn.LSTM(3, 0), "hidden_size must be greater than zero"),
        (lambda E: E.nn.LSTM(3, 4, bias=1), "bias should be of type bool, got: int"),
        (
            lambda E: E.nn.LSTM(3, 4)(E.ones(2, 2, 5)),
            "input.size(-1) must be equal to input_size. Expected 3, got 5",
        ),
        (lambda E: E.nn.LSTM(3, 4)(E.ones(3)), "LSTM: Expected input to be 2D or 3D, got 1D instead"),
        (
            lambda E: E.nn.LSTM(3, 4)(E.ones(2, 2, 3).double()),
            "RNN input dtype (torch.float64) does not match",
        ),
        (lambda E: E.nn.GRU(3, 4)(E.ones(0, 2, 3)), "Expected sequence length to be larger than 0"),
        (
            lambda E: E.nn.GRU(3, 4)(E.ones(2, 2, 3), E.ones(1, 3, 4)),
            "Expected hidden size (1, 2, 4), got [1, 3, 4]",
        ),
        (lambda E: E.nn.GRU(3, 4)(E.ones(2, 3), E.ones(1, 3, 4)), "hx should also be 2-D but got 3-D"),
        (lambda E: E.nn.LSTM(3, 4)(E.ones(2, 3), (E.ones(1, 1, 4), E.ones(1, 4))), "got (3-D, 2-D) tensors"),
        (
            lambda E: E.nn.LSTM(3, 4)(E.ones(2, 1, 3), (E.ones(1, 1, 4), E.ones(1, 2, 4))),
            "Expected hidden[1] size",
        ),
        (lambda E: E.nn.LSTMCell(3, 4)(E.ones(2, 5)), "input has inconsistent input_size: got 5 expected 3"),
        (
            lambda E: E.nn.GRUCell(3, 4)(E.ones(2, 3), E.ones(3, 4)),
            "Input batch size 2 doesn't match hidden0",
        ),
        (
            lambda E: E.nn.RNNCell(3, 4)(E.ones(2, 3), E.ones(2, 5)),
            "hidden0 has inconsistent hidden_size: got 5",
        ),
        (lambda E: E.nn.RNNCell(3, 4)(E.ones(2, 2, 3)), "RNNCell: Expected input to be 1D or 2D, got 3D"),
        (lambda E: E.nn.RNNCell(3, 4, nonlinearity="x")(E.ones(2, 3)), "Unknown nonlinearity: x"),
    ]
    for fn, words in cases:
        raises_alike(fn, words)


def test_dropout_of_one_layer_warns():
    for E in (torch, glasstorch):
        with pytest.warns(UserWarning, match="non-zero dropout expects num_layers greater than 1"):
            E.nn.LSTM(3, 4, dropout=0.5)


# ---------------------------------------------------------------------- packing and padding
@pytest.mark.cpu
def test_pad_and_pack_functions():
    parts = [RNG.normal(size=(n, 2)) for n in (2, 4, 1)]
    for side in ("left", "right"):
        compare(lambda E, *p, s=side: E.nn.utils.rnn.pad_sequence(p, True, -1.5, s), *parts)
    compare(lambda E, *p: E.nn.utils.rnn.pad_sequence(list(p)), *parts)

    def packed(E, *p):
        u = E.nn.utils.rnn
        pk = u.pack_sequence(p, enforce_sorted=False)
        return (*pk, *u.pad_packed_sequence(pk, True, 7.0, 6), *u.unpack_sequence(pk))

    compare(packed, *parts)
    compare(lambda E, x: E.nn.utils.rnn.pack_padded_sequence(x, [3, 3, 1], batch_first=True).data, X[:3])
    compare(lambda E, x: E.nn.utils.rnn.unpad_sequence(x, E.tensor([1, 2, 3]), batch_first=True), X[:3])
    compare(lambda E, x: E.nn.utils.rnn.pad_sequence(x), X)
    compare(lambda E, p: E.nn.utils.rnn.invert_permutation(p), np.array([2, 0, 3, 1]))
    assert glasstorch.nn.utils.rnn.invert_permutation(None) is None


@pytest.mark.cpu
def test_packed_sequence_class():
    for E in (torch, glasstorch):
        p = E.nn.utils.rnn.pack_sequence([E.ones(2), E.ones(3)], enforce_sorted=False)
        assert p.to(E.float32) is p
        assert p.double().data.dtype is E.float64
        assert p.byte().data.dtype is E.uint8
        assert p.cpu() is p
        assert not p.is_cuda
        assert p.batch_sizes.tolist() == [2, 2, 1]
        assert pickle.loads(pickle.dumps(p)).sorted_indices.tolist() == [1, 0]
        assert copy.deepcopy(p).unsorted_indices.tolist() == [1, 0]
        q = E.nn.utils.rnn.PackedSequence((p.data, p.batch_sizes))
        assert q.sorted_indices is None
    text = [
        repr(E.nn.utils.rnn.pack_sequence([E.ones(2), E.ones(3)], enforce_sorted=False))
        for E in (torch, glasstorch)
    ]
    assert text[0] == text[1]


def test_packing_errors():
    cases = [
        (
            lambda u, E: u.pack_padded_sequence(E.ones(4, 3), [4, 2]),
            "Expected `len(lengths)` to be equal to",
        ),
        (lambda u, E: u.pack_padded_sequence(E.ones(4, 3), [1, 4, 2]), "must be sorted in decreasing order"),
        (lambda u, E: u.pack_padded_sequence(E.ones(4, 2), [1, 0]), "has to be greater than 0"),
        (lambda u, E: u.pack_padded_sequence(E.ones(4, 2), 3), "should be a 1D CPU int64 tensor"),
        (lambda u, E: u.pack_padded_sequence(E.ones(3, 0), []), "Cannot pack empty tensors."),
        (lambda u, E: u.pad_packed_sequence(u.pack_sequence([E.ones(3)]), total_length=2), "total_length=2"),
        (lambda u, E: u.pad_sequence([]), "received an empty list of sequences"),
        (lambda u, E: u.pad_sequence([E.ones(2, 2), E.ones(3, 3)]), "The size of tensor a (2) must match"),
        (
            lambda u, E: u.pad_sequence([E.ones(2)], padding_side="x"),
            "padding_side to be one of left or right",
        ),
        (lambda u, E: u.pad_sequence([1, 2]), "expected Tensor as element 0"),
        (lambda u, E: u.PackedSequence(E.ones(3)), "Expected data to be a list or tuple of length 2"),
    ]
    for fn, words in cases:
        raises_alike(lambda E, fn=fn: fn(E.nn.utils.rnn, E), words)


def test_no_warnings_in_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m = glasstorch.nn.GRU(3, 4, num_layers=2, dropout=0.1)
        m(glasstorch.ones(2, 1, 3))


@pytest.mark.parametrize("steps", [1, 3])
def test_the_graphs_record_shows_every_step_and_its_gradients(steps):
    from glasstorch.autograd import graph

    m, x = glasstorch.nn.LSTM(2, 3), glasstorch.randn(steps, 1, 2, requires_grad=True)
    picture = graph.snapshot(m(x)[0].sum())
    assert sum(n.op == "lstm_gates" for n in picture.nodes) == steps
    m(x)[0].sum().backward()
    shown = next(n for n in picture.nodes if n.kind == "leaf" and n.shape == (steps, 1, 2))
    np.testing.assert_allclose(np.asarray(shown.gradient), x.grad.numpy(), rtol=1e-5, atol=1e-7)
