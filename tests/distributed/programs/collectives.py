"""Every collective against NumPy, in each of several processes. Run by checks.py."""

# ruff: noqa: PT018  (no pytest here: a line that fails is shown as it stands)
from __future__ import annotations

from datetime import timedelta

import glasstorch
import numpy as np
from glasstorch import distributed as dist
from glasstorch.distributed import ReduceOp
from support import ranks

DTYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64",
          "complex128"]  # fmt: skip
SHAPES = [(), (0,), (1,), (3, 5), (2, 7001)]


def values(rank: int, shape: tuple, dtype: str, seed: int = 0) -> glasstorch.Tensor:
    """What a rank has: the same on whatever rank it is computed. Small whole numbers, so that sums are exact."""
    a = np.random.default_rng([seed, rank]).integers(0, 4, shape)
    t = glasstorch.from_numpy(np.asarray(a)).to(getattr(glasstorch, dtype))
    return t * (1 + 2j) if dtype.startswith("complex") else t


def stacked(shape: tuple, dtype: str, seed: int = 0) -> np.ndarray:
    """Everybody's values, as float64, complex128 or int64."""
    parts = [values(r, shape, dtype, seed) for r in range(dist.get_world_size())]
    wide = "complex128" if dtype.startswith("complex") else "float64"
    return np.stack([p.to(getattr(glasstorch, wide)).numpy() for p in parts])


def same(t: glasstorch.Tensor, expected: np.ndarray, tolerance: float = 0.0) -> None:
    wide = t.to(glasstorch.complex128 if t.is_complex() else glasstorch.float64).numpy()
    assert wide.shape == expected.shape, (wide.shape, expected.shape)
    np.testing.assert_allclose(wide, expected, rtol=tolerance)


def each() -> list[tuple[tuple, str]]:
    return [(shape, dtype) for shape in SHAPES for dtype in DTYPES]


N = R = 0  # how many processes, which one this is; set by checks.py


def test_all_reduce_sum() -> None:
    for shape, dtype in each():
        t = values(R, shape, dtype)
        dist.all_reduce(t)
        total = stacked(shape, dtype).sum(0)
        same(t, (total != 0).astype(float) if dtype == "bool" else total)


def expected_of(op: object, parts: np.ndarray, dtype: str) -> np.ndarray:
    """What NumPy makes of everybody's values. Sums of bools say whether any is true, products whether all are."""
    whole = parts.astype(int) if not np.iscomplexobj(parts) else parts
    found = {
        ReduceOp.SUM: lambda: parts.sum(0), ReduceOp.AVG: lambda: parts.mean(0),
        ReduceOp.PRODUCT: lambda: parts.prod(0),
        ReduceOp.MIN: lambda: parts.min(0), ReduceOp.MAX: lambda: parts.max(0),
        ReduceOp.BAND: lambda: np.bitwise_and.reduce(whole), ReduceOp.BOR: lambda: np.bitwise_or.reduce(whole),
        ReduceOp.BXOR: lambda: np.bitwise_xor.reduce(whole),
    }[op]()  # fmt: skip
    return (found != 0) * 1.0 if dtype == "bool" else found * 1.0


def operations(dtype: str) -> list:
    """The ways of combining that make sense for a dtype."""
    if dtype.startswith("complex"):
        return [ReduceOp.SUM, ReduceOp.AVG]
    found = [ReduceOp.SUM, ReduceOp.PRODUCT, ReduceOp.MIN, ReduceOp.MAX]
    if dtype.startswith(("float", "bfloat")):
        return [*found, ReduceOp.AVG]
    return [*found, ReduceOp.BAND, ReduceOp.BOR, ReduceOp.BXOR]


def test_every_operation_on_every_dtype() -> None:
    """all_reduce, reduce and reduce_scatter. Sums of a few small numbers are exact in half precision too."""
    for dtype in DTYPES:
        for op in operations(dtype):
            parts = stacked((N, 3), dtype, 1)
            expected = expected_of(op, parts, dtype)
            t = values(R, (N, 3), dtype, 1)
            tolerance = 1e-6 if dtype in ("float32", "complex64") else 1e-2 if op is ReduceOp.AVG else 1e-12
            dist.all_reduce(t, op)
            same(t, expected, tolerance)
            for root in {0, N - 1}:
                t = values(R, (N, 3), dtype, 1)
                dist.reduce(t, root, op)
                if root == R:
                    same(t, expected, tolerance)
            out = glasstorch.empty(3, dtype=t.dtype)
            dist.reduce_scatter(out, list(values(R, (N, 3), dtype, 1)), op)
            same(out, expected[R], tolerance)
            dist.reduce_scatter_tensor(out, values(R, (N, 3), dtype, 1).reshape(-1), op)
            same(out, expected[R], tolerance)


