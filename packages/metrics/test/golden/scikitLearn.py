"""Writes what scikit-learn gives for many inputs to sklearn.json.gz; run by hand.

Its functions take the target first, and have other names and options: here they are given ours.
"""

import gzip
import json
import os
import warnings

import numpy as np
import sklearn
from sklearn import metrics as M

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)
inputs, cases, reports = {}, [], []


def plain(value):
    value = np.asarray(value)
    kind = "float64" if value.dtype.kind == "f" else "int64"
    flat = [float(f"{x:.12g}") if kind == "float64" else int(x) for x in value.flatten()]
    return {"shape": list(value.shape), "dtype": kind, "data": flat}


def record(function, given, options, result, cls, tolerance=2e-5):
    for name, value in given:
        inputs.setdefault(name, plain(value))
    cases.append({
        "function": function, "inputs": [name for name, _ in given], "positional": [], "options": options,
        "result": plain(result), "class": cls, "chunked": True,
    })


C, L = 4, 3
labels = {
    "random": (rng.integers(0, C, 60), rng.integers(0, C, 60)),
    "good": (None, rng.integers(0, C, 60)),
    "absent in both": (rng.integers(0, 3, 40), rng.integers(0, 3, 40)),
    "absent in target": (rng.integers(0, C, 40), rng.integers(0, 2, 40)),
    "absent in predictions": (rng.integers(0, 2, 40), rng.integers(0, C, 40)),
    "one class": (np.zeros(10, int), np.zeros(10, int)),
    "nothing right": (np.array([1, 2, 3, 0]), np.array([0, 1, 2, 3])),
}
p, t = labels["good"]
labels["good"] = (np.where(rng.random(60) < 0.8, t, rng.integers(0, C, 60)), t)
scores = [
    ("precision", "Precision", M.precision_score, {}), ("recall", "Recall", M.recall_score, {}),
    ("f1Score", "F1Score", M.f1_score, {}), ("fbetaScore", "FBetaScore", M.fbeta_score, {"beta": 2.0}),
    ("jaccardIndex", "JaccardIndex", M.jaccard_score, {}),
]
for key, (preds, target) in labels.items():
    given = [(f"labels {key} preds", preds), (f"labels {key} target", target)]
    # Ours leaves out a class that is in neither; so does scikit-learn if it is not told of it.
    for average in ["micro", "macro", "weighted", None]:
        for name, cls, function, more in scores:
            which = np.arange(C) if average is None else None
            value = function(target, preds, labels=which, average=average, zero_division=0, **more)
            options = {"task": "multiclass", "numClasses": C, "average": average, **more}
            record(name, given, options, value, cls)
    record("accuracy", given, {"task": "multiclass", "numClasses": C}, M.accuracy_score(target, preds), "Accuracy")
    record("hammingDistance", given, {"task": "multiclass", "numClasses": C}, M.hamming_loss(target, preds), "HammingDistance")
    for normalize in [None, "true", "pred", "all"]:
        matrix = M.confusion_matrix(target, preds, labels=np.arange(C), normalize=normalize)
        record("confusionMatrix", given, {"task": "multiclass", "numClasses": C, "normalize": normalize}, matrix, "ConfusionMatrix")
    if key != "one class":
        record("matthewsCorrcoef", given, {"task": "multiclass", "numClasses": C}, M.matthews_corrcoef(target, preds), "MatthewsCorrCoef")
        for weights in [None, "linear", "quadratic"]:
            value = M.cohen_kappa_score(target, preds, labels=np.arange(C), weights=weights)
            record("cohenKappa", given, {"task": "multiclass", "numClasses": C, "weights": weights}, value, "CohenKappa")

