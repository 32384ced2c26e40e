"""Writes packages/torch/test/ops/golden-special.json: values of special functions over their whole range, by mpmath.

    python3 conformance/special/accuracy.py

For each function rows of its arguments, the value, and the height of the wave where it oscillates: errors are told in units
in the last place of the larger of the two.
"""

import json
import pathlib

import mpmath as m

m.mp.dps = 120
# At a number of that many digits before the point, so many more are needed for the phase.
FAR = [1e3, 12345.678, 1e6, 1e9, 1e15]
EVEN = [0.25, 0.5, 1.0, 1.5, 2.0, 2.4048, 3.0, 3.8317, 4.5, 5.5201, 6.0, 7.0, 7.9999, 8.0, 8.0001, 9.0, 10.0, 14.9309, 20.0]
TINY = [1e-300, 1e-20, 1e-8, 1e-3]
BOTH = [-x for x in EVEN] + EVEN
UNIT = [5e-324, 1e-300, 1e-100, 1e-20, 1e-8, 0.01, 0.1, 0.2499, 0.25, 0.4, 0.4999999, 0.5000001, 0.6, 0.75, 0.7501, 0.9, 0.99, 1 - 1e-10]


def phi(x):
    return m.erfc(-x / m.sqrt(2)) / 2


def inverse_phi(p):
    low, high = m.mpf(-40), m.mpf(40)
    for _ in range(220):
        middle = (low + high) / 2
        low, high = (middle, high) if phi(middle) < p else (low, middle)
    return low


def wave(x):
    """The height of the waves of Bessel functions beyond where they begin."""
    return m.sqrt(2 / (m.pi * x)) if x > 1 else m.mpf(1)


def airy_height(x):
    return 1 / (m.sqrt(m.pi) * m.power(-x, 0.25)) if x < -1 else m.mpf(0)


def polynomial(function):
    points = [-3.0, -1.5, -1.0, -0.9, -0.3, 0.0, 0.1, 0.5, 0.99, 1.0, 1.25, 4.0]
    return [(x, n) for x in points for n in (0, 1, 2, 5, 9, 30)], function


def recurrence(n, first, following):
    """The polynomial of degree n from that of degree 1; `following` makes the next of k, the one of degree k and the one before."""
    before, value = m.mpf(1), first
    if n == 0:
        return before
    for k in range(1, n):
        before, value = value, following(k, value, before)
    return value


def chebyshev(n, x, kind):
    first = {"T": x, "U": 2 * x, "V": 2 * x - 1, "W": 2 * x + 1}[kind]
    return recurrence(n, first, lambda k, value, before: 2 * x * value - before)


def laguerre(n, x):
    return recurrence(n, 1 - x, lambda k, value, before: ((2 * k + 1 - x) * value - k * before) / (k + 1))


def he(n, x):
    return recurrence(n, x, lambda k, value, before: x * value - k * before)


