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

total = torch.tensor([3.0, 5.0, 10.0], dtype=f64)
distribution("Binomial", total, probs, values=counts)
distribution("Binomial", 4, probs, values=counts)
distribution("Binomial", 4, logits=logits, values=counts)
distribution("Binomial", 40, 0.3, values=[counts[0].float()])
distribution("Binomial", 2, torch.tensor([0.0, 1.0, 0.5]), values=[torch.tensor([0.0, 2.0, 1.0])])
distribution("Binomial", probs=probs, values=bits)
wrong("Binomial", 4)
wrong("Binomial", 2.5, probs)
wrong("Binomial", 4, probs + 1)
case(New("Binomial", 4, probs), Step("log_prob", counts[0] + 3))

distribution("NegativeBinomial", total, probs, values=counts)
distribution("NegativeBinomial", 4.5, logits=logits, values=counts)
distribution("NegativeBinomial", 40.0, 0.3, values=[counts[0].float()])
distribution("NegativeBinomial", torch.tensor([0.0, 1.0]), 0.3, values=[torch.tensor([0.0, 1.0])], expand=(3, 2))
wrong("NegativeBinomial", -total, probs)
wrong("NegativeBinomial", total, torch.ones(3, dtype=f64))
wrong("NegativeBinomial", total)

distribution("Geometric", probs, values=counts)
distribution("Geometric", logits=logits, values=counts)
distribution("Geometric", 0.3, values=[counts[0].float()])
distribution("Geometric", torch.tensor([1.0, 0.5]), values=[torch.tensor([0.0, 1.0])], expand=(3, 2))
wrong("Geometric", torch.tensor([0.0, 0.5]))
wrong("Geometric", probs + 1)
wrong("Geometric")

one_hot = [torch.tensor([[0.0, 1, 0, 0], [0, 0, 0, 1]], dtype=f64), torch.tensor([1.0, 0, 0, 0], dtype=f64)]
for name in ("OneHotCategorical", "OneHotCategoricalStraightThrough"):
    distribution(name, rows, values=one_hot, expand=(3, 2))
    distribution(name, logits=scores, values=one_hot, expand=(3, 2))
    distribution(name, torch.tensor([0.25, 0.0, 0.75]), values=[torch.tensor([0.0, 0.0, 1.0])])
    wrong(name)
    wrong(name, -rows)
    case(New(name, rows), Step("log_prob", rows), Step("log_prob", one_hot[0] * 2))

tallies = [torch.tensor([[1.0, 0, 2, 0], [0, 2, 0, 1]], dtype=f64), torch.tensor([1.0, 1, 1, 0], dtype=f64)]
distribution("Multinomial", 3, rows, values=tallies, expand=(3, 2))
distribution("Multinomial", 3, logits=scores, values=tallies, expand=(3, 2))
even = torch.tensor([0.25, 0.0, 0.75], dtype=f64)
distribution("Multinomial", 30, even, values=[torch.tensor([1.0, 0.0, 2.0], dtype=f64)])
distribution("Multinomial", probs=rows[0], values=one_hot[1:])
distribution("Multinomial", 3, rows.float(), values=[tallies[0].float()], expand=(3, 2))
wrong("Multinomial", 3)
wrong("Multinomial", torch.tensor([3, 4]), rows)
case(New("Multinomial", 3, rows), Step("log_prob", tallies[0] * 2), Step("log_prob", -tallies[0]))
