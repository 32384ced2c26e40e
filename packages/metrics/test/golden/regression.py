"""Inputs and calls for metrics of numbers."""

import torch
from __main__ import put, record

rng = torch.Generator().manual_seed(11)
x, y = torch.randn(30, generator=rng), torch.randn(30, generator=rng)
y = 0.7 * x + 0.5 * y
pairs = {
    "vectors": (x, y),
    "positive": (x.abs() + 0.1, y.abs() + 0.1),
    "matrices": (torch.randn(12, 3, generator=rng), torch.randn(12, 3, generator=rng)),
    "ties": ((x * 2).round(), (y * 2).round()),
}
given = {k: [put(f"numbers {k} preds", p), put(f"numbers {k} target", t)] for k, (p, t) in pairs.items()}

for key in ["vectors", "positive", "matrices"]:
    record("mean_squared_error", given[key], (), {}, "MeanSquaredError")
    record("mean_squared_error", given[key], (), {"squared": False}, "MeanSquaredError")
    record("mean_absolute_error", given[key], (), {}, "MeanAbsoluteError")
    record("mean_absolute_percentage_error", given[key], (), {}, "MeanAbsolutePercentageError")
    record("symmetric_mean_absolute_percentage_error", given[key], (), {}, "SymmetricMeanAbsolutePercentageError")
    record("weighted_mean_absolute_percentage_error", given[key], (), {}, "WeightedMeanAbsolutePercentageError")
    record("relative_squared_error", given[key], (), {}, None)
    record("relative_squared_error", given[key], (), {"squared": False}, None)
    for p in [1, 1.5, 3]:
        record("minkowski_distance", given[key], (p,), {}, "MinkowskiDistance")
    for how in ["raw_values", "uniform_average", "variance_weighted"]:
        record("r2_score", given[key], (), {"multioutput": how}, "R2Score")
        record("explained_variance", given[key], (), {"multioutput": how}, "ExplainedVariance")
    record("r2_score", given[key], (), {"adjusted": 4}, "R2Score")
record("mean_squared_error", given["matrices"], (), {"num_outputs": 3}, "MeanSquaredError")
record("mean_absolute_error", given["matrices"], (), {"num_outputs": 3}, "MeanAbsoluteError")
record("mean_squared_log_error", given["positive"], (), {}, "MeanSquaredLogError")
for key in ["vectors", "matrices"]:
    record("log_cosh_error", given[key], (), {}, None)
    for how in ["mean", "range", "std", "l2"]:
        outputs = {} if key == "vectors" else {"num_outputs": 3}
        record("normalized_root_mean_squared_error", given[key], (), {"normalization": how, **outputs}, "NormalizedRootMeanSquaredError")
for key in ["vectors", "positive", "matrices", "ties"]:
    outputs = {} if key != "matrices" else {"num_outputs": 3}
    for name, cls in [
        ("pearson_corrcoef", "PearsonCorrCoef"), ("concordance_corrcoef", "ConcordanceCorrCoef"),
        ("spearman_corrcoef", "SpearmanCorrCoef"),
    ]:
        record(name, given[key], (), {}, cls if not outputs else None)
    for variant in "abc":
        record("kendall_rank_corrcoef", given[key], (), {"variant": variant}, "KendallRankCorrCoef" if not outputs else None)
        for alternative in ["two-sided", "less", "greater"]:
            options = {"variant": variant, "t_test": True, "alternative": alternative}
            record("kendall_rank_corrcoef", given[key], (), options, None)
for power in [-1.0, 0.0, 1.0, 1.5, 2.0, 3.0]:
    record("tweedie_deviance_score", given["positive"], (), {"power": power}, "TweedieDevianceScore")
for how in ["sum", "mean", "none"]:
    record("cosine_similarity", given["matrices"], (), {"reduction": how}, "CosineSimilarity")
p = torch.rand(10, 4, generator=rng).softmax(1)
q = torch.rand(10, 4, generator=rng).softmax(1)
distributions = [put("distributions p", p), put("distributions q", q)]
logs = [put("log distributions p", p.log()), put("log distributions q", q.log())]
zeros = [put("distributions with zeros p", torch.tensor([[0.0, 0.4, 0.6]])), put("distributions with zeros q", torch.tensor([[0.2, 0.4, 0.4]]))]
for name, cls in [("kl_divergence", "KLDivergence"), ("jensen_shannon_divergence", "JensenShannonDivergence")]:
    for how in ["mean", "sum", "none"]:
        record(name, distributions, (), {"reduction": how}, cls)
        record(name, logs, (), {"log_prob": True, "reduction": how}, cls)
    record(name, zeros, (), {}, cls)
record("critical_success_index", given["vectors"], (0.2,), {}, "CriticalSuccessIndex")
record("critical_success_index", given["matrices"], (0.2,), {"keep_sequence_dim": 0}, "CriticalSuccessIndex")
ensemble = [put("ensemble", torch.randn(10, 5, generator=rng)), put("observations", torch.randn(10, generator=rng))]
record("continuous_ranked_probability_score", ensemble, (), {}, "ContinuousRankedProbabilityScore")
