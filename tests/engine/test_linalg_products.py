"""Products against PyTorch: shapes, types, gradients, names of nodes, einsum, refusals."""

from __future__ import annotations

import pytest
from support.differential import compare, raises_alike
from support.matrices import KINDS, environment, random, same

PAIRS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)),
         ((4, 2, 3), (4, 3, 2)), ((4, 2, 3), (1, 3, 2)), ((5, 1, 2, 3), (4, 3, 2)), ((4, 2, 3), (3,)),
         ((3,), (4, 3, 2)), ((0, 2, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3, 0), (2, 0, 2))]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_matmul(pair: tuple) -> None:
    for kind in KINDS:
        compare(lambda E, x, y: x @ y, *(random(kind, *s) for s in pair))


@pytest.mark.parametrize("pair", PAIRS)
def test_matmul_names_its_node_as_pytorch_does(pair: tuple) -> None:
    a, b = (random("real", *s) for s in pair)
    compare(lambda E, x, y: [(x @ y).grad_fn.name(), (x @ y.detach()).grad_fn.name()], a, b)
    compare(lambda E, x, y: (x.detach() @ y).grad_fn.name(), a, b)
    compare(lambda E, x: [E.vdot(x, x).grad_fn.name(), E.kron(x, x).grad_fn.name()], random("real", 3))


