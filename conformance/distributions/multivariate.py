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
distribution("ExpRelaxedCategorical", torch.tensor(0.7), rows[0].float(), values=[shares[1].log().float()])
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

family("gaussian")

mean = tensor((3,), f64)
matrix = tensor((3, 3), f64, seed=21)
tril = matrix.tril(-1) * 0.5 + torch.diag(tensor((3,), f64, 0.5, 2.0, seed=22))
covariance = tril @ tril.mT
covariance = (covariance + covariance.mT) / 2
two = torch.stack([covariance, torch.eye(3, dtype=f64) * 2])
values = [tensor((3,), f64, seed=23), tensor((2, 3), f64, seed=24), tensor((4, 2, 3), f64, seed=25)]
for given in ({"covariance_matrix": covariance}, {"precision_matrix": covariance}, {"scale_tril": tril}):
    distribution("MultivariateNormal", mean, values=values, expand=(2,), **given)
    properties = [Step(one, is_property=True) for one in ("scale_tril", "covariance_matrix", "precision_matrix")]
    case(New("MultivariateNormal", mean, **given), *properties)
distribution("MultivariateNormal", tensor((2, 3), f64), two, values=values[1:], expand=(4, 2))
distribution("MultivariateNormal", mean, two, values=values, expand=(4, 2))
distribution("MultivariateNormal", tensor((2, 3), f64), covariance, values=values, expand=(4, 2))
distribution("MultivariateNormal", torch.zeros(2), torch.eye(2), values=[torch.ones(2)], expand=(4, 2))
wrong("MultivariateNormal", mean)
wrong("MultivariateNormal", mean, covariance, covariance)
wrong("MultivariateNormal", mean[0], covariance)
wrong("MultivariateNormal", mean, mean)
wrong("MultivariateNormal", mean, scale_tril=mean)
wrong("MultivariateNormal", mean, matrix)
wrong("MultivariateNormal", mean, -covariance)
wrong("MultivariateNormal", mean, precision_matrix=-covariance)
wrong("MultivariateNormal", mean, scale_tril=matrix)
case(New("MultivariateNormal", mean, covariance), Step("log_prob", values[0][:2]), Step("log_prob", values[0] * nan))

W, D = tensor((3, 2), f64, seed=26), tensor((3,), f64, 0.5, 2.0, seed=27)
many = tensor((2, 3, 2), f64, seed=28), tensor((2, 3), f64, 0.5, 2.0, seed=29)
distribution("LowRankMultivariateNormal", mean, W, D, values=values, expand=(2,))
distribution("LowRankMultivariateNormal", tensor((2, 3), f64), *many, values=values[1:], expand=(4, 2))
distribution("LowRankMultivariateNormal", mean, W, many[1], values=values, expand=(4, 2))
properties = [Step(one, is_property=True) for one in ("scale_tril", "covariance_matrix", "precision_matrix")]
case(New("LowRankMultivariateNormal", mean, W, D), *properties)
case(New("LowRankMultivariateNormal", tensor((2, 3), f64), *many), *properties)
distribution("LowRankMultivariateNormal", mean.float(), W.float(), D.float(), values=[values[0].float()], expand=(2,))
wrong("LowRankMultivariateNormal", mean[0], W, D)
wrong("LowRankMultivariateNormal", mean, D, D)
wrong("LowRankMultivariateNormal", mean, W[:2], D)
wrong("LowRankMultivariateNormal", mean, W, D[:2])
wrong("LowRankMultivariateNormal", tensor((3, 3), f64), *many)
wrong("LowRankMultivariateNormal", mean, W, -D)

torch.manual_seed(3)
draws = torch.distributions.Wishart(torch.tensor(5.0, dtype=f64), covariance).sample([2])
draws = (draws + draws.mT) / 2
for given in ({"covariance_matrix": covariance}, {"precision_matrix": covariance}, {"scale_tril": tril}):
    distribution("Wishart", torch.tensor(4.5, dtype=f64), values=[draws[0], draws], expand=(2,), **given)
distribution("Wishart", torch.tensor([4.5, 7.0], dtype=f64), covariance, values=[draws[0], draws], expand=(4, 2))
distribution("Wishart", torch.tensor([4.5, 7.0], dtype=f64), two, values=[draws[0], draws], expand=(4, 2))
distribution("Wishart", torch.tensor(4.5), covariance.float(), values=[draws[0].float()], expand=(2,))
wrong("Wishart", torch.tensor(2.0, dtype=f64), covariance)
wrong("Wishart", torch.tensor(4.0, dtype=f64), -covariance)
wrong("Wishart", torch.tensor(4.0, dtype=f64), mean)
case(New("Wishart", torch.tensor(4.5, dtype=f64), covariance), Step("log_prob", -draws))
