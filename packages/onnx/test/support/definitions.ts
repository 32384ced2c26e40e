/**
 * Calls of operators in the versions of the operator set that changed them. What ONNX Runtime answers is recorded by
 * `record.ts`; `operators.test.ts` compares.
 */
import torch, { type DType, type Tensor } from "flambeau";
import { type Attribute, graph, info, modelBytes, node } from "./models.js";

export interface Definition {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly Tensor[];
}

let state = 1;

/** The next of numbers that are the same on every machine, from 0 to 1. */
function next(): number {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
}

function shaped(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Tensor {
  return torch.tensor(Array.from(values), { dtype }).reshape([...shape]);
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const range = (length: number) => Array.from({ length }, (_, i) => i);

/** Floats from -2 to 2. */
const f = (...shape: number[]) =>
  shaped(
    range(count(shape)).map(() => Math.fround(4 * next() - 2)),
    shape,
    torch.float32,
  );
/** Floats above zero. */
const pos = (...shape: number[]) =>
  shaped(
    range(count(shape)).map(() => Math.fround(next() + 0.1)),
    shape,
    torch.float32,
  );
/** Whole numbers from -5 to 5. */
const ints = (dtype: DType, ...shape: number[]) =>
  shaped(
    range(count(shape)).map(() => Math.floor(11 * next()) - 5),
    shape,
    dtype,
  );
const bytes = (...shape: number[]) =>
  shaped(
    range(count(shape)).map(() => Math.floor(256 * next())),
    shape,
    torch.uint8,
  );
const bools = (...shape: number[]) =>
  shaped(
    range(count(shape)).map(() => Math.floor(2 * next())),
    shape,
    torch.bool,
  );
/** Given numbers. */
const l = (...values: number[]) => torch.tensor(values, { dtype: torch.int64 });
const one = (value: number, dtype: DType = torch.int64) => torch.tensor(value, { dtype });
const floats = (...values: number[]) => torch.tensor(values);

const definitions: Definition[] = [];
const names = new Set<string>();

/** Defines a call, for each of some versions. An input that is null is left out. */
function call(
  operator: string,
  versions: number | readonly number[],
  inputs: readonly (Tensor | null)[],
  attributes: Readonly<Record<string, Attribute>> = {},
  outputs: readonly (DType | null)[] = [torch.float32],
): void {
  for (const version of [versions].flat()) {
    const given = inputs.map((_, i) => (inputs[i] === null ? "" : `x${i}`));
    const wanted = outputs.map((dtype, i) => (dtype === null ? "" : `y${i}`));
    const infos = inputs.flatMap((x, i) => (x === null ? [] : [info(`x${i}`, x.dtype, x.shape)]));
    const results = outputs.flatMap((dtype, i) => (dtype === null ? [] : [info(`y${i}`, dtype)]));
    let name = `${operator} ${version}`;
    for (let k = 2; names.has(name); k++) name = `${operator} ${version} (${k})`;
    names.add(name);
    definitions.push({
      name,
      bytes: modelBytes(
        { nodes: [node(operator, given, wanted, attributes)], inputs: infos, outputs: results },
        version,
      ),
      inputs: inputs.filter((x): x is Tensor => x !== null),
    });
  }
}

const { int64, int32, int8, uint8, bool, float64, float16 } = torch;

// ---- functions of elements ----

for (const operator of ["Abs", "Ceil", "Exp", "Floor", "Neg", "Sigmoid", "Tanh", "Erf", "Relu"])
  call(operator, 13, [f(2, 3)]);
for (const operator of ["Sin", "Cos", "Tan", "Atan"]) call(operator, [7, 22], [f(5)]);
for (const operator of ["Sinh", "Cosh", "Asinh"]) call(operator, [9, 22], [f(5)]);
for (const operator of ["Asin", "Acos", "Atanh"]) call(operator, 22, [f(5).div(2.5)]);
call("Acosh", [9, 22], [pos(5).add(1)]);
for (const operator of ["Log", "Sqrt", "Reciprocal"]) call(operator, 13, [pos(2, 3)]);
call("Round", [11, 22], [floats(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.7)]);
call("Sign", 13, [floats(-2, 0, 3)]);
call("Sign", 13, [ints(int64, 6)], {}, [int64]);
for (const operator of ["Add", "Sub", "Mul", "Div"]) {
  call(operator, [7, 13, 14], [f(2, 1, 3), pos(4, 1)]);
  call(operator, 14, [ints(int64, 2, 3), l(2, -3, 4)], {}, [int64]);
  call(operator, 14, [ints(int32, 5), ints(int32, 5).abs().add(1)], {}, [int32]);
}
call("Pow", [7, 12, 15], [pos(2, 3), f(3)]);
call("Pow", 13, [f(4), l(0, 1, 2, 3)]);
call("Pow", 13, [ints(int64, 4), l(0, 1, 2, 3)], {}, [int64]);
call("Pow", 15, [ints(int32, 4), floats(0.5, 1, 2, 3).abs().round()], {}, [int32]);
call("Mod", [10, 13], [ints(int64, 3, 3), l(3, -2, 4)], {}, [int64]);
call("Mod", 13, [f(6), floats(0.7, -0.5, 1, 0.7, -0.5, 1)], { fmod: 1n });
call("Mod", 13, [ints(int32, 6), ints(int32, 6).abs().add(1)], { fmod: 1n }, [int32]);
for (const operator of ["Max", "Min"]) {
  call(operator, [8, 13], [f(2, 3), f(3), f(2, 1)]);
  call(operator, 13, [ints(int64, 4), ints(int64, 4)], {}, [int64]);
}
for (const operator of ["Sum", "Mean"]) call(operator, [8, 13], [f(2, 3), f(3), f(2, 1)]);
for (const operator of ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"]) {
  const since = operator.endsWith("OrEqual") ? 12 : 9;
  call(
    operator,
    since === 12 ? [12, 16] : operator === "Equal" ? [11, 13, 19] : [9, 13],
    [f(3, 3).round(), f(3).round()],
    {},
    [bool],
  );
}
for (const operator of ["And", "Or", "Xor"]) call(operator, 7, [bools(2, 4), bools(4)], {}, [bool]);
call("Not", 1, [bools(5)], {}, [bool]);
call("BitShift", 11, [bytes(4), torch.tensor([1, 2, 3, 0], { dtype: uint8 })], { direction: "LEFT" }, [uint8]);
call("BitShift", 11, [bytes(4), torch.tensor([1, 2, 3, 0], { dtype: uint8 })], { direction: "RIGHT" }, [uint8]);
for (const operator of ["BitwiseAnd", "BitwiseOr", "BitwiseXor"])
  call(operator, 18, [ints(int32, 3, 2), ints(int32, 2)], {}, [int32]);
call("BitwiseNot", 18, [bytes(4)], {}, [uint8]);
call("IsNaN", [9, 13, 20], [floats(1, Number.NaN, Infinity)], {}, [bool]);
call("IsInf", [10, 20], [floats(1, -Infinity, Infinity)], {}, [bool]);
call("IsInf", 10, [floats(1, -Infinity, Infinity)], { detect_negative: 0n }, [bool]);
call("IsInf", 10, [floats(1, -Infinity, Infinity)], { detect_positive: 0n }, [bool]);
call("Clip", 6, [f(8)], { min: -1, max: 0.5 });
call("Clip", 6, [f(8)], { max: 0.5 });
call("Clip", [11, 12, 13], [f(8), one(-1, torch.float32), one(0.5, torch.float32)]);
call("Clip", 13, [f(8), null, one(0.5, torch.float32)]);
call("Clip", 13, [f(8), one(0.5, torch.float32)]);
call("Clip", 12, [ints(int64, 8), one(-2), one(3)], {}, [int64]);
call("Shrink", 9, [f(8)], { lambd: 1, bias: 0.5 });
call("CumSum", [11, 14], [f(2, 3), one(1)]);
call("CumSum", 14, [f(2, 3), one(0)], { exclusive: 1n });
call("CumSum", 14, [f(2, 3), one(-1)], { exclusive: 1n, reverse: 1n });
call("CumSum", 14, [ints(int64, 5), one(0)], { reverse: 1n }, [int64]);
call("Where", [9, 16], [bools(2, 3), f(3), f(2, 1)]);

// ---- activations ----

for (const operator of ["Elu", "LeakyRelu", "Selu", "HardSigmoid"]) {
  call(operator, operator === "LeakyRelu" ? [6, 16] : [6, 22], [f(8)]);
  call(operator, 16, [f(8)], { alpha: 0.3 });
}
call("Celu", 12, [f(8)], { alpha: 0.7 });
call("HardSigmoid", 6, [f(8)], { alpha: 0.3, beta: 0.4 });
call("Selu", 6, [f(8)], { alpha: 2, gamma: 0.5 });
call("HardSwish", [14, 22], [f(8).mul(3)]);
call("Gelu", 20, [f(8)]);
call("Gelu", 20, [f(8)], { approximate: "tanh" });
call("Mish", [18, 22], [f(8)]);
call("Softplus", [1, 22], [f(8)]);
call("Softsign", [1, 22], [f(8)]);
call("ThresholdedRelu", [10, 22], [f(8)], { alpha: 0.5 });
call("PRelu", [9, 16], [f(2, 3, 2), f(3, 1)]);
call("PRelu", 16, [f(2, 3), f(1)]);
for (const operator of ["Softmax", "LogSoftmax", "Hardmax"]) {
  call(operator, [1, 11, 13], [f(2, 3, 4)]);
  call(operator, [11, 13], [f(2, 3, 4)], { axis: 0n });
  call(operator, [11, 13], [f(2, 3, 4)], { axis: -2n });
}

// ---- reductions ----

for (const operator of ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]) {
  const name = `Reduce${operator}`;
  const x = () => (operator === "LogSum" ? pos(2, 3, 4) : f(2, 3, 4));
  call(name, operator === "Sum" ? [1, 11] : [1, 11, 13], [x()], { axes: [1n] });
  call(name, 11, [x()], { axes: [0n, -1n], keepdims: 0n });
  call(name, 11, [x()], { keepdims: 0n });
  const since = operator === "Sum" ? [13] : operator === "Max" || operator === "Min" ? [18, 20] : [18];
  call(name, since, [x(), l(1)]);
  call(name, since, [x(), l(0, -1)], { keepdims: 0n });
  call(name, since, [x()], { keepdims: 0n });
  if (operator !== "LogSum" && operator !== "LogSumExp") call(name, since, [ints(int32, 2, 3), l(1)], {}, [int32]);
}
call("ReduceSum", 13, [f(2, 3), torch.zeros([0], { dtype: int64 })], { noop_with_empty_axes: 1n });
call("ReduceMax", 20, [bools(2, 3), l(1)], {}, [bool]);
for (const operator of ["ArgMax", "ArgMin"]) {
  const x = torch.tensor([
    [2, 1, 2],
    [0, 0, 1],
  ]);
  call(operator, [1, 11, 13], [x], {}, [int64]);
  call(operator, [11, 13], [x], { axis: -1n, keepdims: 0n }, [int64]);
  call(operator, [12, 13], [x], { axis: 1n, select_last_index: 1n }, [int64]);
}
call("TopK", 1, [f(2, 5)], { k: 3n }, [torch.float32, int64]);
call("TopK", [10, 11], [f(2, 5), l(3)], {}, [torch.float32, int64]);
call("TopK", 11, [floats(1, 2, 2, 1, 2, 0), l(4)], { largest: 0n }, [torch.float32, int64]);
call("TopK", 11, [floats(1, 2, 2, 1, 2, 0), l(4)], {}, [torch.float32, int64]);
call("TopK", 11, [ints(int64, 4, 3), l(2)], { axis: 0n }, [int64, int64]);
const repeats = () => floats(2, 1, 1, 3, 4, 3);
call("Unique", 11, [repeats()], {}, [torch.float32, int64, int64, int64]);
call("Unique", 11, [repeats()], { sorted: 0n }, [torch.float32, int64, int64, int64]);
call(
  "Unique",
  11,
  [
    torch.tensor([
      [1, 0, 0],
      [1, 0, 0],
      [2, 3, 4],
    ]),
  ],
  { axis: 0n },
  [torch.float32, int64, int64, int64],
);

// ---- shapes ----

call("Shape", [1, 13], [f(2, 3, 4)], {}, [int64]);
call("Shape", 15, [f(2, 3, 4)], { start: -2n, end: 10n }, [int64]);
call("Size", [1, 13], [f(2, 3)], {}, [int64]);
call("Reshape", [5, 13, 14], [f(2, 3, 4), l(0, -1, 2)]);
call("Reshape", 14, [torch.zeros([0, 3]), l(3, 0)], { allowzero: 1n });
call("Flatten", [1, 9, 13], [f(2, 3, 4)], { axis: 2n });
call("Flatten", 13, [f(2, 3, 4)], { axis: 0n });
call("Flatten", 13, [f(2, 3, 4)], { axis: -1n });
call("Squeeze", [1, 11], [f(1, 3, 1)], { axes: [0n] });
call("Squeeze", 13, [f(1, 3, 1), l(-1)]);
call("Squeeze", 13, [f(1, 3, 1)]);
call("Unsqueeze", [1, 11], [f(3)], { axes: [0n, 2n] });
call("Unsqueeze", 13, [f(3), l(-1, 0)]);
call("Transpose", [1, 13], [f(2, 3, 4)]);
call("Transpose", 13, [f(2, 3, 4)], { perm: [1n, 0n, 2n] });
call("Concat", 4, [f(2, 1), f(2, 2)], { axis: 1n });
call("Concat", 13, [f(2, 1), f(2, 2)], { axis: -1n });
call("Concat", 13, [ints(int64, 2), ints(int64, 3)], { axis: 0n }, [int64]);
call("Split", [2, 11], [f(5, 2)], { split: [2n, 3n] }, [torch.float32, torch.float32]);
call("Split", 13, [f(5, 2), l(4, 1)], {}, [torch.float32, torch.float32]);
call("Split", 13, [f(2, 4)], { axis: 1n }, [torch.float32, torch.float32]);
call("Split", 18, [f(5, 2)], { num_outputs: 3n }, [torch.float32, torch.float32, torch.float32]);
call("Expand", [8, 13], [f(3, 1), l(2, 1, 4)]);
call("Tile", [6, 13], [f(2, 3), l(2, 1)]);
call("Slice", 1, [f(4, 5)], { axes: [0n, 1n], starts: [1n, -3n], ends: [1000n, -1n] });
call("Slice", [10, 11, 13], [f(4, 5), l(1, -3), l(1000, -1), l(0, 1)]);
call("Slice", 13, [f(4, 5), l(3, 0), l(-1000, 5), l(0, 1), l(-2, 2)]);
call("Slice", 13, [f(4, 5), l(0, 4), l(2, 1), null, l(1, -1)]);
call("Slice", 13, [f(4, 5), l(3), l(1)]);
call("Pad", 2, [f(2, 3)], { pads: [1n, 0n, 0n, 2n], value: 0.5 });
call("Pad", [11, 13, 18], [f(2, 3), l(1, 0, 0, 2), one(0.5, torch.float32)]);
call("Pad", 18, [f(2, 3), l(1, 2), null, l(1)]);
call("Pad", 13, [f(4, 4), l(1, -1, -2, 2)]);
for (const mode of ["reflect", "edge", "wrap"])
  call("Pad", mode === "wrap" ? 19 : [11, 18], [f(3, 4), l(1, 2, 0, 3)], { mode });
call("Pad", 13, [ints(int64, 3), l(1, 1), one(7)], {}, [int64]);
call("CenterCropPad", 18, [f(4, 3), l(3, 6)]);
call("CenterCropPad", 18, [f(5, 5), l(2)], { axes: [1n] });
call("DepthToSpace", [1, 11, 13], [f(1, 8, 2, 3)], { blocksize: 2n });
call("DepthToSpace", 13, [f(1, 8, 2, 3)], { blocksize: 2n, mode: "CRD" });
call("SpaceToDepth", [1, 13], [f(1, 2, 4, 6)], { blocksize: 2n });
call("ReverseSequence", 10, [f(4, 2), l(3, 1)]);
call("Trilu", 14, [f(3, 4), one(1)]);
call("Trilu", 14, [f(3, 4), one(-1)], { upper: 0n });
call("Cast", [6, 9, 13, 19], [f(5).mul(3)], { to: 7n }, [int64]);
call("Cast", 13, [floats(0, 0.5, -1)], { to: 9n }, [bool]);
call("Cast", 13, [bools(4)], { to: 1n });
call("Cast", 13, [f(4)], { to: 10n }, [float16]);
call("Cast", 13, [f(4)], { to: 11n }, [float64]);
call("CastLike", 15, [f(4), ints(int32, 1)], {}, [int32]);
call("ConstantOfShape", [9, 20], [l(2, 3)], { value: torch.tensor([5n]) }, [int64]);
call("ConstantOfShape", 9, [l(2, 0, 3)]);
call("EyeLike", 9, [f(3, 4)], { k: 1n });
call("EyeLike", 9, [f(3, 4)], { k: -1n, dtype: 7n }, [int64]);
call("OneHot", [9, 11], [l(0, 2, -1, 3), one(3), floats(5, 7)]);
call("OneHot", 11, [l(0, 2).reshape([1, 2]), one(3), floats(5, 7)], { axis: 1n });
call("Range", 11, [one(1, torch.float32), one(2.2, torch.float32), one(0.25, torch.float32)]);
call("Range", 11, [one(10), one(3), one(-3)], {}, [int64]);

// ---- indices ----

call(
  "Gather",
  [1, 11, 13],
  [
    f(4, 3),
    torch.tensor([
      [0n, 3n],
      [1n, 2n],
    ]),
  ],
);
call("Gather", 13, [f(4, 3), l(-1, 0)], { axis: 1n });
call("Gather", 13, [f(4, 3), one(2)], { axis: 0n });
call(
  "GatherElements",
  [11, 13],
  [
    f(3, 3),
    torch.tensor([
      [0n, 2n, -1n],
      [1n, 0n, 0n],
    ]),
  ],
);
call(
  "GatherND",
  [11, 13],
  [
    f(2, 3, 4),
    torch.tensor([
      [0n, 1n],
      [1n, -1n],
    ]),
  ],
);
call("GatherND", 13, [f(2, 3, 4), torch.tensor([[1n], [2n]])], { batch_dims: 1n });
call("ScatterElements", [11, 13, 16], [f(3, 3), torch.tensor([[0n, 2n, -1n]]), f(1, 3)]);
call("ScatterElements", 13, [f(3, 3), torch.tensor([[1n], [0n], [2n]]), f(3, 1)], { axis: 1n });
for (const [reduction, version] of [
  ["add", 16],
  ["mul", 16],
  ["max", 18],
  ["min", 18],
] as const) {
  call(
    "ScatterElements",
    version,
    [
      f(3, 2),
      torch.tensor([
        [0n, 1n],
        [0n, 1n],
      ]),
      f(2, 2),
    ],
    { reduction },
  );
  call("ScatterND", version, [f(4, 2), torch.tensor([[1n], [1n]]), f(2, 2)], { reduction });
}
call(
  "ScatterND",
  [11, 13],
  [
    f(4, 2),
    torch.tensor([
      [1n, 0n],
      [-1n, 1n],
    ]),
    f(2),
  ],
);
call("Compress", [9, 11], [f(3, 2), bools(3)], { axis: 0n });
call("Compress", 11, [f(3, 2), torch.tensor([true, false, true, true])]);
call("NonZero", [9, 13], [f(3, 3).round()], {}, [int64]);

// ---- products ----

call("MatMul", [1, 9, 13], [f(2, 3, 4), f(4, 2)]);
call("MatMul", 13, [f(3), f(3, 2)]);
call("MatMul", 13, [ints(int32, 2, 3), ints(int32, 3, 2)], {}, [int32]);
call("Gemm", [7, 9, 11, 13], [f(2, 3), f(3, 4), f(4)], { alpha: 0.5, beta: 2 });
call("Gemm", [11, 13], [f(3, 2), f(4, 3), f(2, 1)], { transA: 1n, transB: 1n });
call("Gemm", 13, [f(2, 3), f(3, 4)]);
call("Einsum", 12, [f(2, 3, 4), f(2, 4, 5)], { equation: "bij, bjk -> bik" });
call("Einsum", 12, [f(3, 3)], { equation: "ii" });

// ---- convolutions and pools ----

call("Conv", [1, 11, 22], [f(1, 2, 5, 5), f(3, 2, 3, 3), f(3)], { pads: [1n, 1n, 1n, 1n], strides: [2n, 2n] });
call("Conv", 11, [f(1, 2, 5, 6), f(3, 2, 3, 2)], { pads: [1n, 0n, 2n, 1n], dilations: [2n, 1n] });
call("Conv", 11, [f(2, 4, 6), f(4, 2, 3), f(4)], { group: 2n });
call("Conv", 11, [f(1, 1, 3, 4, 3), f(2, 1, 2, 2, 2)]);
for (const auto_pad of ["SAME_UPPER", "SAME_LOWER", "VALID"]) {
  call("Conv", 11, [f(1, 1, 5, 6), f(1, 1, 2, 3)], { auto_pad, strides: [2n, 1n] });
  call("MaxPool", 12, [f(1, 1, 5, 6)], { auto_pad, kernel_shape: [2n, 3n], strides: [2n, 2n] });
  call("AveragePool", 11, [f(1, 1, 5, 6)], { auto_pad, kernel_shape: [2n, 3n] });
}
call("ConvTranspose", [1, 11, 22], [f(1, 2, 3, 3), f(2, 2, 3, 3), f(2)], {
  strides: [2n, 2n],
  pads: [1n, 1n, 1n, 1n],
  output_padding: [1n, 1n],
});
call("ConvTranspose", 11, [f(1, 2, 3, 3), f(2, 1, 3, 3), f(2)], { group: 2n, pads: [0n, 1n, 1n, 0n] });
call("ConvTranspose", 11, [f(1, 1, 3, 3), f(1, 1, 3, 3)], { strides: [3n, 2n], output_shape: [10n, 8n] });
call("ConvTranspose", 11, [f(1, 1, 3, 3), f(1, 1, 3, 3)], { strides: [2n, 2n], auto_pad: "SAME_UPPER" });
call("ConvTranspose", 11, [f(1, 1, 4), f(1, 2, 3)], { dilations: [2n] });
call("MaxPool", [1, 8, 10, 11, 12, 22], [f(1, 2, 5, 5)], {
  kernel_shape: [3n, 3n],
  strides: [2n, 2n],
  pads: [1n, 1n, 1n, 1n],
});
call("MaxPool", 12, [f(1, 2, 5, 5)], { kernel_shape: [3n, 3n], strides: [2n, 2n], pads: [1n, 0n, 2n, 1n] }, [
  torch.float32,
  int64,
]);
call("MaxPool", 12, [f(2, 2, 4, 5)], { kernel_shape: [2n, 2n], storage_order: 1n }, [torch.float32, int64]);
call("MaxPool", 12, [f(1, 1, 6, 6)], { kernel_shape: [3n, 3n], strides: [2n, 2n], ceil_mode: 1n });
call("MaxPool", 12, [f(1, 1, 8)], { kernel_shape: [3n], dilations: [2n] });
call("MaxPool", 12, [bytes(1, 1, 4, 4)], { kernel_shape: [2n, 2n] }, [uint8]);
call("AveragePool", [7, 10, 11, 19, 22], [f(1, 2, 5, 5)], {
  kernel_shape: [3n, 3n],
  strides: [2n, 2n],
  pads: [1n, 1n, 1n, 1n],
});
call("AveragePool", [11, 19], [f(1, 2, 5, 5)], {
  kernel_shape: [3n, 3n],
  pads: [2n, 0n, 1n, 2n],
  count_include_pad: 1n,
});
call("AveragePool", [11, 19], [f(1, 1, 6, 6)], { kernel_shape: [3n, 3n], strides: [2n, 2n], ceil_mode: 1n });
call("AveragePool", 19, [f(1, 1, 7, 7)], { kernel_shape: [2n, 2n], dilations: [2n, 3n] });
call("AveragePool", 11, [f(1, 1, 4, 4, 4)], { kernel_shape: [2n, 2n, 2n] });
call("LpPool", [2, 11, 18, 22], [f(1, 1, 5, 5)], { kernel_shape: [2n, 2n], p: 3n });
for (const operator of ["GlobalAveragePool", "GlobalMaxPool"]) call(operator, [1, 22], [f(2, 3, 4, 5)]);
call("GlobalLpPool", 2, [f(2, 3, 4, 5)], { p: 3n });
call(
  "MaxUnpool",
  [9, 11, 22],
  [
    f(1, 1, 2, 2),
    torch.tensor([
      [
        [
          [5n, 7n],
          [13n, 15n],
        ],
      ],
    ]),
  ],
  { kernel_shape: [2n, 2n], strides: [2n, 2n] },
);
call("Col2Im", 18, [f(1, 4, 9), l(4, 4), l(2, 2)]);
call("Col2Im", 18, [f(1, 8, 12), l(5, 4), l(2, 2)], { pads: [1n, 0n, 0n, 1n], strides: [2n, 1n], dilations: [1n, 1n] });
call("DeformConv", 19, [f(1, 1, 3, 3), f(1, 1, 2, 2), f(1, 8, 4, 4).div(4)], { pads: [1n, 1n, 1n, 1n] });
call("DeformConv", 19, [f(1, 2, 3, 3), f(2, 1, 2, 2), f(1, 16, 2, 2).div(4), f(2), f(1, 8, 2, 2)], {
  group: 2n,
  offset_group: 2n,
});

// ---- normalization ----

const channels = () => [f(3), f(3), f(3), pos(3)] as const;
call("BatchNormalization", [7, 9, 14, 15], [f(2, 3, 4), ...channels()], { epsilon: 1e-3 });
call("BatchNormalization", 14, [f(2, 3, 4), ...channels()], { training_mode: 1n, momentum: 0.8 }, [
  torch.float32,
  torch.float32,
  torch.float32,
]);
call("InstanceNormalization", [6, 22], [f(2, 3, 4), f(3), f(3)]);
call("LayerNormalization", 17, [f(2, 3, 4), f(4), f(4)]);
call("LayerNormalization", 17, [f(2, 3, 4), f(3, 4)], { axis: 1n }, [torch.float32, torch.float32, torch.float32]);
call("GroupNormalization", 21, [f(2, 4, 3), f(4), f(4)], { num_groups: 2n });
call("GroupNormalization", 18, [f(2, 4, 3), f(2), f(2)], { num_groups: 2n });
call("RMSNormalization", 23, [f(2, 3, 4), f(4)]);
call("LpNormalization", [1, 22], [f(2, 3)], { p: 1n });
call("LpNormalization", [1, 22], [f(2, 3)], { axis: 0n });
call("MeanVarianceNormalization", [9, 13], [f(2, 3, 2, 2)]);
call("LRN", [1, 13], [f(1, 5, 2, 2)], { size: 3n, alpha: 0.1, bias: 2 });
call("Dropout", 7, [f(5)], { ratio: 0.3 }, [torch.float32]);
call("Dropout", [12, 13, 22], [f(5), one(0.3, torch.float32)], {}, [torch.float32, bool]);

// ---- recurrent layers ----

const recurrent = (gates: number, directions = 1) =>
  [f(4, 2, 3), f(directions, gates * 5, 3), f(directions, gates * 5, 5)] as const;
call("RNN", [7, 14, 22], [...recurrent(1)], { hidden_size: 5n }, [torch.float32, torch.float32]);
call(
  "RNN",
  14,
  [...recurrent(1, 2), f(2, 10), torch.tensor([4, 2], { dtype: int32 }), f(2, 2, 5)],
  { hidden_size: 5n, direction: "bidirectional", activations: ["Relu", "Tanh"] },
  [torch.float32, torch.float32],
);
call("GRU", [7, 14, 22], [...recurrent(3), f(1, 30)], { hidden_size: 5n }, [torch.float32, torch.float32]);
call("GRU", 14, [...recurrent(3), f(1, 30)], { hidden_size: 5n, linear_before_reset: 1n, direction: "reverse" }, [
  torch.float32,
  torch.float32,
]);
call(
  "GRU",
  14,
  [...recurrent(3, 2), null, torch.tensor([1, 3], { dtype: int32 })],
  { hidden_size: 5n, direction: "bidirectional" },
  [torch.float32, torch.float32],
);
const all3 = [torch.float32, torch.float32, torch.float32];
call("LSTM", [7, 14, 22], [...recurrent(4), f(1, 40)], { hidden_size: 5n }, all3);
call(
  "LSTM",
  14,
  [...recurrent(4, 2), f(2, 40), torch.tensor([3, 4], { dtype: int32 }), f(2, 2, 5), f(2, 2, 5)],
  { hidden_size: 5n, direction: "bidirectional" },
  all3,
);
call("LSTM", 14, [...recurrent(4), f(1, 40), null, null, null, f(1, 15)], { hidden_size: 5n, clip: 0.5 }, all3);
call(
  "LSTM",
  14,
  [...recurrent(4), f(1, 40)],
  {
    hidden_size: 5n,
    input_forget: 1n,
    activations: ["HardSigmoid", "Affine", "LeakyRelu"],
    activation_alpha: [0.3, 0.9, 0.05],
    activation_beta: [0.4, 0.1],
  },
  all3,
);

// ---- resizing ----

const resized = (
  attributes: Readonly<Record<string, Attribute>>,
  sizes: readonly number[],
  versions: number[] = [11, 13, 18],
) => {
  for (const version of versions) {
    // What is not used had to be there in the beginning, without elements.
    const unused = version < 13 ? floats() : null;
    call("Resize", version, [f(1, 2, 4, 5), unused, unused, l(1, 2, ...sizes)], attributes);
  }
};
for (const coordinate_transformation_mode of ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]) {
  resized({ mode: "linear", coordinate_transformation_mode }, [7, 3], [13, 18]);
  resized({ mode: "cubic", coordinate_transformation_mode }, [7, 3], [13, 18]);
  for (const nearest_mode of ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]) {
    resized({ mode: "nearest", coordinate_transformation_mode, nearest_mode }, [7, 3], [13]);
  }
}
resized({ mode: "linear" }, [8, 10]);
resized({ mode: "cubic", cubic_coeff_a: -0.5, exclude_outside: 1n }, [6, 8]);
resized({ mode: "linear", antialias: 1n }, [2, 3], [18]);
resized({ mode: "cubic", antialias: 1n }, [2, 3], [18]);
resized({ mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" }, [6, 8], [19]);
call("Resize", 10, [f(1, 1, 2, 3), floats(1, 1, 2, 2)], { mode: "nearest" });
call("Resize", 10, [f(1, 1, 2, 3), floats(1, 1, 2, 2)], { mode: "linear" });
call("Resize", [11, 13, 18], [f(1, 1, 2, 3), floats(), floats(1, 1, 2.6, 2)], { mode: "linear" });
call("Resize", 18, [f(1, 1, 4, 4), null, floats(0.6, 1.5)], { mode: "nearest", axes: [2n, 3n] });
call("Resize", 18, [f(1, 1, 4, 5), null, null, l(7, 8)], { axes: [2n, 3n], keep_aspect_ratio_policy: "not_larger" });
call("Resize", 18, [f(1, 1, 4, 5), null, null, l(7, 8)], { axes: [2n, 3n], keep_aspect_ratio_policy: "not_smaller" });
call("Resize", 13, [f(1, 1, 4, 4), floats(0, 0, 0.4, 0.6, 1, 1, 0.6, 1.2), null, l(1, 1, 3, 3)], {
  mode: "linear",
  coordinate_transformation_mode: "tf_crop_and_resize",
  extrapolation_value: 10,
});
call("Upsample", 7, [f(1, 1, 2, 3)], { scales: [1, 1, 2, 3], mode: "nearest" });
call("Upsample", 9, [f(1, 1, 2, 3), floats(1, 1, 2, 2)], { mode: "linear" });
for (const mode of ["bilinear", "nearest", "bicubic"]) {
  for (const padding_mode of ["zeros", "border", "reflection"]) {
    call("GridSample", 16, [f(1, 2, 4, 3), f(1, 2, 5, 2).div(1.5)], { mode, padding_mode });
  }
}
call("GridSample", [20, 22], [f(1, 2, 4, 3), f(1, 2, 5, 2)], { mode: "linear", align_corners: 1n });
call("AffineGrid", 20, [f(2, 2, 3), l(2, 1, 3, 4)]);
call("AffineGrid", 20, [f(2, 2, 3), l(2, 1, 3, 4)], { align_corners: 1n });

// ---- losses ----

const targets = () =>
  torch.tensor([
    [0n, 2n],
    [1n, 1n],
  ]);
for (const reduction of ["none", "mean", "sum"]) {
  call("NegativeLogLikelihoodLoss", [12, 13, 22], [f(2, 3, 2), targets(), pos(3)], { reduction });
  call("SoftmaxCrossEntropyLoss", [12, 13], [f(2, 3, 2), targets(), pos(3)], { reduction, ignore_index: 2n }, [
    torch.float32,
    torch.float32,
  ]);
}

// ---- quantized numbers ----

const byte = (...values: number[]) => torch.tensor(values, { dtype: uint8 });
call("QuantizeLinear", [10, 13, 19, 21], [f(2, 3).mul(100), one(0.5, torch.float32), one(128, uint8)], {}, [uint8]);
call("QuantizeLinear", 13, [f(2, 3).mul(100), floats(0.5, 1, 2), torch.tensor([0, 5, -5], { dtype: int8 })], {}, [
  int8,
]);
call("DequantizeLinear", [10, 13, 19, 21], [bytes(2, 3), one(0.5, torch.float32), one(128, uint8)]);
call("DequantizeLinear", 13, [bytes(2, 3), floats(0.5, 2), byte(1, 2)], { axis: 0n });
call("DequantizeLinear", 21, [bytes(4, 2), pos(2, 2), bytes(2, 2)], { axis: 0n, block_size: 2n });
call("DynamicQuantizeLinear", 11, [f(3, 4)], {}, [uint8, torch.float32, uint8]);
call("MatMulInteger", 10, [bytes(2, 3), bytes(3, 2), one(12, uint8), one(3, uint8)], {}, [int32]);
call("ConvInteger", 10, [bytes(1, 1, 3, 3), bytes(1, 1, 2, 2), one(5, uint8)], { pads: [1n, 1n, 1n, 1n] }, [int32]);
const scale = (value: number) => one(value, torch.float32);
call(
  "QLinearMatMul",
  [10, 21],
  [bytes(2, 3), scale(0.01), one(113, uint8), bytes(3, 2), scale(0.02), one(114, uint8), scale(0.03), one(118, uint8)],
  {},
  [uint8],
);
call(
  "QLinearConv",
  10,
  [
    bytes(1, 1, 4, 4),
    scale(0.02),
    one(113, uint8),
    bytes(2, 1, 2, 2),
    floats(0.03, 0.01),
    byte(110, 120),
    scale(0.2),
    one(118, uint8),
    ints(int32, 2),
  ],
  {},
  [uint8],
);

// ---- signals ----

for (const operator of ["HannWindow", "HammingWindow", "BlackmanWindow"]) {
  call(operator, 17, [one(7)]);
  call(operator, 17, [one(7)], { periodic: 0n });
}
call("MelWeightMatrix", 17, [one(8), one(16), one(8192), scale(0), scale(4096)]);
call("DFT", 17, [f(1, 6, 1)]);
call("DFT", 17, [f(2, 4, 5, 2)], { axis: 2n, inverse: 1n });
call("DFT", 20, [f(1, 6, 1), null, one(1)], { onesided: 1n });
call("DFT", 20, [f(1, 6, 2), one(8)]);
call("STFT", 17, [f(1, 16, 1), one(4), f(8)]);
call("STFT", 17, [f(1, 16, 1), one(4), null, one(6)], { onesided: 0n });

// ---- boxes ----

const boxes = () =>
  torch.tensor([
    [
      [0, 0, 1, 1],
      [0, 0.1, 1, 1.1],
      [0, -0.1, 1, 0.9],
      [0, 10, 1, 11],
      [1, 11.1, 0, 10.1],
    ],
  ]);
const scores = () =>
  torch.tensor([
    [
      [0.9, 0.75, 0.6, 0.95, 0.5],
      [0.1, 0.2, 0.9, 0.3, 0.31],
    ],
  ]);
call("NonMaxSuppression", [10, 11], [boxes(), scores(), l(3), floats(0.5), floats(0.2)], {}, [int64]);
call("NonMaxSuppression", 11, [boxes(), scores(), l(2), floats(0.5)], { center_point_box: 1n }, [int64]);
const regions = () =>
  torch.tensor([
    [0, 0, 4, 4],
    [1, 2, 5, 5],
  ]);
call("RoiAlign", [10, 16], [f(1, 2, 6, 6), regions(), l(0, 0)], {
  output_height: 2n,
  output_width: 3n,
  sampling_ratio: 2n,
  spatial_scale: 0.9,
});
call("RoiAlign", 16, [f(1, 2, 6, 6), regions(), l(0, 0)], {
  output_height: 2n,
  output_width: 2n,
  mode: "max",
  sampling_ratio: 2n,
});
call("MaxRoiPool", 1, [f(1, 2, 6, 6), torch.cat([torch.zeros(2, 1), regions()], 1)], { pooled_shape: [2n, 2n] });

// ---- attention ----

call("Attention", 23, [f(2, 3, 4, 8), f(2, 3, 6, 8), f(2, 3, 6, 8)]);
call("Attention", 23, [f(2, 3, 4, 8), f(2, 3, 4, 8), f(2, 3, 4, 8)], { is_causal: 1n });
call("Attention", 23, [f(2, 4, 24), f(2, 6, 12), f(2, 6, 12), bools(4, 6).logicalOr(torch.eye(4, 6).ne(0))], {
  q_num_heads: 6n,
  kv_num_heads: 3n,
});
call(
  "Attention",
  23,
  [f(2, 3, 4, 8), f(2, 3, 6, 8), f(2, 3, 6, 8), f(4, 8), f(2, 3, 2, 8), f(2, 3, 2, 8)],
  { softcap: 2, scale: 0.3 },
  [torch.float32, torch.float32, torch.float32],
);
call("RotaryEmbedding", 23, [
  f(2, 3, 4, 8),
  f(10, 4),
  f(10, 4),
  torch.tensor([
    [0n, 1n, 2n, 3n],
    [4n, 5n, 6n, 7n],
  ]),
]);
call("RotaryEmbedding", 23, [f(2, 4, 24), f(2, 4, 2), f(2, 4, 2)], {
  num_heads: 3n,
  rotary_embedding_dim: 4n,
  interleaved: 1n,
});

// ---- words that are numbers ----

call(
  "TfIdfVectorizer",
  9,
  [
    torch.tensor(
      [
        [1, 1, 3, 3, 3, 7],
        [8, 6, 7, 5, 6, 8],
      ],
      { dtype: int32 },
    ),
  ],
  {
    mode: "TFIDF",
    min_gram_length: 1n,
    max_gram_length: 2n,
    max_skip_count: 1n,
    ngram_counts: [0n, 4n],
    ngram_indexes: [0n, 1n, 2n, 3n, 4n, 5n, 6n],
    pool_int64s: [2n, 3n, 5n, 4n, 5n, 6n, 7n, 8n, 6n, 7n],
    weights: [1, 2, 3, 4, 5, 6, 7],
  },
);

// ---- branches, loops and sequences, several nodes each ----

function program(
  name: string,
  version: number,
  parts: Parameters<typeof modelBytes>[0],
  inputs: readonly Tensor[],
): void {
  definitions.push({ name, bytes: modelBytes(parts, version), inputs });
}

const scalar = (name: string, dtype: DType) => info(name, dtype, []);
const cumulative = graph({
  nodes: [
    node("Add", ["s", "x"], ["t"]),
    node("Identity", ["t"], ["scan"]),
    node("ReduceSum", ["t"], ["total"], { keepdims: 0n }),
    node("Less", ["total", "limit"], ["on"]),
  ],
  inputs: [scalar("i", int64), scalar("go", bool), info("s", torch.float32, [2])],
  outputs: [scalar("on", bool), info("t", torch.float32, [2]), info("scan", torch.float32, [2])],
});
for (const [k, limit] of [100, 5, -1].entries()) {
  program(
    `Loop ${k}`,
    16,
    {
      nodes: [node("Loop", ["n", "go", "x"], ["y", "all"], { body: cumulative })],
      inputs: [info("x", torch.float32, [2]), scalar("n", int64), scalar("go", bool)],
      outputs: ["y", "all"],
      weights: { limit: one(limit, torch.float32) },
    },
    [floats(1, 0.5), one(4), one(1, bool)],
  );
}
const step = graph({
  nodes: [node("Add", ["s", "e"], ["t"]), node("Mul", ["t", "e"], ["o"])],
  inputs: [info("s", torch.float32, [2]), info("e", torch.float32, [2])],
  outputs: [info("t", torch.float32, [2]), info("o", torch.float32, [2])],
});
const scans: readonly Readonly<Record<string, Attribute>>[] = [
  {},
  { scan_input_directions: [1n], scan_output_directions: [1n] },
  { scan_input_axes: [1n], scan_output_axes: [-1n] },
];
for (const [k, attributes] of scans.entries()) {
  const along = "scan_input_axes" in attributes;
  program(
    `Scan ${k}`,
    11,
    {
      nodes: [node("Scan", ["s0", "xs"], ["last", "ys"], { body: step, num_scan_inputs: 1n, ...attributes })],
      inputs: [info("s0", torch.float32, [2]), info("xs", torch.float32, along ? [2, 3] : [3, 2])],
      outputs: ["last", "ys"],
    },
    [f(2), along ? f(2, 3) : f(3, 2)],
  );
}
program(
  "sequences",
  13,
  {
    nodes: [
      node("SequenceConstruct", ["a", "b"], ["s"]),
      node("SequenceInsert", ["s", "a", "zero"], ["longer"]),
      node("SequenceErase", ["longer", "last"], ["shorter"]),
      node("SequenceAt", ["longer", "last"], ["picked"]),
      node("SequenceLength", ["longer"], ["count"]),
      node("ConcatFromSequence", ["shorter"], ["joined"], { axis: 0n, new_axis: 1n }),
      node("SplitToSequence", ["a", "sizes"], ["parts"], { axis: 0n }),
      node("SequenceAt", ["parts", "last"], ["part"]),
    ],
    inputs: [info("a", torch.float32, [3]), info("b", torch.float32, [3])],
    outputs: ["picked", info("count", int64), "joined", "part"],
    weights: { zero: one(0), last: one(-1), sizes: l(1, 2) },
  },
  [f(3), f(3)],
);

export const all: readonly Definition[] = definitions;
