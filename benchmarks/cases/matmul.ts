/** Matrix products: squares, the thin matrices of the quickstart, vectors, batches; float32 and float64. */
import torch, { F } from "flambeau";
import { type Case, float64, type Input, operation, randn, transposed } from "../case.js";
import type { Goal } from "../goals.js";

const dtypes = ["float32", "float64"] as const;
type Dtype = (typeof dtypes)[number];

function input(dtype: Dtype, ...shape: number[]): Input {
  return dtype === "float64" ? float64(randn(...shape)) : randn(...shape);
}

interface Product {
  readonly size: readonly [m: number, k: number, n: number];
  readonly dtype: Dtype;
  /** Which operands are transposed views. */
  readonly a?: boolean;
  readonly b?: boolean;
  readonly goals?: readonly Goal[];
}

/**
 * The backward of a product is two products with a transposed operand, which are cases already: so it is
 * measured for operands that are not transposed only.
 */
function product({ size: [m, k, n], dtype, a = false, b = false, goals = [] }: Product): Case[] {
  return operation({
    name: `matmul ${m}×${k}×${n}, ${a ? "Aᵀ" : "A"}·${b ? "Bᵀ" : "B"}, ${dtype}`,
    inputs: {
      a: a ? transposed(input(dtype, k, m)) : input(dtype, m, k),
      b: b ? transposed(input(dtype, n, k)) : input(dtype, k, n),
    },
    flambeau: ({ a, b }) => a.matmul(b),
    pytorch: "a @ b",
    // It has no float64.
    tensorflow: dtype === "float32" ? (tf, inputs) => tf.matMul(inputs.a, inputs.b, a, b) : undefined,
    ...limit(m, k, n, dtype),
    backward: !a && !b,
    goals: ["openblas", ...goals],
  });
}

/** The peak of multiply-adds, or the speed of memory where a vector takes part and each number is used once. */
function limit(m: number, k: number, n: number, dtype: Dtype): Pick<Case, "flops" | "bytes" | "float64"> {
  const float64 = dtype === "float64";
  if (m > 1 && n > 1) return { flops: 2 * m * k * n, float64 };
  return { bytes: (float64 ? 8 : 4) * (m * k + k * n + m * n) };
}

function squares(dtype: Dtype): Case[] {
  return [32, 128, 512, 1024, 2048].flatMap((n) =>
    [false, true].flatMap((a) =>
      [false, true].flatMap((b) => product({ size: [n, n, n], dtype, a, b, goals: n >= 512 ? ["product"] : [] })),
    ),
  );
}

function thin(dtype: Dtype): Case[] {
  return [
    ...product({ size: [64, 784, 512], dtype }),
    ...product({ size: [512, 512, 64], dtype }),
    ...product({ size: [64, 512, 10], dtype }),
    ...product({ size: [1, 4096, 4096], dtype }),
    ...product({ size: [4096, 4096, 1], dtype }),
  ];
}

function batched(dtype: Dtype): Case[] {
  return operation({
    name: `matmul, 64 times 64×64×64, ${dtype}`,
    inputs: { a: input(dtype, 64, 64, 64), b: input(dtype, 64, 64, 64) },
    flambeau: ({ a, b }) => a.matmul(b),
    pytorch: "a @ b",
    tensorflow: dtype === "float32" ? (tf, { a, b }) => tf.matMul(a, b) : undefined,
    flops: 2 * 64 ** 4,
    float64: dtype === "float64",
    goals: ["openblas"],
  });
}

/** Square matrices of complex numbers. */
function complex(n: number): Case[] {
  const input: Input = {
    ...randn(n, n),
    flambeau: () => torch.randn([n, n], { dtype: torch.complex64 }),
    pytorch: `torch.randn(${n}, ${n}, dtype=torch.complex64)`,
  };
  return operation({
    name: `matmul ${n}×${n}×${n}, complex64`,
    inputs: { a: input, b: input },
    flambeau: ({ a, b }) => a.matmul(b),
    pytorch: "a @ b",
    flops: 8 * n ** 3,
    backward: false,
    goals: ["openblas"],
  });
}

/** The quickstart's layers, with the transposed weight and the bias that they have. */
function layers(): Case[] {
  return [
    [784, 512],
    [512, 512],
    [512, 10],
  ].flatMap(([from, to]) =>
    operation({
      name: `linear, batch 64, ${from} to ${to}`,
      inputs: { x: randn(64, from as number), w: randn(to as number, from as number), b: randn(to as number) },
      flambeau: ({ x, w, b }) => F.linear(x, w, b),
      pytorch: "torch.nn.functional.linear(x, w, b)",
      goals: ["openblas"],
    }),
  );
}

export const matmul: readonly Case[] = [
  ...dtypes.flatMap((dtype) => [...squares(dtype), ...thin(dtype), ...batched(dtype)]),
  ...layers(),
  ...[128, 512].flatMap(complex),
];
