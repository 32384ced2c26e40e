"""Decompositions of matrices and what is made of them, where the results do not depend on choices of signs."""

from table import *

family("linearAlgebra")


def square(n, *batch, dtype=f64, seed=0):
    """Matrices that are far from singular."""
    return tensor((*batch, n, n), dtype, -2, 2, seed) + 3 * torch.eye(n, dtype=dtype)


def positive(n, *batch, dtype=f64, seed=0):
    x = tensor((*batch, n, n), dtype, -1, 1, seed)
    return x @ x.mT + torch.eye(n, dtype=dtype)


def symmetric(n, *batch, dtype=f64, seed=0):
    x = tensor((*batch, n, n), dtype, -2, 2, seed)
    return x + x.mT


def rectangle(*shape, dtype=f64, seed=0):
    return tensor(shape, dtype, -2, 2, seed)


def lay(x):
    """The same matrices in other places."""
    gaps = torch.zeros(2 * x.numel(), dtype=x.dtype)[1::2].view(x.shape).copy_(x)
    return [x.mT, x.mT.contiguous().mT, gaps, x.flip(-1), x[..., 1:, 1:]]


def squares(make=square):
    """Calls with square matrices: sizes from 0 on, batches, layouts, and what is none."""
    calls = [make(n, dtype=d) for n in (1, 2, 3, 4, 9) for d in FLOATS] + lay(make(4)) + lay(make(3, 2))[:4]
    calls += [make(3, 2), make(3, 2, 2), make(2, 0), make(0), make(0, 3), make(20), make(2, 5, dtype=f32)]
    calls += [make(3).expand(2, 3, 3)]
    return calls


WRONG = [rectangle(2, 3), rectangle(3), tensor((2, 2), i64), torch.tensor(1.5), tensor((2, 2), torch.float16)]
SINGULAR = [
    torch.zeros(2, 2, dtype=f64),
    torch.ones(3, 3, dtype=f64),
    torch.stack([torch.eye(2, dtype=f64), torch.ones(2, 2, dtype=f64)]),
]
LINALG = {"space": "linalg", "vary": False}
TORCH = {"vary": False}

define("inv det slogdet", each(squares() + SINGULAR + WRONG), **LINALG)
define("inverse det slogdet logdet", each(squares() + SINGULAR + WRONG), **TORCH)
define("logdet", each(squares(positive)), **TORCH)
define("inv_ex", each(squares() + WRONG) + each(SINGULAR[:1], check_errors=True), **LINALG)
systems = [
    (square(3), rectangle(3, 2)),
    (square(3), rectangle(3)),
    (square(3, 2), rectangle(2, 3)),
    (square(3, 2), rectangle(2, 3, 4)),
    (square(3, 2), rectangle(3, 4)),
    (square(3), rectangle(2, 3, 4)),
    (square(3, 2, 1), rectangle(4, 3, 2)),
    (square(3, dtype=f32), rectangle(3, 2, dtype=f32)),
    (square(3).mT, rectangle(2, 3).mT),
    (square(0), rectangle(0, 2)),
    (square(3), rectangle(3, 0)),
    (square(2, 0), rectangle(0, 2, 3)),
    (square(20), rectangle(20, 3)),
    (square(3, 2), rectangle(3)),
]
wrong_systems = [
    (square(3), rectangle(4, 2)),
    (square(3), rectangle(4)),
    (square(3), rectangle(3, 2, dtype=f32)),
    (rectangle(3, 2), rectangle(3, 2)),
    (square(3, 2), rectangle(3, 3, 2)),
    (square(3), torch.tensor(1.0, dtype=f64)),
    (tensor((2, 2), i64), tensor((2, 1), i64)),
    (torch.zeros(2, 2, dtype=f64), rectangle(2, 1)),
]
left = [(square(3), rectangle(2, 3)), (square(3, 2), rectangle(2, 4, 3)), (square(3), rectangle(4, 2, 3))]
left += [(square(3), rectangle(3)), (square(3), rectangle(3, 2))]
define("solve", [call(*s) for s in systems + wrong_systems] + [call(*s, left=False) for s in left], **LINALG)
define("solve_ex", [call(*s) for s in systems[:7] + wrong_systems[:7]], **LINALG)

