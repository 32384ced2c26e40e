"""Inputs and calls for metrics of classes."""

import torch
from __main__ import put, record

rng = torch.Generator().manual_seed(7)


def rand(*shape):
    return torch.rand(*shape, generator=rng)


def randint(high, *shape):
    return torch.randint(0, high, shape, generator=rng)


def with_ignored(target, index):
    target = target.clone()
    target[rand(*target.shape) < 0.2] = index
    return target


C, L = 4, 3

binary = {
    "probabilities": (rand(24), randint(2, 24)),
    "logits": (torch.randn(24, generator=rng), randint(2, 24)),
    "labels": (randint(2, 24), randint(2, 24)),
    "no positives": (rand(12), torch.zeros(12, dtype=torch.long)),
    "no negatives": (rand(12), torch.ones(12, dtype=torch.long)),
    "ties": ((rand(24) * 4).round() / 4, randint(2, 24)),
    "multidim": (rand(6, 5), randint(2, 6, 5)),
}
multiclass = {
    "scores": (torch.randn(30, C, generator=rng), randint(C, 30)),
    "probabilities": (torch.randn(30, C, generator=rng).softmax(1), randint(C, 30)),
    "labels": (randint(C, 30), randint(C, 30)),
    "absent class": (torch.cat([torch.randn(20, C - 1, generator=rng), torch.full((20, 1), -9.0)], 1), randint(C - 1, 20)),
    "absent in target": (torch.randn(20, C, generator=rng), randint(2, 20) + 1),
    "one class": (torch.randn(8, C, generator=rng), torch.full((8,), 2)),
    "multidim scores": (torch.randn(6, C, 5, generator=rng), randint(C, 6, 5)),
    "multidim labels": (randint(C, 6, 5), randint(C, 6, 5)),
    "tied": ((torch.randn(24, C, generator=rng).softmax(1) * 5).round() / 5, randint(C, 24)),
}
multilabel = {
    "probabilities": (rand(20, L), randint(2, 20, L)),
    "logits": (torch.randn(20, L, generator=rng), randint(2, 20, L)),
    "labels": (randint(2, 20, L), randint(2, 20, L)),
    "no positives": (rand(10, L), torch.cat([torch.zeros(10, 1, dtype=torch.long), randint(2, 10, L - 1)], 1)),
    "multidim": (rand(6, L, 4), randint(2, 6, L, 4)),
    "ties": ((rand(20, L) * 3).round() / 3, randint(2, 20, L)),
}


def named(task, key, pair):
    preds, target = pair
    return [put(f"{task} {key} preds", preds), put(f"{task} {key} target", target)]


given = {
    "binary": {key: named("binary", key, pair) for key, pair in binary.items()},
    "multiclass": {key: named("multiclass", key, pair) for key, pair in multiclass.items()},
    "multilabel": {key: named("multilabel", key, pair) for key, pair in multilabel.items()},
}
ignored = {
    "binary": [(named("binary", "ignored", (rand(24), with_ignored(randint(2, 24), -1))), -1)],
    "multiclass": [
        (named("multiclass", "ignored", (torch.randn(30, C, generator=rng), with_ignored(randint(C, 30), -1))), -1),
        (named("multiclass", "ignored label", (randint(C, 30), randint(C, 30))), 2),
    ],
    "multilabel": [(named("multilabel", "ignored", (rand(20, L), with_ignored(randint(2, 20, L), -1))), -1)],
}
counts = {"binary": {}, "multiclass": {"num_classes": C}, "multilabel": {"num_labels": L}}
averages = ["micro", "macro", "weighted", "none"]


def is_floating(pair):
    return pair[0][1].is_floating_point()


def stats(name, cls, further=({},), zero=False):
    for task, inputs in given.items():
        for key, pair in inputs.items():
            for average in averages if task != "binary" else [None]:
                options = {"task": task, **counts[task], **further[0]}
                if average:
                    options["average"] = average
                record(name, pair, (), options, cls)
        for pair, index in ignored[task]:
            for average in averages if task != "binary" else [None]:
                options = {"task": task, **counts[task], **further[0], "ignore_index": index}
                if average:
                    options["average"] = average
                record(name, pair, (), options, cls)
        for key in [one for one in inputs if "multidim" in one]:
            for average in averages if task != "binary" else [None]:
                options = {"task": task, **counts[task], **further[0], "multidim_average": "samplewise"}
                if average:
                    options["average"] = average
                if (name, task, average) == ("stat_scores", "multilabel", "weighted"):
                    continue  # torchmetrics takes the weights of all samples for those of each
                record(name, inputs[key], (), options, cls)
        if task != "multiclass":
            record(name, inputs["probabilities"], (), {"task": task, **counts[task], **further[0], "threshold": 0.3}, cls)
    for k in [2, 3]:
        for average in ["micro", "macro", "none"]:
            options = {"task": "multiclass", "num_classes": C, **further[0], "top_k": k, "average": average}
            record(name, given["multiclass"]["scores"], (), options, cls)


for name, cls in [
    ("accuracy", "Accuracy"), ("precision", "Precision"), ("recall", "Recall"), ("specificity", "Specificity"),
    ("f1_score", "F1Score"), ("stat_scores", "StatScores"), ("hamming_distance", "HammingDistance"),
    ("negative_predictive_value", "NegativePredictiveValue"),
]:
    stats(name, cls)
