/** What is saved is loaded as it was, and what cannot be saved leaves no file. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import torch, { nn, optim } from "../../src/index.js";
import { folderFor } from "./support.js";

const again = <T>(value: T): T => torch.load(torch.save(value));

test("tensors of every dtype, and of every form", () => {
  const { float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool } = torch;
  for (const dtype of [float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool]) {
    const tensor = torch.tensor([0, 1, 3]).to(dtype);
    const loaded = again(tensor);
    assert.equal(loaded.dtype, dtype);
    assert.deepEqual(loaded.tolist(), tensor.tolist());
  }
  const x = torch.rand(4, 5, 6);
  for (const tensor of [
    x.permute(2, 0, 1),
    x.at("::2", ":", "1:3"),
    x.at(0, 0, 0),
    torch.empty(0, 2),
    x.expand(2, 4, 5, 6),
  ]) {
    const loaded = again(tensor);
    assert.deepEqual(loaded.shape, tensor.shape);
    assert.deepEqual(loaded.stride(), tensor.stride());
    assert.deepEqual(loaded.tolist(), tensor.tolist());
  }
  const image = torch.rand(2, 3, 4, 4).contiguous({ memoryFormat: torch.channelsLast });
  assert.deepEqual(again(image).stride(), image.stride());
});

test("gradients are wanted again, and the graph is not saved", () => {
  const leaf = torch.ones(2, { requiresGrad: true });
  const {
    leaf: a,
    result,
    parameter,
  } = again({ leaf, result: leaf.mul(3), parameter: new nn.Parameter(torch.ones(1)) });
  assert.ok(a.requiresGrad && a.isLeaf && a.grad === null);
  assert.ok(result.requiresGrad && result.isLeaf);
  assert.deepEqual(result.tolist(), [3, 3]);
  assert.ok(parameter instanceof nn.Parameter);
  assert.ok(!again(new nn.Parameter(torch.ones(1), { requiresGrad: false })).requiresGrad);
});

test("what shares memory shares it again", () => {
  const x = torch.arange(6, { dtype: torch.float32 });
  const loaded = again({ x, view: x.view(2, 3), data: x.data, twice: [x, x] });
  loaded.x.fill_(1);
  assert.deepEqual(loaded.view.tolist(), Array(2).fill([1, 1, 1]));
  assert.deepEqual(loaded.data.tolist(), Array(6).fill(1));
  assert.equal(loaded.twice[0], loaded.x);
  const array = new Float32Array([1, 2]);
  const shared = again([torch.fromTypedArray(array), torch.fromTypedArray(array)]);
  shared[0]?.fill_(5);
  assert.deepEqual(shared[1]?.tolist(), [5, 5]);
  assert.throws(() => torch.save([x, x.view(torch.int32)]), /view the same data as different types/);
});

test("a tensor on meta has its shape alone", () => {
  const loaded = again(torch.empty(2, 3, { device: "meta", dtype: torch.int16 }));
  assert.equal(loaded.device, "meta");
  assert.deepEqual(loaded.shape, [2, 3]);
  assert.equal(loaded.dtype, torch.int16);
});

test("numbers, texts and containers", () => {
  const values = [
    [0, -0, 1, -1, 255, 256, 65535, 65536, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 1e300, 0.1],
    [Infinity, -Infinity, NaN, 127n, 2n ** 63n, -(2n ** 63n), 2n ** 2000n, true, false, null],
    ["", "ä🔥", "a lone \ud83d half", "\udc00", "x".repeat(70000), "\0"],
    { "": 1, a: { b: { c: [[[]]] } }, 1: "one" },
    new Map<unknown, unknown>([
      [1, "a"],
      ["1", "b"],
      [null, 3],
      [torch.float32, 4],
    ]),
    new Set([1, "a", null]),
    new Uint8Array([0, 128, 255]),
    Array.from({ length: 2500 }, (_, i) => i),
    Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`key ${i}`, { i }])),
  ];
  const loaded = again(values);
  // Bigints that are safe integers, and numbers beyond them, are the same to Python.
  const [numbers, others] = [loaded[0] as number[], loaded[1] as unknown[]];
  assert.deepEqual(numbers, values[0]);
  assert.deepEqual(others, [Infinity, -Infinity, NaN, 127, 2n ** 63n, -(2n ** 63n), 2n ** 2000n, true, false, null]);
  assert.deepEqual(loaded.slice(2), values.slice(2));
  assert.equal(again(undefined), null);
});

test("containers that are shared or contain themselves stay so", () => {
  const list: unknown[] = [];
  const map = new Map<string, unknown>([["list", list]]);
  list.push(list, map, { map });
  const loaded = again(list) as [unknown, Record<string, unknown>, { map: unknown }];
  assert.equal(loaded[0], loaded);
  assert.equal(loaded[1].list, loaded, "a map with texts as keys is a plain object");
  assert.equal(loaded[2].map, loaded[1]);
});

test("a key named __proto__ is a key", () => {
  const value = JSON.parse('{ "__proto__": { "polluted": true } }');
  const loaded = again(value);
  assert.ok(Object.hasOwn(loaded, "__proto__"));
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(Object.getPrototypeOf(loaded), Object.prototype);
});

test("states of modules, optimizers, schedules and generators go round", (t) => {
  const path = join(folderFor(t), "checkpoint.pt");
  const make = () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Dropout(0.5), new nn.Linear(4, 1));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
    return { model, optimizer, scheduler: new optim.lrScheduler.CosineAnnealingLR(optimizer, 10) };
  };
  const step = ({ model, optimizer, scheduler }: ReturnType<typeof make>) => {
    optimizer.zeroGrad();
    model(torch.ones(2, 3)).pow(2).sum().backward();
    optimizer.step();
    scheduler.step();
  };
  torch.manualSeed(0);
  const first = make();
  step(first);
  const parts = Object.fromEntries(Object.entries(first).map(([name, part]) => [name, part.stateDict()]));
  torch.save({ ...parts, rng: torch.getRngState() }, path);
  step(first);
  const second = make();
  const state = torch.load(path);
  for (const [name, part] of Object.entries(second)) part.loadStateDict(state[name]);
  torch.setRngState(state.rng);
  step(second);
  for (const [key, value] of Object.entries(first.model.stateDict())) {
    assert.deepEqual(second.model.stateDict()[key]?.tolist(), value.tolist(), key);
  }
  assert.deepEqual(second.scheduler.getLastLr(), first.scheduler.getLastLr());
});

test("saving leaves tensors where they are in memory", () => {
  const x = torch.rand(1000);
  torch.save(x);
  assert.equal(x.storage.isInArray, false);
});

test("a parameter keeps no more memory than its own part when it is saved as a clone", () => {
  const row = torch.rand(1000, 10).at(0);
  assert.ok(torch.save(row).length > 40_000, "a view is saved with all of its memory, as in PyTorch");
  assert.ok(torch.save(row.clone()).length < 2_000);
});

test("memory on demand is read when it is used, and only then", (t) => {
  const path = join(folderFor(t), "x.pt");
  torch.save({ a: torch.ones(1000), b: torch.arange(1000) }, path);
  const { a, b } = torch.load(path, { mmap: true });
  assert.deepEqual(b.shape, [1000]);
  // The file is another one now; what was opened is still the old one.
  torch.save({ c: 1 }, path);
  assert.equal(a.add(b).sum().item(), 1000 + 499500);
  assert.equal(b.at("::2").sum().item(), 249500);
  const bytes = torch.load(path, { mmap: true });
  assert.deepEqual(bytes, { c: 1 });
});

test("memory on demand in a file that was cut off since is an error at its use", (t) => {
  const path = join(folderFor(t), "x.pt");
  torch.save({ x: torch.ones(100_000) }, path);
  const { x } = torch.load(path, { mmap: true });
  writeFileSync(path, "short");
  assert.throws(() => x.sum(), /shorter|cut off|damaged/);
  assert.throws(() => x.sum(), /shorter|cut off|damaged/);
});

test("what cannot be saved throws, names its place, and leaves no file", (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.pt");
  class Point {
    x = 1;
  }
  const wrong: [unknown, RegExp][] = [
    [() => 1, /value is function, which cannot be saved/],
    [{ a: [1, { b: Symbol("s") }] }, /value\.a\[1\]\.b is symbol/],
    [{ when: new Date(0) }, /value\.when is Date/],
    [new Point(), /value is Point/],
    [{ net: new nn.Linear(1, 1) }, /value\.net is Linear.*stateDict\(\)/],
    [new optim.SGD([torch.ones(1)], { lr: 1 }), /SGD.*stateDict\(\)/],
    [new torch.Generator(), /Generator.*getState\(\)/],
    [new Float32Array(2), /Float32Array.*torch\.fromTypedArray/],
    [new Map([[{ a: 1 }, 2]]), /as a key/],
    [new Set([[{}]]), /as a key/],
    [new Map([[[1, [2, Array(1)]], 3]]), /is a gap/],
    [Array(3), /value\[0\] is a gap/],
    [Object.assign(Array(2 ** 32 - 1), { 0: 1 }), /too long|at most|items/],
    [{ [Symbol("key")]: 1 }, /symbol as a key/],
    [2n ** 5000n, /255 bytes/],
  ];
  for (const [value, message] of wrong) {
    assert.throws(() => torch.save(value, path), message);
    assert.deepEqual(readdirSync(folder), []);
  }
  let deep: unknown = 0;
  for (let i = 0; i < 5000; i++) deep = [deep];
  assert.throws(() => torch.save(deep, path), /nested more than 1000 deep/);
  assert.throws(() => torch.save(1, 3 as never), /argument 'f' must be path/);
  assert.throws(() => torch.save(1, null as never), TypeError);
});

test("a file is replaced whole, keeps its permissions, and is found through a link", (t) => {
  const folder = folderFor(t);
  const [path, link] = [join(folder, "x.pt"), join(folder, "link.pt")];
  torch.save(1, path);
  chmodSync(path, 0o600);
  symlinkSync(path, link);
  torch.save(2, link);
  assert.equal(torch.load(path), 2);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  torch.save(3, pathToFileURL(path));
  assert.equal(torch.load(pathToFileURL(path)), 3);
  assert.deepEqual(readdirSync(folder).sort(), ["link.pt", "x.pt"]);
});

test("an error while a file is written leaves the old one", (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.pt");
  torch.save("old", path);
  const lost = torch.load(torch.save(torch.ones(5)), { mmap: true });
  const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
  const buffer = new Resizable(4, { maxByteLength: 8 });
  const shared = torch.fromTypedArray(new Float32Array(buffer));
  (buffer as unknown as { resize(length: number): void }).resize(0);
  assert.throws(() => torch.save([lost, shared], path), /detached or resized/);
  assert.equal(torch.load(path), "old");
  assert.deepEqual(readdirSync(folder), ["x.pt"]);
  assert.throws(() => torch.save(1, join(folder, "no", "x.pt")), { code: "ENOENT" });
  mkdirSync(join(folder, "sub"));
  assert.throws(() => torch.save(1, join(folder, "sub")), /it is a folder/);
  assert.ok(existsSync(join(folder, "sub")));
});

test("the memory of tensors begins at multiples of 64 bytes", () => {
  const bytes = torch.save([torch.full([16], 1), torch.full([3], 2), torch.full([16], 3)]);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const value of [1, 3]) {
    const pattern = Buffer.from(new Float32Array(16).fill(value).buffer);
    assert.equal(file.indexOf(pattern) % 64, 0);
  }
});

test("files are the same whenever the same is saved", (t) => {
  const folder = folderFor(t);
  const value = { x: torch.arange(5), y: "y" };
  torch.save(value, join(folder, "a.pt"));
  torch.save(value, join(folder, "b.pt"));
  const [a, b] = ["a.pt", "b.pt"].map((name) => readFileSync(join(folder, name)));
  assert.deepEqual(a, b);
  assert.deepEqual(new Uint8Array(a as Buffer), torch.save(value));
});

test("arrays as keys are tuples for Python, also in each other and in sets", () => {
  const map = new Map<unknown, unknown>([
    [[1, 2], "a"],
    [
      ["x", [3, null]],
      [1, 2],
    ],
    [[], new Map([[[true], 1]])],
  ]);
  const loaded = again(map);
  assert.deepEqual([...loaded], [...map]);
  assert.deepEqual([...again(loaded)], [...map]);
  assert.deepEqual([...again(new Set([[1, 2], [3]]))], [[1, 2], [3]]);
  const key = [1];
  // What is a list as a value is a tuple as a key.
  assert.deepEqual([...again(new Map([[key, key]]))], [[[1], [1]]]);
});

test("what torch.device gives is a device", () => {
  const cpu = torch.device("cpu");
  assert.deepEqual(again({ device: cpu, both: [cpu, cpu] }), { device: "cpu", both: ["cpu", "cpu"] });
  const file = torch.save(torch.ones(2));
  assert.deepEqual(torch.load(file, { mapLocation: cpu }).tolist(), [1, 1]);
  assert.equal(torch.load(file, { mapLocation: { cpu: cpu as never } }).device, "cpu");
  {
    using meta = torch.device("meta");
    assert.equal(again({ meta }).meta, "meta");
    assert.equal(torch.load(file, { mapLocation: meta }).device, "meta");
  }
  assert.equal(torch.ones(1).device, "cpu", "the guard is as it was");
});
