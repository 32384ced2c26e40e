/**
 * `torch.autograd.forwardAd`: tensors with tangents, for derivatives along a direction.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html#forward-mode-automatic-differentiation
 */
import { describe } from "../arguments/parse.js";
import { checkBody, runUnder, type Synchronous } from "../autograd/modes.js";
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { named } from "../ops/results.js";
import { ForwardLevel } from "./forward/forwardLevel.js";

/** The level that is on, and what switches it off. */
let current: { readonly level: ForwardLevel; readonly guard: Disposable } | undefined;

/** Options that name a level. There is one at a time, number 0, which is also the default. */
export interface LevelOptions {
  level?: number | null;
}

/**
 * Switches the computation of tangents on.
 *
 * @returns the number of the level, which `exitDualLevel` takes.
 * @throws Error if it is on.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.forward_ad.enter_dual_level.html
 */
export function enterDualLevel(): number {
  if (current !== undefined) {
    throw new Error(
      "Nested forward mode AD is not supported at the moment. Make sure to exit the current level, or use torch.func.jvp, which nests.",
    );
  }
  const level = new ForwardLevel();
  current = { level, guard: level.enter() };
  return 0;
}

/**
 * Switches it off; all tangents are gone.
 *
 * @throws Error if it is not on.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.forward_ad.exit_dual_level.html
 */
export function exitDualLevel(options: LevelOptions = {}): void {
  const { level } = options;
  if (current === undefined || (level !== undefined && level !== null && level !== 0)) {
    throw new Error(
      "Trying to exit a forward AD level that was not the last one that was created. This is not supported.",
    );
  }
  const { guard } = current;
  current = undefined;
  guard[Symbol.dispose]();
}

/**
 * Computes tangents while a function runs, or for the rest of a block.
 *
 * @example
 * const tangent = fwAD.dualLevel(() => {
 *   const x = fwAD.makeDual(torch.tensor(2), torch.tensor(1));
 *   return fwAD.unpackDual(x.pow(2)).tangent; // tensor(4.)
 * });
 * using _ = fwAD.dualLevel();
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.forward_ad.dual_level.html
 */
export function dualLevel(): Disposable;
export function dualLevel<T>(body: Synchronous<T>): T;
export function dualLevel<T>(body?: () => T): T | Disposable {
  checkBody("dualLevel", body);
  enterDualLevel();
  const entered = current;
  const guard: Disposable = {
    [Symbol.dispose]: () => {
      if (current === entered) exitDualLevel();
    },
  };
  return runUnder(guard, "dualLevel", body);
}

/** @throws Error for tensors that can not be value and tangent of each other. */
export function checkDual(tensor: unknown, tangent: unknown): asserts tensor is Tensor {
  for (const [name, value] of Object.entries({ tensor, tangent })) {
    if (!(value instanceof Tensor)) {
      throw new TypeError(`makeDual(): argument '${name}' must be Tensor, not ${describe(value)}`);
    }
    if (!value.dtype.isDifferentiable) {
      const what = name === "tensor" ? "tensor" : "tangent";
      throw new Error(`Expected ${what} to be floating point or complex, got: ${value.dtype}`);
    }
  }
  const [a, b] = [tensor, tangent] as [Tensor, Tensor];
  if (a.dtype !== b.dtype) {
    throw new Error(
      `Trying to set a forward gradient that has a different dtype than that of the original Tensor, this is not supported. Tensor is of dtype ${a.dtype} while the given forward gradient is of dtype ${b.dtype}.`,
    );
  }
  if (!sameShape(a.sizes, b.sizes)) {
    throw new Error(
      `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size ${formatShape(a.sizes)} while the given forward gradient is of size ${formatShape(b.sizes)}.`,
    );
  }
}

/**
 * A tensor with the same elements and a tangent: the direction along which derivatives are computed.
 *
 * @throws Error outside of a level, for a tangent of another shape or dtype, and for tensors that are not floating.
 * @example const x = fwAD.makeDual(torch.rand(3), torch.ones(3));
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.forward_ad.make_dual.html
 */
export function makeDual(tensor: Tensor, tangent: Tensor, _options: LevelOptions = {}): Tensor {
  if (current === undefined) {
    throw new Error(
      "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.",
    );
  }
  checkDual(tensor, tangent);
  return current.level.dual(tensor, tangent);
}

/**
 * The value of a tensor, and its tangent: null if it has none, or outside of a level.
 *
 * @example const { primal, tangent } = fwAD.unpackDual(y);
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.forward_ad.unpack_dual.html
 */
export function unpackDual(
  tensor: Tensor,
  _options: LevelOptions = {},
): { primal: Tensor; tangent: Tensor | null } & Iterable<Tensor | null> {
  if (!(tensor instanceof Tensor)) {
    throw new TypeError(`unpackDual(): argument 'tensor' must be Tensor, not ${describe(tensor)}`);
  }
  const tangent = current?.level.tangent(tensor) ?? null;
  const primal = current === undefined ? tensor : current.level.primal(tensor);
  return named({ primal, tangent } as never) as unknown as {
    primal: Tensor;
    tangent: Tensor | null;
  } & Iterable<Tensor | null>;
}
