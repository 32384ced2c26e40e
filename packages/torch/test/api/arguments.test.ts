/** The rule of arguments: places, names, what skips, spread sizes, bigints, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, optim, type Tensor } from "../../src/index.js";

const x = torch.arange(6, { dtype: torch.float32 }).reshape(2, 3);

/** A call that the types refuse. */
const call = (target: unknown, name: string, ...args: unknown[]): unknown =>
  (target as Record<string, (...args: unknown[]) => unknown>)[name]?.call(target, ...args);

function assertSame(actual: Tensor, expected: Tensor): void {
  assert.deepEqual(actual.shape, expected.shape);
  assert.deepEqual(actual.tolist(), expected.tolist());
}

test("an optional argument stands in its place, or is named, and then everything after it", () => {
  assertSame(x.sum({ dim: 1, keepdim: true }), x.sum(1, { keepdim: true }));
  assertSame(x.norm({ p: 2, dim: 1 }), x.norm(2, 1));
  assertSame(x.norm(2, { dim: 1 }), x.norm(2, 1));
  assertSame(torch.add(x, 1, { alpha: 2 }), x.add(2));
  assertSame(F.dropout(x, { p: 0.5, training: false }), x);
  const { values, indices } = torch.topk(x, 2, { dim: 1, largest: false });
  assert.deepEqual(
    [values.tolist(), indices.tolist()],
    [
      [
        [0, 1],
        [3, 4],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    ],
  );
  const linear = new nn.Linear(2, 3, { bias: false, dtype: torch.float64 });
  assert.equal(linear.weight.dtype, torch.float64);
});

test("undefined skips a place, and null does where None means nothing of its own", () => {
  assertSame(x.sum(undefined, { keepdim: true }), torch.tensor([[15]]));
  assertSame(call(x, "sum", null, { keepdim: true }) as Tensor, torch.tensor([[15]]));
  assert.deepEqual(torch.topk(x, 1, undefined, { largest: false }).values.tolist(), [[0], [3]]);
  const [group] = new optim.SGD([torch.ones(1, { requiresGrad: true })], undefined, 0.5).paramGroups;
  assert.deepEqual([group?.lr, group?.momentum], [1e-3, 0.5]);
  assertSame(x.clamp(undefined, 2), x.clamp({ max: 2 }));
  assert.deepEqual(torch.zeros(2, { dtype: undefined, requiresGrad: undefined }).dtype, torch.float32);
});

test("an argument is given once", () => {
  assert.throws(() => call(x, "sum", 1, { dim: 0 }), /sum\(\): argument 'dim' was given twice/);
});

const misnamed: [string, () => unknown, RegExp][] = [
  ["function", () => call(torch, "sum", x, { keepDim: true }), /sum\(\) got an unexpected option 'keepDim'.*keepdim/],
  ["method", () => call(x, "mean", { axis: 1 }), /mean\(\) got an unexpected option 'axis'.*dim/],
  [
    "in snake_case",
    () => call(torch, "tensor", [1], { requires_grad: true }),
    /unexpected option 'requires_grad'.*requiresGrad/,
  ],
  ["factory", () => call(torch, "zeros", 2, { typ: 1 }), /zeros\(\) got an unexpected option 'typ'/],
  ["like", () => call(torch, "zerosLike", x, { size: 1 }), /zerosLike\(\) got an unexpected option 'size'/],
  ["in-place", () => call(x.clone(), "add_", 1, { beta: 1 }), /unexpected option 'beta'/],
  [
    "loss",
    () => call(F, "mseLoss", x, x, { size_average: true }),
    /mseLoss\(\) got an unexpected option 'size_average'/,
  ],
  [
    "module",
    () => Reflect.construct(nn.Linear, [1, 2, { biass: false }]),
    /Linear\(\) got an unexpected option 'biass'/,
  ],
  [
    "module without options",
    () => Reflect.construct(nn.Sigmoid, [{ inplace: true }]),
    /Sigmoid\(\) got an unexpected option 'inplace'/,
  ],
  [
    "optimizer",
    () => Reflect.construct(optim.SGD, [[x], { learningRate: 1 }]),
    /SGD\(\) got an unexpected option 'learningRate'/,
  ],
  ["init", () => call(nn.init, "normal_", torch.ones(1), { sd: 1 }), /normal_\(\) got an unexpected option 'sd'/],
  [
    "backward",
    () => call(torch.ones(1, { requiresGrad: true }), "backward", { keepGraph: true }),
    /unexpected option 'keepGraph'/,
  ],
  ["conversion", () => call(x, "to", { type: torch.float64 }), /to\(\) got an unexpected option 'type'/],
];
for (const [what, misuse, message] of misnamed) {
  test(`an option that does not exist is a TypeError that names it: ${what}`, () => {
    assert.throws(misuse, { name: "TypeError", message });
  });
}

const misplaced: [() => unknown, string][] = [
  [() => call(x, "sum", 1, true), "sum(tensor, 1, { keepdim: true })"],
  [() => call(x, "norm", 2, 1, true), "norm(tensor, 2, 1, { keepdim: true })"],
  [() => call(torch, "topk", x, 2, 1, false), "topk(tensor, 2, 1, { largest: false })"],
  [() => call(x, "sort", 0, true), "sort(tensor, 0, { descending: true })"],
  [() => call(F, "dropout", x, 0.2, true), "dropout(tensor, 0.2, { training: true })"],
  [() => call(F, "crossEntropy", x, torch.zeros(2), undefined, 0, "sum"), '{ reduction: "sum" }'],
  [() => call(F, "relu", x, true), "relu(tensor, { inplace: true })"],
  [() => Reflect.construct(nn.Linear, [2, 3, false]), "Linear(2, 3, { bias: false })"],
  [() => Reflect.construct(nn.ReLU, [true]), "ReLU({ inplace: true })"],
  [() => Reflect.construct(optim.SGD, [[x], 0.1, 0, 0, 0, true]), "SGD(0.1, 0, 0, 0, { nesterov: true })"],
  [() => call(x, "argmax", 1, true), "argmax(tensor, 1, { keepdim: true })"],
];
test("a switch in a place is a TypeError that shows the right spelling", () => {
  for (const [misuse, spelling] of misplaced) {
    assert.throws(misuse, (error: Error) => error instanceof TypeError && error.message.includes(spelling), spelling);
  }
});

test("too many arguments, too few, and those of the wrong kind are TypeErrors", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => call(torch, "clamp", x, 1, 2, 3), /clamp\(\) takes at most 3 positional arguments but 4 were given/],
    [() => call(x, "add"), /add\(\) missing 1 required argument: 'other'/],
    [() => Reflect.construct(nn.Linear, [2]), /Linear\(\) missing 1 required argument: 'outFeatures'/],
    [() => call(x, "add", "1"), /add\(\): argument 'other' must be Tensor or Number, not "1"/],
    [() => call(torch, "exp", 1), /exp\(\): argument 'input' must be Tensor, not int/],
    [() => call(torch, "exp", [1]), /must be Tensor, not array of int/],
    [() => call(torch, "cat", x, x), /cat\(\): argument 'tensors' must be list of Tensors, not Tensor/],
    [() => call(torch, "zeros", 1, { dtype: "float32" }), /'dtype' must be torch.dtype, not "float32"/],
    [() => call(torch, "rand", 2, { generator: 3 }), /'generator' must be torch.Generator, not int/],
    [() => call(x, "div", x, { roundingMode: "up" }), /one of None, 'trunc', or 'floor' but found 'up'/],
    [() => call(x, "sum", 0.5), /'dim' must be int or tuple of ints, not float/],
    [() => call(x, "sum", Number.NaN), /'dim' must be int/],
  ];
  for (const [misuse, message] of cases) assert.throws(misuse, { name: "TypeError", message });
});

