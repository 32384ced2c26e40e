/** Files of safetensors, those of the Python package among them (files/make_safetensors.py). */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";
import { readMutations } from "./mutate.js";
import { bytesOf, folderFor, recorded } from "./support.js";

const { safetensors } = torch;
const names = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
  "complex64",
] as const;

function everything(): Record<string, Tensor> {
  const values = torch.tensor([
    [0, 1],
    [2, 100],
  ]);
  return {
    ...Object.fromEntries(names.map((name) => [`of.${name}`, values.to(torch[name])])),
    "of.complex64": values.mul(new torch.Complex(1, 0.5)),
    'naïve "key"': torch.arange(24, { dtype: torch.float32 }).reshape(2, 3, 4),
    scalar: torch.tensor(7.5),
    empty: torch.zeros(0, 3),
  };
}

function checkEverything(tensors: Record<string, Tensor>): void {
  const expected = everything();
  assert.deepEqual(Object.keys(tensors).sort(), Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(expected)) {
    assert.equal(tensors[name]?.dtype, tensor.dtype, name);
    assert.deepEqual(tensors[name]?.shape, tensor.shape, name);
    assert.deepEqual(tensors[name]?.tolist(), tensor.tolist(), name);
  }
}

test("the package's file is read: at once, on demand, from bytes, and one by one", () => {
  const path = recorded("all.safetensors");
  checkEverything(safetensors.loadFile(path));
  checkEverything(safetensors.loadFile(path, { mmap: true }));
  checkEverything(safetensors.load(bytesOf("all.safetensors")));
  using file = safetensors.safeOpen(path);
  assert.deepEqual(file.metadata(), { format: "pt" });
  checkEverything(Object.fromEntries(file.keys().map((name) => [name, file.getTensor(name)])));
  assert.equal(safetensors.loadFile(path, { device: "meta" }).scalar?.device, "meta");
});

test("what is saved is the package's file, byte for byte", (t) => {
  const path = join(folderFor(t), "x.safetensors");
  safetensors.saveFile(everything(), path, { format: "pt" });
  assert.deepEqual(safetensors.save(everything(), { format: "pt" }), bytesOf("all.safetensors"));
  checkEverything(safetensors.loadFile(path));
});

test("complex numbers of other sizes are refused, as the format has none", () => {
  for (const dtype of [torch.complex128, torch.complex32]) {
    const x = torch.zeros(2, { dtype: torch.complex64 }).to(dtype);
    assert.throws(
      () => safetensors.save({ x }),
      new Error(`the format of safetensors has no ${dtype.name}; convert it to complex64`),
    );
  }
});

test("a slice of complex numbers, and a conjugate", () => {
  const z = torch.tensor([1, 2, 3]).mul(new torch.Complex(0, 1));
  const saved = safetensors.save({ z, turned: z.conj() });
  using file = safetensors.safeOpen(saved);
  assert.ok(torch.equal(file.getSlice("z").at("1:"), z.at("1:")));
  assert.ok(torch.equal(file.getTensor("turned"), z.mul(-1)));
});

test("of a slice only its bytes are read", () => {
  using file = safetensors.safeOpen(recorded("all.safetensors"));
  const slice = file.getSlice('naïve "key"');
  const whole = file.getTensor('naïve "key"');
  assert.deepEqual(slice.getShape(), [2, 3, 4]);
  assert.equal(slice.getDtype(), torch.float32);
  for (const items of [
    [1],
    ["0:1"],
    [":", 1],
    ["...", "1:4:2"],
    [0, 2, 3],
    [null, 1, ":", "::3"],
    ["1:1"],
  ] as never[][]) {
    const part = slice.at(...items);
    assert.deepEqual(part.tolist(), whole.at(...items).tolist(), String(items));
    assert.deepEqual(part.shape, whole.at(...items).shape);
  }
  assert.equal(slice.at(1, "0:2").storage.nbytes, 8 * 4);
  assert.deepEqual(slice.at([1, 0]).tolist(), whole.at([1, 0]).tolist());
  assert.throws(() => slice.at(2), RangeError);
  assert.throws(() => file.getTensor("other"), /no tensor 'other'/);
  file.close();
  assert.throws(() => slice.at(0), /was closed/);
});

