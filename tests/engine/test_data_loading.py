"""Datasets, samplers, collate and the loader: PyTorch's order, batches and errors."""

from __future__ import annotations

import collections
import pickle

import glasstorch
import numpy as np
import pytest
from glasstorch.utils import data as ours_data
from support.differential import torch

ENGINES = (torch, glasstorch)
Point = collections.namedtuple("Point", "x y")


def plain(x):
    """Tensors as (dtype, nested lists), containers kept."""
    if isinstance(x, (torch.Tensor, glasstorch.Tensor)):
        return str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(v) for v in x]
    return x


def same(fn, seed=0):
    """``fn(engine)`` gives the same on both and leaves both default generators in the same state."""
    results = []
    for E in ENGINES:
        E.manual_seed(seed)
        results.append((plain(fn(E)), E.rand(1).item()))
    assert results[1] == results[0]


def fail_alike(fn):
    """``fn(engine)`` raises the same type with the same message on both."""
    caught = []
    for E in ENGINES:
        try:
            fn(E)
        except Exception as e:
            caught.append((type(e), str(e)))
    assert len(caught) == 2, f"{len(caught)} of 2 engines refused"
    assert caught[1] == caught[0]


def pairs(E, n=23):
    return E.utils.data.TensorDataset(E.arange(n), E.arange(float(n)) * 10)


# ---------------------------------------------------------------- order
@pytest.mark.parametrize("batch_size", [1, 4, 23, 50])
def test_shuffled_passes(batch_size):
    def fn(E):
        loader = E.utils.data.DataLoader(pairs(E), batch_size=batch_size, shuffle=True)
        out = [list(loader) for _ in range(3)]
        out.append([E.randn(2) for _ in loader])  # drawing between batches leaves the order alone
        return [*out, list(loader)]

    same(fn, seed=5)


def test_options_of_order():
    def fn(E):
        L, d, n = E.utils.data.DataLoader, pairs(E), 23
        g = lambda: E.Generator().manual_seed(9)  # noqa: E731
        S = E.utils.data
        return [
            list(L(d, 3)),
            list(L(d, 5, drop_last=True)),
            list(L(d, 4, shuffle=True, generator=g())),
            list(L(d, batch_size=None)),
            list(L(d, batch_sampler=[[0, 2], [22], [1, 1, 1]])),
            list(L(d, sampler=[3, 1, 2], batch_size=2)),
            list(L(d, batch_size=None, sampler=S.RandomSampler(d))),
            list(L(d, 6, sampler=S.RandomSampler(d, generator=g()))),
            [
                len(L(d, 5)),
                len(L(d, 5, drop_last=True)),
                len(L(d, batch_size=None)),
                len(L(d, batch_sampler=[[1], [2]])),
            ],
            list(S.RandomSampler(range(n), replacement=True)),
            list(S.RandomSampler(range(n), True, 64)),
            list(S.RandomSampler(range(n), num_samples=60)),
            list(S.SubsetRandomSampler([5, 6, 7, 9])),
            list(S.WeightedRandomSampler([0.1, 3, 0, 2], 9)),
            list(S.WeightedRandomSampler([1, 3, 1, 2.0], 3, False)),
            list(S.BatchSampler(range(7), 3, False)),
            list(S.BatchSampler(range(7), 3, True)),
            list(S.SequentialSampler(range(4))),
            [
                len(S.BatchSampler(range(7), 3, False)),
                len(S.BatchSampler(range(7), 3, True)),
                len(S.RandomSampler(range(4))),
            ],
        ]

    same(fn, seed=1)


def test_splits():
    def fn(E):
        S = E.utils.data
        parts = [
            S.random_split(range(10), [3, 7]),
            S.random_split(range(30), [0.3, 0.3, 0.4]),
            S.random_split(range(10), [0.25] * 4),
        ]
        parts.append(S.random_split(range(10), [5, 5], generator=E.Generator().manual_seed(42)))
        return [[list(s.indices) for s in p] + [[s[0] for s in p]] for p in parts]

    same(fn, seed=2)
    with pytest.warns(UserWarning, match="index 1 is 0"):
        ours_data.random_split(range(1), [0.5, 0.5])


def test_datasets():
    def fn(E):
        S, a, b = E.utils.data, pairs(E, 4), pairs(E, 3)
        both = a + b
        stack, named = S.StackDataset(a, range(4)), S.StackDataset(x=a, y=S.Subset(a, [3, 2, 1, 0]))
        return [
            both[0],
            both[5],
            both[-1],
            len(both),
            stack[2],
            named[1],
            stack.__getitems__([0, 3]),
            named.__getitems__([0, 3]),
            S.Subset(a, [2, 1])[0],
            S.Subset(a, [2, 1])[[0, 1]],
            S.Subset(S.Subset(a, [2, 1]), [1]).__getitems__([0]),
            len(named),
            next(iter(S.DataLoader(both, 7))),
            next(iter(S.DataLoader(named, 4))),
        ]

    same(fn)