factors = squares()[:-2] + [rectangle(3, 5), rectangle(5, 3), rectangle(2, 3, 4), rectangle(2, 4, 3), rectangle(0, 3)]
factors += [rectangle(3, 0), rectangle(12, 20), rectangle(20, 12), rectangle(3, 5).mT]
define("lu lu_factor lu_factor_ex", each(factors + SINGULAR[:1] + WRONG) + [call(square(2), pivot=False)], **LINALG)
define("lu", each(factors[:8] + factors[-6:] + SINGULAR) + each(factors[:4] + SINGULAR, get_infos=True) + [call(square(2), pivot=False), call(rectangle(3))], forms="function method", **TORCH)
define("lu_factor_ex", [call(SINGULAR[0], check_errors=True), call(SINGULAR[1])], **LINALG)
factored = [(*torch.linalg.lu_factor(a), b) for a, b in systems[:1] + systems[2:2] + systems[3:13] if b.dim() > 1 and a.dim() == b.dim()]
define(
    "lu_solve",
    [call(*f) for f in factored]
    + [call(*f, adjoint=True) for f in factored]
    + [call(f[0], f[1], rectangle(*f[2].shape[:-2], 2, f[2].shape[-2]), left=False, adjoint=a) for f in factored[:3] for a in (False, True)]
    + [
        call(square(3), torch.tensor([1, 2, 3], dtype=torch.int32), rectangle(2, 3, 2)),
        call(square(3), torch.tensor([1, 2, 3]), rectangle(3, 2)),
        call(square(3), torch.tensor([1, 2], dtype=torch.int32), rectangle(3, 2)),
        call(square(3), torch.tensor([1, 2, 3], dtype=torch.int32), rectangle(2, 2)),
        call(square(3), torch.tensor([0, 2, 3], dtype=torch.int32), rectangle(3, 2)),
        call(square(3), torch.tensor([1, 2, 4], dtype=torch.int32), rectangle(3, 2)),
    ],
    **LINALG,
)
define("lu_solve", [call(f[2], f[0], f[1]) for f in factored], **TORCH)
define(
    "lu_unpack",
    [call(*torch.linalg.lu_factor(a)) for a in factors if 0 not in a.shape]
    + [
        call(*torch.linalg.lu_factor(square(3)), unpack_data=False),
        call(*torch.linalg.lu_factor(square(3)), unpack_pivots=False),
        call(square(3), torch.tensor([1, 2, 3])),
        call(square(3), torch.tensor([1, 2, 5], dtype=torch.int32)),
    ],
    **TORCH,
)
options = [
    {"upper": u, "left": l, "unitriangular": t} for u in (True, False) for l in (True, False) for t in (True, False)
]
define(
    "solve_triangular",
    [call(square(3), rectangle(3, 2) if o["left"] else rectangle(2, 3), **o) for o in options]
    + [call(*s, upper=u) for s in systems if s[1].dim() > 1 and s[0].dim() == s[1].dim() for u in (True, False)]
    + [call(*s, upper=True) for s in (systems[4], systems[5], systems[6], *wrong_systems[:2], *wrong_systems[3:6])]
    + [call(torch.zeros(2, 2, dtype=f64), rectangle(2, 1), upper=True)],
    **LINALG,
)
define(
    "triangular_solve",
    [
        call(rectangle(3, 2), square(3), upper=u, transpose=l, unitriangular=t)
        for u in (True, False)
        for l in (True, False)
        for t in (True, False)
    ]
    + [call(b, a) for a, b in systems if b.dim() > 1 and a.dim() > 1]
    + [call(b, a) for a, b in wrong_systems[:6]],
    **TORCH,
)
indefinite = [-torch.eye(3, dtype=f64), torch.stack([torch.eye(2, dtype=f64), -torch.eye(2, dtype=f64)])]
define(
    "cholesky",
    each(squares(positive) + indefinite + WRONG) + each(squares(positive)[:8], upper=True) + [call(square(3))],
    **LINALG,
)
define("cholesky", each(squares(positive)[:12] + indefinite + WRONG) + each(squares(positive)[:8], upper=True), **TORCH)
define("cholesky_ex", each(squares(positive) + WRONG) + each(squares(positive)[:4], upper=True), **LINALG)
define("cholesky_ex", [call(indefinite[0], check_errors=True)] + each(indefinite), grad=False, **LINALG)
define(
    "cholesky_solve",
    [call(b, a, upper=u) for a, b in systems if b.dim() > 1 for u in (True, False)] + [call(b, a) for a, b in wrong_systems],
    **TORCH,
)
define("cholesky_inverse", each(squares()[:20] + WRONG) + each(squares()[:6], upper=True), **TORCH)
define("ldl_factor ldl_factor_ex", each(squares(symmetric)[:-1] + WRONG), grad=False, **LINALG)
solvable = [(symmetric(n, *batch, dtype=d), rectangle(*batch, n, 2, dtype=d)) for n in (1, 2, 3, 6, 9) for d in FLOATS for batch in ((), (2,))]
define(
    "ldl_solve",
    [call(*torch.linalg.ldl_factor(a), b) for a, b in solvable]
    + [
        call(symmetric(3), torch.tensor([1, 2, 3, 4], dtype=torch.int32), rectangle(3, 1)),
        call(symmetric(3), torch.tensor([1.0, 2, 3]), rectangle(3, 1)),
        call(symmetric(3), torch.tensor([1, 2, 3], dtype=torch.int32), rectangle(4, 1)),
    ],
    **LINALG,
)