def test_every_shape_on_every_operation() -> None:
    """Also without elements, without dimensions, and too long for one message."""
    for shape in SHAPES:
        for op in operations("float32"):
            t = values(R, shape, "float32", 4)
            dist.all_reduce(t, op)
            same(t, expected_of(op, stacked(shape, "float32", 4), "float32"), 1e-6)


def test_all_ranks_have_the_same_bits() -> None:
    """Sums of numbers that round: whatever the order, it must be the same one on all ranks."""
    for n in (10, 100_003):
        glasstorch.manual_seed(R)
        t = glasstorch.randn(n)
        dist.all_reduce(t)
        everybody = [glasstorch.empty(n) for _ in range(N)]
        dist.all_gather(everybody, t)
        assert all(glasstorch.equal(e, t) for e in everybody)


def test_non_contiguous() -> None:
    base = values(R, (7, 5), "float32")
    view = base.t()[1:4]  # neither its rows nor its columns are neighbours in memory
    rest = base.clone()
    dist.all_reduce(view)
    expected = stacked((7, 5), "float32")
    same(view, expected.sum(0).T[1:4])
    assert glasstorch.equal(base[:, 0], rest[:, 0])
    outs = [glasstorch.zeros(5, 7).t() for _ in range(N)]
    dist.all_gather(outs, values(R, (7, 5), "float32"))
    same(glasstorch.stack(outs), expected)
    target = glasstorch.zeros(5, 7).t()
    dist.broadcast(values(R, (7, 5), "float32") if R == N - 1 else target, N - 1)
    if R != N - 1:
        same(target, expected[N - 1])


def test_broadcast() -> None:
    for root in range(N):
        for shape, dtype in each():
            t = values(R, shape, dtype)
            dist.broadcast(t, root)
            same(t, stacked(shape, dtype)[root])


def test_reduce() -> None:
    for root in range(N):
        for shape in SHAPES:
            t = values(R, shape, "float64")
            before = t.clone()
            dist.reduce(t, root)
            same(
                t if root == R else before, stacked(shape, "float64").sum(0) if root == R else before.numpy()
            )


def test_all_gather() -> None:
    for shape, dtype in each():
        outs = [glasstorch.empty(shape, dtype=getattr(glasstorch, dtype)) for _ in range(N)]
        dist.all_gather(outs, values(R, shape, dtype))
        same(glasstorch.stack(outs), stacked(shape, dtype))


def test_all_gather_into_tensor() -> None:
    parts = stacked((3, 4), "float32")
    for shape, expected in [((3 * N, 4), parts.reshape(3 * N, 4)), ((N, 3, 4), parts)]:
        out = glasstorch.empty(shape)
        dist.all_gather_into_tensor(out, values(R, (3, 4), "float32"))
        same(out, expected)


def test_gather_and_scatter() -> None:
    for root in range(N):
        for shape, dtype in each():
            mine = values(R, shape, dtype)
            outs = [glasstorch.empty_like(mine) for _ in range(N)] if root == R else None
            dist.gather(mine, outs, root)
            if root == R:
                same(glasstorch.stack(outs), stacked(shape, dtype))
            back = glasstorch.empty_like(mine)
            dist.scatter(back, outs, root)
            assert glasstorch.equal(back, mine)


def test_reduce_scatter() -> None:
    for dtype in ("int64", "float32", "float16", "complex64"):
        total = stacked((N, 3, 2), dtype).sum(0)
        whole = values(R, (N, 3, 2), dtype)
        out = glasstorch.empty(3, 2, dtype=whole.dtype)
        dist.reduce_scatter(out, list(whole))
        same(out, total[R])
        out = glasstorch.empty(3, 2, dtype=whole.dtype)
        dist.reduce_scatter_tensor(out, whole.reshape(3 * N, 2))
        same(out, total[R])
    out = glasstorch.empty(3, 2)
    dist.reduce_scatter(out, list(values(R, (N, 3, 2), "float32")), ReduceOp.MAX)
    same(out, stacked((N, 3, 2), "float32").max(0)[R])


