/** Elements that change their place, and new ones from the random generator. */
import torch from "flambeau";
import { type Case, mask, operation, randint, randn, transposed } from "../case.js";

const n = 1024;
const square = randn(n, n);
const mebi = 2 ** 20;

export const movement: readonly Case[] = [
  ...operation({
    name: "cat of two 1 Mi, one below the other",
    inputs: { a: square, b: square },
    flambeau: ({ a, b }) => torch.cat([a, b]),
    pytorch: "torch.cat([a, b])",
    bytes: 16 * mebi,
  }),
  ...operation({
    name: "cat of two 1 Mi, side by side",
    inputs: { a: square, b: square },
    flambeau: ({ a, b }) => torch.cat([a, b], 1),
    pytorch: "torch.cat([a, b], 1)",
    bytes: 16 * mebi,
  }),
  ...operation({
    name: "transposed copy of 4 Mi",
    inputs: { x: transposed(randn(2048, 2048)) },
    flambeau: ({ x }) => x.contiguous(),
    pytorch: "x.contiguous()",
    bytes: 32 * mebi,
  }),
  ...operation({
    name: "indexSelect of 4096 rows of 512",
    inputs: { x: randn(10_000, 512), rows: randint(10_000, 4096) },
    flambeau: ({ x, rows }) => x.indexSelect(0, rows),
    pytorch: "x.index_select(0, rows)",
    bytes: 8 * 4096 * 512,
  }),
  ...operation({
    name: "gather of 1 Mi",
    inputs: { x: square, index: randint(n, n, n) },
    flambeau: ({ x, index }) => x.gather(1, index),
    pytorch: "x.gather(1, index)",
    bytes: 16 * mebi,
  }),
  ...operation({
    name: "boolean mask of 1 Mi",
    inputs: { x: square, mask: mask(n, n) },
    flambeau: ({ x, mask }) => x.at(mask),
    pytorch: "x[mask]",
  }),
  ...operation({
    name: "randn of 1 Mi",
    inputs: {},
    flambeau: () => torch.randn(mebi),
    pytorch: `torch.randn(${mebi})`,
  }),
  ...operation({ name: "rand of 1 Mi", inputs: {}, flambeau: () => torch.rand(mebi), pytorch: `torch.rand(${mebi})` }),
  ...operation({
    name: "randperm of 1 Mi",
    inputs: {},
    flambeau: () => torch.randperm(mebi),
    pytorch: `torch.randperm(${mebi})`,
  }),
  ...operation({
    name: "randperm of 60,000",
    inputs: {},
    flambeau: () => torch.randperm(60_000),
    pytorch: "torch.randperm(60_000)",
  }),
];