def stream(E, n=7):
    class Stream(E.utils.data.IterableDataset):
        def __iter__(self):
            info = E.utils.data.get_worker_info()
            first, step = (0, 1) if info is None else (info.id, info.num_workers)
            return iter(range(first, n, step))

        def __len__(self):
            return n

    return Stream()


def test_streams():
    def fn(E):
        L = E.utils.data.DataLoader
        loader = L(stream(E), 3)
        return [
            list(loader),
            list(loader),
            list(L(stream(E), 3, drop_last=True)),
            list(L(stream(E), batch_size=None)),
            len(loader),
            len(L(stream(E), 3, drop_last=True)),
            list(L(stream(E) + stream(E), 4)),
            len(stream(E) + stream(E)),
        ]

    same(fn)


def test_a_stream_longer_than_it_said():
    class Liar(ours_data.IterableDataset):
        def __iter__(self):
            return iter(range(5))

        def __len__(self):
            return 3

    loader = ours_data.DataLoader(Liar(), batch_size=None)
    assert len(loader) == 3
    with pytest.warns(UserWarning, match="was reported to be 3"):
        assert list(loader) == [0, 1, 2, 3, 4]


def test_whole_batches_of_tensor_datasets_are_what_single_samples_give():
    S, E = ours_data, glasstorch
    d = S.TensorDataset(E.randn(9, 2, 3), E.arange(9))
    for dataset in (d, S.Subset(d, [4, 2, 8, 1]), S.Subset(S.Subset(d, [4, 2, 8]), [2, 0])):
        at_once = list(S.DataLoader(dataset, 2))
        one_by_one = list(S.DataLoader(dataset, 2, collate_fn=lambda batch: S.default_collate(batch)))
        assert plain(at_once) == plain(one_by_one)
    batch = next(iter(S.DataLoader(d, 2)))
    batch[0][0] = 7  # a copy: the dataset stays as it is
    assert not (d.tensors[0] == 7).any()
    w = E.ones(3, 2, requires_grad=True)
    next(iter(S.DataLoader(S.TensorDataset(w), 3)))[0].sum().backward()
    assert w.grad is not None
    fail_alike(lambda E: list(E.utils.data.DataLoader(pairs(E, 3), batch_sampler=[[0, 3]])))


# ---------------------------------------------------------------- collate
BATCHES = {
    "tensors": lambda E: [E.ones(2), E.zeros(2)],
    "floats": lambda E: [1.0, 2.0],
    "ints": lambda E: [1, 2],
    "bools": lambda E: [True, False],
    "text": lambda E: ["a", "b"],
    "bytes": lambda E: [b"a", b"b"],
    "arrays": lambda E: [np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)],
    "array scalars": lambda E: [np.float32(1), np.float32(2)],
    "zero-dimensional arrays": lambda E: [np.array(1), np.array(2)],
    "tuples": lambda E: [(1, "a", E.ones(1)), (2, "b", E.zeros(1))],
    "lists": lambda E: [[1, 2], [3, 4]],
    "dicts": lambda E: [{"x": 1, "y": [1.0]}, {"x": 2, "y": [2.0]}],
    "ordered dicts": lambda E: [collections.OrderedDict(a=1), collections.OrderedDict(a=2)],
    "default dicts": lambda E: [collections.defaultdict(list, a=1), collections.defaultdict(list, a=2)],
    "named tuples": lambda E: [Point(1, 2.0), Point(3, 4.0)],
    "ranges": lambda E: [range(2), range(2)],
    "nested": lambda E: [{"a": (1, {"b": [E.ones(1)]})}, {"a": (2, {"b": [E.ones(1)]})}],
}


@pytest.mark.parametrize("name", BATCHES)
def test_collate(name):
    same(lambda E: E.utils.data.default_collate(BATCHES[name](E)))
    same(lambda E: E.utils.data.default_convert(BATCHES[name](E)))


def test_collate_errors():
    for batch in ([None], [object()], [np.array(["a"])], [[1], [1, 2]]):
        fail_alike(lambda E, batch=batch: E.utils.data.default_collate(batch))


