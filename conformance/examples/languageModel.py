"""Run with the text to learn: python3 languageModel.py examples/texts/tale.txt"""
import math
import re
import sys

import torch
from torch import nn

text = open(sys.argv[1], encoding="utf-8").read()
words = re.findall(r"[a-z]+|[.,:?]", text.lower())
vocabulary = sorted(set(words))
index = {word: i for i, word in enumerate(vocabulary)}
columns, steps = 8, 20


class LanguageModel(nn.Module):
    def __init__(self, size, width, hidden):
        super().__init__()
        self.embedding = nn.Embedding(size, width)
        self.lstm = nn.LSTM(width, hidden, num_layers=2)
        self.decoder = nn.Linear(hidden, size)

    def forward(self, tokens, state=None):
        output, state = self.lstm(self.embedding(tokens), state)
        return self.decoder(output), state


torch.manual_seed(0)
tokens = torch.tensor([index[word] for word in words])
rows = len(tokens) // columns
# Each column is a stretch of the text; a row is what comes next in all of them.
stream = tokens[: rows * columns].view(columns, rows).t().contiguous()
print(f"{len(words)} words, {len(vocabulary)} different ones")

model = LanguageModel(len(vocabulary), 64, 128)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(12):
    state, total, batches = None, 0, 0
    for start in range(0, rows - 1, steps):
        inputs = stream[start : start + steps]
        targets = stream[start + 1 : start + 1 + steps]
        logits, state = model(inputs[: len(targets)], state)
        # The gradient goes back over this stretch alone.
        state = tuple(one.detach() for one in state)
        loss = loss_fn(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        total += loss.item()
        batches += 1
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:2}  perplexity {math.exp(total / batches):.2f}")

model.eval()
with torch.no_grad():
    token, state, said = torch.tensor([[index["the"]]]), None, ["the"]
    for _ in range(12):
        logits, state = model(token, state)
        token = logits.argmax(-1)
        said.append(vocabulary[token.item()])
print(" ".join(said))
