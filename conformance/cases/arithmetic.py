"""Sums, products, quotients, powers, comparisons, bits."""

from table import *

family("arithmetic")

scaled = [
    call(tensor(3, a), tensor(3, b, seed=1), alpha=alpha)
    for a in ALL
    for b in (torch.int32, f64)
    for alpha in (2, -1.5)
]
define("add sub", binary() + scaled + [call(tensor((2, 3), f64), 2.5, alpha=3)], strides=True)
define("rsub", with_scalars((2, -1.5), NUMBERS) + broadcasts() + scaled[:8])
define("mul", binary(), strides=True)
define("multiply subtract", binary()[::7])
rounded = [
    call(tensor(5, a, low, 9), tensor(5, b, 1, 4, seed=2), rounding_mode=mode)
    for a in NUMBERS
    for b in NUMBERS
    for low in (-9,)
    for mode in ("trunc", "floor")
]
quotients = [call(special(d).reshape(-1, 1), special(d), rounding_mode=m) for d in FLOATS for m in ("trunc", "floor")]
define(
    "div",
    binary(0.5, 4)
    + rounded
    + quotients
    + [call(matrix(), 2, rounding_mode=None), call(matrix(), 2, rounding_mode="up")],
)
define("divide", binary(0.5, 4)[::7] + rounded[::5])
define("true_divide", binary(0.5, 4)[::5])

zero = [call(tensor(3, torch.int32), 0), call(tensor(3, torch.int64), torch.zeros(3, dtype=i64)), call(tensor(3), 0)]
remainders = (
    pairs(NUMBERS, low=1, high=9) + broadcasts(f64, 0.5, 5) + with_scalars((2, -3, 2.5), NUMBERS, low=-9, high=9) + zero
)
remainders += [
    call(tensor(16, a, -9, 9), torch.tensor([2, 3, -2, -3] * 4, dtype=a)) for a in (torch.int8, torch.int64, f32, f64)
]
remainders += special_pairs() + large_pairs(1.0, 9.0)
define("remainder fmod floor_divide", remainders)

define("neg", unary(), strides=True)
define("negative positive", unary()[::3])
define("abs", unary(), strides=True)
define("absolute", unary()[::3])
define("sign sgn", unary(dtypes=ALL))
define("square", unary())
define("reciprocal", unary(0.25, 4))

powers = broadcasts(f64, 0.25, 3) + with_scalars((0, 1, 2, 3, -2, 0.5, -0.5, 2.5), FLOATS, low=0.25, high=3)
powers += with_scalars((0, 1, 2, 3), INTS) + with_scalars((-1,), [torch.int32]) + pairs(NUMBERS, low=0, high=3)
powers += [call(2, tensor(4, dtype, 0, 3)) for dtype in NUMBERS] + [
    call(2.5, tensor(4, dtype, 0, 3)) for dtype in NUMBERS
]
powers += special_pairs() + large_pairs(0.25, 3.0, [f32])
define("pow float_power", powers)

every = binary(-2, 2, scalars=(1, -1, 0.5, True))
define("eq ne lt le gt ge", every, grad=False, strides=True)
define("not_equal less less_equal greater greater_equal", every[::11], grad=False)
define(
    "maximum minimum fmax fmin",
    pairs()
    + broadcasts()
    + special_pairs()
    + large_pairs()
    + [call(torch.ones(3, dtype=f64), torch.ones(3, dtype=f64))],
)
near = [call(tensor(4, d, 1, 2), tensor(4, d, 1, 2, seed=1), 0.5) for d in ALL] + [
    call(special(), special().flip(0), equal_nan=True)
]
define(
    "isclose",
    near + special_pairs() + broadcasts() + [call(matrix(), matrix() + 1e-9), call(matrix(), matrix(), rtol=-1)],
)
define(
    "allclose equal",
    [call(matrix(), matrix()), call(matrix(), -matrix()), call(special(), special()), call(matrix(), matrix(f32))],
)
define("allclose", [call(special(), special(), equal_nan=True), call(matrix(), matrix() + 0.1, 0.5, 0.5)])

whole = [d for d in ALL if not d.is_floating_point]
bits = (
    pairs(whole)
    + [call(tensor((2, 3), d), n) for d in whole for n in (3, -2, True)]
    + large_pairs(dtypes=[torch.int32])
)
bits += [call(extremes(d).reshape(-1, 1), extremes(d)) for d in INTS] + [call(tensor(3), tensor(3, i64))]
define("bitwise_and bitwise_or bitwise_xor", bits, grad=False)
define("bitwise_not", [call(tensor((2, 3), d)) for d in ALL] + [call(extremes(d)) for d in INTS], grad=False)
shifts = [call(tensor((2, 3), d, -20, 20), tensor(3, d, 0, 4)) for d in INTS] + [
    call(tensor(4, d, -20, 20), 2) for d in INTS
]
define("bitwise_left_shift bitwise_right_shift", shifts, grad=False)
define("logical_and logical_or logical_xor", pairs() + broadcasts() + special_pairs() + large_pairs(), grad=False)
define("logical_not", unary(), grad=False)
define(
    "gcd lcm", pairs(INTS, low=-12, high=12) + [call(tensor(3, i64, -30, 30), tensor((2, 1), i64, -30, 30))], grad=False
)

third = [call(tensor(3, a), tensor(3, b, seed=1), tensor(3, b, 1, 3, seed=2)) for a in ALL for b in ALL]
third += [call(x, tensor((3, 4), f64, seed=4), tensor((4,), f64, 1, 3)) for x in layouts(f64)[:4]]
third += [
    call(tensor((3, 4), d), tensor((3, 4), d, seed=4), tensor((4,), d, 1, 3), value=v)
    for d in NUMBERS
    for v in (2, 0.5)
]
define("addcmul addcdiv", third)
weights = [call(x, y, w) for x, y in zip(layouts(f64), layouts(f64, seed=1)) for w in (0.25, 0.75)]
weights += [
    call(matrix(), matrix(seed=1), tensor((3, 4), f64, 0, 1)),
    call(matrix(), matrix(seed=1), tensor((4,), f64, 0, 1)),
]
weights += [
    call(matrix(), matrix(f32), 0.5),
    call(matrix(f32), matrix(f32, seed=1), matrix(f32)),
    call(matrix(i64), matrix(i64), 0.5),
]
define("lerp", weights + [call(large(5003), large(5003, seed=3), 0.3)])

# Sizes that are shared among threads, also with operands that lie otherwise in memory.
wide, turned, column = large((301, 233)), large((233, 301), seed=4).t(), large((301, 1), f32, 1, 2, 5)
define("addcmul addcdiv", [call(wide, turned, column), call(large(70001), large(70001, seed=3), large(70001, f32, 1, 2))])
define("lerp", [call(wide, turned, column), call(large(70001), large(70001, seed=3), 0.3)])
define("isclose", [call(wide, turned), call(wide, column, rtol=0.5)], grad=False)
define("float_power", [call(large(5003, f32, 0.5, 2), 2.5)])
define("bitwise_not", [call(large(70001, torch.int32, -1000, 1000))], grad=False)
define("bitwise_left_shift bitwise_right_shift", [call(large(70001, i64, 0, 1000), 3)], grad=False)
define("gcd lcm", [call(large(5003, i64, -99, 99), large(5003, i64, -99, 99, 7))], grad=False)
