"""Methods and top-level functions of tensors that are not arithmetic, against PyTorch."""

from __future__ import annotations

import multiprocessing
from typing import Any

import glasstorch
import numpy as np
import pytest

from tests.support.differential import compare, torch
from tests.support.outcomes import alike

MATRIX = np.arange(6.0).reshape(2, 3)


def x(E: Any) -> Any:
    return E.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda E: [
            E.ones(1, dtype=getattr(E, d)).type() for d in ("float32", "int64", "bool", "uint16", "complex64")
        ],
        lambda E: x(E).type("torch.DoubleTensor"),
        lambda E: x(E).type(E.LongTensor),
        lambda E: x(E).type(E.int8),
        lambda E: x(E).type("foo"),
        lambda E: x(E).type(int),
        lambda E: x(E).type(3),
        lambda E: (E.FloatTensor, E.FloatTensor.dtype, E.FloatTensor.is_cuda),
        lambda E: (isinstance(x(E), E.FloatTensor), isinstance(x(E), E.LongTensor)),
        lambda E: (
            E.FloatTensor(2, 3).shape,
            E.LongTensor([1.5]),
            E.BoolTensor([1, 0, 2]),
            E.ByteTensor([255]),
        ),
        lambda E: E.FloatTensor(2.5),
        lambda E: E.Tensor("a"),
        lambda E: (x(E).long().new([1, 2]), x(E).new(2, 3).shape, x(E).new().shape),
        lambda E: (
            E.set_default_tensor_type("torch.DoubleTensor"),
            E.tensor(1.0),
            E.set_default_dtype(E.float32),
        ),
        lambda E: E.set_default_tensor_type(E.IntTensor),
        lambda E: E.set_default_tensor_type(E.float64),
    ],
)
def test_legacy_types(ask: Any) -> None:
    alike(ask)


@pytest.mark.cpu  # what PyTorch answers where there is no GPU
@pytest.mark.parametrize(
    "ask",
    [
        lambda E: (x(E).get_device(), x(E).is_cpu, x(E).is_meta, x(E).is_sparse, x(E).layout, x(E).name),
        lambda E: (
            E.is_signed(E.ones(1, dtype=E.uint8)),
            x(E).is_conj(),
            E.is_neg(x(E)),
            E.is_inference(x(E)),
        ),
        lambda E: (E.is_nonzero(E.tensor([0])), E.is_nonzero(E.tensor(2.0))),
        lambda E: E.is_nonzero(E.ones(2)),
        lambda E: E.is_nonzero(E.ones(0)),
        lambda E: (E.is_same_size(x(E), x(E)), x(E).is_same_size(E.ones(2))),
        lambda E: (x(E).is_set_to(x(E)), (lambda t: t.is_set_to(t.view(2, 3)))(x(E))),
        lambda E: (x(E).dim_order(), x(E).t().dim_order(), E.ones(2, 3, 4).transpose(0, 2).dim_order()),
        lambda E: (E.typename(x(E)), E.typename(1), E.typename(int), E.typename(E.LongTensor)),
        lambda E: (x(E).to_dense(), x(E).dequantize(), x(E).dense_dim(), x(E).sparse_dim()),
        lambda E: x(E).coalesce(),
        lambda E: x(E).indices(),
        lambda E: x(E).values(),
        lambda E: x(E).crow_indices(),
        lambda E: x(E).pin_memory(),
        lambda E: (
            x(E).is_pinned(),
            x(E).is_shared(),
            x(E).share_memory_().is_shared(),
            x(E).share_memory_(),
        ),
    ],
)
def test_questions(ask: Any) -> None:
    alike(ask)


def test_what_only_other_kinds_of_tensor_can_do_says_so() -> None:
    with pytest.raises(NotImplementedError, match="no sparse tensors"):
        glasstorch.ones(2).to_sparse()
    with pytest.raises(NotImplementedError, match="not quantized"):
        glasstorch.ones(2).q_scale()


def test_shared_memory_reaches_a_forked_process() -> None:
    t = glasstorch.zeros(3).share_memory_()
    child = multiprocessing.get_context("fork").Process(target=lambda: t.add_(5))
    child.start()
    child.join()
    assert t.tolist() == [5.0, 5.0, 5.0]


