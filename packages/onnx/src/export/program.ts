/** Runs a model on the example inputs, and on inputs of other sizes, and records it each time. */
import torch, { nn, type Tensor } from "flambeau";
import { type Settings, TrainingMode } from "./options.js";
import { type GraphNode, Recording } from "./recording.js";

export type Program = nn.Module | ((...args: never[]) => unknown);

/** A size that is open: its name, and the dims that have it. */
interface Axis {
  readonly name: string;
  readonly places: { readonly input: number; readonly dim: number }[];
  readonly size: number;
}

/** The recorded program, with the names of what comes in. */
export interface Recorded {
  readonly recording: Recording;
  readonly inputNames: readonly string[];
  /** By name, the size in each recording. */
  readonly axes: ReadonlyMap<string, readonly number[]>;
}

/** A value with other tensors in the places of those in it. */
function mapTensors(value: unknown, change: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof torch.Tensor) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, change));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTensors(item, change)]));
}

function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (tensor) => {
    found.push(tensor);
    return tensor;
  });
  return found;
}

/** Names for so many tensors: those given, then others. */
export function namesFor(count: number, given: readonly string[], other: string): string[] {
  if (given.length > count)
    throw new Error(
      `onnx.export(): ${given.length} names were given for ${count} ${other} tensor${count === 1 ? "" : "s"}`,
    );
  if (new Set(given).size !== given.length) throw new Error(`onnx.export(): two ${other}s have one name`);
  return Array.from({ length: count }, (_, i) => given[i] ?? (count === 1 ? other : `${other}${i}`));
}

/** The dims that `dynamicAxes` names, with the names of their sizes. */
export function axesOf(given: Settings["dynamicAxes"], name: string): Map<number, string> {
  const axes = given?.[name] ?? {};
  if (Array.isArray(axes)) return new Map(axes.map((dim) => [Number(dim), `${name}_dynamic_axes_${dim}`]));
  return new Map(Object.entries(axes).map(([dim, symbol]) => [Number(dim), String(symbol)]));
}

function findAxes(inputs: readonly Tensor[], names: readonly string[], { dynamicAxes }: Settings): Axis[] {
  const axes = new Map<string, Axis>();
  inputs.forEach((tensor, input) => {
    for (const [given, symbol] of axesOf(dynamicAxes, names[input] as string)) {
      const dim = given < 0 ? given + tensor.ndim : given;
      const size = tensor.shape[dim];
      if (size === undefined)
        throw new RangeError(
          `onnx.export(): dynamicAxes: input '${names[input]}' has no dim ${given}, it has ${tensor.ndim} dims`,
        );
      const axis = axes.get(symbol) ?? { name: symbol, places: [], size };
      if (axis.size !== size) {
        throw new Error(
          `onnx.export(): dynamicAxes: '${symbol}' is ${axis.size} in one place and ${size} in another (input '${names[input]}', dim ${dim})`,
        );
      }
      axis.places.push({ input, dim });
      axes.set(symbol, axis);
    }
  });
  return [...axes.values()];
}

/** A tensor in another size, with the elements that it has, again and again. */
function resized(tensor: Tensor, dim: number, size: number): Tensor {
  const { device } = tensor;
  const own = tensor.shape[dim] as number;
  if (own === 0) return tensor.newZeros(tensor.shape.map((other, d) => (d === dim ? size : other)));
  return tensor.indexSelect(dim, torch.arange(size, { device }).remainder(own).to(torch.int64));
}

function withSizes(args: readonly unknown[], axes: readonly Axis[], sizes: readonly number[]): readonly unknown[] {
  let input = -1;
  return mapTensors(args, (tensor) => {
    input++;
    let changed = tensor;
    axes.forEach(({ places }, i) => {
      for (const place of places) if (place.input === input) changed = resized(changed, place.dim, sizes[i] as number);
    });
    return changed;
  }) as unknown[];
}

/** Operations whose results have sizes that depend on numbers. */
const countingOperations = new Set([
  "nonzero.rows",
  "maskedSelect",
  "unique",
  "uniqueConsecutive",
  "bincount",
  "repeatInterleave.indices",
  "tensorSplit",
  "torchvision.nms",
]);

