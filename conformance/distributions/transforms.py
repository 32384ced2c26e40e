"""Transforms, forward, backward, and how they change volumes."""

from made import *

family("transforms")

x, vector = tensor((2, 3), f64), tensor((2, 6), f64)
positive = tensor((2, 3), f64, 0.2, 3.0)
share = tensor((2, 3), f64, 0.05, 0.95)
simplex = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], dtype=f64)
matrix = tensor((2, 3, 3), f64)
lower = matrix.tril(-1) + torch.eye(3, dtype=f64)

PROPERTIES = ["bijective", "domain", "codomain", "event_dim", "sign"]


def transform(name, x, y, *args, shapes=([2, 3],), **kwargs):
    made = New(name, *args, **kwargs)
    for one, x, y in ((made, x, y), (made.inv, y, x)):
        # Later versions give the sign of the exponent.
        wanted = PROPERTIES[: 4 if name == "PowerTransform" else 5]
        steps = [Step(property, is_property=True) for property in wanted]
        steps += [Step("()", x), Step("log_abs_det_jacobian", x, y)]
        steps += [Step("forward_shape", torch.Size(shape)) for shape in shapes]
        steps += [Step("inverse_shape", torch.Size(shape)) for shape in shapes]
        case(one, *steps)


transform("AbsTransform", x, positive)
transform("ExpTransform", x, positive)
transform("ExpTransform", x.float(), positive.float(), cache_size=1)
transform("SigmoidTransform", x, share)
transform("SigmoidTransform", x.float() * 50, torch.tensor([0.0, 1.0, 0.5]))
transform("SoftplusTransform", x * 10, positive)
transform("TanhTransform", x, share)
transform("PowerTransform", positive, share, tensor((3,), f64, 0.5, 2.0), shapes=([2, 3], [2, 1]))
transform("PowerTransform", positive, share, 2.0)
transform("AffineTransform", x, share, 0.5, -2.0)
transform("AffineTransform", x, share, tensor((3,), f64), tensor((2, 1), f64, 0.5, 2.0), shapes=([2, 3], [3]))
transform("AffineTransform", x, share, 0.5, 2.0, 1)
transform("AffineTransform", x, share, tensor((2, 3), f64), tensor((2, 3), f64, 0.5, 2.0), event_dim=1)
transform("SoftmaxTransform", x, simplex, shapes=([2, 3], []))
transform("StickBreakingTransform", x[:, :2], simplex, shapes=([2, 3], []))
transform("LowerCholeskyTransform", matrix, lower)
corr = torch.distributions.CorrCholeskyTransform()(vector)
transform("CorrCholeskyTransform", vector, corr, shapes=([2, 6], [2, 4, 4], [2, 5], [], [2, 4, 3]))
transform("CorrCholeskyTransform", vector[:, :1], torch.distributions.CorrCholeskyTransform()(vector[:, :1]))
transform("ReshapeTransform", vector, vector.reshape(2, 2, 3), [6], [2, 3], shapes=([4, 6], [4, 2, 3], [4, 3, 2], []))
transform("ReshapeTransform", vector, vector.reshape(2, 2, 3), [2, 6], [2, 2, 3])
transform("IndependentTransform", x, positive, New("ExpTransform"), 1)
transform("IndependentTransform", x[0, 0], positive[0, 0], New("ExpTransform"), 1)
parts = [New("AffineTransform", 0.5, -2.0), New("ExpTransform"), New("ExpTransform")]
transform("ComposeTransform", x * 0.2, positive + 1, parts)
transform("ComposeTransform", x * 0.2, positive + 1, parts, cache_size=1)
transform("ComposeTransform", x, x, [])
stick = [New("AffineTransform", 0.5, -2.0), New("StickBreakingTransform")]
transform("ComposeTransform", x[:, :2], simplex, stick, shapes=([2, 3], [5]))
mixed = [New("ExpTransform"), New("AffineTransform", 1.0, 3.0), New("ComposeTransform", [])]
transform("CatTransform", x, positive, mixed, 1)
transform("CatTransform", vector, vector + 4, mixed, -1, [1, 2, 3])
transform("CatTransform", x, positive, mixed, 0)
transform("StackTransform", x, positive, mixed, 1)
transform("StackTransform", x, positive, mixed, -1)
transform("StackTransform", x, positive, mixed, 0)
transform("CumulativeDistributionTransform", x, share, New("Normal", 0.5, 2.0))
wrong("ReshapeTransform", [2, 3], [5])
wrong("ExpTransform", cache_size=2)
wrong("ExpTransform", 3)