test("messages name the element of a list that is wrong, and what it is", () => {
  function* generate() {
    yield x;
  }
  const cases: [() => unknown, RegExp][] = [
    [() => call(torch, "cat", [x, undefined]), /must be list of Tensors, but element 1 is undefined/],
    [() => call(torch, "stack", [x, x, 3]), /must be list of Tensors, but element 2 is int/],
    [() => call(torch, "zeros", 2, 3, 1.5), /'size' must be tuple of ints, but element 2 is float/],
    [() => call(x, "permute", [0, "1"]), /must be tuple of ints, but element 1 is "1"/],
    [() => call(x, "sum", [0, null]), /'dim' must be int or tuple of ints, but element 1 is null/],
    [() => call(torch.autograd, "backward", [x], [[x]]), /list of Tensors, but element 0 is array of Tensor/],
    [() => call(torch, "exp", [1, 1.5, x, "a"]), /must be Tensor, not array of int, float, Tensor, "a"/],
    [() => call(torch, "exp", [[1], 2]), /must be Tensor, not array of arrays, int/],
    [() => call(torch, "exp", new nn.Linear(1, 1)), /must be Tensor, not Linear/],
    [() => call(torch, "exp", nn.Linear), /must be Tensor, not class Linear/],
    [() => call(torch, "cat", [x, new nn.ReLU()]), /element 1 is ReLU/],
    [() => call(torch, "exp", () => x), /must be Tensor, not function/],
    [() => call(torch, "exp", async () => x), /must be Tensor, not function/],
    [() => call(torch, "cat", generate()), /must be list of Tensors, not Generator/],
    [() => call(torch, "exp", new Map()), /must be Tensor, not Map/],
    [() => call(torch, "exp", Object.create(null)), /must be Tensor, not Object/],
    [() => Reflect.construct(optim.Adam, [[x], { betas: [0.9] }]), /'betas' must be tuple of two floats, not array of/],
    [() => Reflect.construct(optim.Adam, [[x], { betas: [0.9, "b"] }]), /two floats, but element 1 is "b"/],
  ];
  for (const [misuse, message] of cases) assert.throws(misuse, { name: "TypeError", message });
});

