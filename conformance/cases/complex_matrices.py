"""Decompositions of complex matrices and what is made of them, where the results do not depend on choices of phases."""

from cases import linear_algebra as real
from table import *

family("complexMatrices")

C64, C128 = torch.complex64, torch.complex128


def complex_of(make):
    """Makes matrices of two kinds of real ones, or the same in complex64."""

    def made(*sizes, dtype=C128, seed=0, **options):
        parts = [make(*sizes, seed=seed + i, **options) for i in range(2)]
        return torch.complex(*parts).to(dtype)

    return made


rectangle = complex_of(real.rectangle)


def square(n, *batch, dtype=C128, seed=0):
    return rectangle(*batch, n, n, dtype=dtype, seed=seed) + 3 * torch.eye(n, dtype=dtype)


def hermitian(n, *batch, dtype=C128, seed=0):
    x = rectangle(*batch, n, n, dtype=dtype, seed=seed)
    return x + x.mH


def symmetric(n, *batch, dtype=C128, seed=0):
    x = rectangle(*batch, n, n, dtype=dtype, seed=seed)
    return x + x.mT


def positive(n, *batch, dtype=C128, seed=0):
    x = rectangle(*batch, n, n, dtype=dtype, seed=seed) / 2
    return x @ x.mH + torch.eye(n, dtype=dtype)


def squares(make=square):
    """Calls with square matrices: sizes from 0 on, batches, layouts."""
    calls = [make(n, dtype=d) for n in (1, 2, 3, 4) for d in (C128, C64)] + real.lay(make(4)) + real.lay(make(3, 2))[:4]
    return calls + [make(3, 2, 2), make(2, 0), make(0), make(0, 3), make(9), make(20), make(3).expand(2, 3, 3)]


SINGULAR = [torch.zeros(2, 2, dtype=C128), torch.ones(3, 3, dtype=C128) * 1j]
LINALG = {"space": "linalg", "vary": False}
TORCH = {"vary": False}