stats("fbeta_score", "FBetaScore", ({"beta": 0.5},))
for average in averages:
    record("precision", given["multiclass"]["absent class"], (), {"task": "multiclass", "num_classes": C, "average": average}, "Precision")


def confusions(name, cls, options_of):
    for task, inputs in given.items():
        for further in options_of(task):
            for key, pair in inputs.items():
                record(name, pair, (), {"task": task, **counts[task], **further}, cls)
            for pair, index in ignored[task]:
                record(name, pair, (), {"task": task, **counts[task], **further, "ignore_index": index}, cls)


confusions("confusion_matrix", "ConfusionMatrix", lambda task: [{}, {"normalize": "true"}, {"normalize": "pred"}, {"normalize": "all"}])
confusions("jaccard_index", "JaccardIndex", lambda task: [{}] if task == "binary" else [{"average": a} for a in averages])
confusions("matthews_corrcoef", "MatthewsCorrCoef", lambda task: [{}])
confusions("cohen_kappa", "CohenKappa", lambda task: [] if task == "multilabel" else [{}, {"weights": "linear"}, {"weights": "quadratic"}])


# Curves
def curves(name, cls, options_of=lambda task: [{}]):
    for task, inputs in given.items():
        for further in options_of(task):
            for thresholds in [None, 5, [0.1, 0.35, 0.8]]:
                for key, pair in inputs.items():
                    if not is_floating(pair) or key == "one class":
                        continue
                    options = {"task": task, **counts[task], **further, "thresholds": thresholds}
                    record(name, pair, (), options, cls)
                for pair, index in ignored[task]:
                    if is_floating(pair):
                        options = {"task": task, **counts[task], **further, "thresholds": thresholds, "ignore_index": index}
                        record(name, pair, (), options, cls)


def curve_averages(task):
    return [{}, {"average": "micro"}, {"average": "macro"}] if task == "multiclass" else [{}]


def area_averages(task):
    if task == "binary":
        return [{}]
    return [{"average": a} for a in (averages if task == "multilabel" else averages[1:])]


curves("precision_recall_curve", "PrecisionRecallCurve", curve_averages)
curves("roc", "ROC", curve_averages)
curves("auroc", "AUROC", lambda task: [{}, {"max_fpr": 0.4}] if task == "binary" else area_averages(task))
curves("average_precision", "AveragePrecision", area_averages)
curves("recall_at_fixed_precision", "RecallAtFixedPrecision", lambda task: [{"min_precision": 0.5}])
curves("precision_at_fixed_recall", "PrecisionAtFixedRecall", lambda task: [{"min_recall": 0.6}])
curves("sensitivity_at_specificity", "SensitivityAtSpecificity", lambda task: [{"min_specificity": 0.5}])
curves("specificity_at_sensitivity", "SpecificityAtSensitivity", lambda task: [{"min_sensitivity": 0.6}])
curves("eer", "EER", lambda task: [{}])
curves("logauc", "LogAUC", lambda task: [{"fpr_range": (0.05, 0.5)}] if task == "binary" else [])

# The rest
for task in ["binary", "multiclass"]:
    for key, pair in given[task].items():
        if not is_floating(pair):
            continue
        for norm in ["l1", "l2", "max"]:
            record("calibration_error", pair, (), {"task": task, **counts[task], "n_bins": 5, "norm": norm}, "CalibrationError")
        modes = [{}] if task == "binary" else [{}, {"multiclass_mode": "one-vs-all"}]
        for mode in modes:
            for squared in [False, True]:
                record("hinge_loss", pair, (), {"task": task, **counts[task], "squared": squared, **mode}, "HingeLoss")
    for pair, index in ignored[task][:1]:
        record("calibration_error", pair, (), {"task": task, **counts[task], "ignore_index": index}, "CalibrationError")
        record("hinge_loss", pair, (), {"task": task, **counts[task], "ignore_index": index}, "HingeLoss")
for key in ["multidim scores", "multidim labels"]:
    for how in ["global", "samplewise"]:
        record("exact_match", given["multiclass"][key], (), {"task": "multiclass", "num_classes": C, "multidim_average": how}, "ExactMatch")
record("exact_match", named("multiclass", "nearly exact", (torch.tensor([[0, 1], [2, 1], [3, 3]]), torch.tensor([[0, 1], [2, -1], [3, 1]]))), (), {"task": "multiclass", "num_classes": C, "ignore_index": -1}, "ExactMatch")
for key in ["probabilities", "labels", "multidim"]:
    for how in ["global", "samplewise"] if key == "multidim" else ["global"]:
        record("exact_match", given["multilabel"][key], (), {"task": "multilabel", "num_labels": L, "multidim_average": how}, "ExactMatch")
record("exact_match", ignored["multilabel"][0][0], (), {"task": "multilabel", "num_labels": L, "ignore_index": -1}, "ExactMatch")
for name, cls in [
    ("multilabel_coverage_error", "MultilabelCoverageError"),
    ("multilabel_ranking_average_precision", "MultilabelRankingAveragePrecision"),
    ("multilabel_ranking_loss", "MultilabelRankingLoss"),
]:
    for key in ["probabilities", "logits", "no positives"]:
        record(name, given["multilabel"][key], (L,), {}, cls)