for registry in ("biject_to", "transform_to"):
    for constraint, point in (
        (New("constraints.real"), x),
        (New("constraints.positive"), x),
        (New("constraints.nonnegative"), x),
        (New("constraints.greater_than", 2.0), x),
        (New("constraints.greater_than_eq", 2.0), x),
        (New("constraints.less_than", 2.0), x),
        (New("constraints.interval", -1.0, 3.0), x),
        (New("constraints.half_open_interval", -1.0, 3.0), x),
        (New("constraints.unit_interval"), x),
        (New("constraints.interval", tensor((3,), f64), 4.0), x),
        (New("constraints.simplex"), x),
        (New("constraints.real_vector"), x),
        (New("constraints.independent", New("constraints.positive"), 1), x),
        (New("constraints.lower_cholesky"), matrix),
        (New("constraints.corr_cholesky"), vector),
        (New("constraints.cat", [New("constraints.positive"), New("constraints.real")], 1, [1, 2]), x),
        (New("constraints.stack", [New("constraints.positive"), New("constraints.real")], 0), x),
        (New("constraints.boolean"), x),
        (New("constraints.lower_triangular"), matrix),
    ):
        steps = [Step(name, is_property=True) for name in ("bijective", "domain", "codomain")]
        case(New(registry, constraint), *steps, Step("()", point))

family("constraints")
numbers = [x, positive, share, torch.tensor([0.0, 1.0, 2.0, -1.0, nan, inf, 0.5]), torch.tensor([0, 1, 3, -2])]
vectors = [simplex, x, torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.5, 0.0]])]
matrices = [matrix, lower, corr, matrix @ matrix.mT, matrix[:, :2], matrix + matrix.mT]
for name, args, values in (
    ("boolean", [], numbers),
    ("nonnegative_integer", [], numbers),
    ("positive_integer", [], numbers),
    ("integer_interval", [0, 2], numbers),
    ("real", [], numbers),
    ("positive", [], numbers),
    ("nonnegative", [], numbers),
    ("greater_than", [0.5], numbers),
    ("greater_than_eq", [0.5], numbers),
    ("less_than", [0.5], numbers),
    ("unit_interval", [], numbers),
    ("interval", [-0.5, 1.5], numbers),
    ("half_open_interval", [0.0, 1.0], numbers),
    ("interval", [torch.tensor(0.5), torch.tensor([1.0, 2.0])], [torch.ones(2), torch.zeros(3, 1)]),
    ("one_hot", [], vectors),
    ("simplex", [], vectors),
    ("multinomial", [2.0], vectors),
    ("real_vector", [], vectors + numbers),
    ("independent", [New("constraints.positive"), 2], vectors + [torch.ones(2)]),
    ("independent", [New("constraints.positive"), 0], vectors),
    ("lower_triangular", [], matrices),
    ("lower_cholesky", [], matrices),
    ("corr_cholesky", [], matrices),
    ("square", [], matrices),
    ("symmetric", [], matrices),
    ("cat", [[New("constraints.positive"), New("constraints.real")], 1, [1, 2]], [x, positive]),
    ("stack", [[New("constraints.positive"), New("constraints.real")], 0], [x, positive]),
    ("dependent", [], [x]),
):
    steps = [Step("is_discrete", is_property=True), Step("event_dim", is_property=True)]
    case(New(f"constraints.{name}", *args), *steps, *[Step("check", value) for value in values])
symmetric = matrix @ matrix.mT
candidates = [matrix, lower, symmetric, -symmetric, symmetric + torch.eye(3, dtype=f64)]
for name in ("positive_definite", "positive_semidefinite"):
    steps = [Step("is_discrete", is_property=True), Step("event_dim", is_property=True)]
    case(New(f"constraints.{name}"), *steps, *[Step("check", value) for value in candidates])
