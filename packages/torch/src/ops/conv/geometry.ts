/** The sizes of convolutions: what they give, and what PyTorch says where they do not fit. */
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape, formatSides } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";

/** The settings of a convolution with one number for each dim. */
export interface ConvolutionSettings {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly transposed: boolean;
  readonly outputPadding: readonly number[];
  readonly groups: number;
}

/** One number for each of the dims: those that are given, or one for all. */
export function expandNumbers(name: string, values: readonly number[], ndim: number): readonly number[] {
  if (values.length === ndim) return values;
  if (values.length === 1) return new Array<number>(ndim).fill(values[0] as number);
  throw new Error(
    `expected ${name} to be a single integer value or a list of ${ndim} values to match the convolution dimensions, but got ${name}=${formatShape(values)}`,
  );
}

/** The size along a dim of what a convolution gives. */
export function convolvedSize(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The sizes that a convolution gives. */
export function resultSizes(
  input: readonly number[],
  weight: readonly number[],
  settings: ConvolutionSettings,
): number[] {
  const { stride, padding, dilation, transposed, outputPadding, groups } = settings;
  const kernel = weight.slice(2);
  const inner = input.slice(2).map((size, d) => {
    const [k, s, p, l] = [kernel[d], stride[d], padding[d], dilation[d]] as [number, number, number, number];
    if (!transposed) return convolvedSize(size, k, s, p, l);
    return (size - 1) * s - 2 * p + l * (k - 1) + (outputPadding[d] as number) + 1;
  });
  const channels = transposed ? (weight[1] as number) * groups : (weight[0] as number);
  return [input[0] as number, channels, ...inner];
}

function byX(sizes: readonly number[]): string {
  return `(${sizes.join(" x ")})`;
}

/** Throws unless the operands of a convolution fit each other. */
export function checkConvolution(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  settings: ConvolutionSettings,
): void {
  if (weight.ndim < 3 || weight.ndim > 5) {
    throw new Error(`weight should have three to five dimensions, got ${formatShape(weight.sizes)}`);
  }
  if (input.ndim !== weight.ndim) {
    throw new Error(
      `Expected ${weight.ndim}-dimensional input for ${weight.ndim}-dimensional weight ${formatShape(weight.sizes)}, but got ${input.ndim}-dimensional input of size ${formatShape(input.sizes)} instead`,
    );
  }
  checkDtypes(input, weight, bias);
  checkNumbers(settings);
  checkChannels(input.sizes, weight.sizes, bias?.sizes, settings);
  checkInner(input.sizes, weight.sizes, settings);
}

function checkDtypes(input: Tensor, weight: Tensor, bias: Tensor | null): void {
  for (const [name, other] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (other === null || other.dtype === input.dtype) continue;
    const [own, its] = [input, other].map(({ dtype }) => `torch.${scalarTypeName(dtype)}Tensor`);
    throw new TypeError(`Input type (${own}) and ${name} type (${its}) should be the same`);
  }
}

function checkNumbers({ stride, padding, dilation, outputPadding, groups }: ConvolutionSettings): void {
  if (stride.some((step) => step <= 0)) throw new RangeError("non-positive stride is not supported");
  if (padding.some((size) => size < 0)) throw new RangeError("negative padding is not supported");
  if (dilation.some((step) => step <= 0))
    throw new RangeError(`dilation should be greater than zero, but got ${formatShape(dilation)}`);
  if (outputPadding.some((size) => size < 0)) throw new RangeError("negative output_padding is not supported");
  if (groups <= 0) throw new RangeError("non-positive groups is not supported");
}

function checkChannels(
  input: readonly number[],
  weight: readonly number[],
  bias: readonly number[] | undefined,
  { transposed, groups }: ConvolutionSettings,
): void {
  const [first, second] = weight as [number, number];
  if (first < groups) {
    throw new Error(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${formatShape(weight)} instead`,
    );
  }
  if (first % groups !== 0) {
    throw new Error(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${formatShape(weight)}] instead`,
    );
  }
  const wanted = transposed ? first : second * groups;
  const given = transposed ? `Given transposed=1` : `Given groups=${groups}`;
  if (input[1] !== wanted) {
    throw new Error(
      `${given}, weight of size ${formatShape(weight)}, expected input${formatShape(input)} to have ${wanted} channels, but got ${input[1]} channels instead`,
    );
  }
  const results = transposed ? second * groups : first;
  if (bias !== undefined && (bias.length !== 1 || bias[0] !== results)) {
    throw new Error(
      `Given ${transposed ? "transposed=1, " : ""}weight of size ${formatShape(weight)}, expected bias to be 1-dimensional with ${results} elements, but got bias of size ${formatShape(bias)} instead`,
    );
  }
}

function checkInner(input: readonly number[], weight: readonly number[], settings: ConvolutionSettings): void {
  const { stride, padding, dilation, transposed, outputPadding } = settings;
  const [inner, kernel] = [input.slice(2), weight.slice(2)];
  if (kernel.some((size) => size === 0)) {
    throw new Error(`kernel size should be greater than zero, but got weight of size ${formatShape(weight)}`);
  }
  const isTooLarge = outputPadding.findIndex((size, d) => size >= Math.max(stride[d] as number, dilation[d] as number));
  if (transposed && isTooLarge >= 0) {
    throw new Error(
      `output padding must be smaller than either stride or dilation, but got ${formatSides("output_padding", outputPadding)} ${formatSides("stride", stride)} ${formatSides("dilation", dilation)}`,
    );
  }
  const sizes = resultSizes(input, weight, settings).slice(2);
  if (transposed) {
    if (sizes.every((size) => size > 0)) return;
    throw new Error(
      `Given input size per channel: ${byX(inner)}. Calculated output size per channel: ${byX(sizes)}. Output size is too small`,
    );
  }
  const padded = inner.map((size, d) => size + 2 * (padding[d] as number));
  const spread = kernel.map((size, d) => (dilation[d] as number) * (size - 1) + 1);
  if (padded.every((size, d) => size >= (spread[d] as number))) return;
  throw new Error(
    `Calculated padded input size per channel: ${byX(padded)}. Kernel size: ${byX(spread)}. Kernel size can't be greater than actual input size`,
  );
}
