/** Loss functions: as objects that keep their options, and as functions that are given them with each call. */
import torch, { nn } from "flambeau";

const F = nn.functional;

// Numbers: mean square error
const predicted = torch.tensor([2.5, 0, 2, 8], { requiresGrad: true });
const actual = torch.tensor([3, -0.5, 2, 7]);
const mse = new nn.MSELoss();
console.log(mse(predicted, actual), F.mseLoss(predicted, actual));
console.log(new nn.MSELoss({ reduction: "sum" })(predicted, actual));
mse(predicted, actual).backward();
console.log(predicted.grad);

// Classes: cross entropy of raw scores, for labels that are indices of classes
const logits = torch.tensor([
  [2, 0.5, -1],
  [0, 3, 0],
]);
const labels = torch.tensor([0, 2], { dtype: torch.long });
console.log(new nn.CrossEntropyLoss()(logits, labels), F.crossEntropy(logits, labels));

// It is the negative log likelihood of the logarithms of a softmax
const logProbabilities = new nn.LogSoftmax(1)(logits);
console.log(new nn.NLLLoss()(logProbabilities, labels), F.nllLoss(logProbabilities, labels));

// What counts more, what counts not at all, and goals that are not quite certain
const weight = torch.tensor([1, 1, 5]);
console.log(new nn.CrossEntropyLoss({ weight })(logits, labels));
console.log(new nn.CrossEntropyLoss({ ignoreIndex: 2 })(logits, labels));
console.log(new nn.CrossEntropyLoss({ labelSmoothing: 0.1 })(logits, labels));

// Yes or no
const scores = torch.tensor([1.5, -0.5]);
const answers = torch.tensor([1, 0], { dtype: torch.float });
console.log(new nn.BCEWithLogitsLoss()(scores, answers), F.binaryCrossEntropy(scores.sigmoid(), answers));
