/** Operations on images and signals, of which an entry has several or one: the entries are more of them. */
import type { Tensor } from "../../core/tensor.js";
import { mapResult } from "../../ops/results.js";
import type { BatchedCall } from "./call.js";
import { merged } from "./products.js";
import type { Rule } from "./rules.js";

/**
 * What goes by the last dims of images.
 *
 * @param dims how many of them a call goes by; an entry has the channels before them, and before those perhaps images.
 * @param tensors the images and what has their leading dims.
 * @param size where the sizes of an entry's result are told, if they are.
 */
function images(dims: (call: BatchedCall) => number, tensors: readonly string[], size?: string): Rule {
  return (call) => {
    const [first] = tensors as [string];
    const rank = call.rank(first);
    if (tensors.some((name) => call.rank(name) !== rank)) return undefined;
    const full = Object.fromEntries(tensors.map((name) => [name, call.full(name)]));
    const told = size === undefined ? undefined : (call.arg(size) as readonly number[]);
    if (rank === dims(call) + 1)
      return call.run({ ...full, ...(told && size && told.length === rank ? { [size]: [call.size, ...told] } : {}) });
    if (rank !== dims(call) + 2) return undefined;
    const folded = Object.fromEntries(Object.entries(full).map(([name, tensor]) => [name, merged(tensor, 0)]));
    const count = (full[first] as Tensor).sizes[1] as number;
    const sizes = told && size && told.length === rank ? { [size]: [call.size * count, ...told.slice(1)] } : {};
    const result = call.run({ ...folded, ...sizes });
    return mapResult(result, (tensor) => tensor.reshape([call.size, count, ...tensor.sizes.slice(1)]));
  };
}

const lengthOf = (name: string) => (call: BatchedCall) => (call.arg(name) as readonly unknown[]).length;

/** Windows at random places, which each channel has for itself. */
const fractionalPool: Rule = (call) => {
  const dims = (call.arg("kernelSize") as readonly number[]).length;
  const rank = call.rank("input");
  if (rank !== dims + 1 && rank !== dims + 2) return undefined;
  const input = call.full("input");
  const channels = input.sizes.at(-1 - dims) as number;
  const samples = call.full("samples").reshape([-1, channels, dims]);
  const folded = rank === dims + 2 ? merged(input, 0) : input;
  const result = call.run({ input: folded, samples });
  return mapResult(result, (one) => one.reshape([...input.sizes.slice(0, -dims), ...one.sizes.slice(-dims)]));
};

/** Rules of pools, padding and resampling, by id. */
export const spatialRules: Readonly<Record<string, Rule>> = {
  maxPoolWithIndices: images(lengthOf("kernelSize"), ["input"]),
  maxPoolValues: images(lengthOf("kernelSize"), ["input"]),
  maxPoolBackward: images((call) => call.arg("ndim") as number, ["grad", "indices"], "size"),
  adaptiveMaxPool: images(lengthOf("outputSize"), ["input"]),
  fractionalMaxPool: fractionalPool,
  maxUnpool: images(lengthOf("outputSize"), ["input", "indices"]),
  averagePool: images(lengthOf("kernelSize"), ["input"]),
  averagePoolBackward: images(lengthOf("kernelSize"), ["grad"], "size"),
  adaptiveAveragePool: images(lengthOf("outputSize"), ["input"]),
  adaptiveAveragePoolBackward: images(lengthOf("inputSize"), ["grad"]),
  im2col: images(() => 2, ["input"]),
  col2im: images(() => 1, ["input"]),
  resample: images((call) => (call.arg("windows") as readonly unknown[]).length, ["input"]),
  pad: (call) => call.run(),
  padBackward: (call) => call.run({ sizes: [call.size, ...(call.arg("sizes") as readonly number[])] }),
};
