/**
 * Memory that is written while it is read, in place and as `out`: refused where PyTorch refuses it, and right where it
 * accepts it. `golden-overlap.json` has what PyTorch says of calls whose `out` begins where an input does, or an
 * element later.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { type DType, nn, optim, type Tensor } from "../../src/index.js";

interface Encoded {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: number[];
}

interface Row {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Which of the tensors among the arguments shares memory with `out`. */
  readonly shared: number;
  /** By how many elements `out` begins after it. */
  readonly shift: number;
  readonly throws: boolean;
  readonly outs: readonly Omit<Encoded, "values">[];
}

const file = new URL("../../../test/ops/golden-overlap.json", import.meta.url);
const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];

type AnyFunction = (...args: unknown[]) => unknown;

function functionOf(path: string): AnyFunction {
  const steps = path.split(".");
  let found: unknown = steps[0] === "nn" ? { nn } : torch;
  for (const step of steps) found = (found as Record<string, unknown>)[step];
  return found as AnyFunction;
}

function dtypeOf(name: string): DType {
  return (torch as unknown as Record<string, DType>)[name] as DType;
}

function count(shape: readonly number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

/** Makes the tensors of a call. */
class Arguments {
  #seen = 0;
  /** The memory in which one of them and `out` are. */
  memory: Tensor | undefined;

  constructor(
    readonly row: Row,
    readonly isShared: boolean,
  ) {}

  make(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.make(item));
    if (typeof value !== "object" || value === null) return value;
    const { shape, dtype, values } = value as Encoded;
    const result = torch.tensor(values, { dtype: dtypeOf(dtype) }).view(shape);
    if (this.#seen++ !== this.row.shared || !this.isShared) return result;
    const room = Math.max(values.length, count(this.row.outs[0]?.shape ?? [])) + 8;
    this.memory = torch.zeros(room, { dtype: dtypeOf(dtype) });
    return this.memory.narrow(0, 0, values.length).view(shape).copy_(result);
  }

  outs(): Tensor[] {
    const outs = this.row.outs.map(({ shape, dtype }) => torch.zeros(shape, { dtype: dtypeOf(dtype) }));
    // Over the memory by way of `.data`, which is a storage of its own.
    const shape = this.row.outs[0]?.shape ?? [];
    if (this.memory !== undefined) outs[0] = this.memory.data.narrow(0, this.row.shift, count(shape)).view(shape);
    return outs;
  }
}

/** Calls the function of a row; returns what `out` holds then, and the memory before and after. */
function call(row: Row, isShared: boolean): { outs: unknown; error?: unknown; isChanged: boolean } {
  const made = new Arguments(row, isShared);
  const args = row.args.map((value) => made.make(value));
  const options = Object.fromEntries(Object.entries(row.options).map(([key, value]) => [key, made.make(value)]));
  const outs = made.outs();
  const before = JSON.stringify(made.memory?.tolist());
  let error: unknown;
  try {
    functionOf(row.op)(...args, { ...options, out: outs.length === 1 ? outs[0] : outs });
  } catch (thrown) {
    error = thrown;
  }
  const isChanged = JSON.stringify(made.memory?.tolist()) !== before;
  return { outs: outs.map((out) => out.tolist()), ...(error !== undefined && { error }), isChanged };
}

const byName = new Map<string, Row[]>();
for (const row of rows) byName.set(row.op, [...(byName.get(row.op) ?? []), row]);

for (const [name, group] of byName) {
  test(`out of ${name} over the memory of an input`, () => {
    for (const row of group) {
      const what = `tensor ${row.shared}, ${row.shift} later`;
      const shared = call(row, true);
      if (row.throws) {
        assert.match(String(shared.error), /^Error: unsupported operation: some elements of the input tensor/, what);
        assert.ok(!shared.isChanged, what);
      } else {
        assert.equal(shared.error, undefined, what);
        assert.deepEqual(shared.outs, call(row, false).outs, what);
      }
    }
  });
}

const refused = /^Error: unsupported operation: some elements of the input tensor and the written-to tensor refer/;
const repeated = /^Error: unsupported operation: more than one element of the written-to tensor refers/;

/** Two views of six elements of one memory under two storages, the second an element later or not. */
const pairs: Readonly<Record<string, (shift: number, dtype: DType) => [Tensor, Tensor]>> = {
  data: (shift, dtype) => {
    const memory = torch.ones(14, { dtype });
    return [memory.narrow(0, 0, 6), memory.data.narrow(0, shift, 6)];
  },
  views: (shift, dtype) => {
    const memory = torch.ones(14, { dtype });
    return [memory.narrow(0, 0, 6), memory.narrow(0, shift, 6)];
  },
  "typed arrays": (shift, dtype) => {
    const array = torch.ones(14, { dtype }).asTypedArray();
    const over = (at: number) => {
      const bytes = new Uint8Array(array.buffer as ArrayBuffer, at * dtype.itemsize, 6 * dtype.itemsize);
      return torch.frombuffer(bytes, { dtype });
    };
    return [over(0), over(shift)];
  },
  "its typed array": (shift, dtype) => {
    const memory = torch.ones(14, { dtype });
    const array = memory.asTypedArray();
    const bytes = new Uint8Array(array.buffer as ArrayBuffer, shift * dtype.itemsize, 6 * dtype.itemsize);
    return [memory.narrow(0, 0, 6), torch.frombuffer(bytes, { dtype })];
  },
};

type Change = (target: Tensor, other: Tensor) => unknown;

const { float32, int64, bool } = torch;
const longs = () => torch.ones(6, { dtype: int64 });
const all = () => torch.arange(6);
const yes = () => torch.ones(6, { dtype: bool });

/** What PyTorch says of in-place operations whose other tensor has the same places, or lies an element later. */
const inplace: readonly [name: string, DType, Change, same: boolean, later: boolean][] = [
  ["add_", float32, (a, b) => a.add_(b), true, false],
  ["copy_", float32, (a, b) => a.copy_(b), true, false],
  ["addcmul_", float32, (a, b) => a.addcmul_(b, b), true, false],
  ["lerp_", float32, (a, b) => a.lerp_(b, 0.5), true, false],
  ["logicalAnd_", float32, (a, b) => a.logicalAnd_(b), true, false],
  ["where", float32, (a, b) => torch.where(yes(), b, b, { out: a }), true, false],
  ["maskedFill_", bool, (a, b) => a.maskedFill_(b, true), true, false],
  ["maskedScatter_ mask", bool, (a, b) => a.maskedScatter_(b, yes()), true, true],
  ["maskedScatter_ source", float32, (a, b) => a.maskedScatter_(yes(), b), true, true],
  ["setAt", int64, (a, b) => a.setAt(b, 2), false, false],
  ["setAt mask", bool, (a, b) => a.setAt(b, true), true, false],
  ["setAt mask, values", bool, (a, b) => a.setAt(b, yes()), false, false],
  ["setAt value", float32, (a, b) => a.setAt(all(), b), false, false],
  ["indexPut_", int64, (a, b) => a.indexPut_([b], 2, { accumulate: true }), false, false],
  ["indexFill_", int64, (a, b) => a.indexFill_(0, b, 2), false, false],
  ["indexCopy_ index", int64, (a, b) => a.indexCopy_(0, b, longs()), false, false],
  ["indexCopy_ source", float32, (a, b) => a.indexCopy_(0, all(), b), false, false],
  ["indexAdd_ index", int64, (a, b) => a.indexAdd_(0, b, longs()), false, false],
  ["indexAdd_ source", float32, (a, b) => a.indexAdd_(0, all(), b), false, false],
  ["indexReduce_ index", int64, (a, b) => a.indexReduce_(0, b, longs(), "amax"), false, false],
  ["indexReduce_ source", float32, (a, b) => a.indexReduce_(0, all(), b, "amax"), false, false],
  ["scatter_ index", int64, (a, b) => a.scatter_(0, b, longs()), false, false],
  ["scatter_ index, value", int64, (a, b) => a.scatter_(0, b, 2), false, false],
  ["scatter_ src", float32, (a, b) => a.scatter_(0, all(), b), false, false],
  ["scatterAdd_ index", int64, (a, b) => a.scatterAdd_(0, b, longs()), false, false],
  ["scatterAdd_ src", float32, (a, b) => a.scatterAdd_(0, all(), b), false, false],
  ["scatterReduce_ index", int64, (a, b) => a.scatterReduce_(0, b, longs(), "amax"), false, false],
  ["scatterReduce_ src", float32, (a, b) => a.scatterReduce_(0, all(), b, "amax"), false, false],
  ["put_ index", int64, (a, b) => a.put_(b, longs()), false, false],
  ["put_ source", float32, (a, b) => a.put_(all(), b), false, false],
  ["take out, index", int64, (a, b) => torch.take(torch.arange(10), b, { out: a }), false, false],
  ["take out", float32, (a, b) => torch.take(b, all(), { out: a }), false, false],
  ["gather out, index", int64, (a, b) => torch.gather(torch.arange(10), 0, b, { out: a }), true, false],
  ["gather out", float32, (a, b) => torch.gather(b, 0, all(), { out: a }), false, false],
  ["indexSelect out, index", int64, (a, b) => torch.indexSelect(torch.arange(10), 0, b, { out: a }), false, false],
  ["scatter out", float32, (a, b) => torch.scatter(b, 0, all(), torch.ones(6), { out: a }), true, false],
  ["nonzero out", int64, (a, b) => torch.nonzero(b, { out: a.view(6, 1) }), false, false],
  ["maskedSelect out", float32, (a, b) => torch.maskedSelect(b, yes(), { out: a }), false, false],
  ["cat out", float32, (a, b) => torch.cat([b], { out: a }), false, false],
  ["addmv_", float32, (a, b) => a.addmv_(torch.ones(6, 6), b), true, true],
  ["addmm_", float32, (a, b) => a.view(2, 3).addmm_(torch.ones(2, 2), b.view(2, 3)), true, true],
  ["addr_", float32, (a, b) => a.view(2, 3).addr_(b.narrow(0, 0, 2), b.narrow(0, 0, 3)), false, false],
  ["bernoulli_", float32, (a, b) => a.bernoulli_(b), true, false],
];

for (const [name, dtype, change, same, later] of inplace) {
  test(`${name} where the other tensor has the same memory`, () => {
    for (const [kind, makePair] of Object.entries(pairs)) {
      for (const [shift, accepts] of [
        [0, same],
        [1, later],
      ] as const) {
        const [target, other] = makePair(shift, dtype);
        const before = [target.tolist(), other.tolist()];
        const expected = target.clone();
        if (accepts) change(expected, other.clone());
        const run = () => change(target, other);
        if (accepts) run();
        else assert.throws(run, refused, `${kind}, ${shift} later`);
        if (accepts) assert.deepEqual(target.tolist(), expected.tolist(), `${kind}, ${shift} later`);
        else assert.deepEqual([target.tolist(), other.tolist()], before, `${kind}, ${shift} later`);
      }
    }
  });
}

test("the tensor itself as its index", () => {
  const t = torch.tensor([1n, 2n, 3n, 0n]);
  for (const change of [
    () => t.setAt(t, 2 ** 40),
    () => t.indexFill_(0, t, 7),
    () => t.scatter_(0, t, 7),
    () => t.put_(t, t),
    () => t.indexAdd_(0, t, torch.ones(4, { dtype: int64 })),
  ]) {
    assert.throws(change, refused);
  }
  assert.deepEqual(t.tolist(), [1, 2, 3, 0]);
});

test("an element of the tensor itself", () => {
  const six = () => torch.arange(6, { dtype: float32 });
  for (const change of [
    (x: Tensor) => x.add_(x.at(2)),
    (x: Tensor) => x.mul_(x.at(0)),
    (x: Tensor) => x.copy_(x.at(2)),
    (x: Tensor) => x.view(2, 3).add_(x.view(2, 3).at(0)),
    (x: Tensor) =>
      x
        .narrow(0, 0, 4)
        .view(2, 2)
        .add_(x.narrow(0, 0, 4).view(2, 2).t()),
    (x: Tensor) => x.setAt([[0, 1]], x.at(3)),
  ]) {
    const x = six();
    assert.throws(() => change(x), refused);
    assert.deepEqual(x.tolist(), [0, 1, 2, 3, 4, 5]);
  }
  assert.deepEqual(torch.fill_(six(), 3).tolist(), six().fill_(six().at(3)).tolist());
  const x = six();
  assert.deepEqual(x.fill_(x.at(2)).tolist(), [2, 2, 2, 2, 2, 2]);
  const y = six();
  y.setAt(y.gt(1), y.at(2));
  assert.deepEqual(y.tolist(), [0, 1, 2, 2, 2, 2]);
  const z = six();
  assert.deepEqual(z.maskedFill_(z.gt(1), z.at(3)).tolist(), [0, 1, 3, 3, 3, 3]);
  assert.deepEqual(z.indexFill_(0, torch.tensor([0n, 1n]), z.at(5)).tolist(), [3, 3, 3, 3, 3, 3]);
});

test("views with gaps are read before they are written", () => {
  const ten = () => torch.arange(10, { dtype: float32 });
  const parts: readonly ((x: Tensor) => [Tensor, Tensor])[] = [
    (x) => [x.at("1::2"), x.at("0::2")],
    (x) => [x.at("2::2"), x.at("0:8:2")],
    (x) => [x.at("0:8:2"), x.at("2::2")],
    (x) => [x.at("1:5"), x.at("0:1").expand(4)],
    (x) => [x.at("0:4"), x.asStrided([4], [2], 0)],
    (x) => [x.at("1:9").view(2, 4), x.asStrided([2, 4], [2, 1], 0)],
    (x) => [x.data.at("::2"), x.at("::2")],
  ];
  const changes: readonly Change[] = [
    (a, b) => a.add_(b),
    (a, b) => a.copy_(b),
    (a, b) => a.addcmul_(b, b),
    (a, b) => torch.mul(a, b, { out: a }),
    (a, b) => torch.exp(b, { out: a }),
    (a, b) => torch.where(b.gt(2), b, a, { out: a }),
    (a, b) => a.maskedScatter_(torch.ones(a.shape, { dtype: bool }), b),
    (a, b) => torch.cumsum(b, 0, { out: a }),
    (a, b) => torch.sort(b, 0, { out: [a, torch.empty(0, { dtype: int64 })] }),
  ];
  for (const [p, split] of parts.entries()) {
    for (const [c, change] of changes.entries()) {
      const [target, other] = split(ten());
      const expected = target.clone();
      change(expected, other.clone());
      change(target, other);
      assert.deepEqual(target.tolist(), expected.tolist(), `parts ${p}, change ${c}`);
    }
  }
});

test("a product over the memory of its factors", () => {
  const factor = () =>
    torch
      .arange(64 * 64)
      .remainder(7)
      .to(float32)
      .view(64, 64);
  const [a, b] = [factor(), factor().t().contiguous()];
  const expected = a.mm(b).tolist();
  for (const [call, given] of [
    [(x: Tensor, y: Tensor) => torch.mm(x, y, { out: x.data }), 0],
    [(x: Tensor, y: Tensor) => torch.mm(x, y, { out: y.data }), 1],
    [(x: Tensor, y: Tensor) => torch.matmul(x, y, { out: x }), 0],
    [(x: Tensor, y: Tensor) => torch.bmm(x.unsqueeze(0), y.unsqueeze(0), { out: x.unsqueeze(0) }), 0],
  ] as const) {
    const factors = [a.clone(), b.clone()] as const;
    call(...factors);
    assert.deepEqual(factors[given].tolist(), expected);
  }
});

test("gradients flow through what was read from copies", () => {
  const x = torch.arange(6, { dtype: float32 }).requiresGrad_();
  const y = x.mul(1);
  y.at("1::2").add_(y.at("0::2"));
  y.sum().backward();
  assert.deepEqual(x.grad?.tolist(), [2, 1, 2, 1, 2, 1]);
});

test("elements that share places are not written", () => {
  const expanded = () => torch.zeros(1).expand(3);
  const one = () => torch.tensor([0n]);
  for (const change of [
    (e: Tensor) => e.add_(1),
    (e: Tensor) => e.copy_(torch.ones(3)),
    (e: Tensor) => e.clamp_(0, 1),
    (e: Tensor) => e.random_(),
    (e: Tensor) => e.bernoulli_(0.5),
    (e: Tensor) => e.cumsum_(0),
    (e: Tensor) => e.scatter_(0, one(), 1),
    (e: Tensor) => e.put_(one(), torch.ones(1)),
    (e: Tensor) => e.indexAdd_(0, one(), torch.ones(1)),
    (e: Tensor) => e.maskedScatter_(torch.ones(3, { dtype: bool }), torch.ones(3)),
    (e: Tensor) => torch.add(torch.ones(3), 1, { out: e }),
    (e: Tensor) => torch.cat([torch.ones(3)], { out: e }),
    (e: Tensor) => torch.sum(torch.ones(3, 2), 1, { out: e }),
    (e: Tensor) => torch.mm(torch.ones(1, 2), torch.ones(2, 3), { out: e.view(1, 3) }),
    (e: Tensor) => torch.max(torch.ones(3, 2), 1, { out: [e, torch.empty(3, { dtype: int64 })] }),
    (e: Tensor) => torch.max(torch.ones(3, 2), 1, { out: [torch.empty(3), e.to(int64).narrow(0, 0, 1).expand(3)] }),
  ]) {
    const e = expanded();
    assert.throws(() => change(e), repeated);
    assert.deepEqual(e.tolist(), [0, 0, 0]);
  }
  assert.deepEqual(expanded().fill_(2).tolist(), [2, 2, 2]);
  assert.deepEqual(torch.ones(1).expand(3).zero_().tolist(), [0, 0, 0]);
});

test("of several outs none is written if one cannot be", () => {
  const values = torch.zeros(3);
  const indices = torch.zeros(1, { dtype: int64 }).expand(3);
  assert.throws(() => torch.max(torch.ones(3, 2), 1, { out: [values, indices] }), repeated);
  assert.deepEqual(values.tolist(), [0, 0, 0]);
});

test("an optimizer's step where the gradient lies across its parameter", () => {
  for (const make of [
    (p: Tensor[]) => new optim.SGD(p, 0.1),
    (p: Tensor[]) => new optim.SGD(p, 0.1, 0.9),
    (p: Tensor[]) => new optim.Adam(p, 0.1),
  ]) {
    const memory = torch.ones(7);
    const parameter = memory.narrow(0, 0, 6).requiresGrad_();
    parameter.grad = memory.narrow(0, 1, 6);
    assert.throws(() => make([parameter]).step(), refused);
    assert.deepEqual(memory.tolist(), [1, 1, 1, 1, 1, 1, 1]);
  }
});