rectangles = [rectangle(*s, dtype=d) for s in ((3, 3), (5, 3), (3, 5)) for d in FLOATS] + [
    rectangle(2, 4, 3),
    rectangle(2, 3, 4),
    rectangle(2, 3, 3),
    rectangle(1, 1),
    rectangle(4, 1),
    rectangle(1, 4),
    rectangle(20, 12),
    rectangle(12, 20),
    rectangle(5, 3).mT,
    rectangle(5, 6)[:, ::2],
]
doubles = [x for x in rectangles if x.dtype == f64]
without = [rectangle(0, 3), rectangle(3, 0), rectangle(0, 0), rectangle(2, 0, 3), rectangle(0, 3, 2)]
NOT_MATRICES = [rectangle(3), tensor((2, 2), i64), torch.tensor(1.5), tensor((2, 2), torch.float16)]
define("qr", each(rectangles + without + NOT_MATRICES) + each(rectangles[:8] + without, mode="complete"), **LINALG)
define("qr", each(rectangles[:6] + without, mode="r"), grad=False, **LINALG)
define("qr", each(rectangles[:8] + NOT_MATRICES) + each(rectangles[:6], some=False), **TORCH)
define("geqrf", each(rectangles + without + NOT_MATRICES), grad=False, **TORCH)
reflections = [torch.geqrf(x) for x in rectangles[:8] if x.shape[-2] >= x.shape[-1]]
define("householder_product", [call(*r) for r in reflections] + [call(rectangle(2, 3), rectangle(2))], **LINALG)
define(
    "householder_product",
    [call(rectangle(3, 2), rectangle(3)), call(rectangle(4, 3), rectangle(2)), call(rectangle(3, 2), rectangle(2, 2))],
    **LINALG,
)
define("orgqr", [call(*r) for r in reflections], **TORCH)
define(
    "ormqr",
    [call(a, tau, rectangle(*a.shape[:-1], 2, dtype=a.dtype), transpose=t) for a, tau in reflections for t in (False, True)]
    + [
        call(a, tau, rectangle(*a.shape[:-2], 2, a.shape[-2], dtype=a.dtype), left=False, transpose=t)
        for a, tau in reflections
        for t in (False, True)
    ]
    + [call(*torch.geqrf(rectangle(3, 5)), rectangle(3, 2))]
    + [call(rectangle(3, 2), rectangle(2), rectangle(4, 2)), call(rectangle(3, 2), rectangle(3), rectangle(3, 2))],
    grad=False,
    **TORCH,
)
define("svdvals", each(rectangles + without + NOT_MATRICES), **LINALG)
define("svd", each(rectangles[:4] + without[:1], compute_uv=False), grad=False, **TORCH)
define("eigvalsh", each(squares(symmetric) + WRONG) + each(squares(symmetric)[:6], UPLO="U"), **LINALG)
define("eigvalsh", each([square(3), square(3, 2)]), grad=False, **LINALG)
define("matrix_rank", each(rectangles + without + NOT_MATRICES[:1] + SINGULAR), **LINALG)
define(
    "matrix_rank",
    [call(rectangle(4, 3), atol=1.0), call(rectangle(4, 3), rtol=0.5), call(rectangle(4, 3), atol=0.5, rtol=0.9)]
    + [call(rectangle(2, 4, 3), atol=tensor((2,), f64, 0, 3)), call(symmetric(3), hermitian=True)]
    + [call(symmetric(3), atol=1.0, hermitian=True), call(rectangle(3, 3, dtype=torch.float32), rtol=0.3)],
    **LINALG,
)
define("pinv", each(doubles + without + NOT_MATRICES[:2] + SINGULAR), **LINALG)
define(
    "pinv",
    [call(rectangle(4, 3), atol=1.0), call(rectangle(4, 3), rtol=0.5), call(symmetric(4), hermitian=True)]
    + [call(rectangle(2, 4, 3), rtol=tensor((2,), f64, 0, 1)), call(rectangle(3, 4), atol=0.5, rtol=0.1)],
    grad=False,
    **LINALG,
)
define("pinverse", each(doubles), **TORCH)
define("pinverse", [call(rectangle(4, 3), 0.5), call(rectangle(4, 3, dtype=f32))], grad=False, **TORCH)
define("cond", each(doubles + without[:3] + NOT_MATRICES[:1] + SINGULAR[:1]), **LINALG)
orders = (1, -1, 2, -2, inf, -inf, "fro", "nuc")
define("cond", [call(square(n, *b), p) for p in orders for n, b in ((3, ()), (4, (2,)))], **LINALG)
define("cond", [call(torch.zeros(2, 2, dtype=f64), p) for p in orders], grad=False, **LINALG)
define("cond", [call(rectangle(3, 4), 1), call(square(3), 3), call(rectangle(3, 4), 2), call(rectangle(3, 4), -2)], **LINALG)
define(
    "matrix_norm",
    [call(x, p) for p in (2, -2, "nuc") for x in (rectangle(3, 4), rectangle(2, 3, 4), square(3), rectangle(3, 4, dtype=f32))]
    + [call(rectangle(2, 3, 4), p, [0, 2], keepdim=k) for p in (2, -2, "nuc") for k in (True, False)]
    + [call(rectangle(3, 2, 4), p, [2, 0], keepdim=True) for p in (2, "nuc")]
    + [call(rectangle(3, 4, dtype=f32), 2, dtype=f64), call(rectangle(3), 2)],
    **LINALG,
)
define("norm", [call(rectangle(3, 4), p) for p in (2, -2, "nuc")] + [call(rectangle(2, 3, 4), "nuc", [0, 1])], **LINALG)
least = [
    (rectangle(5, 3), rectangle(5, 2)),
    (rectangle(3, 5), rectangle(3, 2)),
    (square(3), rectangle(3, 2)),
    (rectangle(2, 5, 3), rectangle(2, 5, 2)),
    (rectangle(5, 3, dtype=f32), rectangle(5, 2, dtype=f32)),
    (rectangle(20, 12), rectangle(20, 3)),
]
vectors = [(rectangle(5, 3), rectangle(5)), (rectangle(2, 5, 3), rectangle(2, 5))]
define("lstsq", [call(*s) for s in least] + [call(*s, driver=d) for d in ("gels", "gelsd", "gelss") for s in least], **LINALG)
define(
    "lstsq",
    [call(*s, driver=d) for d in ("gels", "gelsy", "gelsd", "gelss") for s in vectors]
    + [
        call(torch.ones(4, 3, dtype=f64), rectangle(4, 2), driver="gelsd"),
        call(torch.ones(4, 3, dtype=f64), rectangle(4, 2)),
        call(rectangle(4, 3), rectangle(4, 2), 0.5, driver="gelsd"),
        call(rectangle(3, 2), rectangle(2, 1)),
        call(rectangle(3, 2), rectangle(3, 1, dtype=f32)),
        call(rectangle(3), rectangle(3)),
    ],
    grad=False,
    **LINALG,
)