test("sizes are spread or in one array where PyTorch takes both", () => {
  const both: [(...size: number[]) => Tensor, (size: number[]) => Tensor][] = [
    [(...s) => torch.zeros(...s), (s) => torch.zeros(s)],
    [(...s) => torch.ones(...s), (s) => torch.ones(s)],
    [(...s) => x.view(...s), (s) => x.view(s)],
    [(...s) => x.reshape(...s), (s) => x.reshape(s)],
    [(...s) => x.at(0, 0).expand(...s), (s) => x.at(0, 0).expand(s)],
    [(...s) => x.at(0, 0).broadcastTo(...s), (s) => x.at(0, 0).broadcastTo(s)],
    [(...s) => x.newZeros(...s), (s) => x.newZeros(s)],
    [(...s) => x.at(0, 0).repeat(...s), (s) => x.at(0, 0).repeat(s)],
    [(...s) => x.at(0, 0).tile(...s), (s) => x.at(0, 0).tile(s)],
  ];
  for (const [spread, listed] of both) {
    assert.deepEqual(spread(3, 2).shape, [3, 2]);
    assertSame(listed([3, 2]), spread(3, 2));
  }
  assertSame(x.permute([1, 0]), x.permute(1, 0));
  assertSame(x.flip([0, 1]), x.flip(0, 1));
  for (const make of [torch.rand, torch.randn, torch.empty])
    assert.deepEqual(
      [make(2, 3).shape, make([2, 3]).shape],
      [
        [2, 3],
        [2, 3],
      ],
    );
  assert.deepEqual(torch.zeros().shape, []);
  assert.deepEqual(torch.zeros([]).shape, []);
  assert.deepEqual(torch.zeros(2, 3, { dtype: torch.int64 }).dtype, torch.int64);
});

test("tensors are spread or in one array where PyTorch takes both", () => {
  const [a, b] = [torch.ones(2), torch.zeros(2)];
  assert.equal(torch.meshgrid(a, b, { indexing: "ij" }).length, torch.meshgrid([a, b], { indexing: "ij" }).length);
  assertSame(torch.blockDiag(a, b), call(torch, "blockDiag", a, b) as Tensor);
  assert.equal(torch.broadcastTensors(a, b).length, 2);
  assertSame(torch.einsum("i,i", a, b), torch.einsum("i,i", [a, b]));
});

