"""Run with the text to learn: python3 characters.py examples/texts/tale.txt"""
import sys

import torch
from torch import nn

text = open(sys.argv[1], encoding="utf-8").read()
alphabet = sorted(set(text))
index = {character: i for i, character in enumerate(alphabet)}
context, width = 64, 64


class CharacterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(len(alphabet), width)
        self.position = nn.Embedding(context, width)
        layer = nn.TransformerEncoderLayer(width, nhead=4, dim_feedforward=256, dropout=0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(width, len(alphabet))

    def forward(self, tokens):
        length = tokens.size(1)
        x = self.token(tokens) + self.position(torch.arange(length))
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.head(self.encoder(x, mask=mask))


torch.manual_seed(0)
tokens = torch.tensor([index[character] for character in text])
model = CharacterModel()
print(f"{len(text)} characters, {len(alphabet)} different ones, {sum(p.numel() for p in model.parameters())} parameters")
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

for step in range(201):
    starts = torch.randint(len(tokens) - context - 1, (16, 1))
    places = starts + torch.arange(context)
    loss = loss_fn(model(tokens[places]).flatten(0, 1), tokens[places + 1].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        print(f"step {step:3}  loss {loss.item():.3f}")

model.eval()
said = "The "
with torch.no_grad():
    for _ in range(60):
        seen = torch.tensor([[index[character] for character in said[-context:]]])
        said += alphabet[model(seen)[0, -1].argmax().item()]
print(said)