test("several files that an index names are one model", (t) => {
  const index = recorded("model.safetensors.index.json");
  assert.deepEqual(
    Object.fromEntries(Object.entries(safetensors.loadFile(index)).map(([name, x]) => [name, x.tolist()])),
    {
      a: [1, 1],
      "b.c": [0, 0, 0],
    },
  );
  using file = safetensors.safeOpen(index);
  assert.deepEqual(file.keys(), ["a", "b.c"]);
  assert.deepEqual(file.getTensor("b.c").tolist(), [0, 0, 0]);
  const folder = folderFor(t);
  mkdirSync(join(folder, "sub"));
  const path = join(folder, "sub", "x.index.json");
  copyFileSync(recorded("all.safetensors"), join(folder, "all.safetensors"));
  for (const [map, message] of [
    [{ a: "../all.safetensors" }, /no file beside it/],
    [{ a: ".." }, /no file beside it/],
    [{ a: 3 }, /no file beside it/],
    [{ a: "missing.safetensors" }, /ENOENT/],
    [[], /weight_map/],
  ] as const) {
    writeFileSync(path, JSON.stringify({ weight_map: map }));
    assert.throws(() => safetensors.loadFile(path), message, JSON.stringify(map));
  }
  copyFileSync(recorded("all.safetensors"), join(folder, "sub", "all.safetensors"));
  writeFileSync(path, JSON.stringify({ weight_map: { a: "all.safetensors" } }));
  assert.throws(() => safetensors.loadFile(path), /lacks the tensor 'a'/);
});

/** Tensors of 4, 8, 40, 4 and 4 bytes. */
function sized(): Record<string, Tensor> {
  const sizes = { b: 1, a: 2, large: 10, c: 1, d: 1 };
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, torch.full([size], size)]));
}

test("a state dict that is too large for one file goes into several, with an index", (t) => {
  const folder = folderFor(t);
  safetensors.saveTorchStateDict(sized(), folder, { maxShardSize: 12, metadata: { by: "us" } });
  const shard = (i: number) => `model-0000${i}-of-00003.safetensors`;
  assert.deepEqual(readdirSync(folder).sort(), [shard(1), shard(2), shard(3), "model.safetensors.index.json"]);
  const index = join(folder, "model.safetensors.index.json");
  assert.equal(
    readFileSync(index, "utf8"),
    `{
  "metadata": {
    "by": "us",
    "total_size": 60
  },
  "weight_map": {
    "a": "${shard(2)}",
    "b": "${shard(2)}",
    "c": "${shard(3)}",
    "d": "${shard(3)}",
    "large": "${shard(1)}"
  }
}
`,
  );
  const lists = (tensors: Record<string, Tensor>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.tolist()]));
  assert.deepEqual(lists(safetensors.loadFile(index)), lists(sized()));
  using file = safetensors.safeOpen(join(folder, shard(2)));
  assert.deepEqual([file.keys().sort(), file.metadata()], [["a", "b"], { by: "us", format: "pt" }]);
});

test("what a folder had before gives way, and other files stay", (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, "model-a.safetensors"), "another");
  safetensors.saveTorchStateDict(sized(), folder, { maxShardSize: "0.012KB" });
  safetensors.saveTorchStateDict(sized(), folder, { maxShardSize: 24 });
  const two = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model-a.safetensors"];
  assert.deepEqual(readdirSync(folder).sort(), [...two, "model.safetensors.index.json"]);
  safetensors.saveTorchStateDict(sized(), folder);
  assert.deepEqual(readdirSync(folder).sort(), ["model-a.safetensors", "model.safetensors"]);
  safetensors.saveTorchStateDict({}, join(folder, "new", "one"), { filenamePattern: "x{suffix}.st" });
  assert.deepEqual(readdirSync(join(folder, "new", "one")), ["x.st"]);
});

test("shards take other names than those that they replace", (t) => {
  const folder = folderFor(t);
  const index = join(folder, "model.safetensors.index.json");
  const save = (value: number) => {
    const state = { a: torch.full([2], value), b: torch.full([2], value) };
    safetensors.saveTorchStateDict(state, folder, { maxShardSize: 8 });
    assert.deepEqual(safetensors.loadFile(index).b?.tolist(), [value, value]);
    return readdirSync(folder).sort();
  };
  const first = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const other = ["model-00001-of-00002-2.safetensors", "model-00002-of-00002-2.safetensors"];
  const kept = "model.safetensors.index.json";
  assert.deepEqual(save(1), [...first, kept]);
  assert.deepEqual(save(2), [...other, kept]);
  assert.deepEqual(save(3), [...first, kept]);
  writeFileSync(index, "{");
  assert.deepEqual(save(4), [...first, kept], "an index that nobody can read names nothing");
});

test("of tied weights one is saved, and the metadata tell of the other", (t) => {
  const folder = folderFor(t);
  const weight = torch.ones(3);
  safetensors.saveTorchStateDict({ head: weight, embedding: weight.view(3) }, folder);
  using file = safetensors.safeOpen(join(folder, "model.safetensors"));
  assert.deepEqual([file.keys(), file.metadata()], [["embedding"], { format: "pt", head: "embedding" }]);
  const parts = { a: weight.at("0:2"), b: weight.at("1:3") };
  for (const maxShardSize of [8, "5GB"]) {
    assert.throws(() => safetensors.saveTorchStateDict(parts, folder, { maxShardSize }), /share memory/);
  }
  for (const maxShardSize of [0, -1, 1.5, "5", "5GiB", "GB"]) {
    assert.throws(() => safetensors.saveTorchStateDict({}, folder, { maxShardSize }), TypeError, String(maxShardSize));
  }
  for (const filenamePattern of ["model.safetensors", "../x{suffix}", "{suffix}{suffix}"]) {
    assert.throws(() => safetensors.saveTorchStateDict({}, folder, { filenamePattern }), /name of a file with one/);
  }
});