binary = {
    "random": (rng.random(50), rng.integers(0, 2, 50)),
    "ties": (np.round(rng.random(50) * 4) / 4, rng.integers(0, 2, 50)),
    "rare": (rng.random(50), (rng.random(50) < 0.06).astype(int)),
}
binary["rare"][1][3] = 1
for key, (preds, target) in binary.items():
    given = [(f"binary {key} preds", preds), (f"binary {key} target", target)]
    task = {"task": "binary"}
    hard = (preds > 0.5).astype(int)
    for name, cls, function, more in scores:
        record(name, given, {**task, **more}, function(target, hard, zero_division=0, **more), cls)
    record("specificity", given, task, M.recall_score(target, hard, pos_label=0), "Specificity")
    record("negativePredictiveValue", given, task, M.precision_score(target, hard, pos_label=0), "NegativePredictiveValue")
    record("auroc", given, task, M.roc_auc_score(target, preds), "AUROC")
    record("auroc", given, {**task, "maxFpr": 0.3}, M.roc_auc_score(target, preds, max_fpr=0.3), "AUROC")
    record("averagePrecision", given, task, M.average_precision_score(target, preds), "AveragePrecision")
for key in ["no positives", "no negatives"]:
    target = np.zeros(20, int) + (key == "no negatives")
    given = [(f"binary {key} preds", rng.random(20)), (f"binary {key} target", target)]
    hard = (given[0][1] > 0.5).astype(int)
    for name, cls, function, more in scores:
        record(name, given, {"task": "binary", **more}, function(target, hard, zero_division=0, **more), cls)
    record("averagePrecision", given, {"task": "binary"}, M.average_precision_score(target, given[0][1]), "AveragePrecision")

probabilities = rng.dirichlet(np.ones(C), 60)
target = rng.integers(0, C, 60)
given = [("classes preds", probabilities), ("classes target", target)]
for average in ["macro", "weighted"]:
    value = M.roc_auc_score(target, probabilities, multi_class="ovr", average=average)
    record("auroc", given, {"task": "multiclass", "numClasses": C, "average": average}, value, "AUROC")
for k in [1, 2, 3]:
    value = M.top_k_accuracy_score(target, probabilities, k=k)
    record("accuracy", given, {"task": "multiclass", "numClasses": C, "topK": k}, value, "Accuracy")
one_hot = np.eye(C, dtype=int)[target]
record("averagePrecision", given, {"task": "multiclass", "numClasses": C, "average": None},
       M.average_precision_score(one_hot, probabilities, average=None), "AveragePrecision")

multilabel = {
    "random": (rng.random((40, L)), rng.integers(0, 2, (40, L))),
    "no positives of one": (rng.random((40, L)), rng.integers(0, 2, (40, L)) * np.array([1, 0, 1])),
    "ties": (np.round(rng.random((40, L)) * 3) / 3, rng.integers(0, 2, (40, L))),
}
for key, (preds, target) in multilabel.items():
    given = [(f"multilabel {key} preds", preds), (f"multilabel {key} target", target)]
    hard = (preds > 0.5).astype(int)
    for average in ["micro", "macro", "weighted", None]:
        for name, cls, function, more in scores:
            value = function(target, hard, average=average, zero_division=0, **more)
            record(name, given, {"task": "multilabel", "numLabels": L, "average": average, **more}, value, cls)
        if key != "no positives of one":
            options = {"task": "multilabel", "numLabels": L, "average": average}
            record("auroc", given, options, M.roc_auc_score(target, preds, average=average), "AUROC")
            record("averagePrecision", given, options, M.average_precision_score(target, preds, average=average), "AveragePrecision")
    record("exactMatch", given, {"task": "multilabel", "numLabels": L}, M.accuracy_score(target, hard), "ExactMatch")
    record("confusionMatrix", given, {"task": "multilabel", "numLabels": L}, M.multilabel_confusion_matrix(target, hard), "ConfusionMatrix")
    if key == "random":
        for name, cls, function in [
            ("multilabelCoverageError", "MultilabelCoverageError", M.coverage_error),
            ("multilabelRankingAveragePrecision", "MultilabelRankingAveragePrecision", M.label_ranking_average_precision_score),
            ("multilabelRankingLoss", "MultilabelRankingLoss", M.label_ranking_loss),
        ]:
            record(name, given, {}, function(target, preds), cls)
            cases[-1]["positional"] = [L]

