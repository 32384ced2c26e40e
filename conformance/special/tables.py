"""Writes packages/torch/native/kernels/special/tables.h: the Chebyshev series from which Bessel and Airy functions and normal quantiles are computed.

    python3 conformance/special/tables.py

where mpmath is the judge. Each series is that of a smooth part of a function over an interval, to all digits of a double.
"""

import pathlib

from mpmath import airyai, airybi, besseli, besselj, besselk, bessely, cos, erfc, exp, log, mp, mpf, pi, sin, sqrt

mp.dps = 50
POINTS = 72


def series(function, low, high):
    """The coefficients of the Chebyshev series of a function over an interval, until they no longer count."""
    nodes = [cos(pi * (k + mpf(1) / 2) / POINTS) for k in range(POINTS)]
    values = [function((high + low) / mpf(2) + (high - low) / mpf(2) * t) for t in nodes]
    result = []
    for j in range(POINTS):
        total = sum(v * cos(pi * j * (k + mpf(1) / 2) / POINTS) for k, v in enumerate(values))
        result.append(total * 2 / POINTS)
    result[0] /= 2
    largest = max(abs(c) for c in result)
    while abs(result[-1]) < largest * mpf(2) ** -57:
        result.pop()
    assert len(result) < POINTS - 8, f"the series of {function} does not converge"
    return result


def small(z):
    """A point near the end of an interval in place of its end, where formulas would divide by zero."""
    return max(z, mpf(10) ** -30)


def waves(order):
    """The two slow factors of J and Y at 8 / sqrt(z), of which the second is divided by its argument."""

    def parts(z):
        x = 8 / sqrt(small(z))
        mp.dps = 100
        phase = x - (2 * order + 1) * pi / 4
        j, y = besselj(order, x), bessely(order, x)
        scale = sqrt(pi * x / 2)
        result = scale * (j * cos(phase) + y * sin(phase)), scale * (y * cos(phase) - j * sin(phase)) * x
        mp.dps = 50
        return result

    # Beyond these the asymptotic series tells the same.
    limits = {0: (mpf(1), mpf(-1) / 8), 1: (mpf(1), mpf(3) / 8)}[order]
    return [lambda z, i=i: limits[i] if z < mpf(10) ** -20 else parts(z)[i] for i in (0, 1)]


def zeta(x):
    return 2 * x * sqrt(x) / 3


def airy_waves(part):
    """The slow factors of Ai and Bi at negative numbers, as functions of the inverse square of the phase."""

    def value(w):
        phase = 1 / sqrt(small(w))
        z = (3 * phase / 2) ** (mpf(2) / 3)
        angle = phase + pi / 4
        a, b = airyai(-z), airybi(-z)
        scale = sqrt(pi) * sqrt(sqrt(z))
        if part == 0:
            return scale * (a * sin(angle) + b * cos(angle))
        return scale * (b * sin(angle) - a * cos(angle)) * phase

    limit = (mpf(1), mpf(5) / 72)[part]
    return lambda w: limit if w < mpf(10) ** -20 else value(w)


def airy_scaled(u):
    if u < mpf(10) ** -20:
        return mpf(1)
    x = (3 / (2 * u)) ** (mpf(2) / 3)
    return airyai(x) * exp(1 / u) * 2 * sqrt(pi) * sqrt(sqrt(x))


def scaled_k(order):
    return lambda t: sqrt(pi / 2) if t < mpf(10) ** -20 else exp(1 / t) * besselk(order, 1 / t) / sqrt(t)


def quantile(p):
    """The number below which a normal one is with a probability up to a half."""
    x = -sqrt(-2 * log(p)) if p < 0.4 else (p - mpf(1) / 2) * sqrt(2 * pi)
    for _ in range(60):
        error = erfc(-x / sqrt(2)) / 2 / (exp(-x * x / 2) / sqrt(2 * pi)) - p / (exp(-x * x / 2) / sqrt(2 * pi))
        step = error / (1 + x * error / 2)
        x -= step
        if abs(step) < mpf(10) ** -45 * (1 + abs(x)):
            break
    return x


def centre(z):
    """The quantile at 1/2 + sqrt(z), over sqrt(z)."""
    y = sqrt(max(z, mpf(10) ** -40))
    return -quantile(mpf(1) / 2 - y) / y


