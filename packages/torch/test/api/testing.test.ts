/** `torch.testing.assertClose`, with the messages that PyTorch gives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";

const { assertClose } = torch.testing;
const { tensor } = torch;

test("what is close passes", () => {
  assertClose(tensor([1, 2]), tensor([1, 2 + 1e-6]));
  assertClose(tensor([1n, 2n]), tensor([1n, 2n]));
  assertClose(tensor([Infinity, -Infinity]), tensor([Infinity, -Infinity]));
  assertClose(tensor([NaN]), tensor([NaN]), { equalNan: true });
  assertClose(tensor([1, 2]), tensor([1n, 2n]), { checkDtype: false });
  assertClose({ a: [tensor(1)], b: null }, { a: [tensor(1)], b: null });
  assertClose(torch.zeros(0, 2), torch.zeros(0, 2));
  assertClose(1, 1 + 1e-8);
});

const vector = "Mismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference:";
const cases: [actual: unknown, expected: unknown, message: string, options?: object][] = [
  [
    tensor([1, 2]),
    tensor([1, 3]),
    `Tensor-likes are not close!\n\n${vector} 1.0 at index (1,) (up to 1e-05 allowed)\nGreatest relative difference: 0.3333333333333333 at index (1,) (up to 1.3e-06 allowed)`,
  ],
  [
    tensor([1, 2]),
    tensor([1, 3]),
    `Tensor-likes are not equal!\n\n${vector} 1.0 at index (1,)\nGreatest relative difference: 0.3333333333333333 at index (1,)`,
    { rtol: 0, atol: 0 },
  ],
  [
    tensor([1n, 2n]),
    tensor([1n, 3n]),
    `Tensor-likes are not equal!\n\n${vector} 1 at index (1,)\nGreatest relative difference: 0.3333333432674408 at index (1,)`,
  ],
  [
    tensor([true, false]),
    tensor([true, true]),
    `Tensor-likes are not equal!\n\n${vector} 1 at index (1,)\nGreatest relative difference: 1.0 at index (1,)`,
  ],
  [
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([
      [1, 3],
      [3, 5],
    ]),
    "Tensor-likes are not close!\n\nMismatched elements: 2 / 4 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 1) (up to 1e-05 allowed)\nGreatest relative difference: 0.3333333333333333 at index (0, 1) (up to 1.3e-06 allowed)",
  ],
  [
    tensor(1),
    tensor(2),
    "Scalars are not close!\n\nExpected 2.0 but got 1.0.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 0.5 (up to 1.3e-06 allowed)",
  ],
  [
    1,
    2,
    "Scalars are not close!\n\nExpected 2.0 but got 1.0.\nAbsolute difference: 1.0 (up to 1e-07 allowed)\nRelative difference: 0.5 (up to 1e-07 allowed)",
  ],
  [
    tensor([NaN]),
    tensor([NaN]),
    "Tensor-likes are not close!\n\nMismatched elements: 1 / 1 (100.0%)\nGreatest absolute difference: nan at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: nan at index (0,) (up to 1.3e-06 allowed)",
  ],
  [
    tensor([1]),
    tensor([1], { dtype: torch.float64 }),
    "The values for attribute 'dtype' do not match: torch.float32 != torch.float64.",
  ],
  [tensor([1]), tensor([1, 2]), "The values for attribute 'shape' do not match: torch.Size([1]) != torch.Size([2])."],
  [
    [tensor([1]), tensor([2])],
    [tensor([1]), tensor([3])],
    "Tensor-likes are not close!\n\nMismatched elements: 1 / 1 (100.0%)\nGreatest absolute difference: 1.0 at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: 0.3333333333333333 at index (0,) (up to 1.3e-06 allowed)\n\nThe failure occurred for item [1]",
  ],
  [[1], [1, 2], "The length of the sequences mismatch: 1 != 2"],
  [
    { a: tensor([1]) },
    { b: tensor([1]) },
    "The keys of the mappings do not match:\nMissing keys in the actual mapping: ['b']\nAdditional keys in the actual mapping: ['a']",
  ],
  [tensor([1]), tensor([2]), "mine", { msg: "mine" }],
];

for (const [actual, expected, message, options] of cases) {
  test(`${message.split("\n").at(0)} ${JSON.stringify(expected)}`, () => {
    assert.throws(() => assertClose(actual, expected, options), { name: "AssertionError", message });
  });
}

test("a message may be made of the usual one, and a failure deep inside is told by its path", () => {
  const msg = (usual: string) => usual.split("\n").at(-1) as string;
  assert.throws(() => assertClose({ a: [tensor([1])] }, { a: [tensor([2])] }, { msg }), {
    message: "The failure occurred for item ['a'][0]",
  });
});

test("what cannot be compared, and half a tolerance, are wrong calls", () => {
  assert.throws(() => assertClose(tensor([1]), [1]), {
    name: "TypeError",
    message: "No comparison pair was able to handle inputs of type Tensor and array of int.",
  });
  assert.throws(
    () => assertClose(tensor([1]), tensor([1]), { rtol: 1e-3 }),
    /must be either specified or omitted, but got no atol/,
  );
});

test("deepStrictEqual tells tensors of other elements, shapes or dtypes apart", () => {
  const x = tensor([1, 2]);
  assert.deepStrictEqual(x, tensor([1, 2]));
  assert.deepStrictEqual({ list: [x] }, { list: [tensor([1, 2])] });
  for (const other of [tensor([1, 3]), tensor([[1, 2]]), tensor([1, 2], { dtype: torch.float64 }), tensor([1n, 2n])]) {
    assert.notDeepStrictEqual(x, other);
    assert.throws(() => assert.deepStrictEqual({ list: [x] }, { list: [other] }), { name: "AssertionError" });
  }
  assert.notDeepStrictEqual(torch.rand(1000), torch.rand(1000));
  assert.match(Object.prototype.toString.call(x), /^\[object Tensor \[2\] [0-9a-f]+\]$/);
  assert.equal(Object.prototype.toString.call(torch.ones(2, { device: "meta" })), "[object Tensor]");
});

test("Vitest and Jest get a comparison of tensors", async () => {
  const { areEqual } = await import("../../src/members/equality.js");
  assert.equal(areEqual(tensor([1, NaN]), tensor([0, 1, NaN]).at("1:")), true);
  assert.equal(areEqual(tensor([1, 2]), tensor([1, 3])), false);
  assert.equal(areEqual(tensor([1, 2]), tensor([1n, 2n])), false);
  assert.equal(areEqual(tensor([1, 2]), tensor([[1, 2]])), false);
  assert.equal(areEqual(tensor([1]), [1]), undefined);
});
