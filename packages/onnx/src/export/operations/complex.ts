/**
 * Complex numbers. ONNX's operators know none: a complex tensor is one of real numbers in the file, with both parts in a
 * last dim of two, as ONNX's own Fourier transforms have it.
 */
import torch, { type DType } from "flambeau";
import { type Attributes, flag, int } from "../builder.js";
import { Call, type Translated, type Translation, type Translations, wrap } from "../call.js";
import { type Argument, type Node, Value } from "../recording.js";
import { type Extent, sameExtent } from "../sizes.js";
import { elementwise } from "./elementwise.js";
import { shapes } from "./shapes.js";

const { int64 } = torch;

/** Whether complex numbers come into a call or out of it. */
export function isComplexCall({ args, outputs }: Node): boolean {
  return outputs.some(({ dtype }) => dtype.isComplex) || Object.values(args).some(isComplex);
}

/** Whether an argument is complex, or a list with such. */
export function isComplex(value: Argument): boolean {
  if (Array.isArray(value)) return value.some(isComplex);
  return value instanceof Value ? value.dtype.isComplex : value instanceof torch.Complex;
}

/** A call as that of the same operation on real tensors with the parts in a last dim. */
function onParts(t: Call): Call {
  const { node, session } = t;
  const real = partOf(t);
  const changed = (value: Argument): Argument => {
    if (Array.isArray(value)) return value.map(changed);
    if (!(value instanceof Value)) return value;
    const own = { name: both(t, value, real), sizes: [...value.sizes, 2], dtype: real };
    return Object.create(value, Object.getOwnPropertyDescriptors(own));
  };
  const args = Object.fromEntries(Object.entries(node.args).map(([name, value]) => [name, changed(value)]));
  const outputs = node.outputs.map(
    (value): Value =>
      Object.create(value, { sizes: { value: [...value.sizes, 2] }, dtype: { value: value.dtype.toReal() } }),
  );
  return new Call({ ...node, args, outputs }, session);
}

/** An operation that moves elements, which does the same to their parts. */
function moving(operation: string, dims: Readonly<Record<string, "input" | "out">> = {}): Translation {
  return (t) => {
    if (t.node.outputs.some(({ dtype }) => !dtype.isComplex)) return undefined;
    const [first] = [t.arg("input"), t.arg("tensors")].flat() as Value[];
    const call = onParts(t);
    const args: Record<string, Argument> = { ...call.node.args };
    for (const [name, of] of Object.entries(dims)) {
      const rank = of === "out" ? t.out.rank : (first as Value).rank;
      const count = (value: Argument) => wrap(t.fixed(name, value), rank);
      const given = args[name];
      if (Array.isArray(given)) args[name] = given.map(count);
      else if (given !== undefined && given !== null) args[name] = count(given);
    }
    // Without dims it is as if there was one.
    if (operation === "roll" && (!t.has("dims") || t.numbers("dims").length === 0)) {
      if (t.out.rank > 1) return undefined;
      args.dims = [0];
    }
    if (operation === "permute") args.dims = [...(args.dims as Argument[]), t.out.rank];
    return shapes[operation]?.(new Call({ ...call.node, args }, t.session));
  };
}

/** The dtype of the parts of the result. */
const partOf = (t: Call): DType => t.dtype.toReal();

/** Both parts of an argument; those of a real one are itself and zeros. */
function both(t: Call, value: Argument, real: DType): string {
  if (value instanceof torch.Complex) return t.literal([value.real, value.imag], real);
  if (!(value instanceof Value)) return withZeros(t, t.unsqueeze(t.operand(value, real), 0), 1, real);
  const x = t.cast(t.name(value), value.dtype.toReal(), real);
  return value.dtype.isComplex ? x : withZeros(t, t.unsqueeze(x, value.rank), value.rank + 1, real);
}

function withZeros(t: Call, x: string, rank: number, real: DType): string {
  const pads = new Array<number>(2 * rank).fill(0);
  pads[2 * rank - 1] = 1;
  return t.op("Pad", x, t.list(pads), t.literal(0, real));
}

function part(t: Call, x: string, index: 0 | 1): string {
  return t.item(x, -1, index);
}

function joined(t: Call, real: string, imag: string): string {
  return t.opWith({ axis: -1n }, "Concat", t.unsqueeze(real, -1), t.unsqueeze(imag, -1));
}