define("inv det slogdet", each(squares()) + each(SINGULAR[:1]), **LINALG)
define("inverse det slogdet logdet", each(squares()[:12]), **TORCH)
define("inv_ex", each(squares()), **LINALG)
systems = [
    (square(3), rectangle(3, 2)),
    (square(3), rectangle(3)),
    (square(3, 2), rectangle(2, 3)),
    (square(3, 2), rectangle(2, 3, 4)),
    (square(3, 2), rectangle(3, 4)),
    (square(3, 2, 1), rectangle(4, 3, 2)),
    (square(3, dtype=C64), rectangle(3, 2, dtype=C64)),
    (square(3).mT, rectangle(2, 3).mT),
    (square(3).mH, rectangle(2, 3).mH),
    (square(0), rectangle(0, 2)),
    (square(20), rectangle(20, 3)),
    (square(3), rectangle(3, 2, dtype=C64)),
    (square(3), real.rectangle(3, 2)),
]
left = [(square(3), rectangle(2, 3)), (square(3, 2), rectangle(2, 4, 3)), (square(3), rectangle(4, 2, 3))]
define("solve", [call(*s) for s in systems] + [call(*s, left=False) for s in left] + [call(SINGULAR[0], rectangle(2, 1))], **LINALG)
define("solve_ex", [call(*s) for s in systems[:6]], **LINALG)
factors = squares() + [rectangle(3, 5), rectangle(5, 3), rectangle(2, 3, 4), rectangle(2, 4, 3), rectangle(0, 3), rectangle(12, 20)]
define("lu lu_factor lu_factor_ex", each(factors), **LINALG)
define("lu", each(factors[:8]) + each(factors[:4] + SINGULAR, get_infos=True), forms="function method", **TORCH)
factored = [(*torch.linalg.lu_factor(a), b) for a, b in systems[:9] if b.dim() > 1 and a.dim() == b.dim()]
define(
    "lu_solve",
    [call(*f, adjoint=a) for f in factored for a in (False, True)]
    + [call(f[0], f[1], rectangle(*f[2].shape[:-2], 2, f[2].shape[-2]), left=False, adjoint=a) for f in factored[:2] for a in (False, True)],
    **LINALG,
)
define("lu_solve", [call(f[2], f[0], f[1]) for f in factored], **TORCH)
define("lu_unpack", [call(*torch.linalg.lu_factor(a)) for a in factors[:6] + factors[-6:] if 0 not in a.shape], grad=False, **TORCH)
define(
    "solve_triangular",
    [call(square(3), rectangle(3, 2) if o["left"] else rectangle(2, 3), **o) for o in real.options]
    + [call(*s, upper=u) for s in systems[:11] if s[1].dim() > 1 and s[0].dim() == s[1].dim() for u in (True, False)],
    **LINALG,
)
define(
    "triangular_solve",
    [call(rectangle(3, 2), square(3), upper=u, transpose=l, unitriangular=t) for u in (True, False) for l in (True, False) for t in (True, False)],
    **TORCH,
)
define("cholesky", each(squares(positive) + [-torch.eye(2, dtype=C128)]) + each(squares(positive)[:8], upper=True), **LINALG)
define("cholesky", each(squares(positive)[:6]) + each(squares(positive)[:4], upper=True), **TORCH)
define("cholesky_ex", each(squares(positive)) + each(squares(positive)[:4], upper=True), **LINALG)
define("cholesky_solve", [call(b, a, upper=u) for a, b in systems[:9] if b.dim() > 1 for u in (True, False)], **TORCH)
factor_of = [torch.linalg.cholesky(x) for x in squares(positive)[:8] + [positive(3, 2), positive(9)]]
define("cholesky_inverse", each(factor_of) + each([x.mH for x in factor_of], upper=True), **TORCH)
define("ldl_factor ldl_factor_ex", each(squares(symmetric)) + each(squares(hermitian), hermitian=True), grad=False, **LINALG)
define(
    "ldl_solve",
    [
        call(*torch.linalg.ldl_factor(make(n, *batch, dtype=d), hermitian=h), rectangle(*batch, n, 2, dtype=d), hermitian=h)
        for make, h in ((symmetric, False), (hermitian, True))
        for n in (1, 2, 3, 6, 9)
        for d in (C128, C64)
        for batch in ((), (2,))
    ],
    grad=False,
    **LINALG,
)

