"""Divergences of all pairs that PyTorch has."""

from torch.distributions.kl import _KL_REGISTRY

from made import *

family("kl")

x, y = tensor((3,), f64, seed=11), tensor((3,), f64, seed=12)
a, b = tensor((3,), f64, 0.3, 3.0, seed=13), tensor((3,), f64, 0.3, 3.0, seed=14)
c, d = tensor((3,), f64, 0.3, 3.0, seed=15), tensor((3,), f64, 0.3, 3.0, seed=16)
share, other = tensor((3,), f64, 0.1, 0.9), tensor((3,), f64, 0.1, 0.9, seed=17)
rows, columns = tensor((2, 3), f64, 0.1, 1.0), tensor((3,), f64, 0.1, 1.0, seed=18)
normal = New("Normal", x, a), New("Normal", y, b)

# Two of each family; a list where there are more.
OBJECTS = {
    "Bernoulli": [(New("Bernoulli", share), New("Bernoulli", other)), (New("Bernoulli", torch.tensor([0.0, 1.0, 0.5, 0.5])), New("Bernoulli", torch.tensor([0.5, 0.5, 0.0, 1.0])))],
    "Beta": [(New("Beta", a, c), New("Beta", b, d))],
    "Binomial": [(New("Binomial", 5, share), New("Binomial", 5, other)), (New("Binomial", 5, share), New("Binomial", 4, other)), (New("Binomial", 3, share), New("Binomial", 4, other))],
    "Categorical": [(New("Categorical", rows), New("Categorical", columns)), (New("Categorical", torch.tensor([0.0, 0.5, 0.5])), New("Categorical", torch.tensor([0.5, 0.0, 0.5])))],
    "Cauchy": [(New("Cauchy", x, a), New("Cauchy", y, b))],
    "ContinuousBernoulli": [(New("ContinuousBernoulli", share), New("ContinuousBernoulli", other))],
    "Dirichlet": [(New("Dirichlet", rows * 3), New("Dirichlet", columns * 2))],
    "Exponential": [(New("Exponential", a), New("Exponential", b))],
    "Gamma": [(New("Gamma", a, c), New("Gamma", b, d))],
    "Geometric": [(New("Geometric", share), New("Geometric", other))],
    "Gumbel": [(New("Gumbel", x, a), New("Gumbel", y, b))],
    "HalfNormal": [(New("HalfNormal", a), New("HalfNormal", b))],
    "Independent": [(New("Independent", New("Normal", rows, rows), 1), New("Independent", New("Normal", rows * 2, columns), 1)), (New("Independent", New("Normal", rows, rows), 1), New("Independent", New("Normal", rows, rows), 2))],
    "Laplace": [(New("Laplace", x, a), New("Laplace", y, b))],
    "Normal": [normal],
    "OneHotCategorical": [(New("OneHotCategorical", rows), New("OneHotCategorical", columns))],
    "Pareto": [(New("Pareto", a, c + 2), New("Pareto", b, d))],
    "Poisson": [(New("Poisson", a), New("Poisson", b))],
    "TransformedDistribution": [
        (New("TransformedDistribution", normal[0], New("ExpTransform")), New("TransformedDistribution", normal[1], New("ExpTransform"))),
        (New("TransformedDistribution", normal[0], New("AffineTransform", 1.0, a)), New("TransformedDistribution", normal[1], New("AffineTransform", 1.0, a))),
        (New("TransformedDistribution", normal[0], New("AffineTransform", 1.0, a)), New("TransformedDistribution", normal[1], New("AffineTransform", 1.0, 2.0))),
        (New("LogNormal", x, a), New("LogNormal", y, b)),
        (New("TransformedDistribution", normal[0], New("ExpTransform")), New("TransformedDistribution", normal[1], New("SigmoidTransform"))),
    ],
    "Uniform": [(New("Uniform", share, share + a), New("Uniform", other - 1, other + 3)), (New("Uniform", share, share + 0.05), New("Uniform", other, other + b)), (New("Uniform", share - 1, share + a), New("Uniform", other - 1, other + b))],
}


def divergence(p, q):
    case(p, Step("kl", q))


for P, Q in _KL_REGISTRY:
    for first, _ in OBJECTS.get(P.__name__, []):
        for _, second in OBJECTS.get(Q.__name__, []):
            divergence(first, second)
for name in ("Chi2", "FisherSnedecor"):
    divergence(New("Chi2", a), New(name, *([b] if name == "Chi2" else [b, b])))
divergence(normal[0], New("Cauchy", y, b))
divergence(New("LogNormal", x, a), normal[0])
divergence(New("LogNormal", x, a), New("Gumbel", y, b))
wide = tensor((2, 1), f64, 0.3, 3.0)
for name in ("Normal", "Gamma", "Beta", "Laplace", "Gumbel"):
    divergence(New(name, a, c), New(name, wide, wide + 1))

mean = tensor((3,), f64)
matrix = tensor((3, 3), f64, seed=21)
tril = matrix.tril(-1) * 0.5 + torch.diag(tensor((3,), f64, 0.5, 2.0, seed=22))
W, D = tensor((3, 2), f64, seed=26), tensor((3,), f64, 0.5, 2.0, seed=27)
gaussians = [
    New("MultivariateNormal", mean, scale_tril=tril),
    New("MultivariateNormal", tensor((2, 3), f64), scale_tril=torch.stack([tril, torch.eye(3, dtype=f64)])),
    New("MultivariateNormal", torch.zeros(3, dtype=f64), torch.eye(3, dtype=f64)),
    New("LowRankMultivariateNormal", mean, W, D),
    New("LowRankMultivariateNormal", tensor((2, 3), f64), torch.stack([W, W + 1]), torch.stack([D, D + 1])),
    New("MultivariateNormal", torch.zeros(2, dtype=f64), torch.eye(2, dtype=f64)),
    New("LowRankMultivariateNormal", mean[:2], W[:2], D[:2]),
]
for p in gaussians:
    for q in gaussians:
        divergence(p, q)
