/** A transformer that learns a tale letter by letter, and then writes on. */

import { readFileSync } from "node:fs";
import torch, { nn, optim } from "flambeau";

const text = readFileSync(new URL("../texts/tale.txt", import.meta.url), "utf8");
const alphabet = [...new Set(text)].sort();
const index = new Map(alphabet.map((character, i) => [character, i]));
const context = 64;
const width = 64;

const encode = (part: string) => [...part].map((character) => index.get(character) as number);

class CharacterModel extends nn.Module {
  token = new nn.Embedding(alphabet.length, width);
  position = new nn.Embedding(context, width);
  encoder: nn.TransformerEncoder;
  head: nn.Linear;

  constructor() {
    super();
    const options = { dimFeedforward: 256, dropout: 0, batchFirst: true, normFirst: true };
    this.encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(width, 4, options), 2);
    this.head = new nn.Linear(width, alphabet.length);
  }

  override forward(tokens: torch.Tensor): torch.Tensor {
    const length = tokens.size(1);
    const x = this.token(tokens).add(this.position(torch.arange(length)));
    const mask = nn.Transformer.generateSquareSubsequentMask(length);
    return this.head(this.encoder(x, { mask }));
  }
}

torch.manualSeed(0);
const tokens = torch.tensor(encode(text), { dtype: torch.long });
const model = new CharacterModel();
const parameters = model.parameters().reduce((count, param) => count + param.numel(), 0);
console.log(`${tokens.length} characters, ${alphabet.length} different ones, ${parameters} parameters`);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 });

for (let step = 0; step <= 200; step++) {
  const starts = torch.randint(tokens.length - context - 1, [16, 1]);
  const places = starts.add(torch.arange(context));
  const loss = lossFn(model(tokens.at(places)).flatten(0, 1), tokens.at(places.add(1)).flatten());
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step % 40 === 0) console.log(`step ${String(step).padStart(3)}  loss ${loss.item().toFixed(3)}`);
}

model.eval();
let said = "The ";
torch.noGrad(() => {
  for (let i = 0; i < 60; i++) {
    const seen = torch.tensor([encode(said.slice(-context))], { dtype: torch.long });
    said += alphabet[model(seen).at(0, -1).argmax().item()];
  }
});
console.log(said);
