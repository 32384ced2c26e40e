/** The word language model of PyTorch's examples: an LSTM of two layers over a vocabulary of 10,000, 3 stretches of text. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";

const [words, width, length, columns, stretches] = [10_000, 200, 35, 20, 3];

type State = [hidden: Tensor, cell: Tensor];

class LanguageModel extends nn.Module {
  embedding = new nn.Embedding(words, width);
  lstm = new nn.LSTM(width, width, { numLayers: 2, dropout: 0.2 });
  dropout = new nn.Dropout(0.2);
  decoder = new nn.Linear(width, words);

  override forward(tokens: Tensor, state?: State): [scores: Tensor, state: State] {
    const [output, next] = this.lstm(this.dropout(this.embedding(tokens)), state);
    return [this.decoder(this.dropout(output)).flatten(0, 1), next];
  }
}

export const languageModel = program({
  name: `LSTM language model, ${stretches} stretches of ${length}×${columns} words`,
  flambeau: () => {
    const model = new LanguageModel();
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
    const text = torch.randint(0, words, [length * stretches + 1, columns]);
    return () => {
      let state: State | undefined;
      let total = 0;
      for (let start = 0; start < length * stretches; start += length) {
        const [scores, next] = model(text.narrow(0, start, length), state);
        // The gradient goes back over this stretch alone.
        state = [next[0].detach(), next[1].detach()];
        const loss = lossFn(scores, text.narrow(0, start + 1, length).flatten());
        optimizer.zeroGrad();
        loss.backward();
        nn.utils.clipGradNorm_(model.parameters(), 0.25);
        optimizer.step();
        total += loss.item();
      }
      return total;
    };
  },
  pytorch: {
    setup: `
from torch import nn
class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(${words}, ${width})
        self.lstm = nn.LSTM(${width}, ${width}, num_layers=2, dropout=0.2)
        self.dropout = nn.Dropout(0.2)
        self.decoder = nn.Linear(${width}, ${words})
    def forward(self, tokens, state=None):
        output, after = self.lstm(self.dropout(self.embedding(tokens)), state)
        return self.decoder(self.dropout(output)).flatten(0, 1), after
model = LanguageModel()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1)
text = torch.randint(0, ${words}, (${length * stretches + 1}, ${columns}))`,
    run: `
state, total = None, 0
for start in range(0, ${length * stretches}, ${length}):
    scores, after = model(text[start:start + ${length}], state)
    state = tuple(part.detach() for part in after)
    loss = loss_fn(scores, text[start + 1:start + ${length + 1}].flatten())
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
    optimizer.step()
    total += loss.item()
total`,
  },
});
