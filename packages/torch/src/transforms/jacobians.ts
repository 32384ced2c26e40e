/**
 * Derivatives along directions, and whole matrices of derivatives: `jvp`, `linearize`, `jacrev`, `jacfwd`, `hessian`.
 *
 * Source: https://pytorch.org/docs/stable/func.api.html
 */
import { flag, int, keyword, nullable, optional, word } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { zerosLike } from "../ops/creation/filled.js";
import { type Argnums, type At, derivativeParams, pickArguments, replaceArguments, splitAux } from "./argnums.js";
import { blocksOf, partsFor, standardBasis } from "./basis.js";
import type { Randomness } from "./batching/level.js";
import { type AuxOptions, pullback } from "./derivatives.js";
import { ForwardLevel } from "./forward/forwardLevel.js";
import { checkDual } from "./forwardAd.js";
import { GradLevel } from "./gradLevel.js";
import { describeTree, fillTree, leavesOf, type MapTree, sameTree, tensorsOf } from "./trees.js";
import { vmap } from "./vmap.js";

const shown = "jvp(f, primals, tangents)";

interface Pushed {
  readonly output: unknown;
  readonly tangent: unknown;
  readonly aux: unknown;
}

/** Runs a function with tangents for the arguments at some places; all of them where there is no word of places. */
function push(
  func: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  argnums: Argnums | undefined,
  tangents: unknown,
  { strict, hasAux }: { strict: boolean; hasAux: boolean },
): Pushed {
  const picked = argnums === undefined ? args : pickArguments(args, argnums);
  if (!sameTree(picked, tangents)) {
    throw new TypeError(
      `${shown}: Expected primals and tangents to have the same structure. For example, if primals is a list of 3 tensors, tangents also must be. Got primals with structure ${describeTree(picked)} and tangents with structure ${describeTree(tangents)}`,
    );
  }
  const only = (name: string) => (kind: string) => `${shown}: Expected ${name} to only contain Tensors, got ${kind}`;
  const values = tensorsOf(picked, only("primals"));
  const directions = tensorsOf(tangents, only("tangents"));
  if (values.length === 0) throw new TypeError(`${shown}: Expected primals to contain at least one Tensor.`);
  const level = new ForwardLevel();
  const duals = values.map((value, i) => {
    checkDual(value, directions[i]);
    return level.dual(value, directions[i] as Tensor);
  });
  const dualArgs =
    argnums === undefined ? fillTree(picked, duals) : replaceArguments(args, argnums, fillTree(picked, duals));
  const [output, aux] = splitAux(
    level.run(() => func(...(dualArgs as unknown[]))),
    hasAux,
    shown,
  );
  const outputs = tensorsOf(
    output,
    (kind) => `${shown}: expected f(...args) to return only tensors, got unsupported type ${kind}`,
  );
  if (outputs.length === 0) {
    throw new TypeError(
      `${shown}: Expected f to be a function that has non-empty output (got output = ${describe(output)})`,
    );
  }
  const found = outputs.map((one) => {
    const tangent = level.tangent(one);
    if (tangent === undefined && strict) {
      throw new Error(
        "jvp(f, primals, tangents, strict: true): The output of f is independent of the inputs. This is not allowed with strict: true.",
      );
    }
    return tangent ?? zerosLike(one);
  });
  return { output, tangent: fillTree(output, found), aux };
}

/** Options of `jvp`. */
export interface JvpOptions<H extends boolean = boolean> extends AuxOptions<H> {
  /** Throw where an output does not depend on the inputs, instead of giving zeros. */
  strict?: boolean;
}

const optionsSignature = new Signature("jvp", { strict: keyword(flag), hasAux: keyword(flag) });

/**
 * Runs a function, and tells how its outputs change along a direction of the inputs: the Jacobian times the tangents.
 *
 * @param primals the arguments of the function.
 * @param tangents the direction, in the form of the primals.
 * @returns `[output, tangent]` in the form of what the function returns; with `hasAux`, `[output, tangent, aux]`.
 * @example
 * const [y, tangent] = torch.func.jvp((x) => x.sin(), [torch.zeros(3)], [torch.ones(3)]); // zeros and ones
 * @throws TypeError for forms that differ; Error for shapes and dtypes that do, and where `strict` is not kept.
 * @see https://pytorch.org/docs/stable/generated/torch.func.jvp.html
 */
export function jvp<A extends unknown[], R, X>(
  func: (...args: A) => readonly [R, X],
  primals: readonly [...A],
  tangents: readonly [...A],
  options: JvpOptions<true> & { hasAux: true },
): [output: R, tangent: R, aux: X];
export function jvp<A extends Tensor[], R>(
  func: (...args: A) => R,
  primals: readonly [...A],
  tangents: readonly [...A],
  options?: JvpOptions<false>,
): [output: R, tangent: R];
export function jvp<A extends unknown[], R>(
  func: (...args: A) => R,
  primals: readonly [...A],
  tangents: readonly [...A],
  options?: JvpOptions<false>,
): [output: R, tangent: R];
export function jvp(func: unknown, primals: unknown, tangents: unknown, options: object = {}): unknown[] {
  const { strict, hasAux } = optionsSignature.parse([options]);
  if (typeof func !== "function") throw new TypeError(`jvp(): argument 'func' must be function, not ${describe(func)}`);
  if (!Array.isArray(primals)) {
    throw new TypeError(`${shown}: Expected primals to be a list. E.g. it should be valid to call f(...primals).`);
  }
  const pushed = push(func as () => unknown, primals, undefined, tangents, { strict, hasAux });
  return hasAux ? [pushed.output, pushed.tangent, pushed.aux] : [pushed.output, pushed.tangent];
}

