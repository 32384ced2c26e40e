/** One element at a time: where the arithmetic is the work, where memory is, and where neither is. */
import torch, { F } from "flambeau";
import { type Case, mask, type Operation, operation, rand, randn, transposed } from "../case.js";
import type { Goal } from "../goals.js";

const sides = { "1 Ki": 32, "64 Ki": 256, "4 Mi": 2048 };

type Inputs = Parameters<typeof operation>[0]["inputs"];
const float = 4;

function ofSize(size: keyof typeof sides): Case[] {
  const n = sides[size];
  const x = randn(n, n);
  const goals: Goal[] = [size === "4 Mi" ? "stream" : "cached"];

  /** An operation that moves so many bytes for each element, and so many more for whatever is broadcast. */
  function of<I extends Inputs>(bytes: number, spec: Operation<I>, more = 0): Case[] {
    return operation({ ...spec, name: `${spec.name}, ${size}`, goals, bytes: bytes * n * n + more });
  }

  return [
    ...of(3 * float, {
      name: "add",
      inputs: { a: x, b: x },
      flambeau: ({ a, b }) => a.add(b),
      pytorch: "a + b",
      tensorflow: (tf, { a, b }) => tf.add(a, b),
    }),
    ...of(
      2 * float,
      {
        name: "add a row",
        inputs: { a: x, b: randn(n) },
        flambeau: ({ a, b }) => a.add(b),
        pytorch: "a + b",
        tensorflow: (tf, { a, b }) => tf.add(a, b),
      },
      n * float,
    ),
    ...of(
      2 * float,
      {
        name: "add a column",
        inputs: { a: x, b: randn(n, 1) },
        flambeau: ({ a, b }) => a.add(b),
        pytorch: "a + b",
        tensorflow: (tf, { a, b }) => tf.add(a, b),
      },
      n * float,
    ),
    ...of(3 * float, {
      name: "add a transposed operand",
      inputs: { a: x, b: transposed(x) },
      flambeau: ({ a, b }) => a.add(b),
      pytorch: "a + b",
      tensorflow: (tf, { a, b }) => tf.add(a, tf.transpose(b)),
    }),
    ...of(2 * float, {
      name: "exp",
      inputs: { x },
      flambeau: ({ x }) => x.exp(),
      pytorch: "x.exp()",
      tensorflow: (tf, { x }) => tf.exp(x),
    }),
    ...of(2 * float, {
      name: "tanh",
      inputs: { x },
      flambeau: ({ x }) => x.tanh(),
      pytorch: "x.tanh()",
      tensorflow: (tf, { x }) => tf.tanh(x),
    }),
    ...of(2 * float, {
      name: "sigmoid",
      inputs: { x },
      flambeau: ({ x }) => x.sigmoid(),
      pytorch: "x.sigmoid()",
      tensorflow: (tf, { x }) => tf.sigmoid(x),
    }),
    ...of(2 * float, {
      name: "gelu",
      inputs: { x },
      flambeau: ({ x }) => F.gelu(x),
      pytorch: "torch.nn.functional.gelu(x)",
    }),
    ...of(2 * float, {
      name: "relu",
      inputs: { x },
      flambeau: ({ x }) => x.relu(),
      pytorch: "x.relu()",
      tensorflow: (tf, { x }) => tf.relu(x),
    }),
    ...of(2 * float, {
      name: "pow(2.5)",
      inputs: { x: rand(n, n) },
      flambeau: ({ x }) => x.pow(2.5),
      pytorch: "x ** 2.5",
      tensorflow: (tf, { x }) => tf.pow(x, 2.5),
    }),
    ...of(2 * float, {
      name: "pow(2)",
      inputs: { x },
      flambeau: ({ x }) => x.pow(2),
      pytorch: "x ** 2",
      tensorflow: (tf, { x }) => tf.pow(x, 2),
    }),
    ...of(3 * float + 1, {
      name: "where",
      inputs: { condition: mask(n, n), a: x, b: x },
      flambeau: ({ condition, a, b }) => torch.where(condition, a, b),
      pytorch: "torch.where(condition, a, b)",
      tensorflow: (tf, { condition, a, b }) => tf.where(condition, a, b),
    }),
    ...of(2 * float + 1, {
      name: "comparison",
      inputs: { a: x, b: x },
      flambeau: ({ a, b }) => a.gt(b),
      pytorch: "a > b",
      tensorflow: (tf, { a, b }) => tf.greater(a, b),
      backward: false,
    }),
    ...of(float + 8, {
      name: "cast to float64",
      inputs: { x },
      flambeau: ({ x }) => x.to(torch.float64),
      pytorch: "x.to(torch.float64)",
    }),
    ...of(2 * float, {
      name: "cast to int32",
      inputs: { x },
      flambeau: ({ x }) => x.to(torch.int32),
      pytorch: "x.to(torch.int32)",
      tensorflow: (tf, { x }) => tf.cast(x, "int32"),
      backward: false,
    }),
  ];
}

export const elementwise: readonly Case[] = (Object.keys(sides) as (keyof typeof sides)[]).flatMap(ofSize);
