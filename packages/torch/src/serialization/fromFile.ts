/** `torch.fromFile`: the plain bytes of a file as a tensor. */
import { dtype as dtypeParam, flag, int, keyword, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { type DType, getDefaultDtype } from "../core/dtype.js";
import { checkSizes } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { type Path, withSource } from "./files/source.js";
import { writablePath } from "./paths.js";

const signature = new Signature("fromFile", {
  filename: writablePath,
  shared: flag,
  size: keyword(optional(int, 0)),
  dtype: keyword(optional(dtypeParam)),
  requiresGrad: flag,
});

/**
 * The first numbers in a file of nothing but numbers, as a tensor of one dim. Changes of it stay in memory.
 *
 * @param options.shared must be false: files are not mapped, so that changes do not reach them.
 * @param options.size how many numbers.
 * @throws Error if the file has fewer.
 * @example torch.fromFile("weights.bin", { size: 10, dtype: torch.float32 })
 * @see https://pytorch.org/docs/stable/generated/torch.from_file.html
 */
export function fromFile(
  ...args: [filename: Path, options?: { shared?: boolean; size?: number; dtype?: DType; requiresGrad?: boolean }]
): Tensor {
  const { filename, shared, size, dtype = getDefaultDtype(), requiresGrad } = signature.parse(args);
  if (shared) throw new Error("fromFile(): files are not mapped into memory here, so that none can be shared");
  checkSizes([size]);
  const needed = size * dtype.itemsize;
  return withSource(filename, false, (source) => {
    if (needed > source.size) {
      throw new Error(`file <${source.name}> size is smaller than the required mapping size <${needed}>`);
    }
    const { storage } = source.readMemory(0, needed);
    return new Tensor(storage, 0, [size], [1], dtype, true).requiresGrad_(requiresGrad);
  });
}