powers = [square(3), square(3, 2), square(3, dtype=f32), square(0), square(2, 0), rectangle(3, 3).mT]
define("matrix_power", [call(x, n) for x in powers for n in (0, 1, 2, 3, 5, -1, -2)] + [call(WRONG[0], 2)], **LINALG)
define("matrix_power", [call(tensor((2, 2), i64), n) for n in (3, 0)], forms="function", **LINALG)
define("matrix_power", [call(square(3), n) for n in (0, 3, -2)] + [call(rectangle(2, 3), 2)], **TORCH)
scaled = [square(3) * x for x in (0.0, 1e-3, 0.1, 0.5, 2.0, 5.0)]
small = [x for x in squares() if x.dtype == f64 or x.shape[-1] < 9][:18]
define("matrix_exp", each(small + scaled + [torch.stack(scaled)] + WRONG), **LINALG)
define("matrix_exp", each([square(3), square(2, 3), rectangle(2, 3), tensor((2, 2), i64)]), **TORCH)
define(
    "tensorinv",
    [call(square(4).reshape(2, 2, 4), 2), call(square(4).reshape(4, 2, 2), 1), call(square(6).reshape(2, 3, 6))]
    + [call(rectangle(2, 3), 0), call(rectangle(2, 3), 1)],
    **LINALG,
)
define(
    "tensorsolve",
    [call(square(4).reshape(2, 2, 4), rectangle(2, 2)), call(square(6).reshape(2, 3, 6), rectangle(2, 3))]
    + [call(square(6).reshape(2, 6, 3), rectangle(2, 3), [1]), call(rectangle(2, 3, 6), rectangle(2, 2))],
    **LINALG,
)
define("symeig", each(squares(symmetric)) + each(squares(symmetric)[:6], upper=False), grad=False, forms="function method", **TORCH)

