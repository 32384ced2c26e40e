"""python3 losses.py"""
import torch
import torch.nn.functional as F
from torch import nn

predicted, actual = torch.tensor([2.5, 0, 2, 8], requires_grad=True), torch.tensor([3, -0.5, 2, 7])
mse = nn.MSELoss()
print(mse(predicted, actual), F.mse_loss(predicted, actual))
print(nn.MSELoss(reduction="sum")(predicted, actual))
mse(predicted, actual).backward()
print(predicted.grad)
logits, labels = torch.tensor([[2, 0.5, -1], [0, 3, 0]]), torch.tensor([0, 2])
print(nn.CrossEntropyLoss()(logits, labels), F.cross_entropy(logits, labels))
log_probabilities = nn.LogSoftmax(1)(logits)
print(nn.NLLLoss()(log_probabilities, labels), F.nll_loss(log_probabilities, labels))
print(nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1, 5]))(logits, labels))
print(nn.CrossEntropyLoss(ignore_index=2)(logits, labels))
print(nn.CrossEntropyLoss(label_smoothing=0.1)(logits, labels))
scores, answers = torch.tensor([1.5, -0.5]), torch.tensor([1.0, 0])
print(nn.BCEWithLogitsLoss()(scores, answers), F.binary_cross_entropy(scores.sigmoid(), answers))
