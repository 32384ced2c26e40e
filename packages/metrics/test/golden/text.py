"""Inputs and calls for metrics of texts."""

import torch
from __main__ import put, record

preds = [
    "this is the prediction", "there is an other sample", "hello, world! It costs 3,50 - or more.",
    "the cat is on the mat", "", "It is a guide to action which ensures that the military always obeys the commands",
]
target = [
    "this is the reference", "there is another one", "Hello world! It costs 3.50 or more",
    "there is a cat on the mat", "nothing here", "It is a guide to action that ensures that the military will forever heed",
]
several = [
    [one, two] for one, two in zip(target, [
        "this is the prediction of it", "there is an other one", "hello, world! It costs 3,50",
        "a cat is on the mat", "", "It is the guiding principle which guarantees the military forces always being under command",
    ])
]
lines = [put("texts", preds), put("references", target)]
many = [put("texts", preds), put("several references", several)]
wide = [put("international texts", ["«Привет», мир! 5€", "naïve café – 3.5%"]), put("international references", [["«Привет» мир! 5€"], ["naïve café - 3.5%"]])]

for name, cls in [
    ("word_error_rate", "WordErrorRate"), ("char_error_rate", "CharErrorRate"), ("match_error_rate", "MatchErrorRate"),
    ("word_information_lost", "WordInfoLost"), ("word_information_preserved", "WordInfoPreserved"),
]:
    record(name, lines, (), {}, cls)
for how in ["mean", "sum", "none"]:
    record("edit_distance", lines, (), {"reduction": how}, "EditDistance")
record("edit_distance", lines, (), {"substitution_cost": 2}, "EditDistance")
for options in [{}, {"n_gram": 2}, {"smooth": True}, {"n_gram": 2, "weights": [0.3, 0.7]}]:
    record("bleu_score", many, (), options, "BLEUScore")
for tokenize in ["none", "13a", "intl", "char"]:
    record("sacre_bleu_score", many, (), {"tokenize": tokenize}, "SacreBLEUScore")
    record("sacre_bleu_score", many, (), {"tokenize": tokenize, "lowercase": True, "n_gram": 2}, "SacreBLEUScore")
    if tokenize != "intl":
        record("sacre_bleu_score", wide, (), {"tokenize": tokenize, "n_gram": 1}, None)
for options in [{}, {"n_word_order": 0}, {"lowercase": True}, {"whitespace": True, "beta": 1.0}, {"return_sentence_level_score": True}]:
    record("chrf_score", many, (), options, "CHRFScore")
for accumulate in ["best", "avg"]:
    record("rouge_score", many, (), {"accumulate": accumulate, "rouge_keys": ("rouge1", "rouge2", "rougeL")}, "ROUGEScore")
record("rouge_score", lines, (), {"rouge_keys": "rouge3"}, "ROUGEScore")
answers = [
    {"prediction_text": "1976", "id": "a"}, {"prediction_text": "Hello", "id": "b"},
    {"prediction_text": "the big, World", "id": "c"},
]
truths = [
    {"answers": {"answer_start": [97], "text": ["1976"]}, "id": "a"},
    {"answers": {"answer_start": [97, 1], "text": ["World", "Hello there"]}, "id": "b"},
    {"answers": {"answer_start": [97], "text": ["a big world of words"]}, "id": "c"},
]
record("squad", [put("answers", answers), put("truths", truths)], (), {}, "SQuAD")
rng = torch.Generator().manual_seed(22)
scores, tokens = torch.randn(4, 8, 5, generator=rng), torch.randint(5, (4, 8), generator=rng)
tokens[0, 6:] = -100
tokens[2, 3:] = -100
record("perplexity", [put("scores of tokens", scores), put("tokens", tokens)], (), {"ignore_index": -100}, "Perplexity")
record("perplexity", [put("scores of tokens", scores), put("all tokens", tokens.clamp(0))], (), {}, "Perplexity")