/**
 * Runs a function once, and gives its output and a function that multiplies its Jacobian with tangents: as `jvp`, for many
 * directions at one place.
 *
 * @returns `[output, jvpFn]`; `jvpFn` takes a tangent for each argument.
 * @example
 * const [y, push] = torch.func.linearize((x) => x.sin(), torch.zeros(3));
 * const tangent = push(torch.ones(3));
 * @see https://pytorch.org/docs/stable/generated/torch.func.linearize.html
 */
export function linearize<A extends unknown[], R>(
  func: (...args: A) => R,
  ...primals: A
): [output: R, jvpFn: (...tangents: A) => R] {
  if (typeof func !== "function")
    throw new TypeError(`linearize(): argument 'func' must be function, not ${describe(func)}`);
  // The gradient is linear in the gradients of the outputs; the gradient of that is what goes forward.
  const second = new GradLevel();
  const { output, pull } = pullback(
    func as (...args: unknown[]) => unknown,
    primals,
    false,
    "linearize(f, ...primals)",
  );
  const outputs = leavesOf(output) as Tensor[];
  const starts = outputs.map((one) => second.input(zerosLike(one)));
  const back = leavesOf(second.evaluate(() => pull(fillTree(output, starts)))) as Tensor[];
  const jvpFn = (...tangents: A): R => {
    if (!sameTree(primals, tangents)) {
      throw new TypeError(
        `linearize: Expected the tangents to have the same structure as the primals, got ${describeTree(tangents)} for ${describeTree(primals)}`,
      );
    }
    const directions = leavesOf(tangents) as Tensor[];
    leavesOf(primals).forEach((value, i) => {
      checkDual(value, directions[i]);
    });
    return fillTree(output, second.gradients(back, starts, directions, false)) as R;
  };
  return [output as R, jvpFn];
}

/** For each output what there is for each input: a tensor with the dims of both. */
export type JacobianOf<R, I> = MapTree<R, MapTree<I, Tensor>>;

/** Options of `jacrev` and `jacfwd`. */
export interface JacobianFunctionOptions<N, H extends boolean = boolean> extends AuxOptions<H> {
  /** The place of the argument with respect to which is differentiated, or several. The first by default. */
  argnums?: N;
  /** How many rows or columns are computed at once; all by default. Fewer take less memory. */
  chunkSize?: number | null;
}

type Plain<N, O> =
  | [argnums?: N, options?: Omit<JacobianFunctionOptions<N, false> & O, "argnums">]
  | [options?: JacobianFunctionOptions<N, false> & O];
type WithAux<N, O> =
  | [argnums: N, options: Omit<JacobianFunctionOptions<N, true> & O, "argnums"> & { hasAux: true }]
  | [options: JacobianFunctionOptions<N, true> & O & { hasAux: true }];

interface RandomOptions {
  /** Whether random numbers are refused (by default), different for each column, or the same for all. */
  randomness?: Randomness;
}

const chunkSize = keyword(optional(nullable(int)));
const reverseSignature = new Signature("jacrev", { ...derivativeParams, chunkSize });
const forwardSignature = new Signature("jacfwd", {
  ...derivativeParams,
  chunkSize,
  randomness: keyword(optional(word("error", "different", "same"), "error")),
});
const hessianSignature = new Signature("hessian", { func: derivativeParams.func, argnums: derivativeParams.argnums });

/** Jacobians by output and input, in the form of both. */
function inForm(output: unknown, picked: unknown, blocks: readonly (readonly Tensor[])[]): unknown {
  return fillTree(
    output,
    blocks.map((block) => fillTree(picked, block)),
  );
}

/**
 * The function that computes the Jacobian of a function row by row, all rows at once, backward through one graph. The
 * better way where inputs are more than outputs.
 *
 * @returns a function of the same arguments; for one tensor as output and as input a tensor with the output's dims before
 *   the input's. Trees of them give trees of what there is for each output, which are trees of what there is for each input.
 * @example
 * const jacobian = torch.func.jacrev((x) => x.sin())(torch.rand(5)); // torch.diag(x.cos())
 * @see https://pytorch.org/docs/stable/generated/torch.func.jacrev.html
 */
