/** A bool is whatever byte lies in memory: every operation takes any other than 0 for true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { Tensor } from "../../src/index.js";

/** A bool tensor of bytes 0, 1, 2, 128 and 255, and the same with 0 and 1 only. */
function pairOf(sizes: readonly number[], step = 1): [Tensor, Tensor] {
  const bytes = [2, 0, 255, 1, 0, 128, 0];
  const count = sizes.reduce((a, b) => a * b, 1);
  const array = Uint8Array.from({ length: count }, (_, i) => bytes[(i * step) % bytes.length] as number);
  const raw = torch.fromTypedArray(array).view(torch.bool).view(sizes);
  return [
    raw,
    torch
      .fromTypedArray(array.map((byte) => Number(byte !== 0)))
      .view(torch.bool)
      .view(sizes),
  ];
}

/** What can be seen of a result. */
function seen(result: unknown): unknown {
  if (result instanceof Tensor) return [String(result.dtype), result.sizes, result.tolist(), String(result)];
  if (Array.isArray(result)) return result.map(seen);
  return result;
}

type Operation = (x: Tensor, y: Tensor) => unknown;

const operations: Record<string, Operation> = {
  // reading, as `seen` does
  asItIs: (x) => x,
  item: (x) => [x.select(0, 0).reshape(-1).select(0, 0).item(), x.reshape(-1).select(0, 2).item()],
  equal: (x) => torch.equal(x, x.ne(0)),
  allclose: (x) => torch.equal(x.to(torch.float32), x.ne(0).to(torch.float32)),
  casts: (x) => [torch.float32, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8].map((t) => x.to(t)),
  toUint8: (x) => x.to(torch.uint8),
  fromTypedArray: (x) => torch.tensor(x.tolist() as boolean[]),
  // masks
  nonzero: (x) => x.nonzero(),
  countNonzero: (x) => [torch.countNonzero(x), torch.countNonzero(x, 0)],
  argwhere: (x) => torch.argwhere(x),
  maskedSelect: (x, y) => [
    x.to(torch.int32).maskedSelect(y),
    x.maskedSelect(y),
    torch.arange(x.numel()).maskedSelect(y.reshape(-1)),
  ],
  maskedFill: (x, y) => [torch.zeros(x.sizes).maskedFill(x, 7), x.maskedFill(y, true), x.maskedFill(y, false)],
  maskedScatter: (x) => torch.zeros(x.sizes).maskedScatter(x, torch.arange(x.numel()).to(torch.float32)),
  index: (x) => torch.arange(x.numel()).view(x.sizes).at(x),
  indexRows: (x) => torch.arange(x.size(0)).at(x.reshape(x.size(0), -1).select(1, 0)),
  setAt: (x) => {
    const target = torch.zeros(x.sizes);
    target.setAt(x, 3);
    return target;
  },
  where: (x, y) => [torch.where(x, 1, 0), torch.where(x, y, x), torch.where(x)],
  // reductions
  any: (x) => [x.any(), x.any(0)],
  all: (x) => [x.all(), x.all(0)],
  sum: (x) => [x.sum(), x.sum(0), x.sum(-1)],
  prod: (x) => [x.prod(), x.prod(0)],
  mean: (x) => x.mean({ dtype: torch.float64 }),
  extremes: (x) => [x.amax(0), x.amin(0), x.max(), x.min(), x.max(0).values, x.min(0).indices],
  arg: (x) => [x.to(torch.uint8).argmax(), x.max(0).indices, x.max(-1).indices],
  scans: (x) => [
    x.cumsum(0),
    x.cumprod(0),
    x.cumsum(-1),
    x.cummax(0).values,
    x.cummax(0).indices,
    x.cummin(-1).indices,
  ],
  // elementwise
  logical: (x, y) => [x.logicalAnd(y), x.logicalOr(y), x.logicalXor(y), x.logicalNot()],
  bitwise: (x, y) => [x.bitwiseAnd(y), x.bitwiseOr(y), x.bitwiseXor(y), x.bitwiseNot()],
  compare: (x, y) => [x.eq(y), x.ne(y), x.lt(y), x.le(y), x.gt(y), x.ge(y), x.eq(true), x.eq(1)],
  arithmetic: (x, y) => [x.add(y), x.mul(y), x.add(1), x.mul(2.5), x.maximum(y), x.minimum(y), x.div(2)],
  sign: (x) => x.sign(),
  mixed: (x) => [torch.ones(x.sizes).mul(x), torch.ones(x.sizes, { dtype: torch.int64 }).add(x)],
  inPlace: (x, y) => [x.clone().logicalAnd_(y), x.clone().bitwiseOr_(y), torch.zeros(x.sizes).add_(x)],
  functions: (x) => [x.sqrt(), x.exp(), x.sigmoid()],
  // order
  sort: (x) => [...Object.values(torch.sort(x, -1)), ...Object.values(torch.sort(x, 0, { descending: true }))],
  argsort: (x) => x.argsort(0),
  topk: (x) => [...Object.values(x.topk(x.size(-1), -1)), ...Object.values(x.topk(1, 0, { largest: false }))],
  unique: (x) => torch.unique(x, { returnInverse: true, returnCounts: true }),
  uniqueRows: (x) => torch.unique(x, { dim: 0, returnInverse: true, returnCounts: true }),
  uniqueConsecutive: (x) => torch.uniqueConsecutive(x, { returnInverse: true, returnCounts: true }),
  isin: (x) => torch.isin(x, torch.tensor([true])),
  // moving
  cat: (x, y) => [torch.cat([x, y]), torch.stack([x, y]), torch.cat([x, y.to(torch.int32)])],
  gather: (x) => [
    x.gather(0, torch.zeros([1, ...x.sizes.slice(1)], { dtype: torch.int64 })),
    x.indexSelect(0, torch.tensor([1, 0, 1], { dtype: torch.int64 })),
  ],
  scatter: (x) => {
    const index = torch.zeros(x.sizes, { dtype: torch.int64 });
    return [
      torch.zeros(x.sizes, { dtype: torch.bool }).scatter(0, index, x),
      x.scatterReduce(0, index, x, "sum"),
      x.scatterReduce(0, index, x, "prod"),
      x.scatterReduce(0, index, x, "amax", { includeSelf: false }),
      x.indexAdd(0, torch.zeros([x.size(0)], { dtype: torch.int64 }), x),
    ];
  },
  take: (x) => [
    x.take(torch.tensor([0, 2, 1], { dtype: torch.int64 })),
    x.flip(0),
    x.roll(1, 0),
    x.clone(),
    x.contiguous(),
  ],
  fill: (x) => [x.clone().fill_(true), x.clone().zero_(), torch.fullLike(x, true), torch.onesLike(x)],
  repeat: (x) => [x.repeat(...x.sizes.map(() => 2)), x.reshape(-1).diag()],
  // weights and the like
  bernoulli: (x) => torch.ones(x.sizes).mul(x).bernoulli(),
  matmul: (x) =>
    x
      .to(torch.float32)
      .reshape(x.size(0), -1)
      .matmul(x.to(torch.float32).reshape(x.size(0), -1).t()),
};

