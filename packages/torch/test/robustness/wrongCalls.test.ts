/** Calls that once crashed the process, hung, read beyond a buffer or failed with an error of JavaScript's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, utils } from "../../src/index.js";
import { detach } from "./hostile.js";

const { data } = utils;

/** Calls with arguments that the types forbid. */
const untyped = { torch } as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>;

test("sizes beyond all memory are refused before anything is filled", () => {
  const calls = [
    () => torch.diag(torch.ones(3), 2 ** 52),
    () => torch.ones(2 ** 24, 1).add(torch.ones(2 ** 24)),
    () => torch.zeros(2 ** 40),
    () => torch.empty(2 ** 46),
    () => torch.ones(1).expand(2 ** 50),
    () =>
      torch
        .ones(1)
        .expand(2 ** 40)
        .toTypedArray(),
    () => torch.ones(1).asStrided([2 ** 52], [0]),
    () => torch.arange(2 ** 40),
    () => torch.linspace(0, 1, 2 ** 40),
    () => torch.ones(2).repeatInterleave(torch.tensor([2n ** 40n, 1n])),
    () => new nn.Linear(2 ** 23, 2 ** 23),
    () => torch.trilIndices(2 ** 52, 2),
    () => torch.trilIndices(2 ** 20, 2 ** 20),
    () => torch.triuIndices(3, 2 ** 52),
    () => torch.repeatInterleave(torch.tensor([2n ** 62n])),
  ];
  for (const call of calls) assert.throws(call, { name: "RangeError", message: /memory|too large/ }, String(call));
});

test("lists beyond the heap are refused", () => {
  const wide = torch.empty(0, 2 ** 40);
  const calls = [
    () => wide.unbind(1),
    () => wide.split(1, 1),
    () => wide.chunk(2 ** 40, 1),
    () => torch.empty(0).chunk(2 ** 40),
    () => torch.ones(2).tensorSplit(2 ** 40),
    () => wide.T.tolist(),
    () => torch.vander(torch.ones(2), 2 ** 40),
    () => torch.combinations(torch.arange(100), 50),
    () => torch.combinations(torch.arange(3), 2 ** 52),
  ];
  for (const call of calls) assert.throws(call, { name: "RangeError", message: /list .* too long/ }, String(call));
});

test("what is refused above works where it fits", () => {
  assert.deepEqual(torch.combinations(torch.arange(4), 3).shape, [4, 3]);
  assert.deepEqual(torch.combinations(torch.arange(3), 2, { withReplacement: true }).shape, [6, 2]);
  assert.deepEqual(torch.trilIndices(2, 2).tolist(), [
    [0, 1, 1],
    [0, 0, 1],
  ]);
  assert.equal(torch.empty(0).chunk(3).length, 3);
});

test("a tensor has at most 64 dims, however it comes about", () => {
  let x = torch.ones(1);
  while (x.ndim < 64) x = x.unsqueeze(0);
  assert.equal(x.add(1).sum().item(), 2);
  assert.throws(() => x.unsqueeze(0), { name: "RangeError", message: /at most 64 dims, got 65/ });
  assert.throws(() => x.unsqueeze_(0), RangeError);
  assert.throws(() => x.repeat(new Array(40).fill(1)), Error);
  assert.equal(x.ndim, 64);
});

test("an array of sizes may change after the call, or while it is read", () => {
  const sizes = [2, 3];
  const x = torch.arange(6);
  const views = [
    x.view(sizes),
    x.reshape(sizes),
    torch.zeros(sizes),
    x.asStrided(sizes, [3, 1]),
    torch.ones(1).expand(sizes),
  ];
  sizes[0] = 1000;
  for (const view of views) assert.deepEqual(view.shape, [2, 3]);
  let reads = 0;
  const changing = new Proxy([1, 1], {
    get: (target, key) => (key === "0" ? 1 + 1000 * reads++ : Reflect.get(target, key)),
  });
  assert.deepEqual(torch.ones(1).view(changing).shape, [1, 1]);
});

