"""Distributions of vectors."""

from made import *

family("multivariate")

concentration = tensor((2, 3), f64, 0.25, 4.0)
shares = [torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], dtype=f64), torch.tensor([0.25, 0.25, 0.5], dtype=f64)]

distribution("Dirichlet", concentration, values=shares, expand=(3, 2))
distribution("Dirichlet", concentration[0].float(), values=[shares[1].float()])
distribution("Dirichlet", concentration * 0.1, values=shares, expand=(3, 2))
wrong("Dirichlet", torch.tensor(0.5))
wrong("Dirichlet", -concentration)
case(New("Dirichlet", concentration), Step("log_prob", shares[0] * 2), Step("log_prob", shares[0][:, :2]))

loc, scale = tensor((2, 2), f64), tensor((2, 2), f64, 0.25, 2.0)
distribution("LogisticNormal", loc, scale, values=shares, expand=(3, 2))
distribution("LogisticNormal", loc[0].float(), scale[0].float(), values=[shares[1].float()])
distribution("LogisticNormal", 0.5, 2.0, values=[torch.tensor([0.25, 0.75])])
wrong("LogisticNormal", loc, -scale)

rows, scores = tensor((2, 3), f64, 0.1, 1.0), tensor((2, 3), f64)
warm = torch.tensor(0.7, dtype=f64)
for given in (dict(probs=rows), dict(logits=scores)):
    distribution("RelaxedOneHotCategorical", warm, values=shares, expand=(3, 2), **given)
    distribution("ExpRelaxedCategorical", warm, values=[shares[0].log()], expand=(3, 2), **given)
distribution("RelaxedOneHotCategorical", torch.tensor([0.5]), rows[0].float(), values=[shares[1].float()])
wrong("RelaxedOneHotCategorical", warm, -rows)
wrong("RelaxedOneHotCategorical", warm)

for dim in (2, 3, 4):
    factors = torch.distributions.LKJCholesky(dim, torch.tensor(1.0, dtype=f64))
    torch.manual_seed(9)
    values = [factors.sample(), factors.sample([2])]
    distribution("LKJCholesky", dim, torch.tensor([0.5, 2.0], dtype=f64), values=values, expand=(3, 2))
    distribution("LKJCholesky", dim, values=[values[0].float()])
wrong("LKJCholesky", 1)
wrong("LKJCholesky", 3, -1.0)
case(New("LKJCholesky", 3), Step("log_prob", torch.ones(3, 3)))

family("wrapped")

vector, spread = tensor((2, 3), f64), tensor((2, 3), f64, 0.25, 2.0)
normal = New("Normal", vector, spread)
values = [tensor((2, 3), f64, seed=5), tensor((4, 2, 3), f64, seed=6), tensor((3,), f64, seed=7)]
for dims in (0, 1, 2):
    distribution("Independent", normal, dims, values=values, expand=[(4, 2, 3), (4, 2), (4,)][dims])
distribution("Independent", New("Bernoulli", tensor((2, 3), f64, 0.1, 0.9)), 1, values=[torch.ones(2, 3, dtype=f64)])
distribution("Independent", New("Categorical", rows), 0, values=[torch.tensor([0, 1])], expand=(3, 2))
wrong("Independent", normal, 3)
case(New("Independent", normal, 1), Step("log_prob", vector[:, :2]), Step("log_prob", vector * nan))

uniform = New("Uniform", torch.zeros(3, dtype=f64), torch.ones(3, dtype=f64))
logistic = [New("SigmoidTransform").inv, New("AffineTransform", 0.5, spread[0])]
p = tensor((3,), f64, 0.05, 0.95)
distribution("TransformedDistribution", uniform, logistic, values=values, probabilities=[p])
falling = [New("AffineTransform", 0.5, -2.0)]
distribution("TransformedDistribution", New("Normal", 0.0, 1.0), falling, values=[p.float()], probabilities=[p.float()])
distribution("TransformedDistribution", normal, New("ExpTransform"), values=[values[0].exp()], probabilities=[p])
distribution("TransformedDistribution", normal, [], values=values, probabilities=[p])
distribution("TransformedDistribution", normal, New("StickBreakingTransform"), values=[torch.full((2, 4), 0.25, dtype=f64)], expand=(3, 2))
distribution("TransformedDistribution", normal, New("ReshapeTransform", [2, 3], [6]), values=[tensor((6,), f64)], expand=(3,))
distribution("TransformedDistribution", New("Normal", 0.0, 1.0), New("AffineTransform", vector, spread), values=values[:1])
distribution("TransformedDistribution", New("Independent", normal, 1), New("TanhTransform"), values=[values[0].tanh()], expand=(4, 2))
distribution("TransformedDistribution", normal, New("CumulativeDistributionTransform", New("Normal", 0.0, 2.0)), values=[p], probabilities=[p])
wrong("TransformedDistribution", New("Normal", 0.0, 1.0), New("StickBreakingTransform"))
wrong("TransformedDistribution", normal, 3)
wrong("TransformedDistribution", normal, [3])
case(New("TransformedDistribution", normal, New("ExpTransform")), Step("log_prob", -spread))

weights = tensor((3,), f64, 0.1, 1.0)
distribution("MixtureSameFamily", New("Categorical", weights), New("Normal", vector[0], spread[0]), values=values[2:] + [p], expand=(4,))
distribution("MixtureSameFamily", New("Categorical", rows), New("Normal", vector, spread), values=[tensor((2,), f64)], expand=(4, 2))
distribution("MixtureSameFamily", New("Categorical", weights), New("Normal", vector, spread), values=[tensor((2,), f64)], expand=(4, 2))
points = New("Independent", New("Normal", tensor((3, 2), f64), tensor((3, 2), f64, 0.5, 2.0)), 1)
distribution("MixtureSameFamily", New("Categorical", weights), points, values=[tensor((2,), f64), tensor((5, 2), f64)], expand=(4,))
distribution("MixtureSameFamily", New("Categorical", weights), New("Poisson", spread[0]), values=[torch.tensor([0.0, 2.0], dtype=f64)], expand=(4,))
wrong("MixtureSameFamily", New("Categorical", rows), New("Normal", vector[:, :2], spread[:, :2]))
wrong("MixtureSameFamily", New("Categorical", rows), New("Normal", tensor((4, 3), f64), 1.0))
wrong("MixtureSameFamily", normal, normal)
