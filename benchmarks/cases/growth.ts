/** How cost grows with size: an elementwise operation and a reduction with their elements, layers with their batch. */
import { F } from "flambeau";
import { type Case, operation, randn } from "../case.js";
import { step } from "./quickstart.js";

const elements = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
const batches = [1, 4, 16, 64, 256, 1024];

const float = 4;

function power(size: number): string {
  return `10^${Math.round(Math.log10(size))}`;
}

function elementwise(size: number): Case[] {
  return operation({
    name: `x * 2 of ${power(size)}`,
    growth: { series: "x * 2", size },
    inputs: { x: randn(size) },
    flambeau: ({ x }) => x.mul(2),
    pytorch: "x * 2",
    bytes: 2 * float * size,
    backward: false,
  });
}

function reduction(size: number): Case[] {
  return operation({
    name: `x.sum() of ${power(size)}`,
    growth: { series: "x.sum()", size },
    inputs: { x: randn(size) },
    flambeau: ({ x }) => x.sum(),
    pytorch: "x.sum()",
    bytes: float * size,
    backward: false,
  });
}

function layer(batch: number): Case[] {
  return operation({
    name: `linear of 512 to 512, batch ${batch}`,
    growth: { series: "linear of 512 to 512", size: batch },
    inputs: { x: randn(batch, 512), w: randn(512, 512), b: randn(512) },
    flambeau: ({ x, w, b }) => F.linear(x, w, b),
    pytorch: "torch.nn.functional.linear(x, w, b)",
    flops: 2 * batch * 512 * 512,
    backward: false,
  });
}

/** Of each weight's three products (forward, its gradient, the gradient of its input) the first layer has two. */
function trainingStep(batch: number): Case {
  const flops = 2 * batch * (2 * 784 * 512 + 3 * 512 * 512 + 3 * 512 * 10);
  return {
    ...step(batch, "SGD"),
    name: `quickstart's step, batch ${batch}`,
    goals: [],
    growth: { series: "the quickstart's step", size: batch },
    flops,
  };
}

export const growth: readonly Case[] = [
  ...elements.flatMap(elementwise),
  ...elements.flatMap(reduction),
  ...batches.flatMap(layer),
  ...batches.map(trainingStep),
];