const layouts: Record<string, (x: Tensor) => Tensor> = {
  contiguous: (x) => x,
  transposed: (x) => x.t(),
  "every other": (x) => x.asStrided([5, 37], [74, 1]),
  expanded: (x) => x.narrow(0, 0, 1).expand(4, -1),
  column: (x) => x.narrow(1, 0, 1),
};

for (const [layout, lay] of Object.entries(layouts)) {
  test(`bools of any bytes are as good as 0 and 1: ${layout}`, () => {
    const [raw, plain] = pairOf([9, 37]).map(lay) as [Tensor, Tensor];
    const [other, plainOther] = pairOf([9, 37], 3).map(lay) as [Tensor, Tensor];
    for (const [name, operation] of Object.entries(operations)) {
      torch.manualSeed(1);
      const expected = seen(operation(plain, plainOther));
      torch.manualSeed(1);
      assert.deepEqual(seen(operation(raw, other)), expected, name);
    }
  });
}

test("long runs of bools of any bytes, which vectors and threads share", () => {
  const [raw, plain] = pairOf([100_003]);
  const [other, plainOther] = pairOf([100_003], 3);
  const long: Record<string, Operation> = {
    nonzero: (x) => x.nonzero(),
    maskedSelect: (x, y) => torch.arange(x.numel()).maskedSelect(y),
    maskedScatter: (x) => torch.zeros(x.sizes).maskedScatter(x, torch.arange(x.numel()).to(torch.float32)),
    reductions: (x) => [x.sum(), x.any(), x.all(), x.prod(), torch.countNonzero(x)],
    cumsum: (x) => x.cumsum(0),
    compare: (x, y) => [x.eq(y), x.bitwiseAnd(y), x.logicalXor(y), x.bitwiseNot(), x.add(y)],
    sort: (x) => Object.values(x.sort()),
    median: (x) => Object.values(x.topk(20_000)),
    casts: (x) => [x.to(torch.float32), x.to(torch.int64), x.to(torch.uint8)],
    where: (x, y) => torch.where(x, y, false),
  };
  const flat = (result: unknown): unknown =>
    result instanceof Tensor ? result.to(torch.int64).tolist() : Array.isArray(result) ? result.map(flat) : result;
  for (const [name, operation] of Object.entries(long)) {
    assert.deepEqual(flat(operation(raw, other)), flat(operation(plain, plainOther)), name);
  }
});

test("a byte written through asTypedArray, or left in empty memory, is a bool like any other", () => {
  const x = torch.zeros([100], { dtype: torch.bool });
  (x.asTypedArray() as Uint8Array).fill(0x40, 3, 60);
  assert.equal(x.sum().item(), 57);
  assert.deepEqual(
    x.nonzero().reshape(-1).tolist(),
    Array.from({ length: 57 }, (_, i) => i + 3),
  );
  const mask = torch.frombuffer(Uint8Array.of(0, 7, 0, 9).buffer, { dtype: torch.bool });
  assert.deepEqual(torch.arange(4).at(mask).tolist(), [1, 3]);
  assert.deepEqual(torch.arange(4).maskedFill(mask, -1).tolist(), [0, -1, 2, -1]);
});
