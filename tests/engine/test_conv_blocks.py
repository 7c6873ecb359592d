"""Convolution's blocks and threads: however the work is cut, the numbers are the same."""

from __future__ import annotations

import os
import threading

import glasstorch
import numpy as np
import pytest
from glasstorch.backends import convolution, threads
from glasstorch.backends.windows import Geometry
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="compared with real PyTorch")


@st.composite
def problems(draw):
    """Any convolution of 1 to 3 dimensions with an output, and how many bytes a block may have."""
    d = draw(st.integers(1, 3))

    def each(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(d))

    kernel, stride, padding, dilation = each(1, 3), each(1, 3), each(0, 3), each(1, 2)
    groups = draw(st.integers(1, 3))
    n, c, o = draw(st.integers(1, 5)), groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    least = [max(1, q * (k - 1) + 1 - 2 * p) for k, p, q in zip(kernel, padding, dilation)]
    size = tuple(m + draw(st.integers(0, 4)) for m in least)
    limit = draw(st.sampled_from([1, 200, 2000, 1 << 20]))
    return (n, c, *size), (o, c // groups, *kernel), Geometry(stride, padding, dilation, groups), limit


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(problems(), st.sampled_from([1, 2, 3]), st.integers(0, 2**32 - 1))
def test_any_cut_gives_pytorchs_numbers(problem, workers, seed):
    shape, kernel, geometry, limit = problem
    random = np.random.default_rng(seed)
    x, w, b = random.standard_normal(shape), random.standard_normal(kernel), random.standard_normal(kernel[0])
    tx, tw, tb = (torch.tensor(a, requires_grad=True) for a in (x, w, b))
    fn = [torch.conv1d, torch.conv2d, torch.conv3d][len(shape) - 3]
    expected = fn(tx, tw, tb, geometry.stride, geometry.padding, geometry.dilation, geometry.groups)
    g = random.standard_normal(expected.shape)
    expected.backward(torch.tensor(g))
    before, worth = threads.count(), threads.WORTH
    threads.WORTH = 0
    threads.set_count(workers)
    try:
        y = convolution.forward(np, limit, x, w, b, geometry)
        dx = convolution.input_gradient(np, limit, g, w, shape[2:], geometry)
        dw = convolution.weight_gradient(np, limit, x, g, kernel[2:], geometry)
    finally:
        threads.WORTH = worth
        threads.set_count(before)
    np.testing.assert_allclose(y, expected.detach().numpy(), atol=1e-9)
    np.testing.assert_allclose(dx, tx.grad.numpy(), atol=1e-9)
    np.testing.assert_allclose(dw, tw.grad.numpy(), atol=1e-9)


def test_parts_run_on_threads_of_their_own_and_come_back_in_order(monkeypatch):
    monkeypatch.setitem(threads._wanted, "count", 3)
    seen = []

    def part(a, b):
        seen.append(threading.get_ident())
        barrier.wait(10)  # passes only when all three run at once
        return a, b

    barrier = threading.Barrier(3)
    assert threads.share(np, part, 10, threads.WORTH) == [(0, 3), (3, 6), (6, 10)]
    assert len(set(seen)) == 3
    assert threads.share(np, lambda a, b: (a, b), 10, threads.WORTH - 1) == [(0, 10)]  # too little work


def test_an_error_in_a_thread_reaches_the_caller(monkeypatch):
    monkeypatch.setitem(threads._wanted, "count", 2)

    def part(a, b):
        if a:
            raise MemoryError("too large")

    with pytest.raises(MemoryError, match="too large"):
        threads.share(np, part, 4, threads.WORTH)


def test_a_forked_child_makes_its_own_threads(monkeypatch):
    monkeypatch.setitem(threads._wanted, "count", 2)

    def run():
        return threads.share(np, lambda a, b: b - a, 8, threads.WORTH)

    assert run() == [4, 4]
    child = os.fork()
    if child == 0:
        os._exit(0 if run() == [4, 4] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_number_of_threads_is_asked_of_the_environment(monkeypatch):
    monkeypatch.setitem(threads._wanted, "count", 0)
    for text, n in (("3", 3), ("2,4", 2)):
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        assert glasstorch.get_num_threads() == n
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert glasstorch.get_num_threads() >= 1


def test_users_at_once_give_blas_its_threads_back():
    libraries = threads._blas()
    before = [library.get_num_threads() for library in libraries]
    first, second = threads._one_blas_thread(), threads._one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert [library.get_num_threads() for library in libraries] == [1] * len(libraries)
    second.__exit__(None, None, None)
    assert [library.get_num_threads() for library in libraries] == before