LAYOUTS = {
    "as made": lambda a: a,
    "columns first": lambda a: np.ascontiguousarray(a.T).T,
    "backwards": lambda a: a[::-1],
    "read-only": lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "a subclass": lambda a: a.view(np.matrix),
}


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
@pytest.mark.parametrize("kind", ["?", "u1", "i4", "u2", "f2", "f8", "c8"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_every_kind_in_batches(kind, layout):
    arrays = [LAYOUTS[layout]((np.arange(6).reshape(2, 3) + k).astype(kind)) for k in range(3)]
    results = []
    for E in ENGINES:
        try:
            batch = E.utils.data.default_collate(arrays)
            results.append((plain(batch), batch.stride()))
        except Exception as e:
            results.append((type(e), str(e)[:40]))
    assert results[1] == results[0]


def test_batches_of_images_lie_row_by_row_or_channels_last():
    def strides(E):
        flipped, images = E.arange(24.0).reshape(4, 3, 2).permute(2, 0, 1), E.ones(2, 3, 4, 5)
        last = images.to(memory_format=E.channels_last)
        return [
            E.utils.data.default_collate([flipped, flipped]).stride(),
            [E.stack([flipped, flipped], d).stride() for d in range(4)],
            [E.cat([flipped, flipped], d).stride() for d in range(3)],
            [E.stack([last, last], d).stride() for d in range(5)],
            [E.cat([last, last], d).stride() for d in range(4)],
            E.cat([last, images]).stride(),
        ]

    assert strides(glasstorch) == strides(torch)


def test_ones_own_collate_function():
    same(lambda E: list(E.utils.data.DataLoader(range(5), 2, collate_fn=lambda batch: sum(batch))))


# ---------------------------------------------------------------- wrong options
WRONG = [
    {"num_workers": -1},
    {"timeout": -1},
    {"prefetch_factor": 2},
    {"num_workers": 1, "prefetch_factor": -1},
    {"persistent_workers": True},
    {"sampler": [1], "shuffle": True},
    {"batch_sampler": [[1]], "batch_size": 2},
    {"batch_sampler": [[1]], "drop_last": True},
    {"batch_size": None, "drop_last": True},
    {"batch_size": 0},
    {"batch_size": 1.5},
    {"drop_last": 1},
    {"multiprocessing_context": "fork"},
    {"num_workers": 1, "multiprocessing_context": "spoon"},
    {"num_workers": 1, "multiprocessing_context": 3},
]


@pytest.mark.parametrize("options", WRONG, ids=str)
def test_wrong_options(options):
    fail_alike(lambda E: E.utils.data.DataLoader(range(3), **options))


def test_other_errors():
    S = lambda E: E.utils.data  # noqa: E731
    for fn in (
        lambda E: S(E).DataLoader(stream(E), shuffle=True),
        lambda E: S(E).DataLoader(stream(E), sampler=3),
        lambda E: S(E).DataLoader(stream(E), batch_sampler=3),
        lambda E: setattr(S(E).DataLoader(range(3)), "batch_size", 2),
        lambda E: S(E).TensorDataset(E.ones(2), E.ones(3)),
        lambda E: S(E).ConcatDataset([]),
        lambda E: S(E).ConcatDataset([stream(E)]),
        lambda E: (pairs(E, 2) + pairs(E, 2))[-5],
        lambda E: list(stream(E) + pairs(E)),
        lambda E: S(E).StackDataset(),
        lambda E: S(E).StackDataset(range(2), a=range(2)),
        lambda E: S(E).StackDataset(range(2), range(3)),
        lambda E: S(E).random_split(range(3), [1, 1]),
        lambda E: S(E).random_split(range(3), [-0.5, 1.5]),
        lambda E: S(E).RandomSampler(range(3), replacement=1),
        lambda E: S(E).RandomSampler([]),
        lambda E: S(E).RandomSampler(range(3), num_samples=0),
        lambda E: S(E).WeightedRandomSampler([1], 0),
        lambda E: S(E).WeightedRandomSampler([1], 1, replacement=1),
        lambda E: S(E).WeightedRandomSampler([[1]], 1),
        lambda E: S(E).BatchSampler([1], True, False),
        lambda E: S(E).Dataset()[0],
        lambda E: list(S(E).Sampler()),
    ):
        fail_alike(fn)


def test_a_subset_that_forgets_whole_batches():
    for E in ENGINES:

        class Half(E.utils.data.Subset):
            def __getitem__(self, i):
                return super().__getitem__(i)

        with pytest.raises(NotImplementedError, match="must also override __getitems__"):
            Half([1], [0])


def test_datasets_can_be_pickled():
    d = pickle.loads(pickle.dumps(ours_data.Subset(pairs(glasstorch), [2, 1])))
    assert d[0][0].item() == 2


def test_pinning_goes_through_whole_batches(monkeypatch):
    from glasstorch.utils.data import pinned

    monkeypatch.setattr(pinned, "pin_tensor", lambda t: t + 1)  # what needs a GPU; the rest is what is tested

    class Own:
        def pin_memory(self):
            return "pinned"

    t = glasstorch.zeros(1)
    batch = {"a": [t, "text", 3], "b": (t, Own()), "c": Point(t, None)}
    out = pinned.pin(batch)
    assert plain(out) == plain({"a": [t + 1, "text", 3], "b": (t + 1, "pinned"), "c": Point(t + 1, None)})
    assert (type(out["b"]), type(out["c"])) == (tuple, Point)
    assert t.item() == 0


def test_pinned_memory_without_a_gpu():
    from glasstorch import backends

    if backends.cupy() is not None:
        pytest.skip("there is a GPU")
    with pytest.warns(UserWarning, match="no accelerator is found"):
        assert len(list(ours_data.DataLoader(range(4), 2, pin_memory=True))) == 2
