/**
 * Functions that compute gradients of functions: `grad`, `gradAndValue`, `vjp`.
 *
 * Source: https://pytorch.org/docs/stable/func.api.html
 */
import { describe, Signature } from "../arguments/parse.js";
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { type Argnums, type At, derivativeParams, pickArguments, replaceArguments, splitAux } from "./argnums.js";
import { GradLevel } from "./gradLevel.js";
import { describeTree, fillTree, sameTree, tensorsOf } from "./trees.js";

/** Whether a function returns something beside what is differentiated. */
export interface AuxOptions<H extends boolean = boolean> {
  /** Whether the function returns `[output, aux]`; `aux` is handed on as it is. */
  hasAux?: H;
}

/** Options of what differentiates a function by some of its arguments. */
export interface DerivativeOptions<N, H extends boolean = boolean> extends AuxOptions<H> {
  /** The place of the argument with respect to which is differentiated, or several. The first by default. */
  argnums?: N;
}

type Plain<N> = [argnums?: N, options?: AuxOptions<false>] | [options?: DerivativeOptions<N, false>];
type WithAux<N> =
  | [argnums: N, options: Required<AuxOptions<true>>]
  | [options: { argnums?: N } & Required<AuxOptions<true>>];

const gradSignature = new Signature("grad", derivativeParams);
const valueSignature = new Signature("gradAndValue", derivativeParams);

type ParsedDerivative = ReturnType<typeof gradSignature.parse>;

/** What stands in the place of tensors that are not. */
function notATensor(kind: string): string {
  return `Thing passed to transform API must be Tensor, got ${kind}`;
}