rectangles = [rectangle(*s, dtype=d) for s in ((3, 3), (5, 3), (3, 5)) for d in (C128, C64)] + [
    rectangle(2, 4, 3),
    rectangle(2, 3, 4),
    rectangle(1, 1),
    rectangle(4, 1),
    rectangle(1, 4),
    rectangle(20, 12),
    rectangle(12, 20),
    rectangle(5, 3).mT,
    rectangle(5, 6)[:, ::2],
]
doubles = [x for x in rectangles if x.dtype == C128]
without = [rectangle(0, 3), rectangle(3, 0), rectangle(2, 0, 3)]
define("qr", each(rectangles + without) + each(rectangles[:8] + without, mode="complete"), **LINALG)
define("qr", each(rectangles[:6], mode="r"), grad=False, **LINALG)
define("qr", each(rectangles[:8]) + each(rectangles[:6], some=False), **TORCH)
define("geqrf", each(rectangles + without), grad=False, **TORCH)
reflections = [torch.geqrf(x) for x in rectangles[:7] if x.shape[-2] >= x.shape[-1]]
define("householder_product", [call(*r) for r in reflections], **LINALG)
define("orgqr", [call(*r) for r in reflections], **TORCH)
define(
    "ormqr",
    [call(a, tau, rectangle(*a.shape[:-1], 2, dtype=a.dtype), transpose=t) for a, tau in reflections for t in (False, True)]
    + [call(a, tau, rectangle(*a.shape[:-2], 2, a.shape[-2], dtype=a.dtype), left=False, transpose=t) for a, tau in reflections for t in (False, True)],
    grad=False,
    **TORCH,
)
define("svdvals", each(rectangles + without), **LINALG)
define("svd", each(rectangles[:4], compute_uv=False), grad=False, **TORCH)
define("eigvalsh", each(squares(hermitian)) + each(squares(hermitian)[:6], UPLO="U"), **LINALG)
define("eigvalsh", each([square(3), square(3, 2)]), grad=False, **LINALG)
define("matrix_rank", each(rectangles + without + SINGULAR) + [call(hermitian(3), hermitian=True), call(rectangle(4, 3), atol=3.0)], **LINALG)
define("pinv", each(doubles + without + SINGULAR[:1]), **LINALG)
define("pinv", [call(rectangle(4, 3), atol=2.0), call(hermitian(4), hermitian=True)], grad=False, **LINALG)
define("pinverse", each(doubles[:5]), **TORCH)
define("cond", each(doubles), **LINALG)
define("cond", [call(square(n, *b), p) for p in real.orders for n, b in ((3, ()), (4, (2,)))], **LINALG)
define("matrix_norm", [call(x, p) for p in (2, -2, "nuc", 1, -inf, "fro") for x in (rectangle(3, 4), rectangle(2, 3, 4), rectangle(3, 4, dtype=C64))], **LINALG)
define("norm", [call(rectangle(3, 4), p) for p in (2, -2, "nuc")], **LINALG)
least = [
    (rectangle(5, 3), rectangle(5, 2)),
    (rectangle(3, 5), rectangle(3, 2)),
    (square(3), rectangle(3, 2)),
    (rectangle(2, 5, 3), rectangle(2, 5, 2)),
    (rectangle(5, 3, dtype=C64), rectangle(5, 2, dtype=C64)),
]
define("lstsq", [call(*s) for s in least] + [call(*s, driver=d) for d in ("gels", "gelsd", "gelss") for s in least], **LINALG)
powers = [square(3), square(3, 2), square(3, dtype=C64), square(0)]
define("matrix_power", [call(x, n) for x in powers for n in (0, 1, 2, 3, -1, -2)], **LINALG)
define("matrix_power", [call(square(3), n) for n in (0, 3, -2)], **TORCH)
scaled = [square(3) * x for x in (0.0, 1e-3, 0.1, 0.5, 2.0)]
define("matrix_exp", each(squares()[:18] + scaled + [torch.stack(scaled)]), **LINALG)
define("matrix_exp", each([square(3), square(2, 3)]), **TORCH)
define("tensorinv", [call(square(4).reshape(2, 2, 4), 2), call(square(4).reshape(4, 2, 2), 1)], **LINALG)
define("tensorsolve", [call(square(4).reshape(2, 2, 4), rectangle(2, 2)), call(square(6).reshape(2, 3, 6), rectangle(2, 3))], **LINALG)

# What the calls above have in complex128 only.
single = square(3, dtype=C64)
define("cond pinv matrix_exp", each([single, square(3, 2, dtype=C64)]), **LINALG)
define("pinverse matrix_exp", each([single]), **TORCH)
define("solve_ex", [call(single, rectangle(3, 2, dtype=C64))], **LINALG)
define("tensorinv", [call(square(4, dtype=C64).reshape(2, 2, 4))], **LINALG)
define("tensorsolve", [call(square(4, dtype=C64).reshape(2, 2, 4), rectangle(2, 2, dtype=C64))], **LINALG)
define("matrix_power", [call(single, n) for n in (3, -2)], forms="function method", **TORCH)
define("triangular_solve", [call(rectangle(3, 2, dtype=C64), single), call(rectangle(3, 2, dtype=C64), single, upper=False, transpose=True)], **TORCH)
define("symeig", each([hermitian(3), hermitian(3, 2), hermitian(3, dtype=C64)]) + each([hermitian(3)], upper=False), grad=False, forms="function method", **TORCH)
define("lu_unpack", [call(*torch.linalg.lu_factor(a)) for a in (square(3), rectangle(5, 3), rectangle(3, 5))], **TORCH)
