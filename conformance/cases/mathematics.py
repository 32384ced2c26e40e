"""Exponential, trigonometric, rounding and special functions of one or two tensors."""

from table import *

family("mathematics")

define("exp expm1 exp2", unary(), strides=True)
define("log log2 log10", unary(0.1, 5))
define("log1p", unary(-0.9, 3))
define("sqrt rsqrt", unary(0.1, 5))
define("sin cos tan sinh cosh asinh atan erf erfc sigmoid tanh", unary())
define("asin acos atanh", unary(-0.95, 0.95))
define("acosh", unary(1.1, 5))
define("arcsin arccos arctanh", unary(-0.95, 0.95)[:9])
define("arccosh", unary(1.1, 5)[:9])
define("arcsinh arctan", unary()[:9])
define("relu", unary())
define("deg2rad rad2deg", unary())
define("sinc", unary())
define("i0", unary())
define("erfinv", unary(-0.95, 0.95))
define("lgamma digamma", unary(0.2, 6))
define("lgamma digamma", [call(torch.tensor([-0.5, -1.5, -2.25, 0.0, -1.0, 1e-8], dtype=d)) for d in FLOATS])
define(
    "polygamma",
    [call(n, tensor((2, 3), d, 0.5, 5)) for n in (0, 1, 2, 4) for d in NUMBERS] + [call(-1, tensor(2))],
    forms="function out",
)
define("mvlgamma", [call(tensor((2, 3), d, 3, 6), p) for p in (1, 2, 3) for d in FLOATS])
define("logit", unary(0.05, 0.95) + [call(tensor((2, 3), f64, -0.5, 1.5), eps) for eps in (0.1, 0.25)])
# Beyond a half PyTorch's scalar path, for what is left over, takes the other limit.
define("logit", [call(special(d)[:16], eps) for d in FLOATS for eps in (0.1, 0.7, -1.0)])
define("ceil floor trunc round frac", [c for c in unary() if c.args[0].dtype != torch.bool], strides=True)
define("fix", unary()[1:9])
define("round", [call(tensor((2, 5), d, -30, 30), decimals=n) for d in FLOATS for n in (0, 1, 2, -1)])
define("isnan isinf isfinite isposinf isneginf signbit isreal", unary(), grad=False)
define("nan_to_num", unary() + [call(special(d), 0.5, 2.5, -7) for d in FLOATS] + [call(special(), nan=1)])
define("clamp clip", [call(x, low, high) for x in layouts(f64) for low, high in ((-1, 1), (-0.5, None), (None, 0.5))])
bounded = [call(tensor((2, 3), d), *b) for d in NUMBERS for b in ((-1, 2), (1, 0), (0.5, 1.5))]
bounded += [call(tensor((2, 3), a), tensor((2, 3), b, -2, 0), tensor((3,), b, 0, 2)) for a in NUMBERS for b in NUMBERS]
bounded += [call(special(d), -1, 2) for d in FLOATS] + [
    call(tensor(3)),
    call(large(70001), -1, 1),
    call(tensor(3), max=1),
]
bounded += [
    call(torch.tensor([-1.0, 0, 1], dtype=f64), -1, 1),
    call(tensor((3, 4), f64), max=tensor((3, 4), f64, seed=3)),
]
define("clamp", bounded)
define("clamp_min clamp_max", [call(tensor((2, 3), d), b) for d in NUMBERS for b in (1, 0.5)] + broadcasts())
define(
    "heaviside",
    [call(tensor(4, d, -1, 1), tensor(4, d)) for d in ALL] + broadcasts(f64, -1, 1) + special_pairs(),
    grad=False,
)
define("frexp", [call(special()), call(special(f64)), call(matrix())])
define("ldexp", [call(tensor(4, a), tensor(4, b)) for a in NUMBERS for b in (torch.int32, f64)] + broadcasts())

