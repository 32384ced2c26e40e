/** Every derivative, and the derivative of every derivative, agrees with differences of the function's values. */
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;

type Body = (...inputs: Tensor[]) => Tensor | Tensor[] | Iterable<Tensor>;

function random(...size: number[]): Tensor {
  return torch.randn(size, { dtype: torch.float64, requiresGrad: true });
}

/** Random numbers away from 0 and from each other's places, where a function may have a kink. */
function positive(...size: number[]): Tensor {
  return torch.rand(size, { dtype: torch.float64 }).add(0.5).requiresGrad_();
}

/** Inside (-1, 1). */
function inside(...size: number[]): Tensor {
  return torch.rand(size, { dtype: torch.float64 }).mul(1.6).sub(0.8).requiresGrad_();
}

const index = torch.tensor([
  [0n, 1n],
  [2n, 0n],
  [1n, 1n],
]);
const rows = torch.tensor([2n, 0n, 2n]);
const mask = torch.tensor([
  [true, false],
  [true, true],
  [false, true],
]);

const cases: Record<string, [Body, ...(() => Tensor)[]]> = {
  add: [(a, b) => a.add(b), () => random(3, 2), () => random(2)],
  "add alpha": [(a, b) => a.add(b, { alpha: 2.5 }), () => random(3, 1), () => random(2)],
  sub: [(a, b) => a.sub(b, { alpha: 3 }), () => random(3, 2), () => random(1, 2)],
  mul: [(a, b) => a.mul(b), () => random(3, 2), () => random(3, 1)],
  "mul itself": [(a) => a.mul(a), () => random(3)],
  "mul number": [(a) => a.mul(2.5), () => random(3)],
  div: [(a, b) => a.div(b), () => random(3, 2), () => positive(2)],
  "div number": [(a) => torch.div(2, a), () => positive(3)],
  remainder: [(a) => a.remainder(0.7), () => positive(3)],
  neg: [(a) => a.neg(), () => random(3)],
  exp: [(a) => a.exp(), () => random(3)],
  expm1: [(a) => a.expm1(), () => random(3)],
  exp2: [(a) => a.exp2(), () => random(3)],
  log: [(a) => a.log(), () => positive(3)],
  log2: [(a) => a.log2(), () => positive(3)],
  log10: [(a) => a.log10(), () => positive(3)],
  log1p: [(a) => a.log1p(), () => positive(3)],
  sqrt: [(a) => a.sqrt(), () => positive(3)],
  rsqrt: [(a) => a.rsqrt(), () => positive(3)],
  reciprocal: [(a) => a.reciprocal(), () => positive(3)],
  "pow 2": [(a) => a.pow(2), () => random(3)],
  "pow 3": [(a) => a.pow(3), () => random(3)],
  "pow -1.5": [(a) => a.pow(-1.5), () => positive(3)],
  "pow tensor": [(a, b) => a.pow(b), () => positive(3, 2), () => random(2)],
  "number to the power": [(a) => torch.pow(2, a), () => random(3)],
  logaddexp: [(a, b) => a.logaddexp(b), () => random(3), () => random(3)],
  logaddexp2: [(a, b) => a.logaddexp2(b), () => random(3), () => random(3)],
  abs: [(a) => a.abs(), () => positive(3)],
  sin: [(a) => a.sin(), () => random(3)],
  cos: [(a) => a.cos(), () => random(3)],
  sigmoid: [(a) => a.sigmoid(), () => random(3)],
  tanh: [(a) => a.tanh(), () => random(3)],
  relu: [(a) => a.relu(), () => positive(3)],
  erf: [(a) => a.erf(), () => random(3)],
  clamp: [(a) => a.clamp(-0.3, 0.4), () => torch.tensor([-1, 0.1, 0.9], { dtype: torch.float64, requiresGrad: true })],
  maximum: [(a, b) => a.maximum(b), () => random(3, 2), () => random(2)],
  sum: [(a) => a.sum(), () => random(3, 2)],
  "sum dim": [(a) => a.sum(-1), () => random(3, 2)],
  "sum dims": [(a) => a.sum([0, 2], { keepdim: true }), () => random(3, 2, 2)],
  mean: [(a) => a.mean(0), () => random(3, 2)],
  var: [(a) => a.var(1), () => random(3, 4)],
  "var of all": [(a) => a.var({ correction: 0 }), () => random(3, 4)],
  std: [(a) => a.std(0, { keepdim: true }), () => random(3, 4)],
  varMean: [(a) => torch.varMean(a, 1), () => random(3, 4)],
  stdMean: [(a) => torch.stdMean(a), () => random(3, 4)],
  amax: [(a) => a.amax(1), () => random(3, 4)],
  "max of all": [(a) => a.max(), () => random(3, 4)],
  "max dim": [(a) => a.max(1).values, () => random(3, 4)],
  "min dim": [(a) => a.min(0, { keepdim: true }).values, () => random(3, 4)],
  prod: [(a) => a.prod(), () => random(3, 2)],
  "prod dim": [(a) => a.prod(1), () => random(3, 3)],
  "prod with 0": [(a) => a.prod(), () => torch.tensor([2, 0, 3], { dtype: torch.float64, requiresGrad: true })],
  logsumexp: [(a) => a.logsumexp(1), () => random(3, 4)],
  norm: [(a) => a.norm(), () => random(3, 4)],
  "norm 1": [(a) => a.norm(1, 1), () => random(3, 4)],
  "norm 3": [(a) => a.norm(3, 0, { keepdim: true }), () => random(3, 4)],
  "norm inf": [(a) => a.norm(Infinity, 1), () => random(3, 4)],
  softmax: [(a) => a.softmax(1), () => random(3, 4)],
  logSoftmax: [(a) => a.logSoftmax(0), () => random(3, 4)],
  mm: [(a, b) => a.mm(b), () => random(3, 4), () => random(4, 2)],
  bmm: [(a, b) => a.bmm(b), () => random(2, 3, 4), () => random(2, 4, 2)],
  mv: [(a, b) => a.mv(b), () => random(3, 4), () => random(4)],
  dot: [(a, b) => a.dot(b), () => random(4), () => random(4)],
  addmm: [(a, b, c) => a.addmm(b, c, { beta: 0.5, alpha: 2 }), () => random(2), () => random(3, 4), () => random(4, 2)],
  "matmul batches": [(a, b) => a.matmul(b), () => random(2, 1, 3, 4), () => random(3, 4, 2)],
  "matmul folded": [(a, b) => a.matmul(b), () => random(2, 3, 4), () => random(4, 2)],
  "matmul vector": [(a, b) => a.matmul(b), () => random(4), () => random(2, 4, 3)],
  view: [(a) => a.view(2, -1), () => random(3, 4)],
  reshape: [(a) => a.t().reshape(2, 6), () => random(3, 4)],
  permute: [(a) => a.permute(2, 0, 1), () => random(2, 3, 4)],
  transpose: [(a) => a.transpose(0, -1), () => random(2, 3, 4)],
  expand: [(a) => a.expand(4, 3, 2), () => random(3, 1)],
  squeeze: [(a) => a.squeeze(1), () => random(3, 1, 2)],
  unsqueeze: [(a) => a.unsqueeze(-1), () => random(3)],
  select: [(a) => a.select(1, -1), () => random(3, 4)],
  narrow: [(a) => a.narrow(1, 1, 2), () => random(3, 4)],
  "at slice": [(a) => a.at("::2", "1:"), () => random(4, 3)],
  "at index": [(a) => a.at(rows), () => random(3, 2)],
  "at mask": [(a) => a.at(mask), () => random(3, 2)],
  asStrided: [(a) => a.asStrided([2, 2], [1, 2], 1), () => random(3, 3)],
  "asStrided overlapping": [(a) => a.asStrided([3, 3], [1, 1]), () => random(5)],
  "asStrided of a part": [(a) => a.at(":", "::2").asStrided([2, 2], [2, 4]), () => random(3, 4)],
  "asStrided of a transposed tensor": [(a) => a.t().mul(1).t().asStrided([2, 2], [1, 3], 2), () => random(3, 4)],
  asStridedScatter: [(a, b) => a.asStridedScatter(b, [2, 2], [4, 1], 1), () => random(3, 4), () => random(2, 2)],
  "asStridedScatter transposed": [
    (a, b) => a.t().asStridedScatter(b, [2, 2], [4, 1], 1),
    () => random(3, 4),
    () => random(2, 2),
  ],
  narrowCopy: [(a) => a.narrowCopy(1, 1, 2), () => random(3, 4)],
  aminmax: [(a) => a.aminmax({ dim: 1 }), () => random(3, 4)],
  vander: [(a) => torch.vander(a, 4), () => random(3)],
  fillDiagonal_: [(a) => a.clone().fillDiagonal_(2, { wrap: true }), () => random(7, 3)],
  gradient: [
    (a) => torch.gradient(a, { spacing: [torch.tensor([0, 1, 3, 3.5])], dim: 1, edgeOrder: 2 }),
    () => random(3, 4),
  ],
  renorm: [(a) => a.renorm(2, 0, 1), () => random(3, 4)],
  unbind: [(a) => a.unbind(1), () => random(3, 2)],
  split: [(a) => a.split(2), () => random(5, 2)],
  flatten: [(a) => a.flatten(1), () => random(2, 3, 2)],
  cat: [(a, b) => torch.cat([a, b], 1), () => random(2, 3), () => random(2, 1)],
  stack: [(a, b) => torch.stack([a, b], -1), () => random(2, 3), () => random(2, 3)],
  where: [(a, b) => torch.where(mask, a, b), () => random(3, 2), () => random(2)],
  gather: [(a) => a.gather(0, index), () => random(3, 2)],
  scatter: [(a, b) => a.scatter(0, torch.tensor([[0n, 2n]]), b), () => random(3, 2), () => random(1, 2)],
  indexSelect: [(a) => a.indexSelect(0, rows), () => random(3, 2)],
  indexAdd: [(a, b) => a.indexAdd(0, rows, b), () => random(3, 2), () => random(3, 2)],
  maskedSelect: [(a) => a.maskedSelect(mask), () => random(3, 2)],
  maskedFill: [(a) => a.maskedFill(mask, 2), () => random(3, 2)],
  cumsum: [(a) => a.cumsum(1), () => random(3, 4)],
  cumprod: [(a) => a.cumprod(1), () => random(3, 4)],
  sort: [(a) => a.sort(1).values, () => random(3, 4)],
  topk: [(a) => a.topk(2).values, () => random(3, 4)],
  clone: [(a) => a.clone(), () => random(3)],
  "to and back": [(a) => a.mul(2).to(torch.float64), () => random(3)],
  "copy_ into a view": [
    (a, b) => {
      const c = a.clone();
      c.select(0, 1).copy_(b);
      return c.mul(c);
    },
    () => random(3, 2),
    () => random(2),
  ],
  "mul_ on a view": [
    (a, b) => {
      const c = a.clone();
      c.at(":", 1).mul_(b);
      return c.exp();
    },
    () => random(3, 2),
    () => random(3),
  ],
  pow_: [(a) => a.clone().pow_(3), () => random(3)],
  exp_: [(a) => a.clone().exp_(), () => inside(3)],
};

for (const [name, [body, ...inputs]] of Object.entries(cases)) {
  test(`the derivative of ${name}`, () => {
    torch.manualSeed(0);
    const tensors = inputs.map((make) => make());
    gradcheck(body, tensors);
    gradgradcheck(body, tensors);
  });
}
