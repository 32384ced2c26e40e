/**
 * Numbers as elements of a dtype: what fits, what wraps and what throws. The values are those of PyTorch.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { type DType, F, type Scalar, type Tensor } from "../../src/index.js";

/** Numbers that a dtype takes as elements, with what becomes of them, and numbers that it refuses. */
interface Case {
  readonly dtype: DType;
  /** The name of the type in the message, and the one where the number is data. */
  readonly typeName: string;
  readonly accepted: readonly (readonly [Scalar, number | boolean])[];
  readonly refused: readonly Scalar[];
}

const integers: readonly Case[] = [
  {
    dtype: torch.uint8,
    typeName: "uint8_t",
    accepted: [
      [200, 200],
      [-1, 255],
      [-1n, 255],
      [-255, 1],
      [127.9, 127],
      [true, 1],
    ],
    refused: [256, -256, 300n, 255.5, -0.5, 1e40, Infinity, Number.NaN],
  },
  {
    dtype: torch.int8,
    typeName: "int8_t",
    accepted: [
      [127, 127],
      [-128, -128],
      [-1.5, -1],
      [-0.5, 0],
    ],
    refused: [200, 128n, -129, 127.9, 300, -(2 ** 40), -Infinity, Number.NaN],
  },
  {
    dtype: torch.int16,
    typeName: "int16_t",
    accepted: [
      [-200, -200],
      [32767, 32767],
      [255.5, 255],
    ],
    refused: [40000, -40000, 2 ** 31, 1e40, Number.NaN],
  },
  {
    dtype: torch.int32,
    typeName: "int",
    accepted: [
      [2 ** 31 - 1, 2 ** 31 - 1],
      [-(2 ** 31), -(2 ** 31)],
    ],
    refused: [2 ** 31, -(2 ** 31) - 1, 2n ** 40n, 3.4028236e38, Infinity],
  },
  {
    dtype: torch.int64,
    typeName: "int64_t",
    accepted: [
      [2 ** 40, 2 ** 40],
      [-(2 ** 53) + 1, -(2 ** 53) + 1],
    ],
    refused: [2 ** 63, -1e40, Infinity, Number.NaN],
  },
];

const float32: Case = {
  dtype: torch.float32,
  typeName: "float",
  accepted: [
    [Infinity, Infinity],
    [Number.NaN, Number.NaN],
    [3.4028234663852886e38, 3.4028234663852886e38],
    [true, 1],
  ],
  refused: [1e40, -1e40, 3.4028236e38],
};

const bool: Case = {
  dtype: torch.bool,
  typeName: "bool",
  accepted: [
    [200, true],
    [-0.5, true],
    [1e40, true],
    [Number.NaN, true],
    [Infinity, true],
    [0, false],
    [2n ** 40n, true],
  ],
  refused: [],
};

const mask = torch.tensor([true, false]);
const index = torch.tensor([0n]);

function changed(input: Tensor, change: (input: Tensor) => void): Tensor {
  change(input);
  return input;
}

/** Calls in which a number stands for elements of the result; the first of them has the number. */
const elementCalls: Readonly<Record<string, (value: Scalar, dtype: DType) => Tensor>> = {
  full: (value, dtype) => torch.full([2], value, { dtype }),
  fullOut: (value, dtype) => torch.full([2], value, { out: torch.zeros(2, { dtype }) }),
  fullLike: (value, dtype) => torch.fullLike(torch.zeros(2, { dtype }), value),
  newFull: (value, dtype) => torch.zeros(2, { dtype }).newFull([2], value),
  scalarTensor: (value, dtype) => torch.scalarTensor(value, { dtype }),
  fill_: (value, dtype) => torch.zeros(2, { dtype }).fill_(value),
  fillDiagonal_: (value, dtype) => torch.zeros(2, 2, { dtype }).fillDiagonal_(value).select(0, 0),
  setAt: (value, dtype) => changed(torch.zeros(2, { dtype }), (x) => x.setAt(0, value)),
  setAtSlice: (value, dtype) => changed(torch.zeros(2, { dtype }), (x) => x.setAt(":", value)),
  setAtMask: (value, dtype) => changed(torch.zeros(2, { dtype }), (x) => x.setAt(mask, value)),
  setAtIndex: (value, dtype) => changed(torch.zeros(2, { dtype }), (x) => x.setAt(index, value)),
  maskedFill: (value, dtype) => torch.zeros(2, { dtype }).maskedFill(mask, value),
  maskedFill_: (value, dtype) => torch.zeros(2, { dtype }).maskedFill_(mask, value),
  indexFill: (value, dtype) => torch.zeros(2, { dtype }).indexFill(0, index, value),
  scatter: (value, dtype) => torch.zeros(2, { dtype }).scatter(0, index, value),
};

/** Calls that make tensors of data. */
const dataCalls: Readonly<Record<string, (value: Scalar, dtype: DType) => Tensor>> = {
  tensor: (value, dtype) => torch.tensor(value, { dtype }),
  tensorOfArray: (value, dtype) => torch.tensor([[value]], { dtype }),
  asTensor: (value, dtype) => torch.asTensor([value], { dtype }),
  asarray: (value, dtype) => torch.asarray([value], { dtype }),
  newTensor: (value, dtype) => torch.zeros(2, { dtype }).newTensor([value]),
};

function firstOf(tensor: Tensor): unknown {
  return tensor.reshape(-1).tolist()[0 as never];
}

function overflow(typeName: string) {
  return { name: "RangeError", message: `value cannot be converted to type ${typeName} without overflow` };
}