define("atan2 arctan2", pairs() + broadcasts() + special_pairs() + large_pairs(dtypes=[f32]))
define(
    "hypot copysign nextafter logaddexp logaddexp2",
    pairs(FLOATS) + broadcasts() + special_pairs() + large_pairs(dtypes=[f32]),
)
define("copysign", pairs() + with_scalars((2, -1, 0.5)))
define(
    "xlogy",
    binary(0.25, 4, scalars=(2, 0.5))
    + [call(2, tensor(3, f64, 1, 2)), call(torch.tensor([0.0, nan]), torch.tensor([nan, 0.0]))],
)
define("igamma igammac", [call(tensor((2, 3), d, 0.3, 5), tensor((2, 3), d, 0.2, 6)) for d in FLOATS])
define("angle", unary())
define("real", unary()[6:9], forms="function")
define("softmax log_softmax", [call(x, d) for x in layouts(f64) if x.dim() == 2 for d in (0, 1, -1)])
soft = [call(tensor((2, 3, 4), f64), d) for d in (0, 1, 2)] + [
    call(tensor(()), 0),
    call(tensor((0, 3), f64), 0),
    call(tensor(3), 2),
]
soft += [
    call(matrix(i64), 0, dtype=f64),
    call(matrix(), 0, dtype=f32),
    call(special()[3:6], 0),
    call(tensor((2, 3)) * 1000, 1),
]
soft += [call(large((301, 233)), d) for d in (0, 1)] + [call(torch.tensor([[-inf, 0.0], [-inf, -inf], [inf, 1.0]]), 1)]
define("softmax log_softmax", soft)

family("special")
for name in "entr erfcx i0e i1 i1e log_ndtr ndtr ndtri".split():
    define(name, unary(0.05, 0.95)[:30], space="special")
define(
    "bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 "
    "modified_bessel_k1",
    unary(0.2, 9)[6:12],
    space="special",
    grad=False,
)
define("spherical_bessel_j0", unary(0.2, 9)[6:12], space="special", grad=False)
define(
    "airy_ai scaled_modified_bessel_k0 scaled_modified_bessel_k1", unary(0.2, 4)[6:12], space="special", grad=False
)
define("airy_ai", [call(tensor((2, 5), d, -9, 0)) for d in FLOATS], space="special", grad=False)
degrees = [call(tensor(4, a, -1, 1), tensor(4, b, 0, 6, 1)) for a in NUMBERS for b in (i64, f32, f64)]
degrees += [call(tensor((3, 1), f64, -2, 2), tensor(5, i64, -1, 5)), call(tensor((2, 3), f32), 3), call(0.25, tensor(3, i64, 0, 4))]
degrees += [call(torch.tensor([-1.0, -0.5, 0, 0.25, 1], dtype=d), n) for d in FLOATS for n in (9, 12)]
define(
    "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w "
    "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
    "shifted_chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l "
    "legendre_polynomial_p",
    degrees,
    space="special",
    grad=False,
)
define("expit exp2 expm1 erf erfc log1p sinc round", unary()[6:12], space="special")
define("digamma gammaln psi i0", unary(0.2, 6)[6:12], space="special")
define("erfinv logit", unary(0.1, 0.9)[6:12], space="special")
define("xlog1py", pairs(FLOATS, low=0.25, high=4) + broadcasts(f64, 0.25, 4) + special_pairs(), space="special")
poles = call(torch.tensor([inf, inf, 3, 3, 2.5, 1], dtype=f64), torch.tensor([0, -1, 0, -2, -1, 2], dtype=f64))
define("zeta", pairs(FLOATS, low=1.5, high=4) + with_scalars((2,), FLOATS, low=1.5, high=4) + [poles], space="special")
define(
    "gammainc gammaincc",
    [call(tensor((2, 3), d, 0.3, 5), tensor((2, 3), d, 0.2, 6)) for d in FLOATS],
    space="special",
)
define("multigammaln", [call(tensor((2, 3), d, 3, 6), p) for p in (1, 2, 3) for d in FLOATS], space="special")
define("polygamma", [call(n, tensor((2, 3), d, 0.5, 5)) for n in (0, 1, 2) for d in FLOATS], space="special")
given = [call(matrix(d), 0, dtype=f64) for d in (i64, torch.bool, torch.uint8)]
define("softmax log_softmax", [call(matrix(), 0), call(matrix(f32), 1, dtype=f64), *given], space="special")
define("logsumexp", [call(matrix(), 0), call(matrix(), [0, 1], keepdim=True)], space="special")
define("xlogy", broadcasts(f64, 0.25, 4)[:4], space="special")
