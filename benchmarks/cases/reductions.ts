/** Many elements to one, or to as many as depend on all: sums, extremes, normalisation, losses, order. */
import { F } from "flambeau";
import { type Case, type Input, operation, randint, randn } from "../case.js";

const sides = { "64 Ki": 256, "4 Mi": 2048 };

/** Along all of a square matrix, its rows and its columns. */
function sums(size: keyof typeof sides): Case[] {
  const n = sides[size];
  const x = randn(n, n);
  const bytes = 4 * n * n;
  return [
    ...operation({
      name: `sum of all, ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.sum(),
      pytorch: "x.sum()",
      bytes,
    }),
    ...operation({
      name: `sum(0), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.sum(0),
      pytorch: "x.sum(0)",
      bytes,
    }),
    ...operation({
      name: `sum(1), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.sum(1),
      pytorch: "x.sum(1)",
      bytes,
    }),
    ...operation({
      name: `argmax of all, ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.argmax(),
      pytorch: "x.argmax()",
      bytes,
      backward: false,
    }),
    ...operation({
      name: `argmax(1), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.argmax(1),
      pytorch: "x.argmax(1)",
      bytes,
      backward: false,
    }),
    ...operation({
      name: `var of all, ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.var(),
      pytorch: "x.var()",
      bytes,
    }),
    ...operation({
      name: `var(1), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.var(1),
      pytorch: "x.var(1)",
      bytes,
    }),
    ...operation({
      name: `norm of all, ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.norm(),
      pytorch: "x.norm()",
      bytes,
    }),
    ...operation({
      name: `norm(2, 1), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.norm(2, 1),
      pytorch: "x.norm(2, 1)",
      bytes,
    }),
    ...operation({
      name: `cumsum(1), ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.cumsum(1),
      pytorch: "x.cumsum(1)",
      bytes: 2 * bytes,
    }),
  ];
}

/** Over so many classes, for so many samples. */
function classes(samples: number, count: number): Case[] {
  const size = `${samples}×${count}`;
  const x: Input = randn(samples, count);
  return [
    ...operation({
      name: `softmax over ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.softmax(1),
      pytorch: "x.softmax(1)",
      bytes: 8 * samples * count,
    }),
    ...operation({
      name: `logSoftmax over ${size}`,
      inputs: { x },
      flambeau: ({ x }) => x.logSoftmax(1),
      pytorch: "x.log_softmax(1)",
      bytes: 8 * samples * count,
    }),
    ...operation({
      name: `crossEntropy over ${size}`,
      inputs: { x, labels: randint(count, samples) },
      flambeau: ({ x, labels }) => F.crossEntropy(x, labels),
      pytorch: "torch.nn.functional.cross_entropy(x, labels)",
    }),
  ];
}

const mebi = 2 ** 20;
const order: readonly Case[] = [
  ...operation({
    name: "sort of 1 Mi",
    inputs: { x: randn(mebi) },
    flambeau: ({ x }) => x.sort().values,
    pytorch: "x.sort().values",
  }),
  ...operation({
    name: "topk(100) of 1 Mi",
    inputs: { x: randn(mebi) },
    flambeau: ({ x }) => x.topk(100).values,
    pytorch: "x.topk(100).values",
  }),
];

export const reductions: readonly Case[] = [
  ...sums("64 Ki"),
  ...sums("4 Mi"),
  ...classes(64, 10),
  ...classes(64, 1000),
  ...classes(64, 50_000),
  ...order,
];