def in_place(E: Any) -> Any:
    t = x(E)
    t.t_()
    seen = [t.shape, t._version, t.stride()]
    t.unsqueeze_(0).squeeze_().transpose_(0, 1).swapaxes_(0, 1).swapdims_(0, 1)
    seen += [t.clone(), t._version]
    t.resize_(2, 2)
    seen += [t.clone(), t.shape]
    return [*seen, t.resize_as_(E.ones(1, 4)), t.as_strided_((2, 2), (1, 1))]


def test_shapes_changed_in_place() -> None:
    alike(in_place)
    alike(lambda E: E.ones(2, 3, requires_grad=True).t_())
    alike(lambda E: E.ones(2, 3, requires_grad=True).resize_(2))

    def turned(E: Any, a: Any) -> Any:
        y = (a * 1).clone()
        y.t_()
        return y * E.arange(6.0, dtype=E.float64).reshape(3, 2)

    def row(E: Any, a: Any) -> Any:
        y = a * 1
        v = y[0:1]
        v.squeeze_(0)
        v.mul_(3)
        return y, v

    compare(turned, MATRIX)
    compare(row, MATRIX)


@pytest.mark.parametrize(
    "call",
    [
        lambda E, a: (E.transpose_copy(a, 0, 1), E.permute_copy(a, (1, 0)), E.t_copy(a), E.alias_copy(a)),
        lambda E, a: (E.view_copy(a, (3, 2)), E.expand_copy(a[:, :1], (2, 4)), E.unsqueeze_copy(a, 0)),
        lambda E, a: (E.slice_copy(a, 1, 0, 3, 2), E.select_copy(a, 0, 1), E.narrow_copy(a, 1, 1, 2)),
        lambda E, a: (*E.split_copy(a, 1), *E.unbind_copy(a), *E.split_with_sizes_copy(a, [1, 2], 1)),
        lambda E, a: (
            E.diagonal_copy(a),
            E.squeeze_copy(a[:1]),
            E.squeeze_copy(a[:1], 0),
            E.unfold_copy(a, 1, 2, 1),
        ),
        lambda E, a: E.as_strided_copy(a, (2, 2), (1, 1)),
        lambda E, a: (*E.unsafe_chunk(a, 2), *E.unsafe_split(a, 2, 1), *a.unsafe_split_with_sizes([1, 1])),
    ],
)
def test_views_as_copies(call: Any) -> None:
    compare(call, MATRIX)
    made = call(glasstorch, glasstorch.from_numpy(MATRIX.copy()))
    assert not any(t._is_view() for t in (made if isinstance(made, tuple) else (made,)))