/** Runs a function for the gradients of a scalar that it returns. */
function gradientsOf(
  { func, argnums, hasAux }: ParsedDerivative,
  args: readonly unknown[],
): { grads: unknown; value: Tensor; aux: unknown } {
  const caller = "gradAndValue(f)(...args)";
  const level = new GradLevel();
  const picked = pickArguments(args, argnums);
  const inputs = tensorsOf(picked, notATensor).map((tensor) => level.input(tensor));
  const tracked = replaceArguments(args, argnums, fillTree(picked, inputs));
  const [output, aux] = splitAux(
    level.evaluate(() => func(...tracked)),
    hasAux,
    caller,
  );
  if (!(output instanceof Tensor)) {
    throw new TypeError(`${caller}: Expected f(...args) to return a Tensor, got ${describe(output)}`);
  }
  if (output.dim() !== 0) {
    throw new Error(
      `${caller}: Expected f(...args) to return a scalar Tensor, got tensor with ${output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
    );
  }
  const grads = fillTree(picked, level.gradients([output], inputs, [undefined], true));
  return { grads, value: level.unwrap(output), aux: level.unwrapTree(aux) };
}

/**
 * The function that computes the gradient of a scalar function, with respect to its first argument or those at `argnums`.
 *
 * Arguments may be tensors, or lists and plain objects of them; the gradients have the same form. What the function
 * computes inside a `noGrad` of its own counts as constant; one around the call of the gradient changes nothing but that
 * the result is not recorded.
 *
 * @param func takes tensors and returns one of no dims; with `hasAux`, a list of that and of anything else.
 * @returns a function of the same arguments: the gradient, or a list of them where `argnums` is one; with `hasAux`,
 *   `[gradient, aux]`.
 * @example
 * const slope = torch.func.grad((x) => x.sin())(torch.tensor(0)); // tensor(1.)
 * const curvature = torch.func.grad(torch.func.grad((x) => x.sin()))(torch.tensor(1));
 * @throws Error if the function returns a tensor with dims; TypeError if it returns none.
 * @see https://pytorch.org/docs/stable/generated/torch.func.grad.html
 */
export function grad<A extends Tensor[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [Tensor, X],
  ...rest: WithAux<N>
): (...args: A) => [grad: At<A, N>, aux: X];
export function grad<A extends Tensor[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  ...rest: Plain<N>
): (...args: A) => At<A, N>;
export function grad<A extends unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [Tensor, X],
  ...rest: WithAux<N>
): (...args: A) => [grad: At<A, N>, aux: X];
export function grad<A extends unknown[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  ...rest: Plain<N>
): (...args: A) => At<A, N>;
export function grad(...given: unknown[]): (...args: unknown[]) => unknown {
  const parsed = gradSignature.parse(given);
  return (...args) => {
    const { grads, aux } = gradientsOf(parsed, args);
    return parsed.hasAux ? [grads, aux] : grads;
  };
}

/**
 * The function that computes the gradient of a scalar function and its value.
 *
 * @returns a function of the same arguments that gives `[gradient, value]`; with `hasAux`, `[gradient, [value, aux]]`.
 * @example
 * const [slope, value] = torch.func.gradAndValue((x) => x.pow(2).sum())(torch.ones(3));
 * @throws Error if the function returns a tensor with dims; TypeError if it returns none.
 * @see https://pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
 */
export function gradAndValue<A extends Tensor[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [Tensor, X],
  ...rest: WithAux<N>
): (...args: A) => [grad: At<A, N>, valueAndAux: [value: Tensor, aux: X]];
export function gradAndValue<A extends Tensor[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  ...rest: Plain<N>
): (...args: A) => [grad: At<A, N>, value: Tensor];
export function gradAndValue<A extends unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [Tensor, X],
  ...rest: WithAux<N>
): (...args: A) => [grad: At<A, N>, valueAndAux: [value: Tensor, aux: X]];
export function gradAndValue<A extends unknown[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  ...rest: Plain<N>
): (...args: A) => [grad: At<A, N>, value: Tensor];
export function gradAndValue(...given: unknown[]): (...args: unknown[]) => unknown {
  const parsed = valueSignature.parse(given);
  return (...args) => {
    const { grads, value, aux } = gradientsOf(parsed, args);
    return [grads, parsed.hasAux ? [value, aux] : value];
  };
}

/** The outputs of a function and what pulls gradients of them back to its inputs. */
export interface Pullback {
  readonly output: unknown;
  readonly aux: unknown;
  readonly pull: (cotangents: unknown) => unknown;
}

/** Runs a function once, recorded, for the products of gradients with its Jacobian. */
export function pullback(
  func: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  hasAux: boolean,
  caller: string,
): Pullback {
  const level = new GradLevel();
  const inputs = tensorsOf(args, notATensor).map((tensor) => level.input(tensor));
  const tracked = fillTree(args, inputs) as unknown[];
  const [output, aux] = splitAux(
    level.evaluate(() => func(...tracked)),
    hasAux,
    caller,
  );
  const outputs = tensorsOf(
    output,
    (kind) => `${caller}: Expected output of f to be a Tensor or Tensors, got ${kind} as an output`,
  );
  if (outputs.length === 0) {
    throw new Error(`${caller}: Expected output of f to be a non-empty tuple of Tensors.`);
  }
  const plain = level.unwrapTree(output);
  const pull = (cotangents: unknown): unknown => {
    if (!sameTree(plain, cotangents)) {
      throw new Error(
        `Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: ${describeTree(cotangents)}, primal output: ${describeTree(plain)}`,
      );
    }
    const grads = tensorsOf(cotangents, notATensor);
    grads.forEach((grad, i) => {
      const { sizes } = outputs[i] as Tensor;
      if (sameShape(grad.sizes, sizes)) return;
      throw new Error(
        `Mismatch in shape: grad_output[${i}] has a shape of ${formatShape(grad.sizes)} and output[${i}] has a shape of ${formatShape(sizes)}.`,
      );
    });
    return fillTree(args, level.gradients(outputs, inputs, grads, false));
  };
  return { output: plain, aux: level.unwrapTree(aux), pull };
}

/**
 * Runs a function and gives its output, and a function that multiplies gradients of the output with its Jacobian.
 *
 * @param rest the arguments of the function; at last, `{ hasAux: true }` where it returns `[output, aux]`. An object of
 *   tensors alone is an argument.
 * @returns `[output, vjpFn]`, and `aux` where there is one. `vjpFn` takes gradients in the form of the output, and gives
 *   a list of one gradient for each argument.
 * @example
 * const [y, pull] = torch.func.vjp((x) => x.sin(), torch.zeros(3));
 * const [gradient] = pull(torch.ones(3)); // the cosine of 0
 * @see https://pytorch.org/docs/stable/generated/torch.func.vjp.html
 */
export function vjp<A extends unknown[], R, X>(
  func: (...args: A) => readonly [R, X],
  ...rest: [...primals: A, options: { hasAux: true }]
): [output: R, vjpFn: (cotangents: R) => A, aux: X];
export function vjp<A extends unknown[], R>(
  func: (...args: A) => R,
  ...rest: A | [...primals: A, options: { hasAux?: false }]
): [output: R, vjpFn: (cotangents: R) => A];
export function vjp(func: unknown, ...rest: unknown[]): unknown[] {
  if (typeof func !== "function") throw new TypeError(`vjp(): argument 'func' must be function, not ${describe(func)}`);
  const { primals, hasAux } = splitOptions("vjp", rest);
  const { output, aux, pull } = pullback(func as () => unknown, primals, hasAux, "vjp(f, ...primals)");
  return hasAux ? [output, pull, aux] : [output, pull];
}

/** Takes options off the end of arguments that may be objects themselves. */
function splitOptions(caller: string, rest: readonly unknown[]): { primals: readonly unknown[]; hasAux: boolean } {
  const last = rest.at(-1) as AuxOptions | undefined;
  const isOptions = typeof last === "object" && last !== null && !(last instanceof Tensor) && "hasAux" in last;
  if (!isOptions || (last.hasAux as unknown) instanceof Tensor) return { primals: rest, hasAux: false };
  const unknown = Object.keys(last).find((name) => name !== "hasAux");
  if (unknown !== undefined) throw new TypeError(`${caller}() got an unexpected keyword argument '${unknown}'`);
  if (typeof last.hasAux !== "boolean" && last.hasAux !== undefined) {
    throw new TypeError(`${caller}(): argument 'hasAux' must be bool, not ${describe(last.hasAux)}`);
  }
  return { primals: rest.slice(0, -1), hasAux: last.hasAux ?? false };
}
