/** Pooling of the sizes that networks have. */
import { F, type Tensor } from "flambeau";
import { type Case, operation, randn } from "../case.js";

function pool(name: string, flambeau: (x: Tensor) => Tensor, pytorch: string): Case[] {
  return operation({
    name: `${name}, 32×64×56²`,
    inputs: { x: randn(32, 64, 56, 56) },
    flambeau: ({ x }) => flambeau(x),
    pytorch: `torch.nn.functional.${pytorch}`,
  });
}

export const pooling: readonly Case[] = [
  ...pool("max pooling 2×2", (x) => F.maxPool2d(x, 2), "max_pool2d(x, 2)"),
  ...pool("max pooling 3×3 by 2", (x) => F.maxPool2d(x, 3, 2, 1), "max_pool2d(x, 3, 2, 1)"),
  ...pool("average pooling 2×2", (x) => F.avgPool2d(x, 2), "avg_pool2d(x, 2)"),
  ...pool("average pooling 3×3", (x) => F.avgPool2d(x, 3, 1, 1), "avg_pool2d(x, 3, 1, 1)"),
  ...pool("adaptive average pooling to 1×1", (x) => F.adaptiveAvgPool2d(x, 1), "adaptive_avg_pool2d(x, 1)"),
  ...pool("adaptive average pooling to 7×7", (x) => F.adaptiveAvgPool2d(x, 7), "adaptive_avg_pool2d(x, 7)"),
  ...pool("adaptive max pooling to 7×7", (x) => F.adaptiveMaxPool2d(x, 7), "adaptive_max_pool2d(x, 7)"),
];