def test_all_to_all() -> None:
    for dtype in DTYPES:
        sent = list(values(R, (N, 4), dtype))
        got = [glasstorch.empty_like(s) for s in sent]
        dist.all_to_all(got, sent)
        same(glasstorch.stack(got), stacked((N, 4), dtype)[:, R])
    even = glasstorch.empty(2 * N, 3)
    dist.all_to_all_single(even, values(R, (2 * N, 3), "float32"))
    same(even, stacked((2 * N, 3), "float32").reshape(N, N, 2, 3)[:, R].reshape(2 * N, 3))


def test_all_to_all_single_uneven() -> None:
    """Rank r sends q + 1 rows to rank q."""
    sizes = [q + 1 for q in range(N)]
    rows = sum(sizes)
    out = glasstorch.empty((R + 1) * N, 2)
    dist.all_to_all_single(out, values(R, (rows, 2), "float32"), [R + 1] * N, sizes)
    start = sum(sizes[:R])
    same(out, stacked((rows, 2), "float32")[:, start : start + R + 1].reshape(-1, 2))


def test_messages() -> None:
    if N == 1:
        return
    right, left = (R + 1) % N, (R - 1) % N
    for dtype in DTYPES:
        got = glasstorch.empty(2, 3, dtype=getattr(glasstorch, dtype))
        work = dist.isend(values(R, (2, 3), dtype), right)
        assert dist.recv(got, left) == left
        work.wait()
        same(got, stacked((2, 3), dtype)[left])
    a, b = glasstorch.zeros(3), glasstorch.zeros(3)
    works = [dist.isend(glasstorch.full((3,), float(tag)), right, tag=tag) for tag in (7, 8)]
    second = dist.irecv(b, left, tag=8)  # tags tell messages apart, whichever came first
    second.wait()
    dist.recv(a, left, tag=7)
    for w in works:
        w.wait()
    assert (a == 7).all() and (b == 8).all() and second.is_completed() and second.source_rank() == left


def test_message_from_anybody() -> None:
    if R == 0:
        sources = set()
        for _ in range(N - 1):
            t = glasstorch.empty(1)
            source = dist.recv(t)
            assert t.item() == source
            sources.add(source)
        assert sources == set(range(1, N))
    else:
        dist.send(glasstorch.tensor([float(R)]), 0)
    dist.barrier()


def test_batch_of_messages() -> None:
    if N == 1:
        return
    got = glasstorch.empty(70_000)
    ops = [dist.P2POp(dist.isend, values(R, (70_000,), "float32"), (R + 1) % N),
           dist.P2POp(dist.irecv, got, (R - 1) % N)]  # fmt: skip
    for work in dist.batch_isend_irecv(ops):
        work.wait()
    same(got, stacked((70_000,), "float32")[(R - 1) % N])


def test_async() -> None:
    a, b = values(R, (50_000,), "float64", 5), values(R, (3,), "float64", 6)
    works = [dist.all_reduce(a, async_op=True), dist.broadcast(b, 0, async_op=True)]
    works[1].wait()
    assert works[1].is_success() and works[1].exception() is None
    found = works[0].get_future().then(lambda f: f.value()[0]) if dist.get_backend() == "gloo" else None
    works[0].wait()
    same(a, stacked((50_000,), "float64", 5).sum(0))
    same(b, stacked((3,), "float64", 6)[0])
    assert found is None or found.wait() is a
    assert works[0].result()[0] is a
    dist.barrier(async_op=True).wait()


