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