j0, j1 = waves(0), waves(1)
root = lambda z: sqrt(small(z))
TABLES = {
    "kJ0": ("J0 at sqrt(z), for z up to 64", lambda z: besselj(0, root(z)), 0, 64),
    "kJ1": ("J1(x) / x at x = sqrt(z), for z up to 64", lambda z: besselj(1, root(z)) / root(z), 0, 64),
    "kY0": (
        "Y0(x) - 2/pi ln(x) J0(x) at x = sqrt(z), for z up to 64",
        lambda z: bessely(0, root(z)) - 2 / pi * log(root(z)) * besselj(0, root(z)),
        0,
        64,
    ),
    "kY1": (
        "(Y1(x) - 2/pi (ln(x) J1(x) - 1/x)) / x at x = sqrt(z), for z up to 64",
        lambda z: (bessely(1, root(z)) - 2 / pi * (log(root(z)) * besselj(1, root(z)) - 1 / root(z))) / root(z),
        0,
        64,
    ),
    "kP0": ("the slow factor of the leading wave of J0 and Y0, in z = (8/x)^2 up to 1", j0[0], 0, 1),
    "kQ0": ("that of the other wave, times x", j0[1], 0, 1),
    "kP1": ("the same for J1 and Y1", j1[0], 0, 1),
    "kQ1": ("", j1[1], 0, 1),
    "kK0": (
        "K0(x) + ln(x) I0(x) at x = sqrt(z), for z up to 1",
        lambda z: besselk(0, root(z)) + log(root(z)) * besseli(0, root(z)),
        0,
        1,
    ),
    "kK1": (
        "(K1(x) - ln(x) I1(x) - 1/x) / x at x = sqrt(z), for z up to 1",
        lambda z: (besselk(1, root(z)) - log(root(z)) * besseli(1, root(z)) - 1 / root(z)) / root(z),
        0,
        1,
    ),
    "kK0Middle": ("sqrt(x) e^x K0(x) in 1/x, for x from 1 to 4", scaled_k(0), mpf(1) / 4, 1),
    "kK1Middle": ("sqrt(x) e^x K1(x) in 1/x, for x from 1 to 4", scaled_k(1), mpf(1) / 4, 1),
    "kK0Far": ("the same for x beyond 4", scaled_k(0), 0, mpf(1) / 4),
    "kK1Far": ("", scaled_k(1), 0, mpf(1) / 4),
    "kAiryNear": ("Ai from 0 to 1", airyai, 0, 1),
    "kAiryMiddle": ("e^zeta Ai(x) from 1 to 4, where zeta is 2/3 x^(3/2)", lambda x: exp(zeta(x)) * airyai(x), 1, 4),
    "kAiryFar": ("2 sqrt(pi) x^(1/4) e^zeta Ai(x) in 1/zeta, for x beyond 4", airy_scaled, 0, mpf(3) / 16),
    "kAiryNegative": ("Ai from -3 to 0", airyai, -3, 0),
    "kAiryWaves": ("Ai from -6 to -3", airyai, -6, -3),
    "kNormalCentre": ("The quantile of the normal distribution at 1/2 + sqrt(z), over sqrt(z), for z up to 1/8", centre, 0, mpf(1) / 8),
    "kNormalNear": ("The quantile at e^-(t^2), from t = 1.3 to 2.5", lambda t: quantile(exp(-t * t)), mpf("1.3"), mpf("2.5")),
    "kNormalMiddle": ("The same from 2.5 to 7", lambda t: quantile(exp(-t * t)), mpf("2.5"), 7),
    "kNormalFar": ("The same from 7 to 28, where the least number is", lambda t: quantile(exp(-t * t)), 7, 28),
    "kAiryF": ("the slow factors of Ai(-x) in 1/zeta^2, for x beyond 6", airy_waves(0), 0, 1 / zeta(mpf(6)) ** 2),
    "kAiryG": ("", airy_waves(1), 0, 1 / zeta(mpf(6)) ** 2),
}


def write(path):
    lines = [
        "// Chebyshev series, each over an interval that is given with its use: made by conformance/special/tables.py.",
        "#pragma once",
        "",
        "namespace flambeau::special {",
        "",
    ]
    for name, (meaning, function, low, high) in TABLES.items():
        coefficients = series(function, low, high)
        print(name, len(coefficients), flush=True)
        if meaning:
            lines.append(f"// {meaning[0].upper()}{meaning[1:]}.")
        lines.append(f"constexpr double {name}[] = {{")
        lines += [f"    {float(c)!r}," for c in coefficients]
        lines += ["};", ""]
    lines += ["}  // namespace flambeau::special", ""]
    path.write_text("\n".join(lines))


write(pathlib.Path(__file__).parents[2] / "packages/torch/native/kernels/special/tables.h")