test("sizes are not spread where PyTorch takes one list only", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => call(torch, "full", 2, 7), /full\(\): argument 'size' must be tuple of ints, not int/],
    [() => call(x, "newFull", 2, 7), /'size' must be tuple of ints, not int/],
    [() => call(torch, "permute", x, 1, 0), /permute\(\): argument 'dims' must be tuple of ints, not int/],
    [() => call(torch, "reshape", x, 3, 2), /reshape\(\): argument 'shape' must be tuple of ints, not int/],
    [() => call(torch, "tile", x, 2, 2), /tile\(\): argument 'dims' must be tuple of ints/],
    [() => call(torch, "flip", x, 0, 1), /flip\(\): argument 'dims' must be tuple of ints/],
    [() => call(torch, "broadcastTo", x, 2, 3), /broadcastTo\(\): argument 'size' must be tuple of ints/],
    [() => call(torch, "randint", 3, 2), /randint\(\) missing 1 required argument: 'size'/],
    [() => call(torch, "stack", x), /list of Tensors, not Tensor/],
  ];
  for (const [misuse, message] of cases) assert.throws(misuse, { name: "TypeError", message });
});

test("a bigint stands wherever an integer does", () => {
  const big = (name: string, ...args: unknown[]) => call(x, name, ...args) as Tensor;
  assert.deepEqual((call(torch, "zeros", 2n, 3n) as Tensor).shape, [2, 3]);
  assert.deepEqual((call(torch, "zeros", [2n, 3]) as Tensor).shape, [2, 3]);
  assertSame(big("sum", 1n), x.sum(1));
  assertSame(big("sum", [0n, 1n]), x.sum());
  assertSame(big("transpose", 0n, 1n), x.t());
  assertSame(big("at", 1n), x.at(1));
  assertSame(big("add", 1n), x.add(1));
  assertSame(call(torch, "full", [2n], 7n) as Tensor, torch.tensor([7n, 7n]));
  assertSame(call(torch, "arange", 3n) as Tensor, torch.arange(3));
  assert.equal(call(x, "size", 0n), 2);
  assert.equal((call(torch, "manualSeed", 5n) as torch.Generator).initialSeed(), 5);
});

test("the one argument of a call that sets a switch stays in its place", () => {
  assert.equal(torch.ones(1).requiresGrad_(true).requiresGrad, true);
  assert.equal(torch.ones(1).requiresGrad_().requiresGrad_(false).requiresGrad, false);
  assert.equal(new nn.ReLU().train(false).training, false);
  {
    using _ = torch.setGradEnabled(false);
    assert.equal(torch.isGradEnabled(), false);
  }
  assert.equal(torch.isGradEnabled(), true);
});

test("required arguments stay in their place whatever they are", () => {
  const index = torch.zeros(2, 3, { dtype: torch.long });
  assert.deepEqual(x.scatterReduce(0, index, x, "sum").tolist(), [
    [3, 6, 9],
    [3, 4, 5],
  ]);
  assert.deepEqual(torch.full([2], true).tolist(), [true, true]);
});

test("a method is its function with the tensor first", () => {
  assertSame(torch.relu(x), x.relu());
  assertSame(torch.sum(x, 1, { keepdim: true }), x.sum(1, { keepdim: true }));
  assertSame(torch.where(x.gt(2), x, 0), x.where(x.gt(2), 0));
  assertSame(torch.permute(x, [1, 0]), x.permute(1, 0));
});

test("several results by name and by place", () => {
  const results: Record<string, Iterable<Tensor>> = {
    "values indices": x.max(1),
    "values indices ": x.min(1),
    "values indices  ": x.sort(1),
    "values indices   ": torch.topk(x, 2),
    "values indices    ": x.kthvalue(1),
    "values indices     ": x.median(1),
    "values indices      ": x.mode(1),
    "values indices       ": x.cummax(1),
    "min max": x.aminmax(),
    "mantissa exponent": torch.frexp(x),
  };
  for (const [names, result] of Object.entries(results)) {
    const [first, second] = names.trim().split(" ") as [string, string];
    const [a, b, ...rest] = result;
    const fields = result as unknown as Record<string | number, Tensor>;
    assert.equal(fields[first], a, first);
    assert.equal(fields[second], b, second);
    assert.deepEqual([fields[0], fields[1], rest.length], [a, b, 0]);
    assert.deepEqual(Object.keys(result), [first, second]);
  }
});
