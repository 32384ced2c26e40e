/** What distributions and transforms share: broadcasting of parameters, probabilities and logits, sums, triangles. */

import type { Operand } from "../arguments/params.js";
import { enableGrad } from "../autograd/modes.js";
import type { Device } from "../core/devices.js";
import { type DType, getDefaultDtype } from "../core/dtype.js";
import { finfo } from "../core/limits.js";
import { broadcastShapes, type Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { pyFloat } from "../nn/repr.js";
import { softmax } from "../ops/activation/activation.js";
import { arange, broadcastTensors, full, rand, randn, zeros } from "../ops/functions.js";

/** Euler and Mascheroni's constant. */
export const eulerConstant = 0.5772156649015329;

/** Tensors of one shape; numbers take the dtype of the first tensor, or the default dtype where there is none. */
export function broadcastAll<V extends readonly Operand[]>(...values: V): { [K in keyof V]: Tensor } {
  const first = values.find((value) => value instanceof Tensor);
  const options = { dtype: first?.dtype ?? getDefaultDtype(), device: first?.device };
  const tensors = values.map((value) => (value instanceof Tensor ? value : full([], value, options)));
  return (tensors.length === 1 ? tensors : [...broadcastTensors(tensors)]) as { [K in keyof V]: Tensor };
}

/** A tensor of the dtype of another; a number becomes one. */
export function tensorLike(value: Operand, like: Tensor): Tensor {
  if (value instanceof Tensor) return value.to(like.dtype);
  if (typeof value !== "number") throw new TypeError("The value argument to log_prob must be a Tensor");
  return full([], value, kindOf(like));
}

/** The shape of a tensor; a number has none. */
export function shapeOf(value: Operand): Shape {
  return value instanceof Tensor ? value.shape : [];
}

/** The shape to which shapes broadcast. */
export function commonShape(...shapes: readonly Shape[]): Shape {
  return shapes.reduce((all, shape) => broadcastShapes(all, shape), []);
}

/** Whether shapes broadcast to a common one. */
export function isBroadcastable(a: Shape, b: Shape): boolean {
  for (let back = 1; back <= Math.min(a.length, b.length); back++) {
    const [size, other] = [a.at(-back), b.at(-back)];
    if (size !== other && size !== 1 && other !== 1) return false;
  }
  return true;
}

/** Whether a condition holds for all elements. */
export function holdsEverywhere(condition: Tensor): boolean {
  return condition.all().item() === 1;
}

/** The sum over so many of the last dims. */
export function sumRightmost(value: Tensor, dims: number): Tensor {
  if (dims === 0) return value;
  return value.reshape([...value.shape.slice(0, value.dim() - dims), -1]).sum(-1);
}

/** The options of tensors of the dtype and on the device of another. */
export function kindOf({ dtype, device }: Tensor): { dtype: DType; device: Device } {
  return { dtype, device };
}

/** Numbers from the standard normal distribution, of the dtype and on the device of a tensor. */
export function standardNormal(shape: Shape, like: Tensor): Tensor {
  return randn([...shape], kindOf(like));
}

/** Numbers from the uniform distribution over [0, 1), of the dtype and on the device of a tensor. */
export function uniform(shape: Shape, like: Tensor): Tensor {
  return rand([...shape], kindOf(like));
}

/** Probabilities away from 0 and 1 by the distance of 1 to the next number. */
export function clampProbs(probs: Tensor): Tensor {
  const { eps } = finfo(probs.dtype);
  return probs.clamp(eps, 1 - eps);
}

/** The probabilities of logits: of one event, or of several along the last dim. */
export function logitsToProbs(logits: Tensor, isBinary: boolean): Tensor {
  return isBinary ? logits.sigmoid() : softmax(logits, -1);
}

/** The logits of probabilities: of one event, or of several along the last dim. */
export function probsToLogits(probs: Tensor, isBinary: boolean): Tensor {
  const clamped = clampProbs(probs);
  return isBinary ? clamped.log().sub(clamped.neg().log1p()) : clamped.log();
}

/** Sets a property that the class has as a getter. */
export function setOwn<T extends object, K extends keyof T>(object: T, name: K, value: T[K]): T[K] {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** Computes a property when it is first asked for, recording it whatever mode is on, and keeps it. */
export function lazily<T extends object, K extends keyof T>(object: T, name: K, compute: () => T[K]): T[K] {
  return setOwn(object, name, enableGrad(compute as () => never));
}

/** 1 - x. */
export function oneMinus(x: Tensor): Tensor {
  return x.neg().add(1);
}

/** Which elements of an n×n matrix are on the k-th diagonal or below. */
function triangle(n: number, diagonal: number, device: Device): Tensor {
  const range = arange(n, { device });
  return range.lt(range.view([-1, 1]).add(diagonal + 1));
}

/** The elements of square matrices on a diagonal and below, row by row, along one dim. */
export function trilMatrixToVec(matrix: Tensor, diagonal = 0): Tensor {
  return matrix.at("...", triangle(matrix.shape.at(-1) as number, diagonal, matrix.device));
}

/** Square matrices with such elements on a diagonal and below, row by row. */
export function vecToTrilMatrix(vec: Tensor, diagonal = 0): Tensor {
  const count = vec.shape.at(-1) as number;
  // The positive root of n^2 + (1 + 2k) n - |k| (k + 1) = 2 count.
  const b = 1 + 2 * diagonal;
  const root = (Math.sqrt(b ** 2 + 8 * count + 4 * Math.abs(diagonal) * (diagonal + 1)) - b) / 2;
  const n = Math.round(root);
  if (Math.abs(n - root) > finfo(vec.dtype).eps) {
    throw new Error(
      `The size of last dimension is ${count} which cannot be expressed as the lower triangular part of a square D x D matrix.`,
    );
  }
  const matrix = zeros([...vec.shape.slice(0, -1), n, n], kindOf(vec));
  matrix.setAt(["...", triangle(n, diagonal, vec.device)], vec);
  return matrix;
}

/** A number or a tensor of one as Python formats it, and other tensors as they are printed. */
export function formatted(value: Operand, number: (value: number) => string = pyFloat): string {
  if (!(value instanceof Tensor)) return number(Number(value));
  if (value.dim() > 0 || value.isMeta) return String(value);
  return value.dtype.isFloatingPoint ? pyFloat(value.item()) : String(value.item());
}

/** `torch.Size([2, 3])`. */
export function sizeText(shape: Shape): string {
  return `torch.Size([${shape.join(", ")}])`;
}