test("an optimizer's step refuses what does not fit its parameter", () => {
  for (const make of [
    (p: torch.Tensor) => new optim.SGD([p], { lr: 0.1, momentum: 0.9 }),
    (p: torch.Tensor) => new optim.Adam([p], { amsgrad: true }),
    (p: torch.Tensor) => new optim.AdamW([p]),
  ]) {
    const stepped = (change: (p: torch.Tensor, optimizer: optim.Optimizer) => void) => () => {
      const p = torch.ones(4, { requiresGrad: true });
      const optimizer = make(p) as unknown as optim.Optimizer;
      p.grad = torch.ones(4);
      optimizer.step();
      change(p, optimizer);
      optimizer.step();
    };
    assert.throws(
      stepped((p) => (p.data = torch.ones(4000))),
      /the gradient of parameter 0, of size \[4\].* does not fit the parameter/,
    );
    assert.throws(
      stepped((p) => {
        p.data = torch.ones(4000);
        p.grad = torch.ones(4000);
      }),
      /the state '\w+' of parameter 0, .* does not fit/,
    );
    assert.throws(
      stepped((p) => {
        p.data = torch.ones(4).double();
        p.grad = torch.ones(4).double();
      }),
      /does not fit the parameter/,
    );
    assert.throws(
      stepped((_, optimizer) => {
        const dict = optimizer.stateDict();
        for (const key of Object.keys(dict.state.get(0) as object))
          if (key !== "step") (dict.state.get(0) as Record<string, unknown>)[key] = torch.ones(1);
        optimizer.loadStateDict(dict);
      }),
      /does not fit the parameter/,
    );
  }
});

test("a state dict may have the step as a number and lack AMSGrad's maximum; what has another kind is refused", () => {
  const p = torch.ones(2, { requiresGrad: true });
  p.grad = torch.ones(2);
  const optimizer = new optim.Adam([p]);
  optimizer.step();
  const dict = optimizer.stateDict();
  Object.assign(dict.state.get(0) as object, { step: 1 });
  Object.assign(dict.param_groups[0] as object, { amsgrad: true });
  optimizer.loadStateDict(dict);
  optimizer.step();
  assert.ok(Math.abs((p.at(0).item() as number) - 0.998) < 1e-6);
  assert.throws(() => optimizer.loadStateDict({ ...dict, param_groups: [{ lr: 1 }] } as never), TypeError);
  assert.throws(
    () => optimizer.loadStateDict({ ...dict, param_groups: [{ ...dict.param_groups[0], betas: null }] } as never),
    TypeError,
  );
  assert.throws(() => optimizer.loadStateDict({ ...dict, state: { 0: { exp_avg: "x" } } } as never), TypeError);
  assert.throws(() => optimizer.addParamGroup({ lr: 1 } as never), TypeError);
  assert.throws(
    () => new optim.SGD([p], { lr: 1 }).addParamGroup({ params: [torch.ones(1)], lr: "1" } as never),
    TypeError,
  );
});

test("memory that was taken away is noticed", () => {
  const array = new Float32Array(4);
  const shared = torch.fromTypedArray(array);
  detach(array);
  assert.throws(() => shared.add(1), /detached or resized/);
  const own = torch.ones(1000);
  detach(own.asTypedArray());
  assert.throws(() => own.sum(), /detached or resized/);
  assert.throws(() => own.asTypedArray(), /detached or resized/);
});

test("arrays that contain themselves, or have no end, are refused", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const sparse = new Array(2 ** 32 - 1);
  for (const array of [cyclic, sparse]) {
    assert.throws(() => torch.tensor(array as never), /nested deeper|cannot infer/);
    assert.throws(() => torch.ones(2).at(array as never), /at most 64 dims|integers or booleans/);
    assert.throws(() => torch.ones(2).add(array as never), /must be Tensor or Number, not array/);
    assert.throws(
      () => untyped.torch?.softmax?.(torch.ones(2), array, array, array),
      /must be|takes at most|named option/,
    );
  }
  assert.throws(() => data.defaultCollate([cyclic]), /nested deeper/);
  assert.throws(() => torch.cat(sparse), /too long/);
  assert.throws(() => utils.data.randomSplit([1, 2], sparse), /too long/);
});

