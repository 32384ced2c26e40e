"""Discrete distributions."""

from made import *

family("discrete")

probs, logits = tensor((3,), f64, 0.1, 0.9), tensor((3,), f64)
rows = tensor((2, 4), f64, 0.1, 1.0)
scores = tensor((2, 4), f64)
bits = [torch.tensor([0.0, 1.0, 1.0], dtype=f64), torch.tensor([[0.0], [1.0]], dtype=f64)]
counts = [torch.tensor([0.0, 1.0, 3.0], dtype=f64), torch.tensor([[2.0], [1.0]], dtype=f64)]

distribution("Bernoulli", probs, values=bits)
distribution("Bernoulli", logits=logits, values=bits)
distribution("Bernoulli", 0.3, values=[bits[0].float()])
distribution("Bernoulli", torch.tensor([0.5, 0.0, 1.0]), values=[bits[0].float()])
wrong("Bernoulli")
wrong("Bernoulli", 0.5, 0.5)
wrong("Bernoulli", probs + 1)
wrong("Bernoulli", 1.5)
case(New("Bernoulli", probs), Step("log_prob", probs))

distribution("Poisson", probs * 9, values=counts)
distribution("Poisson", 4.0, values=[counts[0].float()])
distribution("Poisson", torch.tensor([0.0, 12.0, 300.0]), values=[counts[0].float()])
wrong("Poisson", -probs)
case(New("Poisson", probs), Step("log_prob", counts[0] + 0.5), Step("log_prob", -counts[0]))

picks = [torch.tensor([0, 3]), torch.tensor([[1], [2]]), torch.tensor(2)]
distribution("Categorical", rows, values=picks, expand=(3, 2))
distribution("Categorical", logits=scores, values=picks, expand=(3, 2))
distribution("Categorical", torch.tensor([0.25, 0.0, 0.75]), values=[torch.tensor([0, 1, 2])])
distribution("Categorical", logits=torch.tensor([-inf, 0.0, 1.0]), values=[torch.tensor([0, 1, 2])])
wrong("Categorical")
wrong("Categorical", torch.tensor(0.5))
wrong("Categorical", logits=torch.tensor(0.5))
wrong("Categorical", -rows)
wrong("Categorical", rows * nan)
wrong("Categorical", logits=scores * nan)
case(New("Categorical", rows), Step("log_prob", picks[0] + 1), Step("log_prob", torch.tensor([0, 1, 2])))
