/** A word-level language model with an LSTM: learns a tale and goes on with it, one word after the other. */

import { readFileSync } from "node:fs";
import torch, { nn, optim } from "flambeau";

const text = readFileSync(new URL("../texts/tale.txt", import.meta.url), "utf8");
const words = text.toLowerCase().match(/[a-z]+|[.,:?]/g) ?? [];
const vocabulary = [...new Set(words)].sort();
const index = new Map(vocabulary.map((word, i) => [word, i]));
const columns = 8;
const steps = 20;

class LanguageModel extends nn.Module {
  embedding: nn.Embedding;
  lstm: nn.LSTM;
  decoder: nn.Linear;

  constructor(size: number, width: number, hidden: number) {
    super();
    this.embedding = new nn.Embedding(size, width);
    this.lstm = new nn.LSTM(width, hidden, { numLayers: 2 });
    this.decoder = new nn.Linear(hidden, size);
  }

  override forward(tokens: torch.Tensor, state?: State): [logits: torch.Tensor, state: State] {
    const [output, next] = this.lstm(this.embedding(tokens), state);
    return [this.decoder(output), next];
  }
}

type State = [hidden: torch.Tensor, cell: torch.Tensor];

torch.manualSeed(0);
const tokens = torch.tensor(
  words.map((word) => index.get(word) as number),
  { dtype: torch.long },
);
const rows = Math.floor(tokens.length / columns);
// Each column is a stretch of the text; a row is what comes next in all of them.
const stream = tokens
  .narrow(0, 0, rows * columns)
  .view(columns, rows)
  .t()
  .contiguous();
console.log(`${words.length} words, ${vocabulary.length} different ones`);

const model = new LanguageModel(vocabulary.length, 64, 128);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 5e-3 });

for (let epoch = 1; epoch <= 12; epoch++) {
  let state: State | undefined;
  let total = 0;
  let batches = 0;
  for (let start = 0; start < rows - 1; start += steps) {
    const length = Math.min(steps, rows - 1 - start);
    const [logits, next] = model(stream.narrow(0, start, length), state);
    // The gradient goes back over this stretch alone.
    state = [next[0].detach(), next[1].detach()];
    const loss = lossFn(logits.flatten(0, 1), stream.narrow(0, start + 1, length).flatten());
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    total += loss.item();
    batches++;
  }
  if (epoch % 3 === 0) {
    console.log(`epoch ${String(epoch).padStart(2)}  perplexity ${Math.exp(total / batches).toFixed(2)}`);
  }
}

model.eval();
const said = ["the"];
torch.noGrad(() => {
  let token = torch.tensor([[index.get("the") as number]], { dtype: torch.long });
  let state: State | undefined;
  for (let i = 0; i < 12; i++) {
    const [logits, next] = model(token, state);
    state = next;
    token = logits.argmax(-1);
    said.push(vocabulary[token.item()] as string);
  }
});
console.log(said.join(" "));