test("wrong kinds of arguments are named", () => {
  const odd = Object.create(null);
  const module = new nn.Linear(1, 1);
  const calls: (() => unknown)[] = [
    () => nn.functional.tanhshrink(undefined as never),
    () => nn.functional.softsign(1 as never),
    () => nn.functional.sigmoid({} as never),
    () => nn.functional.relu_(null as never),
    () => new nn.PReLU()(undefined as never),
    () => new nn.Flatten()(undefined as never),
    () => nn.init.calculateFanInAndFanOut(undefined as never),
    () => module.getSubmodule(1 as never),
    () => module.getBuffer(undefined as never),
    () => module.apply(undefined as never),
    () => torch.canCast(undefined as never, torch.int8),
    () => torch.promoteTypes(torch.int8, 1 as never),
    () => torch.manualSeed(odd),
    () => untyped.torch?.clampMax?.(torch.ones(1), 1, {}, odd),
    () => torch.ones(1).resize_([odd]),
    () => torch.broadcastShapes([[[odd]]] as never),
    () => torch.fromTypedArray(new Float32Array(2), [odd]),
    () => torch.autograd.gradgradcheck(undefined as never, torch.ones(1)),
    () => torch.autograd.gradcheck((x) => x, undefined as never),
    () => new data.Subset([1], undefined as never),
    () => new data.ConcatDataset(undefined as never),
    () => new data.ConcatDataset([1] as never),
    () => new data.ChainDataset(1 as never),
    () => new data.StackDataset(Symbol("s") as never),
    () => data.randomSplit([1], 1 as never),
    () => new data.DataLoader({ length: 3 } as never),
    () => data.defaultCollate(undefined as never),
  ];
  for (const call of calls) {
    assert.throws(
      call,
      (error: Error) =>
        error instanceof TypeError && !/undefined \(|is not a function|not iterable|Cannot/.test(error.message),
      String(call),
    );
  }
});

test("arrays that are billions long and hold nothing are refused before they are walked", () => {
  const endless = new Array(2 ** 32 - 1);
  const { defaultCollate, DataLoader } = torch.utils.data;
  const calls: Record<string, () => unknown> = {
    "lists of tensors": () => torch.cat(endless),
    "lists of numbers": () => torch.zeros(2).sum(endless),
    ParameterList: () => new nn.ParameterList(endless),
    ModuleList: () => new nn.ModuleList(endless),
    extend: () => new nn.ModuleList().extend(endless),
    "a batch": () => defaultCollate(endless),
    "samples of a batch": () => defaultCollate([endless, endless]),
    "samples of a loader": () => [...new DataLoader([endless])],
  };
  for (const [name, call] of Object.entries(calls)) assert.throws(call, RangeError, name);
});

test("more dims than a product can contract are refused", () => {
  for (const dims of [3, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.throws(() => torch.tensordot(torch.ones(2, 2), torch.ones(2, 2), dims), /Dimension out of range/);
  }
});

test("a list whose iterator changes is asked for it once", () => {
  const one = () => [[1, 2, 3]][Symbol.iterator]();
  let asked = 0;
  const changing = Object.defineProperty({}, Symbol.iterator, { get: () => (asked++ < 2 ? one : undefined) });
  assert.equal(new data.ConcatDataset(changing as never).length, 3);
  asked = 1;
  assert.throws(() => new data.ConcatDataset(changing as never), /expected an iterable/);
});

test("a copy of an array has the length of its memory, whatever its properties say", () => {
  const array = new Float32Array([1, 2, 3]);
  for (const name of ["length", "byteLength", "byteOffset"]) Object.defineProperty(array, name, { value: 1_000_000 });
  const copy = torch.deepcopy(array);
  assert.deepEqual([...new Float32Array(copy.buffer)], [1, 2, 3]);
});

test("an `out` of no tensors, or of several for one result, is refused", () => {
  const x = torch.ones(3);
  assert.throws(() => x.max({ out: [] } as never), /expected 'out' to be one tensor, got a list of 0/);
  assert.throws(() => torch.median(x, { out: [torch.empty(0), torch.empty(0)] } as never), /got a list of 2/);
});

test("the state of an optimizer that is no tensor is refused, or not looked at where it is not used", () => {
  for (const wrong of [0, "", 5, {}, torch.ones(7)]) {
    for (const amsgrad of [true, false]) {
      const p = new nn.Parameter(torch.ones(2));
      const optimizer = new optim.Adam([p], { amsgrad });
      p.grad = torch.ones(2);
      optimizer.step();
      const before = p.detach().clone();
      (optimizer.state.get(p) as Record<string, unknown>).maxExpAvgSq = wrong;
      if (amsgrad) {
        assert.throws(() => optimizer.step(), /max_exp_avg_sq/);
        assert.ok(p.detach().equal(before));
      } else {
        optimizer.step();
        assert.ok(!p.detach().equal(before));
      }
    }
  }
});

test("sizes without end, put in the place of a tensor's own, are refused", () => {
  const x = torch.ones(1, 2);
  Object.assign(x, { sizes: { length: 2 ** 53 } });
  for (const call of [() => x.nanToNum(), () => x.add(1), () => x.numel(), () => x.clone()]) {
    assert.throws(call, RangeError, String(call));
  }
});

test("indices in a tensor that no number can be are refused", () => {
  const huge = torch.tensor(2n ** 62n);
  assert.throws(() => torch.tensorSplit(torch.ones(3), huge), /out of range/);
  assert.throws(() => torch.tensorSplit(torch.ones(3), huge.view(1)), /out of range/);
});

test("what is changed in place is a tensor, also where the function takes a number", () => {
  const calls = untyped.torch as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["xlogy_", "ldexp_", "clampMin_"]) {
    const wanted = name === "xlogy_" ? /xlogy_\(\): argument 'input' must be Tensor, not float/ : /must be Tensor/;
    assert.throws(() => calls[name]?.(-0.5, torch.ones(4)), { name: "TypeError", message: wanted }, name);
  }
});

test("functions for the packages around the core check their arguments", () => {
  const { resizeBytes, weighNeighbours } = torch.ops.torchvision as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const image = torch.zeros([1, 4, 4], { dtype: torch.uint8 });
  assert.throws(() => resizeBytes?.(), /resizeBytes\(\) missing .*input/);
  assert.throws(() => resizeBytes?.(image, [2], "nearest", false), /sizes should be greater than 0/);
  assert.throws(() => resizeBytes?.(image, [2, 2], "cubic", false), /argument 'mode'/);
  assert.throws(() => weighNeighbours?.(null, [1], [1]), /argument 'input' must be Tensor/);
  assert.throws(() => weighNeighbours?.(image, undefined, [1]), /argument/);
  assert.throws(() => weighNeighbours?.(image, [1, 1], [1]), /odd/);
  assert.throws(() => weighNeighbours?.(torch.zeros(3), [1], [1]), /expected \[…, H, W\]/);
});

test("what is no list of classes cannot be said to keep nothing", () => {
  for (const value of [undefined, null, 3, () => {}]) {
    assert.throws(() => torch.memory.keepsNothing(value as never), /must be an object of classes, not/);
  }
});

test("no bytes may be counted in no groups", () => {
  const none = torch.empty(0, { dtype: torch.uint8 });
  assert.deepEqual(torch.ops.torchvision.byteCounts(none, 0, 2).shape, [0, 256]);
  assert.deepEqual(torch.ops.torchvision.byteCounts(none, 2, 0).sum().item(), 0);
});