x, y = rng.normal(size=40), rng.normal(size=40)
given = [("numbers preds", x), ("numbers target", y)]
for name, cls, function, options in [
    ("meanSquaredError", "MeanSquaredError", M.mean_squared_error, {}),
    ("meanAbsoluteError", "MeanAbsoluteError", M.mean_absolute_error, {}),
    ("meanAbsolutePercentageError", "MeanAbsolutePercentageError", M.mean_absolute_percentage_error, {}),
    ("r2Score", "R2Score", M.r2_score, {}),
    ("explainedVariance", "ExplainedVariance", M.explained_variance_score, {}),
]:
    record(name, given, options, function(y, x), cls)
given = [("positive preds", np.abs(x) + 0.1), ("positive target", np.abs(y) + 0.1)]
record("meanSquaredLogError", given, {}, M.mean_squared_log_error(given[1][1], given[0][1]), "MeanSquaredLogError")
for power in [0, 1, 1.5, 2, 3]:
    value = M.mean_tweedie_deviance(given[1][1], given[0][1], power=power)
    record("tweedieDevianceScore", given, {"power": power}, value, "TweedieDevianceScore")

a, b = rng.integers(0, 3, 40), rng.integers(0, 4, 40)
given = [("clusters preds", a), ("clusters target", b)]
for name, cls, function in [
    ("adjustedMutualInfoScore", "AdjustedMutualInfoScore", M.adjusted_mutual_info_score),
    ("mutualInfoScore", "MutualInfoScore", M.mutual_info_score),
    ("normalizedMutualInfoScore", "NormalizedMutualInfoScore", M.normalized_mutual_info_score),
    ("randScore", "RandScore", M.rand_score), ("adjustedRandScore", "AdjustedRandScore", M.adjusted_rand_score),
    ("homogeneityScore", "HomogeneityScore", M.homogeneity_score),
    ("completenessScore", "CompletenessScore", M.completeness_score),
    ("vMeasureScore", "VMeasureScore", M.v_measure_score),
    ("fowlkesMallowsIndex", "FowlkesMallowsIndex", M.fowlkes_mallows_score),
]:
    record(name, given, {}, function(b, a), cls)
for average in ["min", "geometric", "arithmetic", "max"]:
    value = M.adjusted_mutual_info_score(b, a, average_method=average)
    record("adjustedMutualInfoScore", given, {"averageMethod": average}, value, "AdjustedMutualInfoScore")


def report(true, predicted, **options):
    text = M.classification_report(true, predicted, **options)
    as_dict = M.classification_report(true, predicted, output_dict=True, **options)
    names = {"target_names": "targetNames", "zero_division": "zeroDivision"}
    reports.append({
        "target": plain(true), "preds": plain(predicted),
        "options": {names.get(key, key): value for key, value in options.items()}, "text": text,
        "dict": json.loads(json.dumps(as_dict, default=float)),
    })


for key, (preds, target) in labels.items():
    if key != "nothing right":  # scikit-learn prints the support as 1.0 then
        report(target, preds)
p, t = labels["good"]
report(t, p, target_names=["T-shirt/top", "Trouser", "Pullover", "A rather long name"])
report(t, p, digits=4)
report(t, p, labels=[0, 2])
report(t, p, labels=[3, 1, 0, 2])
report(t, p, labels=[0, 1, 2, 3, 9])
report(*reversed(labels["absent in predictions"]), zero_division=1)
report(np.array([0, 1, 1, 0, 1, 0, 0, 1]), np.array([0, 1, 0, 0, 1, 1, 0, 0]))
for key, (preds, target) in multilabel.items():
    report(target, (preds > 0.5).astype(int))
    report(target, (preds > 0.5).astype(int), labels=[2, 0], target_names=["c", "a"])

text = json.dumps({"version": sklearn.__version__, "inputs": inputs, "cases": cases, "reports": reports})
with gzip.GzipFile(os.path.join(here, "sklearn.json.gz"), "wb", mtime=0) as file:
    file.write(text.encode())
print(len(cases), "cases,", len(reports), "reports,", len(text), "characters")