NAMES = [
    "abs", "acos", "acosh", "arccos", "arcsin", "arctan", "asin", "asinh", "atan", "atanh", "ceil",
    "conj_physical", "cos", "cosh", "deg2rad", "erf", "erfc", "exp", "exp2", "expm1", "fix", "floor",
    "frac", "i0", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "negative", "rad2deg",
    "reciprocal", "relu", "round", "rsqrt", "sigmoid", "sin", "sinc", "sinh", "sqrt", "square", "tan",
    "tanh", "trunc", "zero",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_in_place_functions(name: str) -> None:
    def call(E: Any) -> Any:
        t = E.tensor([0.5, 0.25, -2.0])
        assert getattr(E, name + "_")(t) is t
        return t

    alike(call)


def test_in_place_functions_of_several() -> None:
    alike(lambda E: E.xlogy_(E.ones(2), E.ones(2)))
    alike(lambda E: (E.gcd_(E.tensor([4]), E.tensor([6])), E.lcm_(E.tensor([4]), E.tensor([6]))))
    alike(lambda E: (E.clamp_(x(E), 1, 3), E.clamp_min_(x(E), 2), E.clamp_max_(x(E), 2), E.clip_(x(E), 0, 1)))
    alike(lambda E: (E.fill_(E.ones(2), 3), E.index_put_(E.ones(2), (E.tensor([0]),), E.tensor([5.0]))))
    alike(
        lambda E: (
            E.detach_(E.ones(1)),
            E.addmv_(E.ones(2), E.ones(2, 2), E.ones(2)),
            E.ldexp_(E.ones(1), E.ones(1)),
        )
    )


def test_python_functions_on_elements() -> None:
    alike(lambda E: E.arange(3.0).apply_(lambda v: v + 1))
    alike(lambda E: E.arange(3).apply_(lambda v: v + 0.5))
    alike(lambda E: x(E).map_(E.arange(3.0), lambda a, b: a * b))
    alike(lambda E: E.ones(3).map2_(E.arange(3.0), E.ones(3), lambda a, b, c: a * b + c))
    alike(lambda E: E.ones(2).map_(E.arange(2), lambda a, b: a))
    alike(lambda E: E.ones(2, requires_grad=True).apply_(lambda v: v))


@pytest.mark.cpu  # what PyTorch answers where there is no GPU
@pytest.mark.parametrize(
    "ask",
    [
        lambda E: (
            E.use_deterministic_algorithms(True),
            E.get_deterministic_debug_mode(),
            E.set_deterministic_debug_mode("warn"),
            E.is_deterministic_algorithms_warn_only_enabled(),
            E.set_deterministic_debug_mode(0),
            E.are_deterministic_algorithms_enabled(),
        ),
        lambda E: E.set_deterministic_debug_mode("x"),
        lambda E: E.set_deterministic_debug_mode(7),
        lambda E: E.use_deterministic_algorithms("a"),
        lambda E: (
            E.set_float32_matmul_precision("high"),
            E.get_float32_matmul_precision(),
            E.set_float32_matmul_precision("highest"),
        ),
        lambda E: E.set_num_threads(0),
        lambda E: E.set_num_threads("a"),
        lambda E: (E.set_warn_always(True), E.is_warn_always_enabled(), E.set_warn_always(False)),
        lambda E: E.set_warn_always(1),
        lambda E: (E.e, E.pi, E.inf, E.nan, E.newaxis),
        lambda E: (E.device("cuda:1").index, E.device("mps"), E.device("cpu") == E.device("cpu:0")),
        lambda E: E.device("foo"),
        lambda E: E.device("cuda:x"),
        lambda E: E.device(""),
        lambda E: E.device("cuda", -1),
        lambda E: (
            E.compile(lambda t: t + 1)(E.ones(1)),
            E.compile(dynamic=True)(lambda t: t + 1)(E.ones(1)),
        ),
        lambda E: E.cond(E.tensor(False), lambda t: t + 1, lambda t: t - 1, (E.ones(1),)),
        lambda E: (E.backends.mps.is_available(), E.backends.cudnn.enabled, E.accelerator.is_available()),
        lambda E: (
            E.Size([1, 2]) + (3,),  # noqa: RUF005  (the sum of sizes is what is tested)
            (3,) + E.Size([1]),  # noqa: RUF005
            E.Size([2, 3]).numel(),
            E.Size([2, 3])[1:],
            E.Size(),
        ),
        lambda E: E.Size([1.5]),
        lambda E: E.Size([1]) + [2],  # noqa: RUF005
        lambda E: (
            E.finfo(E.float16),
            E.finfo(E.bfloat16),
            E.finfo(E.float64),
            E.iinfo(E.int8),
            E.iinfo(E.int64),
        ),
        lambda E: E.finfo(E.int8),
        lambda E: E.iinfo(E.bool),
        lambda E: (E.channels_last, E.strided, E.sparse_coo, E.legacy_contiguous_format),
    ],
)
def test_settings_and_constants(ask: Any) -> None:
    alike(ask)


@pytest.mark.parametrize(
    "make",
    [
        lambda E: E.empty_strided((2, 3), (1, 2)).stride(),
        lambda E: E.empty_strided((2, 3), (1,)),
        lambda E: E.empty_strided((-1,), (1,)),
        lambda E: E.empty_permuted((2, 3, 4), (0, 2, 1)).stride(),
        lambda E: E.empty_permuted((2, 3), (0, 0)),
        lambda E: E.ones(1).new_empty_strided((2, 2), (1, 2)).stride(),
        lambda E: E.zeros(size=(2, 3)),
        lambda E: E.zeros(2, foo=1),
        lambda E: E.ones(1.5),
        lambda E: E.zeros("a"),
        lambda E: E.ones(3, out=E.zeros(3, dtype=E.int64)),
        lambda E: E.ones(2, 3, 4, 5).contiguous(memory_format=E.channels_last).stride(),
        lambda E: E.ones(1, 2, 3, 4, 5).contiguous(memory_format=E.channels_last_3d).stride(),
        lambda E: E.ones(2, 3).contiguous(memory_format=E.channels_last),
        lambda E: (
            E.ones(2, 3, 4, 5).to(memory_format=E.channels_last).is_contiguous(memory_format=E.channels_last)
        ),
        lambda E: E.empty(2, 3, 4, 5, memory_format=E.channels_last).stride(),
        lambda E: E.empty_like(E.ones(2, 3, 4, 5).to(memory_format=E.channels_last)).stride(),
        lambda E: (E.ones(3, 4).t().clone().stride(), E.zeros_like(E.ones(3, 4).t()).stride()),
        lambda E: E.ones(3, 4).t().clone(memory_format=E.contiguous_format).stride(),
        lambda E: E.ones(4, 3).expand(2, 4, 3).clone().stride(),
        lambda E: E.ones(2).contiguous(memory_format="a"),
    ],
)
def test_making_tensors_with_a_layout(make: Any) -> None:
    alike(make)


def test_memory_formats_keep_the_graph() -> None:
    a = np.arange(24.0).reshape(1, 2, 3, 4)
    compare(lambda E, t: t.contiguous(memory_format=E.channels_last) ** 2, a)
    compare(lambda E, t: t.to(memory_format=E.channels_last) * 2, a)


def test_every_public_method_of_torch_is_there() -> None:
    theirs = {n for n in dir(torch.Tensor) if not n.startswith("_")}
    # Sparse, other devices, and names that PyTorch itself only keeps to say they are gone.
    absent = {
        "index",
        "ipu",
        "module_load",
        "mtia",
        "record_stream",
        "reinforce",
        "resize",
        "resize_as",
        "resize_as_sparse_",
        "slice_inverse",
        "smm",
        "sspaddmm",
        "to_padded_tensor",
        "xpu",
        "chalf",
    }
    missing = theirs - set(dir(glasstorch.Tensor)) - absent
    assert not missing


@pytest.mark.parametrize(
    "call",
    [
        lambda E: (
            E.flip(x(E), dims=(0, 1)),
            x(E).flip(dims=[0]),
            x(E).permute(dims=(1, 0)),
            x(E).tile(dims=(2, 1)),
        ),
        lambda E: (x(E).expand(size=(2, 2, 3)), x(E).repeat(repeats=(2, 1)), x(E).view(size=(3, 2))),
        lambda E: (x(E).view(dtype=E.int32), x(E).reshape(shape=(3, 2)), x(E).sum_to_size(size=(1, 3))),
        lambda E: (
            x(E).new_zeros(size=(2,)),
            x(E).new_full(size=(2,), fill_value=3),
            x(E).resize_(size=(2,)),
        ),
        lambda E: (x(E).sum(axis=0, keepdims=True), x(E).amax(axis=1), x(E).std(axis=0), x(E).cumsum(axis=0)),
        lambda E: (
            x(E).unsqueeze(axis=0),
            x(E).sort(axis=0)[1],
            E.cat([x(E), x(E)], axis=1),
            x(E).softmax(axis=1),
        ),
        lambda E: (
            E.swapaxes(x(E), axis0=0, axis1=1),
            x(E).split(split_size=1),
            E.take_along_dim(x(E), E.tensor([[-1]]), 1),
        ),
        lambda E: (
            E.tensor(True).sum_to_size(()),
            E.tensor([True, False]).masked_fill(E.tensor([False, True]), 10),
        ),
        lambda E: x(E).flip(foo=1),
        lambda E: x(E).expand(2, 3, size=(2, 3)),
    ],
)
def test_arguments_by_their_names(call: Any) -> None:
    alike(call, words=False)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int32", "int8", "bool"])
def test_hash_tensor(dtype: str) -> None:
    alike(lambda E: x(E).to(getattr(E, dtype)).hash_tensor())
    alike(
        lambda E: (
            E.hash_tensor(-x(E).int().to(getattr(E, dtype)), dim=1, keepdim=True) if dtype != "bool" else 0
        )
    )
    alike(lambda E: E.hash_tensor(E.tensor(1.5).to(getattr(E, dtype))))
    alike(lambda E: E.hash_tensor(x(E), mode=1))
    alike(lambda E: E.hash_tensor(x(E) * 1j))