positive = TINY + EVEN + FAR
moderate = TINY + EVEN + [30.0, 100.0, 300.0, 700.0]
one = {
    "airy_ai": (BOTH + [-x for x in FAR[:4]] + [0.0, -2.9999, -3.0001, 30.0, 100.0], m.airyai, airy_height),
    "bessel_j0": (BOTH + FAR, lambda x: m.besselj(0, x), lambda x: wave(abs(x))),
    "bessel_j1": (BOTH + FAR, lambda x: m.besselj(1, x), lambda x: wave(abs(x))),
    "bessel_y0": (positive, lambda x: m.bessely(0, x), wave),
    "bessel_y1": (positive, lambda x: m.bessely(1, x), wave),
    "modified_bessel_i0": (BOTH + [30.0, 100.0, -700.0], lambda x: m.besseli(0, x), None),
    "modified_bessel_i1": (BOTH + TINY + [30.0, 100.0, -700.0], lambda x: m.besseli(1, x), None),
    "i0e": (BOTH + FAR, lambda x: m.besseli(0, x) * m.exp(-abs(x)), None),
    "i1e": (BOTH + TINY + FAR, lambda x: m.besseli(1, x) * m.exp(-abs(x)), None),
    "modified_bessel_k0": (moderate, lambda x: m.besselk(0, x), None),
    "modified_bessel_k1": (moderate, lambda x: m.besselk(1, x), None),
    "scaled_modified_bessel_k0": (TINY + EVEN + FAR[:4], lambda x: m.besselk(0, x) * m.exp(x), None),
    "scaled_modified_bessel_k1": (TINY + EVEN + FAR[:4], lambda x: m.besselk(1, x) * m.exp(x), None),
    "spherical_bessel_j0": (BOTH + TINY + FAR, lambda x: m.sin(x) / x, None),
    "entr": (UNIT + [2.0, 1e10, 1e300], lambda x: -x * m.log(x), None),
    "erfcx": (BOTH + TINY + FAR + [-26.0, 1e100], lambda x: m.erfc(x) * m.exp(x * x) if x < 1e4 else m.hyperu(0.5, 0.5, x * x) / m.sqrt(m.pi), None),
    "ndtr": (BOTH + [-0.999, -1.001, -37.0, -30.0, -38.0], phi, None),
    "log_ndtr": (BOTH + [-0.999, -1.001, -100.0, -1e10], lambda x: m.log(phi(x)) if x > -1e4 else -x * x / 2 - m.log(-x) - m.log(2 * m.pi) / 2, None),
    "ndtri": (UNIT, inverse_phi, None),
    "erfinv": ([x for x in UNIT if x != 5e-324], lambda x: m.erfinv(x) if x > 1e-15 else x * m.sqrt(m.pi) / 2, None),
    "digamma": ([0.01, 0.5, 1.0, 2.5, 10.0, 1e6, 1e15, -0.5, -3.25], m.digamma, lambda x: m.mpf(1)),
    "gammaln": ([1e-300, 0.01, 0.5, 1.5, 3.0, 10.0, 171.0, 1e6, 1e300, -0.5, -3.25], lambda x: m.log(abs(m.gamma(x))) if x < 1e5 else m.loggamma(x), lambda x: m.mpf(0)),
    "sinc": (BOTH + TINY, lambda x: m.sinc(m.pi * x), lambda x: m.mpf(1)),
    "erf": (BOTH + TINY, m.erf, None),
    "erfc": (BOTH + [26.0], m.erfc, None),
}
two = {
    "zeta": ([(s, q) for s in (1.000001, 1.5, 2.0, 3.0, 7.5, 30.0) for q in (1e-3, 0.5, 1.0, 2.5, 11.9, 100.0, 1e6)], m.zeta),
    "xlog1py": ([(x, y) for x in (-2.0, 1e-10, 3.5) for y in (-0.999, -1e-12, 1e-12, 0.5, 1e10)], lambda x, y: x * m.log1p(y)),
    "hermite_polynomial_h": polynomial(lambda x, n: m.hermite(n, x)),
    "hermite_polynomial_he": polynomial(lambda x, n: he(n, x)),
    "laguerre_polynomial_l": polynomial(lambda x, n: laguerre(n, x)),
    "legendre_polynomial_p": polynomial(lambda x, n: m.legendre(n, x)),
    "gammainc": ([(a, x) for a in (0.1, 1.0, 5.0, 40.0, 1000.0) for x in (0.01, 1.0, 4.5, 39.0, 60.0, 990.0)], lambda a, x: m.gammainc(a, 0, x, regularized=True)),
    "gammaincc": ([(a, x) for a in (0.1, 1.0, 5.0, 40.0, 1000.0) for x in (0.01, 1.0, 4.5, 39.0, 60.0, 990.0)], lambda a, x: m.gammainc(a, x, m.inf, regularized=True)),
}
for kind in "TUVW":
    two[f"chebyshev_polynomial_{kind.lower()}"] = polynomial(lambda x, n, kind=kind: chebyshev(n, x, kind))
    two[f"shifted_chebyshev_polynomial_{kind.lower()}"] = polynomial(lambda x, n, kind=kind: chebyshev(n, 2 * x - 1, kind))


def row(args, value, height):
    value = float(value)
    return [*args, value, float(height)] if height is not None and abs(value) < height else [*args, value]


result = {}
for name, (points, function, height) in one.items():
    rows = [row([x], function(m.mpf(x)), None if height is None else height(m.mpf(x))) for x in points]
    result[name] = {"arguments": 1, "rows": rows}
for name, (points, function) in two.items():
    rows = []
    for args in points:
        exact = [m.mpf(args[0]), args[1] if "polynomial" in name else m.mpf(args[1])]
        value = function(*exact)
        if abs(value) < m.mpf(2) ** 1024:
            rows.append(row(list(args), value, m.mpf(1) if "polynomial" in name else None))
    result[name] = {"arguments": 2, "rows": rows}
path = pathlib.Path(__file__).parents[2] / "packages/torch/test/ops/golden-special.json"
lines = [f'"{name}": {json.dumps(entry)}' for name, entry in result.items()]
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(path.stat().st_size)
