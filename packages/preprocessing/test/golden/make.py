"""Records what scikit-learn gives: /usr/bin/python3 make.py writes sklearn.json.gz. NaN is written as null."""
import gzip
import json
import math
import warnings

import numpy as np
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler

warnings.simplefilter("ignore")
rng = np.random.default_rng(11)


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def attempt(call):
    try:
        return {"value": plain(call())}
    except ValueError as error:
        return {"error": str(error)}


LABELS = [
    [0, 1, 2, 3], [3, 1, 1, 7, -2], [1, 0], [5, 5], ["b", "a"], ["paris", "tokyo", "amsterdam", "paris"],
    [True, False, True], ["only"], [10, 9, 100, 1], ["Z", "a", "é", "B", ""],
]
UNKNOWN = [[3, 11], ["c", "a"], [7], ["paris"], [True], []]
binarizers = []
for labels in LABELS:
    for options in ({}, {"neg_label": -1}, {"neg_label": -2, "pos_label": 5}):
        model = LabelBinarizer(**options).fit(labels)
        rows = model.transform(labels)
        scores = rng.normal(size=(6, rows.shape[1]))
        binarizers.append({
            "labels": labels, "options": options, "repr": repr(model), "classes": plain(model.classes_), "rows": plain(rows),
            "back": plain(model.inverse_transform(rows)), "scores": plain(scores),
            "ofScores": plain(model.inverse_transform(scores)), "above": plain(model.inverse_transform(scores, threshold=0.7)),
            "unknown": [[other, attempt(lambda: model.transform(other))] for other in UNKNOWN if other and type(other[0]) == type(labels[0])],
        })
indicator = [[0, 1, 1], [1, 0, 0]]
model = LabelBinarizer(neg_label=-1).fit(indicator)
multilabel = {"rows": plain(model.transform(indicator)), "classes": plain(model.classes_), "back": plain(model.inverse_transform(model.transform(indicator)))}

encoders = []
for labels in LABELS:
    model = LabelEncoder().fit(labels)
    numbers = model.transform(labels)
    encoders.append({
        "labels": labels, "classes": plain(model.classes_), "numbers": plain(numbers), "back": plain(model.inverse_transform(numbers)),
    })

tables = []
nan = float("nan")
for dtype in ("float32", "float64"):
    for name, x in {
        "random": rng.normal(size=(9, 4)) * [1, 10, 1e-3, 1e4] + [0, 5, -3, 1e5],
        "constant column": np.array([[1, 2.5], [1, 7], [1, -4]]),
        "nearly constant": np.array([[1e8, 1], [1e8 + 1e-7, 2], [1e8, 3]]),
        "one row": np.array([[3.0, -2.0]]),
        "missing": np.array([[1, nan, nan], [2, 5, nan], [nan, 7, nan], [4, 9, nan]]),
        "zeros": np.zeros((3, 2)),
    }.items():
        x = x.astype(dtype)
        more = (x[::-1] * 1.5 + 0.25).astype(dtype)
        tables.append({"name": name, "dtype": dtype, "x": plain(x), "more": plain(more), "models": []})
        for make, options in [
            (StandardScaler, {}), (StandardScaler, {"with_mean": False}), (StandardScaler, {"with_std": False}),
            (MinMaxScaler, {}), (MinMaxScaler, {"feature_range": (-2, 3)}), (MinMaxScaler, {"feature_range": (0, 1), "clip": True}),
        ]:
            model = make(**options)
            steps = []
            for step in ("fit", "partial_fit"):
                getattr(model, step)(x if step == "fit" else more)
                out = model.transform(more)
                names = ["mean_", "var_", "scale_", "min_", "data_min_", "data_max_", "data_range_", "n_samples_seen_", "n_features_in_"]
                steps.append({
                    "attributes": {name: plain(getattr(model, name)) for name in names if getattr(model, name, None) is not None},
                    "out": plain(out), "dtype": str(out.dtype), "back": plain(model.inverse_transform(out)),
                })
            tables[-1]["models"].append({"class": make.__name__, "options": options, "repr": repr(make(**options)), "steps": steps})

CATEGORIES = [
    ([["Male", 1], ["Female", 3], ["Female", 2]], [["Female", 1], ["Male", 2]], [["Male", 9]]),
    ([["a"], ["b"], ["c"]], [["b"]], [["d"], ["a"]]),
    ([[1.5, 2], [0.5, 2], [1.5, 3]], [[0.5, 3]], [[7.0, 2]]),
    ([["x", "q"], ["y", "q"]], [["y", "q"]], [["x", "z"]]),
]
onehots = []
for table, other, unknown in CATEGORIES:
    for options in ({}, {"drop": "first"}, {"drop": "if_binary"}, {"handle_unknown": "ignore"}, {"drop": "if_binary", "handle_unknown": "ignore"}):
        model = OneHotEncoder(sparse_output=False, **options).fit(np.array(table, dtype=object) if isinstance(table[0][0], str) else table)
        as_rows = lambda rows: np.array(rows, dtype=object) if isinstance(table[0][0], str) else rows
        out = model.transform(as_rows(table))
        zeros = attempt(lambda: model.inverse_transform(np.zeros((2, out.shape[1]))))
        if options == {"drop": "if_binary"}:
            zeros = None  # scikit-learn looks for the category that was dropped where none was
        onehots.append({
            "table": table, "options": options, "categories": plain(list(model.categories_)), "out": plain(out),
            "dropIdx": plain(model.drop_idx_), "names": plain(model.get_feature_names_out()), "back": plain(model.inverse_transform(out)),
            "others": [[rows, attempt(lambda: model.transform(as_rows(rows)))] for rows in (other, unknown)],
            "zeros": zeros,
        })

with gzip.GzipFile("sklearn.json.gz", "wb", mtime=0) as file:
    record = {"binarizers": binarizers, "multilabel": multilabel, "encoders": encoders, "tables": tables, "onehots": onehots}
    file.write(json.dumps(record).encode())