def test_every_collective_without_waiting() -> None:
    """All are asked for before any is waited for, the last one first; results go into memory of any layout."""
    parts = stacked((N, 3), "float64", 8)
    mine = values(R, (N, 3), "float64", 8)

    def room(*shape: int) -> glasstorch.Tensor:
        return glasstorch.full((*shape, 2), -1.0, dtype=glasstorch.float64)[
            ..., 0
        ]  # every other place in memory

    first, last = R == 0, R == N - 1
    summed, rooted, sent = room(N, 3), room(N, 3), room(N, 3)
    for t in (summed, rooted, sent):
        t.copy_(mine)
    rows, joined, gathered = [room(N, 3) for _ in range(N)], room(N, N, 3), [room(N, 3) for _ in range(N)]
    own, share, cut, swapped, turned = room(3), room(3), room(3), [room(3) for _ in range(N)], room(N, 3)
    works = [
        dist.all_reduce(summed, async_op=True), dist.reduce(rooted, group_dst=N - 1, async_op=True),
        dist.broadcast(sent, group_src=N - 1, async_op=True), dist.all_gather(rows, mine, async_op=True),
        dist.all_gather_into_tensor(joined, mine, async_op=True),
        dist.gather(mine, gathered if last else None, group_dst=N - 1, async_op=True),
        dist.scatter(own, list(mine) if first else None, group_src=0, async_op=True),
        dist.reduce_scatter(share, list(mine), async_op=True), dist.reduce_scatter_tensor(cut, mine, async_op=True),
        dist.all_to_all(swapped, list(mine), async_op=True), dist.all_to_all_single(turned, mine, async_op=True),
        dist.barrier(async_op=True),
    ]  # fmt: skip
    for work in reversed(works):
        assert work is not None and work.wait() and work.is_completed() and work.is_success()
    same(summed, parts.sum(0))
    assert not last or glasstorch.equal(rooted, summed)
    same(sent, parts[N - 1])
    same(glasstorch.stack(rows), parts)
    same(joined, parts)
    assert not last or all(glasstorch.equal(a, b) for a, b in zip(gathered, rows, strict=True))
    same(own, parts[0, R])
    same(share, parts.sum(0)[R])
    same(cut, parts.sum(0)[R])
    same(glasstorch.stack(swapped), parts[:, R])
    same(turned, parts[:, R])


def test_parts_of_any_size() -> None:
    """all_to_all with other shapes for each, some of them empty; gathering and scattering in every dtype at once."""
    shapes = [[((r + q) % 3, 2) for q in range(N)] for r in range(N)]  # shapes[r][q]: what r sends to q
    sent = [values(R, shape, "int16", 20 + q) for q, shape in enumerate(shapes[R])]
    got = [glasstorch.empty(shapes[r][R], dtype=glasstorch.int16) for r in range(N)]
    dist.all_to_all(got, sent)
    for r in range(N):
        same(got[r], values(r, shapes[r][R], "int16", 20 + R).double().numpy())
    for dtype in DTYPES:
        out = glasstorch.empty(2 * N, dtype=getattr(glasstorch, dtype))
        dist.all_gather_into_tensor(out, values(R, (2,), dtype))
        same(out, stacked((2,), dtype).reshape(-1))


def test_messages_of_any_shape() -> None:
    if N == 1:
        return
    right, left = (R + 1) % N, (R - 1) % N
    for shape in SHAPES:
        got = glasstorch.full((*shape, 2), -1.0)[..., 0]
        work = dist.irecv(got, group_src=left, tag=3)
        sent = dist.isend(values(R, shape, "float32").t() if len(shape) == 2 else values(R, shape, "float32"),
                          group_dst=right, tag=3)  # fmt: skip
        assert work is not None and sent is not None
        work.wait()
        sent.wait()
        expected = stacked(shape, "float32")[left]
        same(got, (expected.T if len(shape) == 2 else expected).reshape(shape))


def test_version_counter() -> None:
    t = values(R, (3,), "float32")
    before = t._version
    dist.all_reduce(t)
    assert t._version > before


def test_objects() -> None:
    mine = {"rank": R, "text": "ä" * (R + 1)}
    everybody = [{"rank": r, "text": "ä" * (r + 1)} for r in range(N)]
    found: list = [None] * N
    dist.all_gather_object(found, mine)
    assert found == everybody
    found = [None] * N
    dist.gather_object(mine, found if R == N - 1 else None, dst=N - 1)
    assert R != N - 1 or found == everybody
    objects = [R, "two", None] if R == 0 else [None, None, None]
    dist.broadcast_object_list(objects, src=0)
    assert objects == [0, "two", None]
    out: list = [None]
    dist.scatter_object_list(out, everybody if R == 0 else None, src=0)
    assert out[0] == mine
    if N > 1:
        if R == 0:
            dist.send_object_list([1, glasstorch.arange(3)], dst=1)
        if R == 1:
            got: list = [None, None]
            assert dist.recv_object_list(got, src=0) == 0
            assert got[0] == 1 and got[1].tolist() == [0, 1, 2]


