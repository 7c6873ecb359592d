"""``DistributedSampler`` and what samplers, datasets and the loader refuse, beside PyTorch's."""

from __future__ import annotations

import collections
import copy
import itertools
import pickle
import sys
import types
import warnings

import glasstorch
import numpy as np
import pytest
from glasstorch.utils import data as ours_data
from support.differential import torch

ENGINES = (torch, glasstorch)


def plain(x):
    """Tensors as (dtype, nested lists), containers kept."""
    if isinstance(x, (torch.Tensor, glasstorch.Tensor)):
        return str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(v) for v in x]
    return repr(x)


def outcome(fn, E):
    """What ``fn(engine)`` gives or raises, what it warns of, and where it leaves the generator."""
    E.manual_seed(3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = plain(fn(E))
        except Exception as e:
            result = type(e), str(e)
    return result, [(w.category, str(w.message)) for w in caught], E.rand(1).item()


def alike(fn):
    theirs, ours = outcome(fn, torch), outcome(fn, glasstorch)
    assert ours == theirs


# ---------------------------------------------------------------- DistributedSampler
@pytest.mark.parametrize("n", [0, 1, 2, 5, 10, 11])
@pytest.mark.parametrize("replicas", [1, 2, 3, 7])
def test_shares_of_a_dataset(n, replicas):
    def shares(E, options):
        out = []
        for rank in range(replicas):
            s = E.utils.data.DistributedSampler(range(n), replicas, rank, **options)
            out.append([len(s), s.num_samples, s.total_size, list(s), list(s)])
            s.set_epoch(3)
            out.append(list(s))
        return out

    for shuffle, drop_last in itertools.product([True, False], repeat=2):
        alike(lambda E: shares(E, {"shuffle": shuffle, "drop_last": drop_last, "seed": 5}))


def test_distributed_sampler_in_a_loader_and_its_refusals():
    S = lambda E: E.utils.data.distributed.DistributedSampler  # noqa: E731
    alike(lambda E: list(E.utils.data.DataLoader(range(9), 2, sampler=S(E)(range(9), 2, 1))))
    alike(lambda E: S(E)(range(4), 2, 2))
    alike(lambda E: S(E)(range(4), 2, -1))
    alike(lambda E: S(E)(range(4), 0, 0))
    alike(lambda E: sorted(vars(S(E)(range(4), 2, 1))))


def test_process_group_answers_where_nothing_is_given(monkeypatch):
    S = ours_data.DistributedSampler
    group = types.ModuleType("glasstorch.distributed")
    group.is_available, group.get_world_size, group.get_rank = lambda: True, lambda: 3, lambda: 2
    monkeypatch.setitem(sys.modules, "glasstorch.distributed", group)
    assert list(S(range(6), shuffle=False)) == [2, 5]
    group.is_available = lambda: False
    for given in ({}, {"num_replicas": 2}, {"rank": 0}):
        with pytest.raises(RuntimeError, match="Requires distributed package to be available"):
            S(range(4), **given)


# ---------------------------------------------------------------- samplers and splits
COUNTS = [0, -1, 1.5, True, "3", None, 3, 70, np.int64(3)]


@pytest.mark.parametrize("count", COUNTS, ids=repr)
def test_counts_that_samplers_take(count):
    for flag in (True, False, 1, None):
        alike(lambda E: list(E.utils.data.RandomSampler(range(5), flag, count)))
        alike(lambda E: list(E.utils.data.WeightedRandomSampler([1, 2, 3, 4.0], count, flag)))
        alike(lambda E: list(E.utils.data.BatchSampler(range(5), count, flag)))
        alike(lambda E: list(E.utils.data.DataLoader(range(5), batch_size=count, drop_last=flag)))


@pytest.mark.parametrize(
    "weights", [[], [0, 0], [-1, 2], [[1, 2]], 5, "ab", [1, float("nan")], np.ones(3)], ids=repr
)
def test_weights(weights):
    for replacement in (True, False):
        alike(lambda E: list(E.utils.data.WeightedRandomSampler(weights, 2, replacement)))


LENGTHS = [
    [1, 2], [5], [2, 3], [2, 2], [6, -1], [0, 5], [0.5, 0.5], [0.3, 0.3, 0.4], [0.2, 0.2], [1.0], [1], [0.0, 1.0],
    [-0.5, 1.5], [1.5, -0.5], [], [0.5, 0.6], [True], [1 / 3] * 3, [0.9999999999, 1e-10], (3, 2),
]  # fmt: skip


@pytest.mark.parametrize("lengths", LENGTHS, ids=repr)
def test_lengths_of_splits(lengths):
    for n in (5, 0, 1):
        alike(lambda E: [s.indices for s in E.utils.data.random_split(range(n), lengths)])


def test_whole_numbers_written_as_fractions_are_no_lengths():
    for E in ENGINES:
        with pytest.raises(TypeError):
            E.utils.data.random_split(range(5), [2.0, 3.0])


# ---------------------------------------------------------------- datasets
def test_datasets_one_by_one():
    S = lambda E: E.utils.data  # noqa: E731
    T = lambda E: E.arange(10).reshape(5, 2)  # noqa: E731
    for fn in (
        lambda E: S(E).TensorDataset([1, 2]),
        lambda E: S(E).TensorDataset(T(E))[1:3],
        lambda E: S(E).TensorDataset(T(E))[5],
        lambda E: S(E).ConcatDataset([range(2), range(0), range(3)]).cumulative_sizes,
        lambda E: S(E).ConcatDataset([range(2), range(3)]).cummulative_sizes,
        lambda E: S(E).ConcatDataset.cumsum([range(2), range(3)]),
        lambda E: S(E).ConcatDataset([range(2), range(3)])[5],
        lambda E: S(E).ConcatDataset([3]),
        lambda E: S(E).Subset(list(range(10)), [1, 5, 6])[1:],
        lambda E: list(S(E).Subset(list(range(10)), [1, 5, 6])),
        lambda E: list(S(E).ChainDataset([range(3)])),
        lambda E: len(S(E).Dataset()),
        lambda E: S(E).IterableDataset()[0],
        lambda E: list(S(E).DataLoader(S(E).StackDataset(a=range(3), b=S(E).TensorDataset(T(E)[:3])), 2)),
    ):
        alike(fn)


# ---------------------------------------------------------------- the loader
class Eager:
    """A sampler that draws its numbers when asked for an iterator, not when asked for a number."""

    def __init__(self, E):
        self.E = E

    def __iter__(self):
        return iter(self.E.randperm(6).tolist())

    def __len__(self):
        return 6


@pytest.mark.parametrize("workers", [0, 1])
def test_where_the_generators_are_left(workers):
    S = lambda E: E.utils.data  # noqa: E731
    items = list(range(6))
    alike(lambda E: list(S(E).DataLoader(items, None, sampler=Eager(E), num_workers=workers)))
    alike(
        lambda E: [list(S(E).DataLoader(items, 2, sampler=Eager(E), num_workers=workers)) for _ in range(2)]
    )

    def passes(E):
        g = E.Generator().manual_seed(4)
        loader = S(E).DataLoader(
            items, 2, shuffle=True, generator=g, num_workers=workers, persistent_workers=workers > 0
        )
        first = [list(loader) for _ in range(3)]
        begun = iter(loader)
        return [first, next(begun), list(loader), E.rand(2, generator=g)]

    alike(passes)


def test_the_loader_as_an_object():
    L = lambda E, *a, **k: E.utils.data.DataLoader(*a, **k)  # noqa: E731
    items = list(range(5))
    for fn in (
        lambda E: len(iter(L(E, items, 2))),
        lambda E: list(pickle.loads(pickle.dumps(L(E, items, 2)))),
        lambda E: list(copy.deepcopy(L(E, items, 2, shuffle=True))),
        lambda E: setattr(L(E, items), "multiprocessing_context", "fork"),
        lambda E: setattr(L(E, items, num_workers=1), "multiprocessing_context", 1),
        lambda E: L(E, items, 2, pin_memory=True, pin_memory_device="cuda")._index_sampler.batch_size,
        lambda E: L(E, items, batch_size=2, bogus=1) and None,
        lambda E: len(L(E, [])),
        lambda E: list(L(E, [])),
        lambda E: L(E, [], shuffle=True),
        lambda E: list(L(E, {0: 1, 1: 2})),
        lambda E: list(L(E, np.arange(10).reshape(5, 2), 2)),
        lambda E: L(E, items)._auto_collation,
    ):
        theirs, ours = outcome(fn, torch), outcome(fn, glasstorch)
        if (
            isinstance(theirs[0], tuple)
            and theirs[0][0] is TypeError
            and "unexpected keyword" in theirs[0][1]
        ):
            assert ours[0][0] is TypeError
        else:
            assert ours == theirs
    for E in ENGINES:
        with pytest.raises(AssertionError, match="requires timeout == 0"):
            iter(L(E, items, timeout=3))
        with pytest.raises(NotImplementedError, match="cannot be pickled"):
            pickle.dumps(iter(L(E, items)))


def test_warnings_about_pinning_and_numbers_of_workers():
    L = lambda E, *a, **k: E.utils.data.DataLoader(*a, **k)  # noqa: E731
    if not torch.accelerator.is_available():
        alike(lambda E: len(list(L(E, range(3), pin_memory=True, pin_memory_device="cuda"))))
    alike(lambda E: L(E, range(3), num_workers=5000).num_workers)


@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_streams_shared_among_workers(n):
    def stream(E):
        class Stream(E.utils.data.IterableDataset):
            def __iter__(self):
                info = E.utils.data.get_worker_info()
                return iter(range(info.id, n, info.num_workers))

        return Stream()

    for batch, drop in ((None, False), (2, False), (2, True)):
        loader = lambda E: E.utils.data.DataLoader(stream(E), batch, drop_last=drop, num_workers=2)  # noqa: E731
        alike(lambda E: list(loader(E)))


# ---------------------------------------------------------------- collate
Point = collections.namedtuple("Point", "x y")
ODD = {
    "mixed types": lambda E: [E.ones(2), E.ones(2).double()],
    "different shapes": lambda E: [E.ones(2), E.ones(3)],
    "whole, then fraction": lambda E: [1, 2.5],
    "text scalars": lambda E: [np.str_("a"), np.str_("b")],
    "half": lambda E: [np.ones(2, np.float16)] * 2,
    "uint16": lambda E: [np.ones(2, np.uint16)] * 2,
    "dates": lambda E: [np.datetime64("2020-01-01")] * 2,
    "complex": lambda E: [1j, 2],
    "nothing": lambda E: [],
    "sets": lambda E: [{1}, {2}],
    "a key that is missing": lambda E: [{"a": 1}, {"b": 2}],
    "empty tuples": lambda E: [(), ()],
    "user dicts": lambda E: [collections.UserDict(a=1), collections.UserDict(a=2)],
    "deques": lambda E: [collections.deque([1, 2]), collections.deque([3, 4])],
    "read-only mappings": lambda E: [types.MappingProxyType({"a": 1})] * 2,
    "too large": lambda E: [2**70],
    "text itself": lambda E: "ab",
    "a tensor itself": lambda E: E.ones(3, 2),
    "transposed": lambda E: [E.arange(12).reshape(3, 4).t()] * 2,
    "no elements": lambda E: [E.ones(0, 3)] * 2,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_batches(name):
    alike(lambda E: E.utils.data.default_collate(ODD[name](E)))
    alike(lambda E: E.utils.data.default_convert(ODD[name](E)))


def test_a_type_added_to_the_rules():
    class Mine:
        pass

    rules = ours_data.default_collate_fn_map
    rules[Mine] = lambda batch, *, collate_fn_map=None: len(batch)
    try:
        assert ours_data.default_collate([(Mine(), 1.0), (Mine(), 2.0)])[0] == 2
    finally:
        del rules[Mine]


def test_names_that_are_not_here_say_why():
    with pytest.raises(AttributeError, match="write a Dataset or an IterableDataset"):
        ours_data.IterDataPipe  # noqa: B018
    assert not hasattr(ours_data, "anything")
