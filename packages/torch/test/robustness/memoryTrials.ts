/** Random calls about memory: arrays that go away, operands that share it, what callbacks change, and internals. */
import torch from "../../src/index.js";
import { detach, impostors, trap } from "./hostile.js";
import { anyway, attempt, type Members, methods, type Trial } from "./trial.js";
import { dtypes, type Values } from "./values.js";

const inplace = methods.filter((name) => name.endsWith("_"));

/** A tensor over memory that is then taken away, or grows and shrinks. */
function aForeignMemory(values: Values): Trial {
  const bytes = 8 * values.of([1, 4, 100]);
  const Buffer = ArrayBuffer as unknown as new (
    length: number,
    options: object,
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Buffer(bytes, { maxByteLength: 2000 });
  const array = new Float32Array(buffer, 0, values.chance(0.5) ? undefined : bytes / 4);
  const shared = torch.fromTypedArray(array);
  const own = torch.ones(bytes);
  const name = values.of(methods);
  const args = values.args(2);
  const change = values.of<() => unknown>([
    () => detach(array),
    () => buffer.resize(4),
    () => buffer.resize(2000),
    () => [buffer.resize(0), buffer.resize(2000)],
    () => detach(own.asTypedArray()),
  ]);
  const run = () => {
    change();
    const call = (self: torch.Tensor) => attempt(() => (self as unknown as Members)[name]?.(...args));
    return [call(shared), call(own), attempt(() => shared.add(1)), own.add(1), own.asTypedArray()];
  };
  return { name: `memory changed, x.${name}`, args, run };
}

/** The attributes that can be assigned. */
function anAttribute(values: Values): Trial {
  const self = values.tensor();
  const name = values.of(["data", "grad", "requiresGrad"]);
  const value = values.chance(0.5) ? values.tensor() : values.value();
  const run = () => {
    const result = self.requiresGrad ? self.mul(self) : self.clone();
    (self as unknown as Record<string, unknown>)[name] = value;
    return [self, result];
  };
  return { name: `x.${name} =`, args: [self, value], run };
}

/** An operand, index, mask or `out` over the memory that is written to. */
function anAlias(values: Values): Trial {
  const size = values.of([1, 4, 6, 64]);
  const base = values.tensor([size, ...values.of([[], [size]])], values.of(dtypes)).detach();
  const half = Math.floor(size / 2);
  const other = values.of<() => torch.Tensor>([
    () => base,
    () => base.data,
    () => base.data.T,
    () => base.data.narrow(0, half, size - half),
    () => base.data.narrow(0, 0, size - half),
    () => base.data.view(-1),
    () => base.data.view(values.of(dtypes)),
    () => torch.fromTypedArray(base.asTypedArray() as torch.TypedArray).view(base.shape),
  ]);
  const overlapping = attempt(other);
  const operand = overlapping instanceof torch.Tensor ? overlapping : base;
  const extra = values.list(values.below(3), () => values.of<unknown>([operand, base, values.value()]));
  const isOut = values.chance(0.4);
  const name = values.of(isOut ? methods : inplace);
  const args = isOut ? [operand, ...extra, { out: base }] : [operand, ...extra];
  const self = values.of([base, operand]);
  const run = () => [(self as unknown as Members)[name]?.(...args), base];
  return { name: `alias.${name}`, args: [self, ...args], run };
}

/** Bools of any bytes, where masks and counts are made of them. */
function someBools(values: Values): Trial {
  const size = values.of([1, 7, 64, 300]);
  const bytes = Uint8Array.from(values.list(size, () => values.of([0, 1, 2, 128, 255])));
  const mask = torch.fromTypedArray(bytes).view(torch.bool);
  const self = values.of([torch.arange(size), torch.randn(size), mask]);
  const calls: readonly [string, () => unknown][] = [
    ["nonzero", () => [mask.nonzero(), mask.countNonzero()]],
    ["maskedSelect", () => self.maskedSelect(mask)],
    ["maskedScatter_", () => self.clone().maskedScatter_(mask, self)],
    ["maskedFill", () => self.maskedFill(mask, 1)],
    ["at", () => [self.at(mask), self.at(mask.logicalNot())]],
    ["setAt", () => [self.setAt(mask, 1), self.setAt(mask, self.at(mask))]],
    ["where", () => torch.where(mask, self, 0)],
    ["sort", () => [mask.sort(), mask.unique(), mask.topk(1), mask.argmax(), mask.bincount()]],
    ["sum", () => [mask.sum(), mask.cumsum(0), mask.any(), mask.all(), mask.mode()]],
    ["tolist", () => [mask.tolist(), mask.toTypedArray(), String(mask), mask.at(0).item()]],
    ["eq", () => [mask.eq(true), mask.logicalXor(mask), mask.bitwiseNot(), mask.to(torch.int8), mask.mul(mask)]],
  ];
  const [name, call] = values.of(calls);
  return { name: `bool bytes, ${name}`, args: [self, mask], run: call };
}

/** Callbacks and getters that change a tensor which the call has looked at already. */
function anInterference(values: Values): Trial {
  const self = values.tensor();
  const name = values.of(["apply_", "map_", "map2_", ...methods]);
  const args = values.args(2);
  const last = values.of<unknown>([
    values.callback(),
    trap(values.of(["dim", "out", "alpha", "keepdim", "dtype"]), values.value(), () => values.interfere()),
    new Proxy(
      values.list(3, () => 0),
      {
        get(target, key) {
          values.interfere();
          return Reflect.get(target, key);
        },
      },
    ),
  ]);
  const run = () => [attempt(() => (self as unknown as Members)[name]?.(...args, last)), self];
  return { name: `interfering x.${name}`, args: [self, ...args, last], run };
}

/** Things that look like tensors, as operands and as `this`. */
function anImpostor(values: Values): Trial {
  const name = values.of(methods);
  const impostor = values.of(impostors(values.tensor()))();
  const args = [...values.args(2), impostor];
  const self = values.of([impostor, values.tensor(), values.oddity(), torch.Tensor.prototype]);
  const run = () => (torch.Tensor.prototype as unknown as Members)[name]?.apply(self as never, args);
  return { name: `impostor.${name}`, args: [self, ...args], isHostile: true, run };
}

/** What a tensor consists of, replaced: refused, or of no consequence. */
function anInternal(values: Values): Trial {
  const self = values.tensor();
  const tensor = values.tensor();
  const name = values.of([
    "sizes",
    "strides",
    "offset",
    "dtype",
    "storage",
    "contiguousFlag",
    "shape",
    "numel",
    "base",
  ]);
  const value = values.of<() => unknown>([
    () => values.returned(),
    () => (tensor as unknown as Record<string, unknown>)[name],
    () => [1000, 1000],
    () => 2 ** 40,
  ])();
  const method = values.of(methods);
  const args = values.args(2);
  const run = () => {
    attempt(() => Reflect.set(self, name, value));
    // What the method gave is returned whatever follows: it may be a promise, which fails later.
    return [(self as unknown as Members)[method]?.(...args), anyway(() => tensor.add(self)), self];
  };
  return { name: `internal ${name}, x.${method}`, args: [self, value, ...args], isHostile: true, run };
}

/** Classes that only the library itself makes objects of. */
function aConstruction(values: Values): Trial {
  const { storage, dtype } = values.tensor() as unknown as Record<string, unknown>;
  const args = values.chance(0.5)
    ? values.args(6)
    : [storage, values.number(), [1000], [1000], values.of([dtype, values.value()]), true];
  const Type = values.of([torch.Tensor, torch.DType, torch.Generator]) as unknown as new (
    ...args: unknown[]
  ) => unknown;
  const run = () => {
    const made = new Type(...args);
    const options = { dtype: made, generator: made } as never;
    return [made, attempt(() => torch.ones(3).add(made as never)), attempt(() => torch.rand(3, options))];
  };
  return { name: `new ${Type.name}`, args, isHostile: true, run };
}

/** Kinds with how often they come. */
export const internalKinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [
  [2, anInternal],
  [1, aConstruction],
];

/** Kinds with how often they come. */
export const memoryKinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [
  [2, aForeignMemory],
  [2, anAttribute],
  [10, anAlias],
  [3, someBools],
  [6, anInterference],
  [2, anImpostor],
];