def test_subgroups() -> None:
    even = dist.new_group(range(0, N, 2))
    if R % 2 == 0:
        t = values(R, (4,), "float32")
        dist.all_reduce(t, group=even)
        same(t, stacked((4,), "float32")[::2].sum(0))
        assert dist.get_rank(even) == R // 2 and dist.get_world_size(even) == (N + 1) // 2
        assert dist.get_process_group_ranks(even) == list(range(0, N, 2))
        assert dist.get_global_rank(even, R // 2) == R and dist.get_group_rank(even, R) == R // 2
        last = dist.get_process_group_ranks(even)[-1]
        dist.broadcast(t, last, group=even)
    else:
        assert even == dist.GroupMember.NON_GROUP_MEMBER and dist.get_rank(even) == -1
        t = values(R, (4,), "float32")
        with ranks.warns("does not belong to the given group"):
            assert dist.all_reduce(t, group=even) is None
    if N == 4:
        own, groups = dist.new_subgroups(2)
        t = glasstorch.tensor([float(R)])
        dist.all_reduce(t, group=own)
        assert len(groups) == 2 and t.item() == [1, 1, 5, 5][R]
    dist.destroy_process_group(even)


def test_device_mesh() -> None:
    if N != 4:
        return
    mesh = dist.init_device_mesh("cpu", (2, 2), mesh_dim_names=("replica", "shard"))
    assert mesh.shape == (2, 2) and mesh.get_coordinate() == [R // 2, R % 2]
    for dim, partners in (("replica", [R % 2, 2 + R % 2]), ("shard", [R // 2 * 2, R // 2 * 2 + 1])):
        t = glasstorch.tensor([float(R)])
        dist.all_reduce(t, group=mesh.get_group(dim))
        assert t.item() == sum(partners)
        assert mesh[dim].mesh.tolist() == partners and mesh.get_local_rank(dim) == partners.index(R)
    assert repr(mesh) == "DeviceMesh((replica=2, shard=2), 'cpu', stride=(2, 1))"


def test_gradients_through_collectives() -> None:
    """loss = sum over ranks of (r + 1) * f(all_reduce(x)): the gradient of x is the sum of all weights times f'."""
    x = glasstorch.full((3,), float(R + 1), requires_grad=True)
    y = dist.nn.all_reduce(x)
    ((R + 1) * y * y).sum().backward()
    total = N * (N + 1) / 2
    same(x.grad, np.full(3, total * 2 * total))
    x = glasstorch.full((2,), float(R), requires_grad=True)
    rows = dist.nn.all_gather(x)
    sum((r + 1) * (R + 1) * row.sum() for r, row in enumerate(rows)).backward()
    same(x.grad, np.full(2, (R + 1) * total))


def test_traffic() -> None:
    t = glasstorch.ones(1000)
    dist.all_reduce(t)
    with dist.traffic.record() as events:
        dist.all_reduce(t)
        dist.broadcast(t, 0, async_op=True).wait()
    dist.barrier()
    assert [e.name for e in events] == ["all_reduce", "broadcast"]
    assert events[0].nbytes == 4000 and events[0].algorithm and events[0].seconds >= 0
    assert not events[0].asynchronous and events[1].asynchronous
    told = dist.traffic.to_dict(events)
    assert told["totals"]["all_reduce"]["calls"] == 1 and told["events"][1]["group"] == list(range(N))
    assert (told["rank"], told["world_size"], told["dropped"]) == (R, N, 0)


def test_traffic_counts_what_goes_over_the_wire() -> None:
    """Large and small, against the algorithms' formulas; over MPI against the least that is possible."""
    gloo = dist.get_backend() == "gloo"
    large, small = glasstorch.ones(4800, dtype=glasstorch.float64), glasstorch.ones(10)
    with dist.traffic.record() as events:
        dist.all_reduce(large)
        dist.all_reduce(small)
        dist.all_gather([glasstorch.ones(10) for _ in range(N)], small)
        dist.reduce_scatter(small, [glasstorch.ones(10) for _ in range(N)])
        dist.broadcast(small, 0)
        dist.reduce(small, 0)
        if N > 1 and R < 2:
            (dist.send if R == 0 else dist.recv)(small, 1 - R)
    dist.barrier()
    moved = [(e.sent, e.received) for e in events]
    ring, each = 2 * (N - 1) * 38400 // N, 40 * (N - 1)
    assert moved[0] == (ring, ring), moved
    assert moved[1] == ((each, each) if gloo else (80 * (N - 1) // N,) * 2), moved
    assert moved[2:4] == [(each, each)] * 2, moved
    assert [e.measured for e in events] == [gloo] * len(events)
    tree = {1: [(0, 0)], 2: [(40, 0), (0, 40)], 4: [(80, 0), (40, 40), (0, 40), (0, 40)]}[N]
    star = [(0, each)] + [(40, 0)] * (N - 1)
    assert moved[4:6] == ([tree[R], star[R]] if gloo else [(0, 0) if N == 1 else (None, None)] * 2), moved
    if N > 1 and R < 2:
        assert moved[6] == [(40, 0), (0, 40)][R] and events[6].nbytes == [40, 0][R]
    everybody = dist.traffic.gather(events)
    assert [r["rank"] for r in everybody] == list(range(N))
    assert [r["events"][0]["nbytes"] for r in everybody] == [38400] * N
    if gloo:  # nobody was done with a barrier-like call before the last one had come to it
        spans = [(e["start"] + r["epoch"], e["start"] + e["seconds"] + r["epoch"])
                 for r in everybody for e in [r["events"][0]]]  # fmt: skip
        assert max(s for s, _ in spans) < min(e for _, e in spans) + 0.05


def test_traffic_knows_what_the_program_waited_for() -> None:
    a, b = glasstorch.ones(300_000), glasstorch.ones(300_000)
    dist.barrier()
    with dist.traffic.record() as events:
        works = [dist.all_reduce(t, async_op=True) for t in (a, b)]
        for work in reversed(works):
            work.wait()
    first, second = events
    assert second.waited > 0 and all(e.exposed <= e.seconds + 1e-9 for e in (first, second))
    total = events.summary()
    assert 0 <= total["exposed"] <= total["communicating"] + 1e-9 and 0 <= total["overlap"] <= 1


def test_refusals() -> None:
    one = glasstorch.ones(2)
    ranks.raises(RuntimeError, "expected length", lambda: dist.all_gather([one] * (N + 1), one))
    ranks.raises(
        RuntimeError, "expected (2), got (3)", lambda: dist.all_gather([glasstorch.ones(3)] * N, one)
    )
    ranks.raises(ValueError, "different dtypes", lambda: dist.all_gather([one.int()] * N, one))
    ranks.raises(TypeError, "Expected parameter `tensor`", lambda: dist.all_reduce(3))
    ranks.raises(RuntimeError, "BAND", lambda: dist.all_reduce(one, ReduceOp.BAND))
    for op in (ReduceOp.MAX, ReduceOp.PRODUCT):
        ranks.raises(ValueError, "complex", lambda: dist.all_reduce(one.to(glasstorch.complex64), op))
    for dtype in (glasstorch.int64, glasstorch.bool):
        ranks.raises(RuntimeError, "be cast to", lambda: dist.all_reduce(one.to(dtype), ReduceOp.AVG))
    ranks.raises(ValueError, "Must specify global_rank or group_rank", lambda: dist.broadcast(one))
    ranks.raises(ValueError, "Can't specify both", lambda: dist.broadcast(one, 0, group_src=0))
    if N > 1:
        ranks.raises(ValueError, "duplicate entries, got [0, 0]", lambda: dist.new_group([0, 0]))
    ranks.raises(ValueError, "Rank -1 is out of range", lambda: dist.new_group([-1]))
    ranks.raises(IndexError, "out of range", lambda: dist.batch_isend_irecv([]))
    if dist.get_backend() == "mpi":
        ranks.raises(ValueError, "only implemented for GLOO", dist.monitored_barrier)
    ranks.raises(RuntimeError, "invalid root rank", lambda: dist.broadcast(one, N))
    ranks.raises(ValueError, "same as the rank", lambda: dist.send(one, R))
    ranks.raises(RuntimeError, "Split sizes", lambda: dist.all_to_all_single(one, one, [5] * N, [5] * N))
    ranks.raises(ValueError, "twice", lambda: dist.init_process_group("gloo"))


def test_monitored_barrier_names_who_is_missing() -> None:
    if N == 1 or dist.get_backend() != "gloo":
        return
    dist.monitored_barrier()
    dist.barrier()  # all but the last begin together
    if R == 0:
        with dist.traffic.record() as events:
            ranks.raises(
                RuntimeError, f"Ranks {N - 1}",
                lambda: dist.monitored_barrier(timeout=timedelta(seconds=3), wait_all_ranks=True),
            )  # fmt: skip
        assert not events
    elif R < N - 1:  # waits in vain, until its own time is over or rank 0 has left
        ranks.raises(RuntimeError, "", lambda: dist.monitored_barrier(timeout=timedelta(seconds=4)))
    dist.barrier()
    dist.monitored_barrier()  # what did not come in time is not waited for any more
