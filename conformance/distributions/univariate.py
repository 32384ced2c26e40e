"""Continuous distributions of single numbers."""

from made import *

family("univariate")

loc, scale = tensor((3,), f64), tensor((3,), f64, 0.25, 2.0)
wide = tensor((2, 1), f64, 0.25, 3.0)
reals = [tensor((3,), f64, seed=1), tensor((2, 3), f64, seed=2), tensor((), f64, seed=3)]
positives = [tensor((3,), f64, 0.1, 4.0), tensor((2, 3), f64, 0.1, 4.0)]
shares = [tensor((3,), f64, 0.05, 0.95), tensor((2, 3), f64, 0.05, 0.95)]
p = shares
over_reals = dict(values=reals, probabilities=p)
over_positives = dict(values=positives, probabilities=p)
over_shares = dict(values=shares, probabilities=p)
one = torch.tensor(0.5)

for name in ("Normal", "Laplace", "Cauchy"):
    distribution(name, loc, scale, **over_reals)
    distribution(name, 0.5, 2.0, values=[reals[0].float()], probabilities=[p[0].float()], expand=(3,))
    distribution(name, loc, wide, **over_reals)
    distribution(name, loc.float(), 1.5, values=[reals[0].float()])
    distribution(name, torch.tensor([0.25]), torch.tensor([1.5]), values=[reals[0].float()])
    distribution(name, loc[:0], scale[:0], expand=(2, 0))
    wrong(name, loc, scale - 1)
    wrong(name, torch.tensor(nan), 1.0)
    wrong(name, torch.tensor([nan, 1.0]), 1.0)
    wrong(name, loc, torch.ones(2, dtype=f64))
case(New("Normal", loc, scale), Step("log_prob", tensor((4,), f64)), Step("log_prob", loc * nan))
case(New("Normal", 0.0, 1.0), Step("cdf", torch.tensor([1.0, nan])), Step("enumerate_support"))
case(New("Normal", loc, -scale, validate_args=False), Step("log_prob", loc), Step("cdf", loc))

distribution("Uniform", loc, loc + scale, values=[loc + scale * 0.5, loc], probabilities=p)
distribution("Uniform", -1.0, 2.0, values=[one], probabilities=[one])
distribution("Uniform", loc, loc.max() + wide, values=[loc + 0.1], probabilities=p)
wrong("Uniform", loc, loc - scale)
wrong("Uniform", 1.0, 1.0)
case(New("Uniform", loc, loc + scale), Step("log_prob", loc - 1), Step("cdf", loc + 9))
case(New("Uniform", loc, loc + scale, validate_args=False), Step("log_prob", loc - 1), Step("cdf", loc + 9))

distribution("Exponential", scale, **over_positives)
distribution("Exponential", 2.0, values=[positives[0].float()], probabilities=[p[0].float()])
wrong("Exponential", -scale)
case(New("Exponential", scale), Step("log_prob", -scale))

distribution("Gamma", scale, wide, **over_positives)
distribution("Gamma", 2.0, 0.5, values=[positives[0].float()])
distribution("Gamma", torch.tensor([0.05, 0.5, 3.0, 40.0], dtype=f64), torch.tensor(1.0, dtype=f64), expand=(2, 4))
wrong("Gamma", scale, -scale)
case(New("Gamma", scale, scale), Step("log_prob", 0.5), Step("log_prob", -scale))
distribution("Chi2", scale * 3, **over_positives)
distribution("Chi2", 3.0, values=[positives[0].float()])
wrong("Chi2", -scale)

distribution("Beta", scale, wide, **over_shares)
distribution("Beta", 2.0, 3.0, values=[shares[0].float()])
distribution("Beta", scale * 0.3, scale * 0.4, **over_shares)
wrong("Beta", -1.0, 2.0)
case(New("Beta", scale, scale), Step("log_prob", scale + 1))

for name in ("Gumbel", "LogNormal"):
    on = over_reals if name == "Gumbel" else over_positives
    distribution(name, loc, scale, **on)
    distribution(name, 0.5, 2.0, values=[positives[0].float()], probabilities=[p[0].float()])
    distribution(name, loc, wide, **on)
    wrong(name, loc, -scale)
    wrong(name, loc * nan, scale)
case(New("LogNormal", loc, scale), Step("log_prob", -scale))