test("a model goes round, also with a view that is not row-major", (t) => {
  const path = join(folderFor(t), "x.safetensors");
  const model = new nn.Linear(3, 2);
  safetensors.saveFile(model.stateDict(), path);
  const other = new nn.Linear(3, 2);
  other.loadStateDict(safetensors.loadFile(path));
  assert.deepEqual(other.weight.tolist(), model.weight.tolist());
  const x = torch.arange(6).reshape(2, 3);
  assert.deepEqual(safetensors.load(safetensors.save({ x: x.t() })).x?.tolist(), x.t().tolist());
  const [[name, loaded] = []] = Object.entries(safetensors.load(safetensors.save(new Map([["__proto__", x]]))));
  assert.deepEqual([name, loaded?.tolist()], ["__proto__", x.tolist()]);
});

test("what cannot be saved leaves no file", (t) => {
  const folder = folderFor(t);
  const path = join(folder, "x.safetensors");
  const x = torch.zeros(4);
  const wrong: [unknown, unknown, RegExp][] = [
    [{ x, y: x }, undefined, /Some tensors share memory.*'x' and 'y'/],
    [{ a: x.at("0:3"), b: x.at("2:4") }, undefined, /share memory/],
    [{ x: 3 }, undefined, /'x' must be a Tensor/],
    [{ x }, { a: 1 }, /object of texts/],
    [{ x: torch.zeros(2, { device: "meta" }) }, undefined, /meta/],
  ];
  for (const [tensors, metadata, message] of wrong) {
    assert.throws(() => safetensors.saveFile(tensors as never, path, metadata as never), message);
  }
  assert.deepEqual(readdirSync(folder), []);
  safetensors.saveFile({ a: x.at("0:2"), b: x.at("2:4") }, path);
});

/** A file with a header of our own. */
function fileOf(header: string, data = new Uint8Array(16)): Uint8Array {
  const text = Buffer.from(header);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  return Buffer.concat([new Uint8Array(length.buffer), text, data]);
}

test("headers that lie", () => {
  const entry = (dtype: string, shape: unknown, offsets: unknown) =>
    JSON.stringify({ dtype, shape, data_offsets: offsets });
  const wrong: [string, RegExp][] = [
    [`{"x":${entry("F32", [5], [0, 20])}}`, /take 20 bytes, and it has 16/],
    [`{"x":${entry("F32", [3], [0, 12])}}`, /take 12 bytes/],
    [`{"x":${entry("F32", [4], [0, 12])}}`, /cannot be at bytes/],
    [`{"x":${entry("F32", [4], [4, 20])}}`, /gap/],
    [`{"x":${entry("F32", [-4], [0, 16])}}`, /cannot be/],
    [`{"x":${entry("F32", [2 ** 30, 2 ** 30], [0, 16])}}`, /cannot be/],
    [`{"x":${entry("F32", [1.5], [0, 6])}}`, /cannot be/],
    [`{"x":${entry("U64", [2], [0, 16])}}`, /dtype U64 of 'x' does not exist here/],
    [`{"x":${entry("C64", [4], [0, 16])}}`, /cannot be at bytes/],
    [`{"x":${entry("F8_E4M3", [16], [0, 16])}}`, /F8_E4M3/],
    [`{"x":${entry("F32", [2], [0, 8])},"y":${entry("F32", [4], [0, 16])}}`, /overlaps/],
    [`{"x":${entry("F32", [4], [0, 16])},"x":${entry("F32", [4], [0, 16])}}`, /name "x" twice/],
    [`{"__metadata__":{"a":"1","a":"2"},"x":${entry("F32", [4], [0, 16])}}`, /name "a" twice/],
    [`{"__metadata__":{"a":1},"x":${entry("F32", [4], [0, 16])}}`, /metadata are not texts/],
    ['{"x":3}', /no dtype and place/],
    ["[]", /does not begin with a header/],
    ['{"x":', /JSON/],
    [`{"x":${"[".repeat(100_000)}`, /JSON/],
  ];
  for (const [header, message] of wrong)
    assert.throws(() => safetensors.load(fileOf(header)), message, header.slice(0, 80));
  const long = new Uint8Array(8).fill(255);
  assert.throws(() => safetensors.load(long), /does not begin with a header/);
  assert.throws(() => safetensors.load(bytesOf("all.safetensors").subarray(0, 500)), /cut off|JSON|header/);
});

test("mutations give values or errors", () => {
  const read = (bytes: Uint8Array) => Object.values(safetensors.load(bytes)).forEach((tensor) => tensor.tolist());
  const { errors } = readMutations(bytesOf("all.safetensors"), read, 1000, 2);
  assert.ok(errors > 100);
});
