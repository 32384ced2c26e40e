/** Files that PyTorch wrote, of all its formats (files/make.py). */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";
import { bytesOf, recorded } from "./support.js";

/** What everything() of make.py holds. */
function checkEverything(value: Record<string, never>): void {
  const {
    dtypes,
    bool,
    x,
    transposed,
    row,
    expanded,
    scalar,
    empty,
    parameter,
    frozen,
    wantsGrad,
    generator,
    ...rest
  } = value as unknown as Record<string, Tensor> & { dtypes: Record<string, Tensor> };
  for (const [name, tensor] of Object.entries(dtypes)) {
    assert.equal(String(tensor.dtype), name);
    assert.deepEqual(tensor.tolist(), [1, 2, 100], name);
  }
  assert.equal(Object.keys(dtypes).length, 9);
  assert.deepEqual(bool?.tolist(), [true, false, true]);
  assert.deepEqual(x?.tolist(), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.deepEqual(transposed?.stride(), [1, 3]);
  assert.deepEqual(transposed?.shape, [3, 2]);
  assert.deepEqual(row?.tolist(), [3, 4, 5]);
  x?.setAt([1, 0], 9);
  assert.equal(row?.at(0).item(), 9, "a view shares its memory");
  assert.equal(transposed?.at(0, 1).item(), 9);
  assert.deepEqual(expanded?.stride(), [0, 0]);
  assert.deepEqual(expanded?.tolist(), Array(3).fill([7, 7]));
  assert.equal(scalar?.item(), 2.5);
  assert.equal(scalar?.dtype, torch.float64);
  assert.deepEqual(empty?.shape, [0, 3]);
  assert.ok(parameter instanceof nn.Parameter && parameter.requiresGrad);
  assert.ok(frozen instanceof nn.Parameter && !frozen.requiresGrad);
  assert.ok(!(wantsGrad instanceof nn.Parameter) && wantsGrad?.requiresGrad && wantsGrad.isLeaf);
  assert.equal(new torch.Generator().setState(generator as Tensor).initialSeed(), 3);
  checkContainers(rest);
}

function checkContainers(rest: Record<string, unknown>): void {
  const { circular, ["__proto__"]: proto, ...plain } = rest as Record<string, Record<string, unknown>>;
  assert.deepEqual(plain, {
    numbers: [0, -1, 255, 256, 65536, -(2 ** 31), 2n ** 53n, 2 ** 53 - 1, -(2n ** 70n), 1.5, Infinity, true, null],
    text: "naïve 🔥",
    bytes: new Uint8Array([0, 127, 255]),
    tuple: [1, [2, "b"]],
    size: [2, 3],
    set: new Set([1, 2]),
    device: "cpu",
    dtype: torch.bfloat16,
    integers: new Map([
      [0, "zero"],
      [1, "one"],
    ]),
    mixed: new Map<unknown, unknown>([
      ["a", 1],
      [2, "b"],
    ]),
    ordered: { b: 1, a: 2 },
    counts: { a: [1] },
    none: {},
  });
  assert.deepEqual(Object.keys(plain.ordered as object), ["b", "a"]);
  assert.equal(proto, "a key");
  assert.equal(Object.getPrototypeOf(rest), Object.prototype);
  assert.equal(circular?.itself, circular);
  assert.equal(circular?.shared, circular?.again);
}

for (const name of ["everything.pt", "everything.legacy.pt", "everything.protocol4.pt"]) {
  test(`all kinds of values in ${name}, from its path, from bytes and on demand`, () => {
    checkEverything(torch.load(recorded(name)));
    checkEverything(torch.load(bytesOf(name), { weightsOnly: true }));
    checkEverything(torch.load(recorded(name), { mmap: true }));
  });
}

test("a file of the first versions, a tar archive", () => {
  const { x, n, part } = torch.load<Record<string, Tensor>>(recorded("old.tar"));
  assert.deepEqual(x?.tolist(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.deepEqual(x?.stride(), [1, 3]);
  assert.deepEqual(n?.tolist(), [5, -6]);
  assert.equal(n?.dtype, torch.int64);
  assert.deepEqual(part?.tolist(), [3, 4]);
  x?.setAt([0, 1], 30);
  assert.equal(part?.at(0).item(), 30, "a view of a storage shares its memory");
});

test("a tar archive whose list of views has something else", () => {
  const file = Buffer.from(bytesOf("old.tar"));
  const at = file.indexOf(Buffer.from("(K\x0cK\x0aK\x02K\x03t", "latin1"));
  file.write("K\x01N0N0N0N0", at, "latin1");
  assert.throws(() => torch.load(file), /damaged: a view of memory in it is none/);
});

test("a file of a big-endian machine", () => {
  assert.deepEqual(torch.load(recorded("bigEndian.pt")).x.tolist(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(torch.load(recorded("bigEndian.pt"), { mmap: true }).x.tolist(), [0, 1, 2, 3, 4, 5]);
});

test("the states of a model, an optimizer and a schedule go on where PyTorch was", () => {
  const state = torch.load(recorded("trained.pt"));
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.5 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 2);
  model.loadStateDict(state.model);
  optimizer.loadStateDict(state.optimizer);
  scheduler.loadStateDict(state.scheduler);
  assert.deepEqual(model.at(1).stateDict().num_batches_tracked?.item(), 3);
  assert.equal(scheduler.lastEpoch, 3);
  assert.deepEqual(scheduler.getLastLr(), [0.001]);
  assert.equal(optimizer.paramGroups[0]?.lr, 0.001);
  assert.equal(optimizer.stateDict().state.get(0)?.step instanceof torch.Tensor, true);
  const saved = torch.load(torch.save({ optimizer: optimizer.stateDict(), scheduler: scheduler.stateDict() }));
  assert.deepEqual(saved.optimizer.state.get(0).exp_avg.tolist(), state.optimizer.state.get(0).exp_avg.tolist());
  const { verbose, ...schedule } = state.scheduler;
  assert.equal(verbose, false);
  assert.deepEqual(saved.scheduler, { ...schedule, _is_initial: false });
});

test("tensors of a GPU are put where they are wanted", () => {
  const file = recorded("gpu.pt");
  assert.throws(() => torch.load(file), /Attempting to deserialize object on a CUDA device.*mapLocation: "cpu"/);
  const numbers = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(torch.load(file, { mapLocation: "cpu" }).x.tolist(), numbers);
  assert.deepEqual(torch.load(file, { mapLocation: { "cuda:1": "cpu" } }).x.tolist(), numbers);
  assert.deepEqual(torch.load(file, { mapLocation: new Map([["cuda:1", "cpu"]]) }).x.tolist(), numbers);
  const locations: string[] = [];
  const mapLocation = (storage: "cpu" | string, location: string) => {
    locations.push(location);
    return storage;
  };
  assert.deepEqual(torch.load(file, { mapLocation }).x.tolist(), numbers);
  assert.deepEqual(locations, ["cuda:1"]);
  assert.equal(torch.load(file, { mapLocation: "meta" }).x.device, "meta");
  assert.throws(() => torch.load(file, { mapLocation: { "cuda:1": "cuda:0" } }), /not compiled with CUDA/);
  assert.throws(() => torch.load(file, { mapLocation: { "cuda:0": "cpu" } }), /on a CUDA device/);
  assert.throws(() => torch.load(file, { mapLocation: 3 as never }), TypeError);
});

test("what holds code is refused, with what to do in Python", () => {
  for (const name of ["module.pt", "module.legacy.pt"]) {
    assert.throws(() => torch.load(recorded(name)), /__main__\.Net.*\.state_dict\(\), "weights\.pt"\)/s, name);
    assert.throws(() => torch.load(recorded(name), { weightsOnly: false }), /__main__\.Net/, name);
  }
  assert.throws(() => torch.load(recorded("script.pt")), /TorchScript archive.*torch\.jit\.load.*state_dict/s);
  assert.throws(() => torch.load(recorded("code.pt")), /posix\.system/);
  assert.equal(existsSync("/tmp/flambeau-was-here"), false);
});

test("numbers and arrays of NumPy are numbers and tensors", () => {
  const { numbers, dtype, ...arrays } = torch.load(recorded("numpy.pt"));
  assert.deepEqual(numbers, [0.5, 1.5, 2.5, -3, 2n ** 62n, 255, true]);
  assert.equal(dtype, torch.float64);
  for (const [name, array] of Object.entries(arrays as Record<string, Tensor>)) {
    const expected = [
      [0, 1, 2],
      [3, 4, 5],
    ];
    assert.deepEqual(array.tolist(), expected, name);
    assert.deepEqual(array.stride(), name === "fortran" ? [1, 2] : [3, 1]);
  }
  assert.throws(() => torch.load(recorded("numpyText.pt")), /NumPy's dtype U4 does not exist here/);
  assert.throws(() => torch.load(recorded("numpyObjects.pt")), /dtype O8 does not exist here|Python objects/);
});

test("what does not exist here is named", () => {
  assert.throws(() => torch.load(recorded("sparse.pt")), /sparse tensors do not exist here/);
});

test("complex numbers go both ways", () => {
  const expected = [new torch.Complex(1, 2), new torch.Complex(-0, Infinity)];
  for (const name of ["complex.pt", "complex.legacy.pt", "complexBig.pt"]) {
    const { number, float, double, scalar, array, big } = torch.load(recorded(name));
    assert.deepEqual([number, scalar], [new torch.Complex(1, -2), new torch.Complex(3, 4)], name);
    assert.deepEqual([float.dtype, double.dtype], [torch.complex64, torch.complex128]);
    assert.deepEqual([float.tolist(), double.tolist(), array.tolist()], [expected, [expected], expected], name);
    assert.deepEqual([array.dtype, big.dtype, big.tolist()], [torch.complex128, torch.complex64, expected]);
  }
  const folder = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    for (const dtype of [torch.complex64, torch.complex128, torch.complex32]) {
      const z = torch.randn([2, 3], { dtype: torch.complex64 }).to(dtype);
      const number = new torch.Complex(0.5, -1);
      torch.save({ z, turned: z.T, number, list: [number] }, join(folder, "z.pt"));
      const state = torch.load(join(folder, "z.pt"));
      assert.equal(state.z.dtype, dtype);
      assert.deepEqual([state.z.tolist(), state.turned.tolist()], [z.tolist(), z.T.tolist()]);
      assert.deepEqual([state.number, state.list], [number, [number]]);
      assert.equal(state.list[0], state.number);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a class of one's own is made by what was registered for it", () => {
  class Config {
    hidden = 0;
    names: string[] = [];
  }
  const file = recorded("config.pt");
  assert.throws(() => torch.load(file), /addSafeGlobals\(\[\[MyClass, "__main__\.Config"\]\]\)/);
  torch.serialization.addSafeGlobals([[Config, "__main__.Config"]]);
  try {
    assert.deepEqual(torch.serialization.getSafeGlobals(), [[Config, "__main__.Config"]]);
    const { config, x } = torch.load(file);
    assert.ok(config instanceof Config);
    assert.deepEqual({ ...config }, { hidden: 8, names: ["a"] });
    assert.deepEqual(x.tolist(), [1]);
  } finally {
    torch.serialization.removeSafeGlobals([[Config, "__main__.Config"]]);
  }
  assert.throws(() => torch.load(file), /__main__\.Config/);
  assert.throws(() => torch.serialization.addSafeGlobals([Config] as never), /expected \[class, "module\.Class"\]/);
});