for name in ("HalfNormal", "HalfCauchy"):
    distribution(name, scale, **over_positives)
    distribution(name, 2.0, values=[positives[0].float()], probabilities=[p[0].float()])
    wrong(name, -scale)
    case(New(name, scale), Step("log_prob", -scale))
    case(New(name, scale, validate_args=False), Step("log_prob", -scale), Step("cdf", -scale))

distribution("Pareto", scale, wide, values=[scale * 3.5, scale + 1], probabilities=p)
distribution("Pareto", 1.0, 3.0, values=[torch.tensor([1.5, 4.0])], probabilities=[p[0].float()])
wrong("Pareto", scale, -scale)
case(New("Pareto", scale, scale), Step("log_prob", scale * 0.5))

distribution("Weibull", scale, wide, **over_positives)
distribution("Weibull", 1.0, 2.0, values=[positives[0].float()], probabilities=[p[0].float()])
wrong("Weibull", scale, -scale)

distribution("Kumaraswamy", scale, wide, **over_shares)
distribution("Kumaraswamy", 2.0, 3.0, values=[shares[0].float()], probabilities=[p[0].float()])
wrong("Kumaraswamy", scale, -scale)

distribution("StudentT", scale * 3, loc, scale, **over_reals)
distribution("StudentT", 3.0, values=[reals[0].float()])
distribution("StudentT", torch.tensor([0.5, 1.0, 1.5, 2.0, 3.0]), expand=(2, 5))
wrong("StudentT", -scale)

distribution("FisherSnedecor", scale * 4, wide * 3, **over_positives)
distribution("FisherSnedecor", 3.0, 5.0, values=[positives[0].float()])
wrong("FisherSnedecor", scale, -scale)

distribution("VonMises", loc, scale, values=reals)
distribution("VonMises", loc, wide * 4, values=reals)
wrong("VonMises", loc, -scale)

q = torch.tensor([0.1, 0.4995, 0.5, 0.5005, 0.8], dtype=f64)
distribution("ContinuousBernoulli", q, values=[tensor((5,), f64, 0.05, 0.95)], probabilities=[q], expand=(2, 5))
distribution("ContinuousBernoulli", logits=loc, **over_shares)
distribution("ContinuousBernoulli", 0.3, values=[shares[0].float()], probabilities=[p[0].float()])
distribution("ContinuousBernoulli", 0.3, lims=(0.2, 0.6), values=[shares[0].float()], probabilities=[p[0].float()])
wrong("ContinuousBernoulli", 1.5, validate_args=True)
wrong("ContinuousBernoulli")

for name in ("RelaxedBernoulli", "LogitRelaxedBernoulli"):
    for given in (dict(probs=shares[0]), dict(logits=loc)):
        distribution(name, torch.tensor(0.7, dtype=f64), values=[shares[1]], probabilities=[p[0]], **given)
    wrong(name, torch.tensor(0.7, dtype=f64))
    wrong(name, torch.tensor(0.7, dtype=f64), scale + 1)

# Parameters in float32, which have gradients too.
low, width = loc.float(), scale.float()
single, share = [positives[0].float()], [shares[0].float()]
for name in ("Exponential", "Chi2", "HalfNormal", "HalfCauchy"):
    distribution(name, width, values=single)
for name in ("Gamma", "Weibull", "FisherSnedecor"):
    distribution(name, width + 1, width, values=single)
for name in ("Beta", "Kumaraswamy"):
    distribution(name, width + 1, width, values=share)
for name in ("Gumbel", "LogNormal"):
    distribution(name, low, width, values=single)
distribution("Uniform", low, low + width, values=[low + width * 0.5])
distribution("Pareto", width, width + 1, values=[width * 3.5])
distribution("StudentT", width * 3, low, width, values=[low])
# Samples of VonMises are drawn in float64, as in later versions.
case(New("VonMises", low, width), Step("log_prob", low), *(Step(one, is_property=True) for one in MOMENTS))
# Nearer to a half its formulas have few digits in float32.
distribution("ContinuousBernoulli", torch.tensor([0.02, 0.1, 0.97]), values=share)
for name in ("RelaxedBernoulli", "LogitRelaxedBernoulli"):
    distribution(name, torch.tensor(0.7), values=share, probs=share[0])
