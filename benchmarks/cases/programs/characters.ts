/** A transformer that learns a text letter by letter: 4 layers, 256 wide, 2 steps of 8 times 128 letters. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";
import { pythonTraining, trainOver } from "./training.js";

const [letters, width, layers, context, batch, steps] = [65, 256, 4, 128, 8, 2];

class CharacterModel extends nn.Module {
  token = new nn.Embedding(letters, width);
  position = new nn.Embedding(context, width);
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(width, 4, { dimFeedforward: 4 * width, batchFirst: true, normFirst: true }),
    layers,
  );
  head = new nn.Linear(width, letters);
  mask = nn.Transformer.generateSquareSubsequentMask(context);

  override forward(tokens: Tensor): Tensor {
    const x = this.token(tokens).add(this.position(torch.arange(context)));
    return this.head(this.encoder(x, { mask: this.mask }));
  }
}

export const characters = program({
  name: `character transformer, ${layers} layers of ${width}, ${steps} steps of ${batch}×${context}`,
  flambeau: () => {
    const model = new CharacterModel();
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4 });
    const text = torch.randint(0, letters, [100_000]);
    const lossOfStep = () => {
      const places = torch.randint(0, text.length - context - 1, [batch, 1]).add(torch.arange(context));
      return lossFn(model(text.at(places)).flatten(0, 1), text.at(places.add(1)).flatten());
    };
    return () => trainOver(Array(steps).keys(), optimizer, lossOfStep);
  },
  pytorch: {
    setup: `
from torch import nn
class CharacterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(${letters}, ${width})
        self.position = nn.Embedding(${context}, ${width})
        layer = nn.TransformerEncoderLayer(${width}, 4, dim_feedforward=${4 * width}, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, ${layers})
        self.head = nn.Linear(${width}, ${letters})
        self.mask = nn.Transformer.generate_square_subsequent_mask(${context})
    def forward(self, tokens):
        x = self.token(tokens) + self.position(torch.arange(${context}))
        return self.head(self.encoder(x, mask=self.mask))
model = CharacterModel()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
text = torch.randint(0, ${letters}, (100000,))`,
    run: pythonTraining(
      `for _ in range(${steps}):`,
      `places = torch.randint(0, len(text) - ${context} - 1, (${batch}, 1)) + torch.arange(${context})`,
      "loss = loss_fn(model(text[places]).flatten(0, 1), text[places + 1].flatten())",
    ),
  },
});
