"""Products of vectors and matrices, and what is made of them."""

from table import *

family("products")

kinds = FLOATS + [torch.int32, i64]
m = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, -2, 2, seed)
shapes = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (3,)),
]
shapes += [
    ((2, 1, 2, 3), (5, 3, 4)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((1, 1), (1, 1)),
    ((3,), (5, 3, 2)),
    ((0, 2, 3), (0, 3, 4)),
]
wrong = [((2, 3), (4, 5)), ((3,), (4,)), ((), (3,)), ((2, 3), ()), ((5, 2, 3), (4, 3, 4))]
matmuls = [call(m(*a), m(*b, seed=1)) for a, b in shapes + wrong] + [
    call(m(2, 3, dtype=d), m(3, 4, dtype=d)) for d in ALL
]
matmuls += [
    call(m(3, 2).t(), m(4, 3).t()),
    call(m(2, 3), m(3, 8)[:, ::2]),
    call(m(2, 1).expand(2, 3), m(3, 4)),
    call(m(2, 3), m(3, 4, dtype=f32)),
]
matmuls += [
    call(large((65, 129)), large((129, 33), seed=5)),
    call(large((4, 65, 30)), large((4, 30, 33), seed=5)),
    call(large((300, 7)).t(), large((300, 9), seed=5)),
]
define("matmul", matmuls)
define(
    "mm",
    [call(m(2, 3, dtype=d), m(3, 4, dtype=d)) for d in kinds]
    + [
        call(m(2, 3), m(4, 3).t()),
        call(m(0, 3), m(3, 2)),
        call(m(2, 3), m(4, 5)),
        call(m(2, 3), m(3)),
        call(m(2, 0), m(0, 2)),
    ],
)
define(
    "mv",
    [call(m(2, 3, dtype=d), m(3, dtype=d)) for d in kinds]
    + [call(m(3, 2).t(), m(6)[::2]), call(m(2, 3), m(4)), call(m(2, 0), m(0))],
)
define(
    "bmm",
    [call(m(2, 2, 3, dtype=d), m(2, 3, 4, dtype=d)) for d in kinds]
    + [
        call(m(2, 2, 3), m(3, 3, 4)),
        call(m(2, 2, 3), m(2, 4, 5)),
        call(m(0, 2, 3), m(0, 3, 1)),
        call(m(2, 3), m(3, 4)),
    ],
)
define(
    "dot vdot",
    [call(m(3, dtype=d), m(3, dtype=d, seed=1)) for d in kinds]
    + [
        call(m(0), m(0)),
        call(m(3), m(4)),
        call(m(2, 3), m(3)),
        call(m(3), m(3, dtype=f32)),
        call(large(5003, f32, 0.25), large(5003, f32, 0.25, seed=1)),
        call(m(6)[::2], m(3)),
    ],
)
define(
    "inner",
    [call(m(3), m(3)), call(m(2, 3), m(4, 3)), call(m(2, 5, 3), m(4, 3)), call(m(2, 3), m()), call(m(2, 3), m(2, 4))],
)
define("outer ger", [call(m(2, dtype=d), m(3, dtype=d)) for d in NUMBERS] + [call(m(0), m(3)), call(m(2, 2), m(3))])
factors = [{}, {"beta": 2, "alpha": 3}, {"beta": 0}, {"alpha": 0.5}, {"beta": 0.5, "alpha": -1.5}]
define("addmm", [call(x, m(2, 3), m(3, 4), **f) for x in (m(2, 4), m(4), m(2, 1), m()) for f in factors])
define(
    "addmm",
    [call(m(2, 4, dtype=d), m(2, 3, dtype=d), m(3, 4, dtype=d)) for d in kinds]
    + [
        call(m(3), m(2, 3), m(3, 4)),
        call(m(4), m(2, 3), m(4, 4)),
        call(torch.full((2, 2), nan, dtype=f64), m(2, 2), m(2, 2), beta=0),
    ],
)
define(
    "addmv",
    [call(x, m(2, 3), m(3), **f) for x in (m(2), m(1), m()) for f in factors]
    + [call(m(2), m(2, 3), m(4)), call(m(2, dtype=i64), m(2, 3, dtype=i64), m(3, dtype=i64))],
)
define(
    "addr",
    [call(x, m(2), m(3), **f) for x in (m(2, 3), m(3), m(2, 1)) for f in factors]
    + [call(m(2, 3), m(2), m(2)), call(m(2, 3, dtype=i64), m(2, dtype=i64), m(3, dtype=i64), beta=2)],
)
define(
    "baddbmm",
    [call(x, m(5, 2, 3), m(5, 3, 4), **f) for x in (m(5, 2, 4), m(4), m(2, 1)) for f in factors]
    + [call(m(4), m(5, 2, 3), m(4, 3, 4))],
)
define(
    "addbmm",
    [call(x, m(5, 2, 3), m(5, 3, 4), **f) for x in (m(2, 4), m(4)) for f in factors]
    + [call(m(4), m(5, 2, 3), m(4, 3, 4))],
)
define("chain_matmul", [call(m(2, 3), m(3, 4), m(4, 2)), call(m(2, 3), m(3, 1)), call(m(2, 3))])
define(
    "trace", [call(m(3, 3, dtype=d)) for d in NUMBERS] + [call(m(2, 4)), call(m(4, 2).t()), call(m(3)), call(m(0, 2))]
)
define(
    "cross",
    [call(m(4, 3), m(4, 3, seed=1), *d) for d in ((), (1,), (-1,))]
    + [
        call(m(3, 4), m(3, 4, seed=1), 0),
        call(m(3, dtype=i64), m(3, dtype=i64, seed=2)),
        call(m(2, 4), m(2, 4)),
        call(m(4, 3), m(4, 3), 0),
    ],
)
define(
    "tensordot",
    [
        call(m(2, 3, 4), m(3, 4, 5), 2),
        call(m(2, 3, 4), m(4, 3, 2), [[1, 2], [1, 0]]),
        call(m(2, 3), m(4, 5), 0),
        call(m(2, 3), m(2, 4), [[0], [0]]),
        call(m(2, 3), m(4, 3), 1),
    ],
)
equations = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    ("i,i->", (3,), (3,)),
    ("i,j->ij", (3,), (4,)),
]
equations += [
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("bn,anm,bm->ba", (2, 3), (5, 3, 4), (2, 4)),
]
equations += [
    ("ij,ij->i", (2, 3), (2, 3)),
    ("ijk->kij", (2, 3, 4)),
    ("...a,...a->...", (2, 3), (2, 3)),
    ("ij,jk->ik", (2, 3), (4, 5)),
    ("ij->ik", (2, 3)),
    ("i", (2, 3)),
]
define("einsum", [call(e, *[m(*s, seed=i) for i, s in enumerate(sizes)]) for e, *sizes in equations])
define(
    "kron",
    [
        call(m(2, 3), m(2, 2)),
        call(m(2), m(3, 2)),
        call(m(2, dtype=i64), m(2, dtype=f32)),
        call(m(), m(2, 2)),
        call(m(2, 1, 2), m(3, 2)),
    ],
)
define(
    "cdist",
    [call(m(4, 3), m(5, 3, seed=1), *p) for p in ((), (1,), (2,), (3,), (inf,), (0,))]
    + [call(m(2, 4, 3), m(5, 3, seed=1)), call(m(4, 3), m(5, 2)), call(m(0, 3), m(5, 3))],
)
define(
    "cdist",
    [
        call(large((40, 30)), large((50, 30), seed=3)),
        call(m(4, 3), m(5, 3, seed=1), compute_mode="donot_use_mm_for_euclid_dist"),
    ],
)
define("multi_dot", [call([m(2, 3), m(3, 4), m(4, 2)]), call([m(3), m(3, 4), m(4)])], space="linalg")
define(
    "vector_norm",
    [call(matrix(), p) for p in (0, 1, 2, 3, inf, -inf)]
    + [call(matrix(), 2, 1, keepdim=True), call(matrix(), 3, [0, 1], dtype=f32)],
    space="linalg",
)
define(
    "matrix_norm",
    [
        call(matrix()),
        call(matrix(), 1),
        call(matrix(), inf),
        call(matrix(), "fro"),
        call(tensor((2, 3, 4), f64), "fro", [0, 2], keepdim=True),
    ],
    space="linalg",
)
define(
    "norm",
    [call(matrix()), call(matrix(), 1), call(matrix(), "fro"), call(tensor(5, f64), 3), call(matrix(), 2, 1)],
    space="linalg",
)
define("cross vecdot", [call(m(4, 3), m(4, 3, seed=1))], space="linalg")
define("matmul", [call(m(2, 3), m(3, 4))], space="linalg")
define("vander", [call(m(4)), call(m(4, dtype=i64))], space="linalg")
define("diagonal", [call(m(3, 4)), call(m(2, 3, 4), offset=1)], space="linalg")
