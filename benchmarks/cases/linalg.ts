/** Decompositions of matrices and what is solved by them: one matrix of three sizes, and a thousand small ones. */
import torch, { type Tensor } from "flambeau";
import { type Case, type Input, operation, randn } from "../case.js";

const { linalg } = torch;

/** A matrix whose product with its transpose, and a little more on the diagonal, is positive definite. */
function positive(...shape: number[]): Input {
  const make = (x: Tensor) => x.matmul(x.mT).add(torch.eye(shape.at(-1) as number));
  return {
    ...randn(...shape),
    flambeau: () => make(torch.randn(shape)),
    pytorch: `(lambda x: x @ x.mT + torch.eye(${shape.at(-1)}))(torch.randn(${shape}))`,
  };
}

interface Decomposition {
  readonly name: string;
  readonly input?: (...shape: number[]) => Input;
  readonly flambeau: (a: Tensor) => Tensor;
  readonly pytorch: string;
}

const decompositions: readonly Decomposition[] = [
  { name: "solve", input: positive, flambeau: (a) => linalg.solve(a, a), pytorch: "torch.linalg.solve(a, a)" },
  { name: "inv", flambeau: (a) => linalg.inv(a), pytorch: "torch.linalg.inv(a)" },
  { name: "det", flambeau: (a) => linalg.det(a), pytorch: "torch.linalg.det(a)" },
  { name: "cholesky", input: positive, flambeau: (a) => linalg.cholesky(a), pytorch: "torch.linalg.cholesky(a)" },
  { name: "qr", flambeau: (a) => linalg.qr(a).Q, pytorch: "torch.linalg.qr(a)[0]" },
  { name: "svd", flambeau: (a) => linalg.svd(a).S, pytorch: "torch.linalg.svd(a)[1]" },
  { name: "svdvals", flambeau: (a) => linalg.svdvals(a), pytorch: "torch.linalg.svdvals(a)" },
  { name: "eigh", input: positive, flambeau: (a) => linalg.eigh(a).eigenvalues, pytorch: "torch.linalg.eigh(a)[0]" },
];

function cases({ name, input = randn, flambeau, pytorch }: Decomposition): Case[] {
  const shapes = [
    [64, 64],
    [256, 256],
    [1024, 1024],
    [1000, 8, 8],
  ];
  return shapes.flatMap((shape) =>
    operation({
      name: `linalg.${name} ${shape.join("×")}`,
      inputs: { a: input(...shape) },
      flambeau: ({ a }) => flambeau(a),
      pytorch,
      backward: false,
      goals: [shape.length === 2 ? "matrices" : "smallMatrices"],
    }),
  );
}

export const linearAlgebra: readonly Case[] = decompositions.flatMap(cases);