describe("numbers that stand for elements", () => {
  for (const [name, call] of Object.entries(elementCalls)) {
    test(name, () => {
      for (const { dtype, typeName, accepted, refused } of [...integers, float32, bool]) {
        for (const [value, element] of accepted) assert.deepEqual(firstOf(call(value, dtype)), element, `${value}`);
        for (const value of refused) assert.throws(() => call(value, dtype), overflow(typeName), `${dtype} ${value}`);
        assert.throws(() => call(2n ** 63n, dtype), { name: "RangeError", message: /Overflow when unpacking long/ });
      }
    });
  }

  test("nothing is changed when one does not fit", () => {
    const x = torch.tensor([1n, 2n], { dtype: torch.int8 });
    for (const change of [() => x.fill_(200), () => x.setAt(0, 200), () => x.maskedFill_(mask, 200)]) {
      assert.throws(change, overflow("int8_t"));
    }
    assert.deepEqual(x.tolist(), [1, 2]);
  });
});

describe("numbers of data", () => {
  for (const [name, call] of Object.entries(dataCalls)) {
    test(name, () => {
      for (const { dtype, accepted, refused } of [...integers, bool]) {
        for (const [value, element] of accepted) assert.deepEqual(firstOf(call(value, dtype)), element, `${value}`);
        for (const value of refused) {
          assert.throws(
            () => call(value, dtype),
            overflow(dtype.toString().slice("torch.".length)),
            `${dtype} ${value}`,
          );
        }
      }
      assert.throws(() => call(-(2n ** 63n) - 1n, torch.int64), { message: /Overflow when unpacking long/ });
      assert.equal(firstOf(call(2n ** 64n, torch.float32)), 2 ** 64);
      assert.equal(firstOf(call(1e40, torch.float32)), Infinity);
    });
  }

  test("a number without a dtype", () => assert.equal(torch.tensor(-1e40).item(), -Infinity));
});

describe("numbers beside tensors", () => {
  test("limits and factors have to fit, operands wrap", () => {
    const int8 = torch.zeros(2, { dtype: torch.int8 });
    const matrix = torch.ones(2, 2, { dtype: torch.int8 });
    const limited: readonly (() => unknown)[] = [
      () => int8.clamp(200),
      () => int8.clamp({ max: -200 }),
      () => int8.clampMin(300),
      () => int8.clamp_(0, 200),
      () => torch.where(mask, int8, 200),
      () => torch.where(mask, 200, int8),
      () => int8.add(int8, { alpha: 200 }),
      () => int8.addcmul(int8, int8, { value: 200 }),
      () => torch.addmm(matrix, matrix, matrix, { beta: 200 }),
      () => torch.addmm(matrix, matrix, matrix, { alpha: 200 }),
      () => torch.addr(matrix, int8, int8, { alpha: 200 }),
      () => int8.indexAdd(0, index, int8.narrow(0, 0, 1), { alpha: 200 }),
      () => int8.pow(200),
      () => F.threshold(int8, 200, 0),
      () => F.threshold(int8, 0, 200),
      () => torch.linspace(0, 200, 3, { dtype: torch.int8 }),
    ];
    for (const [i, call] of limited.entries()) assert.throws(call, overflow("int8_t"), `call ${i}`);
    assert.deepEqual(int8.add(200).tolist(), [-56, -56]);
    assert.deepEqual(torch.ones(2, { dtype: torch.int8 }).mul(300).tolist(), [44, 44]);
    assert.deepEqual(torch.ones(2, { dtype: torch.uint8 }).sub(2).tolist(), [255, 255]);
    assert.deepEqual(int8.eq(256).tolist(), [true, true]);
    assert.deepEqual(torch.isin(int8, 256).tolist(), [true, true]);
  });

  test("a limit that is left out is that of the dtype", () => {
    for (const { dtype } of integers) {
      const x = torch.tensor([3n, 9n], { dtype });
      assert.deepEqual(x.clamp({ max: 5 }).tolist(), [3, 5]);
      assert.deepEqual(x.clamp({ min: 5 }).tolist(), [5, 9]);
    }
  });

  test("a number beyond int64 counts as a floating one", () => {
    const int8 = torch.zeros(2, { dtype: torch.int8 });
    assert.equal(int8.add(1e40).dtype, torch.float32);
    assert.equal(int8.add(2 ** 62).dtype, torch.int8);
    assert.equal(torch.resultType(int8, 2 ** 63), torch.float32);
    assert.throws(() => int8.add(2n ** 63n), { message: /Overflow when unpacking long/ });
    assert.throws(() => torch.where(mask, int8, 1e40), overflow("float"));
    assert.throws(() => torch.zeros(2).add(torch.ones(2), { alpha: 1e40 }), overflow("float"));
  });

  test("ranges of whole numbers", () => {
    assert.throws(() => torch.arange(1e40, 2e40, { dtype: torch.int32 }), overflow("int64_t"));
    assert.throws(() => torch.range(0, Infinity, { dtype: torch.int64 }), overflow("int64_t"));
    assert.deepEqual(torch.linspace(0, 10, 4, { dtype: torch.int64 }).tolist(), [0, 3, 6, 10]);
    assert.deepEqual(torch.linspace(-3.7, 3.7, 5, { dtype: torch.int32 }).tolist(), [-3, -1, 0, 1, 3]);
    assert.deepEqual(torch.linspace(9, -9, 6, { dtype: torch.uint8 }).tolist(), [9, 56, 104, 151, 199, 247]);
    assert.throws(() => torch.linspace(-3.7, 3.7, 5, { dtype: torch.uint8 }), overflow("uint8_t"));
    assert.throws(() => torch.linspace(0, 1, 3, { dtype: torch.bool }), { name: "TypeError", message: /'Bool'/ });
  });
});
