/** Windows that slide over the last dims of a tensor: their sizes, and the padding around. */
import { F, type Tensor } from "flambeau";
import { productOf, upTo } from "../../lists.js";
import type { NodeReader } from "../nodeReader.js";

/** What a node says of its windows; the size of the kernel may follow from the weight. */
export interface WindowSettings {
  readonly autoPad: "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID";
  readonly kernel: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly ceil: boolean;
}

export function windowSettings(node: NodeReader): WindowSettings {
  return {
    autoPad: node.word("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"], "NOTSET"),
    kernel: node.ints("kernel_shape"),
    strides: node.ints("strides"),
    dilations: node.ints("dilations"),
    pads: node.ints("pads"),
    ceil: node.flag("ceil_mode"),
  };
}

/** Windows over sizes that are known. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

function filled(values: readonly number[] | undefined, count: number, otherwise: number, what: string): number[] {
  if (values === undefined) return new Array<number>(count).fill(otherwise);
  if (values.length !== count) throw new RangeError(`${values.length} ${what} for ${count} dims`);
  return [...values];
}

/** How far a kernel reaches. */
export function reach(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** The windows of a node over an input of some sizes. */
export function windowsOver(settings: WindowSettings, sizes: readonly number[], kernel: readonly number[]): Windows {
  const count = sizes.length;
  const stride = filled(settings.strides, count, 1, "strides");
  const dilation = filled(settings.dilations, count, 1, "dilations");
  if (kernel.length !== count) throw new RangeError(`a kernel of ${kernel.length} dims for ${count}`);
  const bad = [...kernel, ...stride, ...dilation].find((value) => value < 1);
  if (bad !== undefined) throw new RangeError(`a kernel, stride or dilation of ${bad}`);
  if (settings.autoPad === "NOTSET") {
    const pads = filled(settings.pads, 2 * count, 0, "pads");
    return { kernel, stride, dilation, before: pads.slice(0, count), after: pads.slice(count) };
  }
  const totals = sizes.map((size, d) => {
    if (settings.autoPad === "VALID") return 0;
    const out = Math.ceil(size / (stride[d] as number));
    return Math.max(0, (out - 1) * (stride[d] as number) + reach(kernel[d] as number, dilation[d] as number) - size);
  });
  return { kernel, stride, dilation, ...halves(totals, settings.autoPad) };
}

/** Paddings divided among both ends of the dims: of odd ones the larger half is behind for SAME_UPPER, otherwise before. */
export function halves(
  totals: readonly number[],
  autoPad: WindowSettings["autoPad"],
): Pick<Windows, "before" | "after"> {
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total) => Math.ceil(total / 2));
  return autoPad === "SAME_UPPER" ? { before: smaller, after: larger } : { before: larger, after: smaller };
}

/** How many windows there are in each dim. */
export function windowCounts(
  { kernel, stride, dilation, before, after }: Windows,
  sizes: readonly number[],
  ceil: boolean,
): number[] {
  return sizes.map((size, d) => {
    const [step, start] = [stride[d] as number, before[d] as number];
    const room = size + start + (after[d] as number) - reach(kernel[d] as number, dilation[d] as number);
    const count = (ceil ? Math.ceil(room / step) : Math.floor(room / step)) + 1;
    // A window has to begin before the padding behind the elements.
    return Math.max(0, ceil && (count - 1) * step >= size + start ? count - 1 : count);
  });
}

/** Whether both ends of each dim get the same padding. */
export function isSymmetric({ before, after }: Windows): boolean {
  return before.every((pad, d) => pad === after[d]);
}

/** Pads the last dims. */
export function surround(x: Tensor, before: readonly number[], after: readonly number[], value: number): Tensor {
  if (before.every((pad) => pad === 0) && after.every((pad) => pad === 0)) return x;
  const pairs = before.map((pad, d) => [pad, after[d] as number]);
  return F.pad(x, pairs.toReversed().flat(), { mode: "constant", value });
}

/** An input with the padding that functions add which pad both ends of a dim alike; any other is around it already. */
export function evenlyPadded(x: Tensor, windows: Windows): { around: Tensor; padding: readonly number[] } {
  const { before, after } = windows;
  if (isSymmetric(windows)) return { around: x, padding: before };
  return { around: surround(x, before, after, 0), padding: before.map(() => 0) };
}

/** Pads the last dims so that all windows lie inside. */
export function surroundWindows(
  x: Tensor,
  { kernel, stride, dilation, before }: Windows,
  counts: readonly number[],
  value: number,
): Tensor {
  const leading = x.dim() - kernel.length;
  const after = counts.map((count, d) => {
    const end = (count - 1) * (stride[d] as number) + reach(kernel[d] as number, dilation[d] as number);
    return end - (x.shape[leading + d] as number) - (before[d] as number);
  });
  return surround(x, before, after, value);
}

/** The most places of a kernel that are gone through one by one. */
const mostPlaces = 10_000;

/**
 * For each place in the kernel what stands there in all windows. The input is padded as far as the windows reach.
 *
 * @param counts how many windows there are in each dim.
 */
export function* kernelPlaces(
  x: Tensor,
  windows: Windows,
  counts: readonly number[],
  value: number,
): Generator<Tensor> {
  const { kernel, stride, dilation } = windows;
  if (productOf(kernel) > mostPlaces) throw new RangeError(`a kernel of more than ${mostPlaces} places`);
  const around = surroundWindows(x, windows, counts, value);
  for (const place of upTo(productOf(kernel))) {
    let rest = place;
    const items: `${number}:${number}:${number}`[] = [];
    for (const d of upTo(kernel.length).reverse()) {
      const start = (rest % (kernel[d] as number)) * (dilation[d] as number);
      rest = Math.floor(rest / (kernel[d] as number));
      const [step, count] = [stride[d] as number, counts[d] as number];
      items.unshift(`${start}:${start + (count - 1) * step + 1}:${step}`);
    }
    yield around.at("...", ...items);
  }
}