# Words, dims and dtypes at the edges of what is accepted.
define("eigvalsh", each([symmetric(3)], UPLO="u") + each([symmetric(3)], UPLO="l") + [call(symmetric(3), UPLO="lower")], **LINALG)
empty = [torch.zeros(s, dtype=f64) for s in ((0, 0), (0, 3), (3, 0), (2, 0, 0), (0, 3, 2), (2, 0, 3))]
define("cond", [call(x, p) for x in empty for p in (1, -2, inf, "fro", "nuc")] + [call(square(3), p) for p in (0, 0.5, "other")], **LINALG)
define("matrix_norm", [call(x, p) for x in empty for p in ("fro", "nuc", 1, -1, 2, -2, inf)], **LINALG)
kinds = [f32, f64, torch.complex64, torch.complex128]
computed = [call(rectangle(2, 3, dtype=a), dtype=b) for a in kinds for b in [*kinds, i64] if a != b]
define("vector_norm norm", computed, **LINALG)
define("matrix_norm", [call(rectangle(2, 3, dtype=a), p, dtype=b) for a in kinds for b in [*kinds, i64] if a != b for p in ("fro", 1, 2)], **LINALG)
define(
    "norm",
    [call(rectangle(2, 3, 4), p, d) for p in (None, 2, "fro", -1) for d in (0, [1], [0, 2], [-1, 0], [0, 0], [0, 1, 2], [], [3])]
    + [call(x, p) for x in (rectangle(2, 3, 4), rectangle(3), torch.tensor(1.5)) for p in (None, 2, "nuc")],
    **LINALG,
)
define(
    "lstsq",
    [call(rectangle(2, 5, 3), rectangle(*s)) for s in ((5,), (5, 1), (2, 5), (1, 5, 2), (3, 5, 2), (4, 2, 5, 2))]
    + [call(rectangle(1, 2, 5, 3), rectangle(4, 1, 5, 2)), call(rectangle(5, 3), rectangle(2, 5, 1)), call(rectangle(0, 5, 3), rectangle(5, 2))]
    + [call(rectangle(1, 2, 5, 3), rectangle(4, 1, 5, 2), driver=d) for d in ("gels", "gelsd", "gelss")],
    **LINALG,
)
define("cross", [call(torch.tensor(1.0), torch.tensor(2.0)), call(rectangle(2, 2), rectangle(2, 2))] + [call(rectangle(3), rectangle(3)), call(rectangle(0, 3), rectangle(0, 3))], **LINALG)

# What the calls above have in float64 only.
single = square(3, dtype=f32)
define("cond pinv matrix_exp", each([single, square(3, 2, dtype=f32)]), **LINALG)
define("cond", [call(single, p) for p in orders], **LINALG)
define("pinverse matrix_exp", each([single]), **TORCH)
define("solve_ex", [call(single, rectangle(3, 2, dtype=f32))], **LINALG)
define("tensorinv", [call(square(4, dtype=f32).reshape(2, 2, 4))], **LINALG)
define("tensorsolve", [call(square(4, dtype=f32).reshape(2, 2, 4), rectangle(2, 2, dtype=f32))], **LINALG)
whole = [call(tensor((2, 3, 3), d), n) for d in INTS for n in (0, 1, 3, 4)] + [call(tensor((2, 2), torch.bool), 1), call(tensor((2, 2), i64), -1)]
define("matrix_power", whole, forms="function", **LINALG)
define("matrix_power", whole[:8] + [call(single, n) for n in (3, -2)], forms="function", **TORCH)