export function jacrev<A extends Tensor[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [R, X],
  ...rest: WithAux<N, unknown>
): (...args: A) => [jacobian: JacobianOf<R, At<A, N>>, aux: X];
export function jacrev<A extends Tensor[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  ...rest: Plain<N, unknown>
): (...args: A) => JacobianOf<R, At<A, N>>;
export function jacrev<A extends unknown[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [R, X],
  ...rest: WithAux<N, unknown>
): (...args: A) => [jacobian: JacobianOf<R, At<A, N>>, aux: X];
export function jacrev<A extends unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  ...rest: Plain<N, unknown>
): (...args: A) => JacobianOf<R, At<A, N>>;
export function jacrev(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func, argnums, hasAux, chunkSize: chunk } = reverseSignature.parse(given);
  return (...args) => {
    const picked = pickArguments(args, argnums);
    const ofPicked = (one: unknown) => func(...replaceArguments(args, argnums, one));
    const { output, aux, pull } = pullback(ofPicked, [picked], hasAux, "jacrev(f, ...)(...args)");
    const outputs = leavesOf(output) as Tensor[];
    const inputs = leavesOf(picked) as Tensor[];
    const total = outputs.reduce((sum, one) => sum + one.numel(), 0);
    const basis = fillTree(output, standardBasis(outputs));
    const mapped = vmap((rows: Tensor) => leavesOf(pull(rows)) as Tensor[], { chunkSize: chunk ?? null });
    const rows = total === 0 ? inputs.map((input) => input.newZeros([0, ...input.sizes])) : mapped(basis as Tensor);
    const jacobian = inForm(output, picked, blocksOf(rows, outputs, inputs));
    return hasAux ? [jacobian, aux] : jacobian;
  };
}

/**
 * The function that computes the Jacobian of a function column by column, all columns at once, along with the function
 * itself. The better way where outputs are more than inputs.
 *
 * @returns a function of the same arguments, with results as those of `jacrev`.
 * @example
 * const jacobian = torch.func.jacfwd((x) => x.sin())(torch.rand(5)); // torch.diag(x.cos())
 * @see https://pytorch.org/docs/stable/generated/torch.func.jacfwd.html
 */
export function jacfwd<A extends Tensor[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [R, X],
  ...rest: WithAux<N, RandomOptions>
): (...args: A) => [jacobian: JacobianOf<R, At<A, N>>, aux: X];
export function jacfwd<A extends Tensor[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  ...rest: Plain<N, RandomOptions>
): (...args: A) => JacobianOf<R, At<A, N>>;
export function jacfwd<A extends unknown[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [R, X],
  ...rest: WithAux<N, RandomOptions>
): (...args: A) => [jacobian: JacobianOf<R, At<A, N>>, aux: X];
export function jacfwd<A extends unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  ...rest: Plain<N, RandomOptions>
): (...args: A) => JacobianOf<R, At<A, N>>;
export function jacfwd(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func, argnums, hasAux, chunkSize: chunk, randomness } = forwardSignature.parse(given);
  return (...args) => {
    const picked = pickArguments(args, argnums);
    const inputs = tensorsOf(picked, (kind) => `${shown}: Expected primals to only contain Tensors, got ${kind}`);
    const total = inputs.reduce((sum, one) => sum + one.numel(), 0);
    let output: unknown;
    const column = (direction: Tensor): unknown => {
      const pushed = push(func, args, argnums, direction, { strict: false, hasAux });
      output = pushed.output;
      return [leavesOf(pushed.tangent), hasAux ? pushed.aux : []];
    };
    const mapped = vmap(column, { chunkSize: chunk ?? null, randomness: randomness as Randomness });
    const basis = fillTree(picked, standardBasis(inputs));
    if (total === 0) throw new Error("jacfwd: expected inputs of at least one element");
    const [columns, aux] = mapped(basis as Tensor) as [Tensor[], unknown];
    const outputs = leavesOf(output) as Tensor[];
    const blocks = outputs.map((one, o) => {
      const parts = partsFor((columns[o] as Tensor).movedim(0, -1), one.sizes.length, inputs);
      return inputs.map((input, k) => (parts[k] as Tensor).reshape([...one.sizes, ...input.sizes]));
    });
    const jacobian = inForm(output, picked, blocks);
    if (!hasAux) return jacobian;
    // It is the same for all columns.
    return [
      jacobian,
      fillTree(
        aux,
        leavesOf(aux).map((one) => (one as Tensor).select(0, 0)),
      ),
    ];
  };
}

/**
 * The function that computes the Hessian of a function: the Jacobian, forward, of the Jacobian, backward.
 *
 * @returns a function of the same arguments; for a function of one tensor that returns a number, a tensor with the input's
 *   dims twice.
 * @example
 * const curvature = torch.func.hessian((x) => x.sin().sum())(torch.rand(5)); // -torch.diag(x.sin())
 * @see https://pytorch.org/docs/stable/generated/torch.func.hessian.html
 */
export function hessian<A extends Tensor[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  argnums?: N,
): (...args: A) => JacobianOf<JacobianOf<R, At<A, N>>, At<A, N>>;
export function hessian<A extends unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  argnums?: N,
): (...args: A) => JacobianOf<JacobianOf<R, At<A, N>>, At<A, N>>;
export function hessian(...given: unknown[]): unknown {
  const { func, argnums } = hessianSignature.parse(given);
  return jacfwd(jacrev(func, argnums as 0), argnums as 0);
}