const conjugate = (t: Call, x: string, real: DType) => t.op("Mul", x, t.literal([1, -1], real));

/** A real argument that both parts of another are multiplied with or divided by; undefined for one that is complex. */
function factorOf(t: Call, value: Argument, real: DType): string | undefined {
  if (isComplex(value)) return undefined;
  const x = t.operand(value, real);
  return value instanceof Value ? t.unsqueeze(x, -1) : x;
}

function product(t: Call, a: string, b: string, opType: "Mul" | "MatMul" = "Mul"): string {
  const [ar, ai, br, bi] = [part(t, a, 0), part(t, a, 1), part(t, b, 0), part(t, b, 1)];
  const real = t.op("Sub", t.op(opType, ar, br), t.op(opType, ai, bi));
  return joined(t, real, t.op("Add", t.op(opType, ar, bi), t.op(opType, ai, br)));
}

const mul: Translation = (t) => {
  const real = partOf(t);
  const [a, b] = [t.arg("input"), t.arg("other")];
  const [x, y] = [factorOf(t, a, real), factorOf(t, b, real)];
  if (y !== undefined) return t.op("Mul", both(t, a, real), y);
  return x === undefined ? product(t, both(t, a, real), both(t, b, real)) : t.op("Mul", x, both(t, b, real));
};

/** A product of matrices. */
function ofMatrices(other: string): Translation {
  return (t) => {
    const real = partOf(t);
    return product(t, both(t, t.arg("input"), real), both(t, t.arg(other), real), "MatMul");
  };
}

const div: Translation = (t) => {
  const real = partOf(t);
  const b = t.arg("other");
  const x = both(t, t.arg("input"), real);
  const divisor = factorOf(t, b, real);
  if (divisor !== undefined) return t.op("Div", x, divisor);
  const y = both(t, b, real);
  const square = t.reduce("ReduceSumSquare", y, [-1], true);
  return t.op("Div", product(t, x, conjugate(t, y, real)), square);
};

/** A sum or a difference, of numbers times `alpha`. */
function sum(opType: "Add" | "Sub"): Translation {
  return (t) => {
    const real = partOf(t);
    const alpha = t.arg("alpha");
    if (isComplex(alpha)) return undefined;
    const other = both(t, t.arg("other"), real);
    const scaled =
      alpha === undefined || alpha === null || alpha === 1 ? other : t.op("Mul", other, t.operand(alpha, real));
    return t.op(opType, both(t, t.arg("input"), real), scaled);
  };
}

/** The angle of the numbers, by the formula of real ones. */
function angleOf(t: Call, x: string, real: DType): Translated {
  const piece = (name: string): Value => Object.create(t.value(), { name: { value: name }, dtype: { value: real } });
  const args = { input: piece(part(t, x, 1)), other: piece(part(t, x, 0)) };
  return elementwise.atan2?.(new Call({ ...t.node, args }, t.session));
}

const to: Translation = (t) => {
  const x = both(t, t.arg("input"), partOf(t));
  return t.dtype.isComplex ? x : undefined;
};

/** A transform of one dim of tensors with parts in the last one. */
function transform(t: Call, x: string, dim: number, attributes: Attributes = {}): string {
  if (t.opset >= 20) return t.opWith(attributes, "DFT", x, undefined, t.literal(dim, int64));
  return t.opWith({ ...attributes, axis: int(dim) }, "DFT", x);
}

/** Transforms of complex numbers; the inverse ones, without a factor, are made of the others. */
function transforms(t: Call, x: string, dims: readonly number[], inverse: boolean, real: DType): string {
  const turned = inverse ? conjugate(t, x, real) : x;
  const made = dims.reduce((sofar, dim) => transform(t, sofar, dim), turned);
  return inverse ? conjugate(t, made, real) : made;
}

const scaled = (t: Call, x: string, real: DType) =>
  t.arg("factor") === 1 ? x : t.op("Mul", x, t.operand(t.arg("factor"), real));

function fromReal(oneSided: boolean): Translation {
  return (t) => {
    if (t.opset < 17) return undefined;
    const real = partOf(t);
    const x = t.unsqueeze(t.x("input", real), t.value().rank);
    const dims = t.numbers("dims");
    const last = transform(t, x, dims.at(-1) as number, { onesided: flag(oneSided) });
    const made = transforms(t, last, dims.slice(0, -1), false, real);
    return scaled(t, t.arg("inverse") === true ? conjugate(t, made, real) : made, real);
  };
}

