"""Inputs and calls for metrics of searches, pairs of rows, names, areas and clusters."""

import torch
from __main__ import put, record, record_class

rng = torch.Generator().manual_seed(9)

# Searches: the classes are looked at in retrieval.test.ts.
preds = torch.rand(12, generator=rng) - 0.2
target = torch.rand(12, generator=rng) < 0.4
found = [put("documents preds", preds), put("documents target", target.long())]
nothing = [put("documents preds", preds), put("documents without relevant ones", torch.zeros(12, dtype=torch.long))]
for name in ["average_precision", "reciprocal_rank", "precision", "recall", "fall_out", "hit_rate", "normalized_dcg"]:
    for top_k in [None, 1, 3, 20]:
        for given in [found, nothing]:
            record(f"retrieval_{name}", given, (), {"top_k": top_k}, None)
record("retrieval_r_precision", found, (), {}, None)
record("retrieval_precision", found, (), {"top_k": 20, "adaptive_k": True}, None)
graded = [put("documents with ties", torch.tensor([0.1, 0.5, 0.5, 0.5, 0.9, 0.1])), put("grades", torch.tensor([3, 0, 2, 1, 0, 4]))]
for top_k in [None, 2, 4]:
    record("retrieval_normalized_dcg", graded, (), {"top_k": top_k}, None)

indexes = torch.tensor([0, 0, 0, 1, 1, 1, 1, 4, 4, 2, 2, 2])
relevant = torch.tensor([0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1])
scores = torch.tensor([0.3, 0.9, 0.5, 0.1, 0.4, 0.6, 0.2, 0.7, 0.8, 0.25, 0.35, 0.15])
queries = [put("scores of queries", scores), put("relevances of queries", relevant), put("queries", indexes)]
for cls in ["MAP", "MRR", "Precision", "Recall", "FallOut", "HitRate", "NormalizedDCG", "RPrecision"]:
    for top_k in [None, 2] if cls != "RPrecision" else [None]:
        for action in ["neg", "pos", "skip"]:
            more = {} if top_k is None else {"top_k": top_k}
            record_class(f"Retrieval{cls}", queries, (), {"empty_target_action": action, **more})
    for aggregation in ["median", "min", "max"]:
        record_class(f"Retrieval{cls}", queries, (), {"aggregation": aggregation})
    record_class(f"Retrieval{cls}", queries, (), {"ignore_index": 0} if cls == "NormalizedDCG" else {})
x, y = torch.randn(4, 3, generator=rng), torch.randn(5, 3, generator=rng)
for name in ["cosine_similarity", "linear_similarity", "euclidean_distance", "manhattan_distance", "minkowski_distance"]:
    for reduction in [None, "mean", "sum"]:
        record(f"pairwise_{name}", [put("rows x", x), put("rows y", y)], (), {"reduction": reduction}, None)
        record(f"pairwise_{name}", [put("rows x", x)], (), {"reduction": reduction}, None)
    record(f"pairwise_{name}", [put("rows x", x)], (), {"zero_diagonal": False}, None)
record("pairwise_minkowski_distance", [put("rows x", x), put("rows y", y)], (), {"exponent": 3}, None)

a, b = torch.randint(0, 4, (60,), generator=rng), torch.randint(0, 4, (60,), generator=rng)
b = torch.where(torch.rand(60, generator=rng) < 0.5, a, b)
two = (a > 1).long(), (b > 1).long()
names = [put("names x", a), put("names y", b)]
pairs = [put("two names x", two[0]), put("two names y", two[1])]
holes = torch.where(torch.rand(60, generator=rng) < 0.1, torch.tensor(float("nan")), a.float())
table = put("names of three", torch.stack([a, b, two[0]], 1))
for name, has_bias in [("cramers_v", True), ("tschuprows_t", True), ("pearsons_contingency_coefficient", False), ("theils_u", False)]:
    for options in [{"bias_correction": True}, {"bias_correction": False}] if has_bias else [{}]:
        record(name, names, (), options, None)
        if not options.get("bias_correction"):  # torchmetrics cannot correct a table of two by two
            record(name, pairs, (), options, None)
        record(f"{name}_matrix", [table], (), options, None)
    record(name, [put("names with nan", holes), names[1]], (), {"nan_strategy": "drop"}, None)
for cls in ["CramersV", "TschuprowsT", "PearsonsContingencyCoefficient", "TheilsU"]:
    record_class(cls, names, (4,), {})
    record_class(cls, names, (5,), {})
ratings = torch.randint(0, 10, (20, 4), generator=rng).long()
record("fleiss_kappa", [put("ratings", ratings)], (), {}, "FleissKappa")
record("fleiss_kappa", [put("rated probabilities", torch.randn(20, 4, 6, generator=rng))], (), {"mode": "probs"}, "FleissKappa")

# Areas: the classes average over samples, see segmentation.test.ts.
areas = [put("areas preds", torch.randint(0, 2, (4, 3, 6, 5), generator=rng)), put("areas target", torch.randint(0, 2, (4, 3, 6, 5), generator=rng))]
index = [put("classes of places preds", torch.randint(0, 3, (4, 6, 5), generator=rng)), put("classes of places target", torch.randint(0, 2, (4, 6, 5), generator=rng))]
mixed = [put("scores of places", torch.randn(4, 3, 6, 5, generator=rng)), index[1]]
for given, form in [(areas, "one-hot"), (index, "index"), (mixed, "mixed")]:
    for background in [True, False]:
        more = {"input_format": form, "include_background": background}
        for average in ["micro", "macro", "weighted", "none"]:
            for level in ["samplewise", "global"]:
                options = {"average": average, "aggregation_level": level, **more}
                record("dice_score", given, (3,), options, None)
                record_class("DiceScore", given, (3,), options)
        for each in [True, False]:
            record("mean_iou", given, (3,), {"per_class": each, **more}, None)
            # torchmetrics mixes up samples and classes where a class has no area in a sample.
            for weight in ["square", "simple", "linear"] if given is areas else ["linear"]:
                record("generalized_dice_score", given, (3,), {"per_class": each, "weight_type": weight, **more}, None)
                record_class("GeneralizedDiceScore", given, (3,), {"per_class": each, "weight_type": weight, **more})
            record_class("MeanIoU", given, (3,), {"per_class": each, **more})

data = [put("points", torch.randn(30, 4, generator=rng)), put("groups", torch.randint(0, 3, (30,), generator=rng))]
for name, cls in [("calinski_harabasz_score", "CalinskiHarabaszScore"), ("davies_bouldin_score", "DaviesBouldinScore"), ("dunn_index", "DunnIndex")]:
    record(name, data, (), {}, cls)
record("dunn_index", data, (), {"p": 1}, "DunnIndex")
clusters = [put("names x", a), put("names y", b)]
for how in ["min", "geometric", "arithmetic", "max"]:
    record("normalized_mutual_info_score", clusters, (), {"average_method": how}, "NormalizedMutualInfoScore")
record("v_measure_score", clusters, (), {"beta": 2.0}, "VMeasureScore")