/** Whether some sizes depend on numbers: of masks among indices, too. */
function countsElements(nodes: readonly GraphNode[]): boolean {
  return nodes.some(({ operation, args, inside }) => {
    if (countingOperations.has(operation) || (inside !== undefined && countsElements(inside))) return true;
    const { indices } = args;
    return operation === "index" && Array.isArray(indices) && indices.some((index) => index?.dtype === torch.bool);
  });
}

/** Other numbers that fit as well: negatives, the opposite, or the first one everywhere. */
function withOtherNumbers(tensor: Tensor): Tensor {
  if (tensor.dtype.isFloatingPoint) return tensor.neg();
  if (tensor.dtype === torch.bool) return tensor.logicalNot();
  return tensor.numel() === 0 ? tensor : tensor.reshape(-1).select(0, 0).expand(tensor.shape).clone();
}

/** The sizes with which the program is recorded: the given ones, each doubled, and all changed, to odd ones if it may be. */
function plansFor(axes: readonly Axis[]): number[][][] {
  const own = axes.map(({ size }) => size);
  const base = own.map((size) => Math.max(size, 1));
  const single =
    axes.length > 1
      ? axes.map((_, i) => [own.map((size, j) => (i === j ? 2 * (base[j] as number) : size))])
      : [[base.map((size) => 2 * size)]];
  return [...single, [base.map((size) => 3 * size + 1), base.map((size) => 3 * size)]];
}

/** Runs something with the model in a mode, with its buffers as they were when it is done. */
function inMode<T>(program: Program, mode: TrainingMode, run: () => T): T {
  if (!(program instanceof nn.Module)) return run();
  const modes = [...program.modules()].map((module) => [module, module.training] as const);
  const trains = mode === TrainingMode.TRAINING || (mode === TrainingMode.PRESERVE && modes.some(([, on]) => on));
  const buffers = trains ? [...program.buffers()].map((buffer) => [buffer, buffer.clone()] as const) : [];
  try {
    if (mode === TrainingMode.EVAL) program.eval();
    if (mode === TrainingMode.TRAINING) program.train();
    return run();
  } finally {
    for (const [module, training] of modes) module.training = training;
    torch.noGrad(() => {
      for (const [buffer, before] of buffers) buffer.copy_(before);
    });
  }
}

/** Records a program with all sizes of the dynamic axes that are needed to see what depends on them. */
export function record(program: Program, args: readonly unknown[], settings: Settings): Recorded {
  const inputs = tensorsIn(args);
  const inputNames = namesFor(inputs.length, settings.inputNames, "input");
  const axes = findAxes(inputs, inputNames, settings);
  // On copies, since a program may change what it is given.
  const capture = (sizes?: readonly number[], change = (tensor: Tensor) => tensor.detach().clone()) =>
    torch.noGrad(() => {
      const given = mapTensors(args, change) as unknown[];
      return torch.fx.capture(program, sizes === undefined ? given : withSizes(given, axes, sizes), {
        composites: true,
      });
    });
  return inMode(program, settings.training, () => {
    const graphs = [capture()];
    const sizes = [axes.map(({ size }) => size)];
    for (const plan of axes.length > 0 ? plansFor(axes) : []) {
      const [found, graph] = firstThatRuns(plan, axes, capture);
      graphs.push(graph);
      sizes.push(found);
    }
    // Sizes that depend on numbers are seen when the numbers are others.
    if (graphs.some(({ nodes }) => countsElements(nodes))) {
      const graph = attempt(() => capture(undefined, withOtherNumbers));
      if (graph !== undefined) {
        graphs.push(graph);
        sizes.push(axes.map(({ size }) => size));
      }
    }
    const symbols = new Map(axes.map(({ name }, i) => [name, sizes.map((list) => list[i] as number)]));
    return { recording: new Recording(graphs), inputNames, axes: symbols };
  });
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function firstThatRuns(
  plan: readonly number[][],
  axes: readonly Axis[],
  capture: (sizes: readonly number[]) => torch.fx.Graph,
): [number[], torch.fx.Graph] {
  let failure: unknown;
  for (const sizes of plan) {
    try {
      return [sizes, capture(sizes)];
    } catch (error) {
      failure = error;
    }
  }
  const sizes = axes.map(({ name }, i) => `${name} = ${plan.at(-1)?.[i]}`).join(", ");
  throw new Error(`onnx.export: the program does not run with ${sizes}: ${(failure as Error).message}`, {
    cause: failure,
  });
}