FUSED = {
    "addmm": ((2, 3), (2, 4), (4, 3)), "addmv": ((2,), (2, 3), (3,)), "addr": ((2, 3), (2,), (3,)),
    "baddbmm": ((4, 2, 3), (4, 2, 5), (4, 5, 3)), "addbmm": ((2, 3), (4, 2, 5), (4, 5, 3)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FUSED)
def test_products_added_to_something(kind: str, name: str) -> None:
    own, one, two = FUSED[name]
    for start in (own, own[-1:], ()):
        for factors in ({}, {"beta": 2, "alpha": 0.5}, {"beta": 0}, {"alpha": 0}):
            compare(lambda E, x, y, z, k=factors: getattr(E, name)(x, y, z, **k), random(kind, *start),
                    random(kind, *one), random(kind, *two))  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_other_products(kind: str) -> None:
    compare(
        lambda E, x, y: (E.outer(x, y), E.vdot(x, x), E.inner(x, x), E.kron(x, y)),
        random(kind, 3),
        random(kind, 2),
    )
    compare(lambda E, x, y: (E.tensordot(x, y, 2), E.tensordot(x, y, ([0], [2])), E.inner(x, x)),
            random(kind, 2, 3, 4), random(kind, 3, 4, 2))  # fmt: skip
    compare(lambda E, x, y: (E.kron(x, y), E.kron(y, x)), random(kind, 2, 3), random(kind, 2, 1, 2))
    compare(lambda E, x, y: (E.linalg.cross(x, y), x.cross(y, 1)), random(kind, 4, 3), random(kind, 1, 3))
    compare(lambda E, a, b, c: (E.linalg.multi_dot([a, b, c]), E.linalg.multi_dot([a[0], b, c[:, 0]])),
            random(kind, 2, 3), random(kind, 3, 4), random(kind, 4, 5))  # fmt: skip
    compare(
        lambda E, x, y: (E.linalg.vecdot(x, y), E.linalg.vecdot(x, y, dim=0)),
        random(kind, 2, 3),
        random(kind, 1, 3),
    )
    compare(
        lambda E, x: (E.linalg.vander(x), E.linalg.vander(x, N=4), E.block_diag(x, x[0]), x.trace()),
        random(kind, 2, 3),
    )
    compare(lambda E, x, w, b: (E.nn.functional.linear(x, w, b), E.nn.functional.linear(x[0, 0], w), x @ w[0]),
            random(kind, 4, 2, 3), random(kind, 5, 3), random(kind, 5))  # fmt: skip
    if kind == "real":
        compare(lambda E, x, y, w, b: E.nn.functional.bilinear(x, y, w, b), random(kind, 4, 2), random(kind, 4, 3),
                random(kind, 5, 2, 3), random(kind, 5))  # fmt: skip


TYPES = ["int64", "int32", "uint8", "float16", "float64", "complex64", "bool", "bfloat16"]
TYPED = ["E.mm(x, x)", "E.spmm(x, x)", "E.dsmm(x, x)", "E.mv(x, v)", "E.dot(v, v)", "E.bmm(x[None], x[None])",
         "E.matmul(b3, b3.mT)", "E.addmm(x, x, x)", "E.addmv(v, x, v, beta=2, alpha=3)", "E.addr(x, v, v)",
         "E.baddbmm(x, x[None], x[None], beta=2)",
         "E.addbmm(x, x[None], x[None], alpha=3)", "E.inner(x, x)", "E.kron(x, x)", "E.trace(x)",
         "E.einsum('ij,jk', x, x)", "F.linear(x, x, v)", "E.tensordot(x, x, 1)"]  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("text", TYPED)
def test_types(text: str, name: str) -> None:
    same(f"(lambda x, v, b3: {text})(x.abs().to(E.{name}), v.to(E.{name}), b3.to(E.{name}))")


def test_every_operand_must_be_a_tensor() -> None:
    for name in ("outer", "vdot", "inner", "kron", "cross", "cdist", "mm", "mv", "dot", "bmm", "matmul"):
        same(f"E.{name}(2, x)")
        same(f"E.{name}(x, None)")
    for name in ("addr", "addbmm"):
        same(f"E.{name}(x, x, 2)")
    for text in ("E.addmm(x, x, x, foo=1)", "L.solve(x, 2)", "L.solve_triangular(x, 2, upper=True)", "E.ormqr(x, 2, x)",
                 "E.cholesky_inverse(2)", "E.lu_solve(x, x, None)", "L.vecdot(x, 2)", "L.cross(x, 2)"):  # fmt: skip
        raises_alike(lambda E, t=text: eval(t, environment(E)))


TEXTS = [
    text.replace("other", f"x.to(E.{name})")
    for name in ("float64", "int64")
    for text in ("E.mm(x, other)", "E.matmul(x, other[0])", "E.bmm(x[None], other[None])", "E.addmm(other, x, x)",
                 "E.addmm(x, other, x)", "E.inner(x, other)", "E.dot(v, other[0])", "E.tensordot(x, other, 1)",
                 "E.einsum('ij,jk', x, other)", "F.linear(x, x, other[0])", "L.multi_dot([x, other])")
] + """
E.mm(x, A)
E.mm(x, v)
E.mv(x, ones(3))
E.mv(v, v)
E.dot(v, ones(3))
E.dot(x, x)
E.bmm(x, x)
E.bmm(b3, b3)
E.matmul(x, tensor(1.0))
E.matmul(b3, ones(3))
E.matmul(ones(2), b3)
E.matmul(b3, ones(2, 3, 2))
E.matmul(b3, ones(3, 4, 2))
E.matmul(x, 2)
E.addmm(ones(3), x, x)
E.addmm(x, x, v)
E.addmm(x, x, A)
E.addmm(x * nan, x, x, beta=0)
E.addmv(v, x, ones(3))
E.addmv(ones(3), x, v)
E.addr(x, v, x)
E.addr(x.long(), v.long(), v.long(), beta=1.5)
E.baddbmm(x, b3, b3)
E.baddbmm(ones(4), b3, b3.mT)
E.addbmm(ones(3, 3), b3[:0], b3.mT[:0], beta=2)
E.tensordot(b3, b3, dims=([0], [1]))
E.tensordot(b3, b3, dims=-1)
E.tensordot(b3, b3, dims=4)
E.tensordot(b3, b3, dims=([0, 1], [0]))
E.tensordot(b3, b3, dims=tensor([[0, 1], [0, 1]]))
E.inner(x, ones(3))
E.inner(tensor(2.0), x)
E.trace(v)
E.trace(ones(0, 3))
E.outer(x, v)
E.cdist(x, A, p=-1)
E.cdist(v, x)
E.cdist(x, x.double())
E.cdist(x.long(), x.long())
E.cdist(x.half(), x.half())
E.cdist(x, ones(0, 2))
E.block_diag()
E.block_diag(b3)
E.block_diag(x, 1)
F.linear(x, A, ones(2))
F.linear(tensor(1.0), A)
F.linear(x, ones(2, 2, 2))
F.bilinear(x, ones(3, 3), ones(3, 2, 3))
F.bilinear(x, x, ones(3, 3, 2))
L.cross(ones(2, 3), ones(3, 2))
L.cross(ones(3), ones(2, 3))
L.cross(ones(4, 3), ones(2, 3))
L.cross(ones(2, 3), ones(2, 3).double())
L.multi_dot([x])
L.multi_dot([x, x, A])
L.multi_dot([x, x[None], x])
L.multi_dot([x[None], x])
L.vander(v, N=1)
L.vander(v.bool())
L.vander(tensor([1, 2, 3]))
L.vecdot(x, x.double())
L.vecdot(x.long(), x.long())
E.chain_matmul()
""".strip().split("\n")  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("text", TEXTS)
def test_edges_and_refusals(text: str) -> None:
    same(text)


EQUATIONS = ["ij,jk->ik", "ij,ij->", "ij,ij->ij", "ii", "ii->i", "ij->ji", "ij->i", "ij,jk,kl->il", "i...,...->i",
             "Aa,aA->A", "...ij,...jk->...ik", "...i,...i", "ij,kj->ik", "ij,kl->ijkl", "ba", "i j , j k -> i k",
             "ij,jk",
             "...", "...->", "ij,ji->j"]  # fmt: skip


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum(equation: str) -> None:
    operands = [random("real", 2, 2, seed=k) for k in range(equation.count(",") + 1)]
    compare(lambda E, *x: E.einsum(equation, *x), *operands)


EINSUM_TEXTS = """
E.einsum('ij,jk->ik', x)
E.einsum('ij->ik', x)
E.einsum('ij->ii', x)
E.einsum('ii->i', A)
E.einsum('i.j->ij', x)
E.einsum('ij....->ij', x)
E.einsum('...i...->i', x)
E.einsum('1j->j', x)
E.einsum('ij->1', x)
E.einsum('ijk', x)
E.einsum('...ijk', x)
E.einsum('i', x)
E.einsum('ij-ik', x)
E.einsum('ij,jk->ik', x, ones(3, 3))
E.einsum('ij,jk->ik', x, ones(1, 3))
E.einsum('iij->j', b3)
E.einsum('bij,bkj->bik', b3, b3)
E.einsum('bn,anm,bm->ba', x, ones(3, 2, 2), x)
E.einsum('ij,jk->', ones(0, 3), ones(3, 2))
E.einsum('', tensor(1.0))
E.einsum(x, [0, 1], x, [1, 2], [0, 2])
E.einsum(b3, [..., 0], ones(4), [0], [...])
E.einsum(x, [0, 60])
E.einsum(x, [0, 1], [0, 5])
E.einsum(x)
E.einsum()
E.einsum(5, x)
E.einsum('ij', 5)
""".strip().split("\n")


@pytest.mark.parametrize("text", EINSUM_TEXTS)
def test_einsum_edges_and_refusals(text: str) -> None:
    same(text)
