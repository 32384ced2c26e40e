"""The program of examples/bayesianRegression.ts: python3 bayesian_regression.py"""
import math

import torch
from torch.distributions import MultivariateNormal, Normal, constraints, kl_divergence, transform_to

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

NOISE = 0.4
x = torch.rand(40) * 3
y = x * 1.5 - 0.5 + torch.randn(40) * NOISE
inputs = torch.stack([x, torch.ones_like(x)], 1)

prior = MultivariateNormal(torch.zeros(2), torch.eye(2) * 4)
loc = torch.zeros(2).requires_grad_()
free = torch.zeros(2, 2).requires_grad_()
to_factor = transform_to(constraints.lower_cholesky)
guide = lambda: MultivariateNormal(loc, scale_tril=to_factor(free))


def evidence(samples):
    posterior = guide()
    weights = posterior.rsample([samples])
    likelihood = Normal(weights @ inputs.T, NOISE).log_prob(y).sum(-1)
    return likelihood.mean() - kl_divergence(posterior, prior)


optimizer = torch.optim.Adam([loc, free], 0.1)
for step in range(1, 801):
    loss = -evidence(64)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == 600:
        for group in optimizer.param_groups:
            group["lr"] = 0.01
    if step % 100 == 0:
        print(f"step {step}: evidence at least {-loss.item():.3f}")


def show(name, mean, covariance):
    (slope, both), (_, offset) = covariance.tolist()
    weight, bias = mean.tolist()
    line = f"{weight:.3f} ± {math.sqrt(slope):.3f}, {bias:.3f} ± {math.sqrt(offset):.3f}"
    print(f"{name}: {line}, correlation {both / math.sqrt(slope * offset):.2f}")


found = guide()
show("found", found.mean.detach(), found.covariance_matrix.detach())
precision = prior.precision_matrix + inputs.T @ inputs / NOISE**2
exact = MultivariateNormal(torch.linalg.solve(precision, inputs.T @ y / NOISE**2), precision_matrix=precision)
show("exact", exact.mean, exact.covariance_matrix)
print(f"divergence of the two: {kl_divergence(found, exact).item():.4f}")
