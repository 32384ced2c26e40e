/** A transformer of 12 layers, 512 wide, in evaluation over 64 tokens: PyTorch goes its fast path. */
import torch, { nn } from "flambeau";
import { type Case, program } from "../../case.js";

const [layers, width, tokens] = [12, 512, 64];

function inference(batch: number): Case {
  return program({
    name: `${layers}-layer transformer, inference of ${batch}×${tokens}×${width}`,
    flambeau: () => {
      const layer = new nn.TransformerEncoderLayer(width, 8, { dimFeedforward: 4 * width, batchFirst: true });
      const model = new nn.TransformerEncoder(layer, layers);
      model.eval();
      const x = torch.randn(batch, tokens, width);
      return () => torch.noGrad(() => model(x));
    },
    pytorch: {
      setup: `
layer = torch.nn.TransformerEncoderLayer(${width}, 8, dim_feedforward=${4 * width}, batch_first=True)
model = torch.nn.TransformerEncoder(layer, ${layers}).eval()
x = torch.randn(${batch}, ${tokens}, ${width})`,
      run: "with torch.no_grad(): model(x)",
    },
  });
}

export const encoderInference: readonly Case[] = [1, 16].map(inference);