const fromComplex: Translation = (t) => {
  if (t.opset < 17) return undefined;
  const real = partOf(t);
  return scaled(t, transforms(t, t.x("input"), t.numbers("dims"), t.arg("inverse") === true, real), real);
};

/** The other half of the last dim has the conjugates of this one. */
const toReal: Translation = (t) => {
  if (t.opset < 17) return undefined;
  const real = t.dtype;
  const dims = t.numbers("dims");
  const [last, size] = [dims.at(-1) as number, t.number("lastSize")];
  const inverse = t.arg("inverse") === true;
  const half = transforms(t, t.x("input"), dims.slice(0, -1), inverse, real);
  const mirrored = size - (Math.floor(size / 2) + 1);
  const rest = mirrored === 0 ? [] : [conjugate(t, t.slice(half, last, mirrored, 0, -1), real)];
  const whole = rest.length === 0 ? half : t.opWith({ axis: int(last) }, "Concat", half, ...rest);
  return scaled(t, part(t, transforms(t, whole, [last], inverse, real), 0), real);
};

/** What calls with complex numbers are in ONNX; composites that are not here are taken apart, as all are. */
export const complexNumbers: Translations = {
  complex: (t) => {
    const [re, im] = ["real", "imag"].map((name) => {
      const x = t.x(name, partOf(t));
      const isWhole =
        t.value(name).sizes.length === t.out.rank &&
        t.value(name).sizes.every((size, d) => sameExtent(size, t.out.sizes[d] as Extent));
      return isWhole ? x : t.expand(x, t.out.sizes);
    }) as [string, string];
    return joined(t, re, im);
  },
  polar: (t) => {
    const [size, angle] = [t.x("abs", partOf(t)), t.x("angle", partOf(t))];
    return joined(t, t.op("Mul", size, t.op("Cos", angle)), t.op("Mul", size, t.op("Sin", angle)));
  },
  viewAsReal: (t) => t.x(),
  viewAsComplex: (t) => t.x(),
  conjugates: (t) => conjugate(t, t.x(), partOf(t)),
  conjPhysical: (t) => conjugate(t, t.x(), partOf(t)),
  resolveConj: (t) => t.x(),
  abs: (t) => t.reduce("ReduceL2", t.x(), [t.value().rank], false),
  angle: (t) => angleOf(t, t.x(), t.dtype),
  neg: (t) => t.op("Neg", t.x()),
  exp: (t) => {
    const [size, angle] = [t.op("Exp", part(t, t.x(), 0)), part(t, t.x(), 1)];
    return joined(t, t.op("Mul", size, t.op("Cos", angle)), t.op("Mul", size, t.op("Sin", angle)));
  },
  sum: (t) => {
    const dims = t.dims();
    return dims.length === 0 ? t.x() : t.reduce("ReduceSum", t.x(), dims, t.arg("keepdim") === true);
  },
  add: sum("Add"),
  sub: sum("Sub"),
  mul,
  div,
  mm: ofMatrices("mat2"),
  bmm: ofMatrices("mat2"),
  mv: ofMatrices("vec"),
  to,
  toCopy: to,
  clone: moving("clone"),
  contiguous: moving("contiguous"),
  detach: moving("detach"),
  alias: moving("alias"),
  view: moving("view"),
  unsafeView: moving("view"),
  reshape: moving("reshape"),
  expand: moving("expand"),
  broadcastTo: moving("broadcastTo"),
  transpose: moving("transpose", { dim0: "input", dim1: "input" }),
  permute: moving("permute", { dims: "input" }),
  unsqueeze: moving("unsqueeze", { dim: "out" }),
  slice: moving("slice", { dim: "input" }),
  select: moving("select", { dim: "input" }),
  roll: moving("roll", { dims: "input" }),
  tensorSplit: (t) => {
    const { node } = onParts(t);
    const args = { ...node.args, indicesOrSections: t.arg("indicesOrSections"), dim: t.dim() };
    return shapes.tensorSplit?.(new Call({ ...node, args }, t.session));
  },
  cat: moving("cat", { dim: "out" }),
  stack: moving("stack", { dim: "out" }),
  _fftR2c: fromReal(true),
  _fftR2cWhole: fromReal(false),
  _fftC2c: fromComplex,
  _fftC2r: toReal,
};
