/** Files of NumPy, those that NumPy wrote among them (files/make_safetensors.py). */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { readMutations } from "./mutate.js";
import { bytesOf, folderFor, recorded } from "./support.js";

const { numpy } = torch;
const x = [
  [0, 1, 2],
  [3, 4, 5],
];

test("arrays in every order and version", () => {
  for (const name of ["x.npy", "fortran.npy", "big.npy", "version2.npy"]) {
    for (const options of [{}, { mmapMode: "c" }] as const) {
      const tensor = numpy.load<Tensor>(recorded(name), options);
      assert.deepEqual(tensor.tolist(), x, name);
      assert.equal(tensor.dtype, torch.float32);
      assert.deepEqual(tensor.stride(), name === "fortran.npy" ? [1, 2] : [3, 1]);
    }
  }
  const scalar = numpy.load<Tensor>(bytesOf("scalar.npy"));
  assert.deepEqual([scalar.item(), scalar.shape, scalar.dtype], [2.5, [], torch.float64]);
});

test("archives, stored and compressed", () => {
  const all = numpy.load<Record<string, Tensor>>(recorded("all.npz"));
  const names = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"] as const;
  assert.deepEqual(Object.keys(all), [...names, "complex64", "complex128"]);
  for (const name of names) {
    const [a, b] =
      name === "bool"
        ? [
            [false, true],
            [true, true],
          ]
        : [
            [0, 1],
            [2, 100],
          ];
    assert.equal(all[name]?.dtype, torch[name]);
    assert.deepEqual(all[name]?.tolist(), [a, b], name);
  }
  const compressed = numpy.load<Record<string, Tensor>>(recorded("compressed.npz"));
  assert.deepEqual(compressed.x?.tolist(), x);
  assert.deepEqual(compressed.zeros?.shape, [100, 100]);
});

const { Complex } = torch;
const z = [
  [new Complex(1, 2), new Complex(-0, Infinity)],
  [new Complex(Number.NaN, 1), new Complex(-3, -4)],
];

test("complex arrays in every order and size", () => {
  for (const [name, dtype, stride] of [
    ["complex64", torch.complex64, [2, 1]],
    ["complex128", torch.complex128, [2, 1]],
    ["complexFortran", torch.complex128, [1, 2]],
    ["complexBig", torch.complex64, [2, 1]],
  ] as const) {
    for (const options of [{}, { mmapMode: "c" }] as const) {
      const tensor = numpy.load<Tensor>(recorded(`${name}.npy`), options);
      assert.deepEqual([tensor.tolist(), tensor.dtype, tensor.stride()], [z, dtype, stride], name);
    }
  }
  const all = numpy.load<Record<string, Tensor>>(recorded("all.npz"));
  for (const name of ["complex64", "complex128"] as const) {
    assert.deepEqual([all[name]?.dtype, all[name]?.tolist()], [torch[name], z]);
  }
});

test("what is saved is NumPy's file, byte for byte", (t) => {
  const folder = folderFor(t);
  const tensor = torch.tensor(x);
  const cases: [string, Tensor][] = [
    ["x", tensor],
    ["fortran", tensor.t().contiguous().t()],
    ["scalar", torch.tensor(2.5, { dtype: torch.float64 })],
    ["complex64", torch.tensor(z)],
    ["complex128", torch.tensor(z, { dtype: torch.complex128 })],
    ["complexFortran", torch.tensor(z, { dtype: torch.complex128 }).t().contiguous().t()],
  ];
  for (const [name, value] of cases) {
    numpy.save(join(folder, name), value);
    assert.deepEqual(new Uint8Array(readFileSync(join(folder, `${name}.npy`))), bytesOf(`${name}.npy`), name);
  }
});

test("tensors go round, in every dtype and form", (t) => {
  const folder = folderFor(t);
  const { float64, float16, int64, int32, int16, int8, uint8, bool } = torch;
  const { complex64, complex128 } = torch;
  const dtypes = [torch.float32, float64, float16, int64, int32, int16, int8, uint8, bool, complex64, complex128];
  const tensors = Object.fromEntries(dtypes.map((dtype) => [dtype.name, torch.tensor([0, 1, 2]).to(dtype)]));
  const more = {
    ...tensors,
    view: torch.rand(4, 6).at("::2", "1:4"),
    empty: torch.zeros(0, 2),
    cube: torch.rand(2, 3, 4).permute(2, 1, 0),
  };
  numpy.savez(join(folder, "a.npz"), more);
  numpy.savezCompressed(join(folder, "b.npz"), more);
  for (const name of ["a.npz", "b.npz"]) {
    const loaded = numpy.load<Record<string, Tensor>>(join(folder, name));
    assert.deepEqual(Object.keys(loaded), Object.keys(more));
    for (const [key, tensor] of Object.entries(more)) {
      assert.equal(loaded[key]?.dtype, tensor.dtype);
      assert.deepEqual(loaded[key]?.tolist(), tensor.tolist(), key);
    }
  }
  assert.deepEqual(readdirSync(folder).sort(), ["a.npz", "b.npz"]);
  assert.throws(
    () => numpy.save(join(folder, "c"), torch.zeros(1, { dtype: torch.bfloat16 })),
    /NumPy has no torch\.bfloat16/,
  );
  assert.throws(
    () => numpy.save(join(folder, "c"), torch.zeros(1, { dtype: torch.complex64 }).to(torch.complex32)),
    /NumPy has no torch\.complex32; convert it, as with tensor\.to\(torch\.complex64\)/,
  );
  assert.throws(() => numpy.savez(join(folder, "c"), { a: 1 } as never), /'a' must be a Tensor/);
  assert.equal(readdirSync(folder).length, 2);
});

test("what does not exist here is named", () => {
  assert.throws(() => numpy.load(recorded("uint32.npy")), /dtype '<u4' does not exist here/);
  assert.throws(() => numpy.load(recorded("objects.npy")), /Python objects/);
  assert.throws(() => numpy.load(recorded("records.npy")), /several fields/);
  assert.throws(() => numpy.load(bytesOf("small.pt")), /no file of NumPy|is damaged/);
  assert.throws(() => numpy.load(bytesOf("x.npy").subarray(0, 140)), /cannot have the 12 bytes/);
});

test("mutations give values or errors", () => {
  const touch = (value: Tensor | Record<string, Tensor>) =>
    value instanceof torch.Tensor ? value.tolist() : Object.values(value).forEach((tensor) => tensor.sum());
  for (const name of ["x.npy", "fortran.npy", "all.npz", "compressed.npz"]) {
    const { errors } = readMutations(bytesOf(name), (bytes) => touch(numpy.load(bytes)), 500, 3);
    assert.ok(errors > 50, name);
  }
});
