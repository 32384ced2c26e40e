/** How the tangent of an operation's result follows from those of its arguments. */
import { sameShape, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../../ops/creation/filled.js";
import { type Operation, operationOf } from "../../ops/define.js";
import { maxPoolWithIndices } from "../../ops/pool/max.js";
import { outputsOf, type Result } from "../../ops/results.js";
import { GradLevel } from "../gradLevel.js";

/** The tangents of arguments by their places; in the place of a list, those of its items. */
export type Tangents = readonly (Tensor | undefined | readonly (Tensor | undefined)[])[];

type Found = readonly (Tensor | undefined)[];

interface Call {
  readonly operation: Operation;
  readonly args: readonly unknown[];
  readonly tangents: Tangents;
  readonly result: Result;
}

type Rule = (call: Call) => Found | undefined;

const none: Found = [];

/** What `maxPoolValues` is called where gradients flow. */
const poolWithPlaces = operationOf(maxPoolWithIndices) as Operation;

/** The tangents of the results of an operation; undefined for those that do not change. */
export function tangentOf(operation: Operation, args: readonly unknown[], tangents: Tangents, result: Result): Found {
  const { definition } = operation;
  if (operation.id === "maxPoolValues") return tangentOf(poolWithPlaces, args, tangents, result);
  if (definition.differentiable === false || !isDifferentiable(result)) return none;
  const call = { operation, args, tangents, result };
  const rule = rules().get(operation.id);
  const found = rule?.(call) ?? (definition.elementwise ? elementwise(call) : undefined);
  return found ?? byGradient(call);
}

function isDifferentiable(result: Result): boolean {
  return outputsOf(result).some((output) => output instanceof Tensor && output.dtype.isDifferentiable);
}

/** A call with other arguments in some places. */
function invoke({ operation, args }: Call, changes: ReadonlyMap<number, unknown>): Result {
  return operation.invoke(
    "call",
    args.map((arg, i) => (changes.has(i) ? changes.get(i) : arg)),
  );
}

function placeOf({ operation }: Call, name: string): number {
  return operation.signature.names.indexOf(name);
}

function total(terms: readonly (Tensor | undefined)[]): Tensor | undefined {
  return terms.reduce<Tensor | undefined>((sum, term) => (sum && term ? sum.add(term) : (sum ?? term)), undefined);
}

/**
 * What is computed element by element: its matrix of derivatives is diagonal, so to multiply with it from the right is to
 * multiply from the left, and the derivative takes a tangent in the place of a gradient.
 */
const elementwise: Rule = ({ operation, args, tangents, result }) => {
  const { derivative } = operation.definition;
  if (!(result instanceof Tensor) || derivative === undefined) return undefined;
  // Backward, derivatives of complex functions are conjugated.
  if (result.dtype.isComplex || args.some((arg) => arg instanceof Tensor && arg.dtype.isComplex)) return undefined;
  const { names } = operation.signature;
  const saved = { ...operation.signature.byName(args), result, results: [result] } as never;
  const terms: (Tensor | undefined)[] = [];
  for (const [i, tangent] of tangents.entries()) {
    if (!(tangent instanceof Tensor)) continue;
    const compute = derivative[names[i] as string];
    if (compute === undefined) return undefined;
    const term = compute(tangent.to(result.dtype).expand(result.sizes), saved);
    if (term !== undefined && !sameShape(term.sizes, result.sizes)) return undefined;
    terms.push(term?.to(result.dtype));
  }
  return [total(terms)];
};

/**
 * Functions that are linear in their tensors together: tangents go the way of the values.
 *
 * @param isAll whether all tensors count, those without a tangent too.
 * @param settings values that other arguments have then.
 */
function linear(isAll: boolean, settings: Readonly<Record<string, unknown>> = {}): Rule {
  return (call) => {
    const changes = new Map<number, unknown>(
      Object.entries(settings).map(([name, value]) => [placeOf(call, name), value]),
    );
    for (const [i, arg] of call.args.entries()) {
      const tangent = call.tangents[i];
      if (Array.isArray(tangent)) {
        const given = arg as readonly Tensor[];
        changes.set(
          i,
          tangent.map((item: Tensor | undefined, at: number) => item ?? zerosLike(given[at] as Tensor)),
        );
      } else if (tangent !== undefined) changes.set(i, tangent);
      else if (isAll && arg instanceof Tensor && arg.dtype.isDifferentiable) changes.set(i, zerosLike(arg));
    }
    return outputsOf(invoke(call, changes));
  };
}

/** Functions of which only one tensor counts, in which they are linear: the others say where. */
function linearIn(name: string): Rule {
  const rule = linear(false);
  return (call) => {
    const others = call.tangents.some((tangent, i) => tangent !== undefined && i !== placeOf(call, name));
    return others ? undefined : rule(call);
  };
}

/** Products: linear in each of the factors. A summand beside them has a place of its own. */
function product(factors: readonly string[], summand?: string): Rule {
  return (call) => {
    const at = summand === undefined ? -1 : placeOf(call, summand);
    const terms = factors.map((name) => {
      const place = placeOf(call, name);
      const tangent = call.tangents[place];
      if (!(tangent instanceof Tensor)) return undefined;
      const changes = new Map<number, unknown>([[place, tangent]]);
      if (at >= 0) changes.set(at, null);
      return invoke(call, changes) as Tensor;
    });
    const added = call.tangents[at];
    if (added instanceof Tensor) {
      // The summand of a convolution is one for each channel, that of a product one for each column.
      const { sizes } = call.result as Tensor;
      const isChannels = call.operation.id === "convolution";
      const shape = isChannels ? [-1, ...sizes.slice(2).map(() => 1)] : added.sizes;
      terms.push(added.view(shape).expand(sizes));
    }
    return [total(terms)];
  };
}

/** Functions that pick elements along a dim and tell where they were. */
const picked: Rule = ({ operation, args, tangents, result }) => {
  const [tangent] = tangents;
  const [values, indices] = outputsOf(result) as [Tensor, Tensor];
  if (!(tangent instanceof Tensor)) return undefined;
  if (tangent.sizes.length === 0) return [tangent.clone()];
  const given = operation.signature.byName(args) as { dim?: number; keepdim?: boolean };
  const dim = wrapDim(given.dim ?? -1, tangent.sizes.length);
  if (indices.sizes.length === tangent.sizes.length) return [tangent.gather(dim, indices), undefined];
  return [tangent.gather(dim, indices.unsqueeze(dim)).squeeze(dim).view(values.sizes), undefined];
};

const softmax: Rule = (call) => {
  const [tangent] = call.tangents;
  const result = call.result as Tensor;
  const dim = call.args[1] as number | undefined | null;
  if (!(tangent instanceof Tensor) || dim === undefined || dim === null || result.sizes.length === 0) return undefined;
  const t = tangent.to(result.dtype);
  if (call.operation.id === "softmax") {
    const weighted = t.mul(result);
    return [weighted.sub(result.mul(weighted.sum(dim, { keepdim: true })))];
  }
  return [t.sub(t.mul(result.exp()).sum(dim, { keepdim: true }))];
};

const logsumexp: Rule = ({ operation, args, tangents, result }) => {
  const [input] = args as [Tensor];
  const [tangent] = tangents;
  const given = operation.signature.byName(args) as { dim?: readonly number[]; keepdim?: boolean };
  if (!(tangent instanceof Tensor) || input.sizes.length === 0 || !given.dim || given.dim.length === 0)
    return undefined;
  let out = result as Tensor;
  const dims = given.dim.map((d) => wrapDim(d, input.sizes.length)).sort((a, b) => a - b);
  if (!given.keepdim) for (const d of dims) out = out.unsqueeze(d);
  // Of a sum that is infinite, the shares are those of the largest terms.
  const finite = out.maskedFill(out.abs().eq(Number.POSITIVE_INFINITY), 0);
  return [tangent.mul(input.sub(finite).exp()).sum(given.dim, { keepdim: given.keepdim ?? false })];
};

/** What overwrites a tensor with another one, or with a number. */
const overwritten: Rule = ({ tangents, result }) => {
  const target = result as Tensor;
  const source = tangents[1];
  return [source instanceof Tensor ? source.to(target.dtype).expand(target.sizes).clone() : zerosLike(target)];
};

/** What overwrites a tensor with something that depends on nothing. */
const constant: Rule = ({ result }) => [zerosLike(result as Tensor)];

/** A tangent need not lie in memory as the value does. */
const reshaped: Rule = ({ operation, args, tangents: [tangent] }) => {
  const { shape } = operation.signature.byName(args) as { shape: readonly number[] };
  return tangent instanceof Tensor ? [tangent.reshape([...shape])] : undefined;
};

const filledDiagonal: Rule = (call) => {
  const [tangent] = call.tangents;
  return tangent instanceof Tensor ? [tangent.clone().fillDiagonal_(0, { wrap: call.args[2] as boolean })] : undefined;
};

/** A tangent from the derivative that goes backward, which is linear: the gradient of it is what goes forward. */
function byGradient({ operation, args, tangents, result }: Call): Found {
  const { derivative, backward, name } = operation.definition;
  if (derivative === undefined && backward === undefined) {
    throw new Error(
      `Trying to use forward AD with ${name} that does not support it because it has not been implemented yet.`,
    );
  }
  const level = new GradLevel();
  const inputs: Tensor[] = [];
  const directions: Tensor[] = [];
  const track = (arg: unknown, tangent: unknown): unknown => {
    if (Array.isArray(arg) && Array.isArray(tangent)) return arg.map((item, i) => track(item, tangent[i]));
    if (!(tangent instanceof Tensor) || !(arg as Tensor).dtype.isDifferentiable) return arg;
    const input = level.input(arg as Tensor);
    inputs.push(input);
    directions.push(tangent);
    return input;
  };
  const tracked = args.map((arg, i) => track(arg, tangents[i]));
  const outputs = outputsOf(level.evaluate(() => operation.invoke("call", tracked)));
  const second = new GradLevel();
  const starts = outputs.map((output) =>
    output.dtype.isDifferentiable ? second.input(zerosLike(level.unwrap(output))) : undefined,
  );
  const back = second.evaluate(() => level.gradientsOrNone(outputs, inputs, starts, true));
  const used = back.flatMap((gradient, i) => (gradient === undefined ? [] : [{ gradient, direction: directions[i] }]));
  const wanted = starts.filter((start) => start !== undefined);
  const found = second.gradientsOrNone(
    used.map(({ gradient }) => gradient),
    wanted,
    used.map(({ direction }) => direction),
    true,
  );
  let at = 0;
  const all = outputsOf(result);
  return starts.map((start, i) => (start === undefined ? undefined : (found[at++] ?? zerosLike(all[i] as Tensor))));
}

const linearIds =
  "alias slice transpose swapaxes swapdims t squeeze unsqueeze permute select expand diagonal unfold " +
  "unbind split.size splitWithSizes sum mean cumsum flip roll rot90 repeat diagEmbed tril triu trace padBackward im2col " +
  "col2im resample averagePool averagePoolBackward adaptiveAveragePool adaptiveAveragePoolBackward cat concat concatenate " +
  "stack blockDiag selectScatter sliceScatter diagonalScatter";
const indexedIds = "index indexSelect gather take";
const pickedIds = "max.dim min.dim median.dim nanmedian.dim mode kthvalue sort topk cummax cummin";
const bilinearIds = "mm:input,mat2 bmm:input,mat2 mv:input,vec dot:input,other vdot:input,other cross.dim:input,other";

let table: ReadonlyMap<string, Rule> | undefined;

/** The rules by id, made when the first is asked for. */
function rules(): ReadonlyMap<string, Rule> {
  table ??= new Map<string, Rule>([
    ...linearIds.split(" ").map((id) => [id, linearAll] as const),
    ...indexedIds.split(" ").map((id) => [id, linearIn("input")] as const),
    ...pickedIds.split(" ").map((id) => [id, picked] as const),
    ...bilinearIds.split(" ").map((entry) => {
      const [id, factors] = entry.split(":") as [string, string];
      return [id, product(factors.split(","))] as const;
    }),
    ["linear", product(["input", "weight"], "bias")],
    ["convolution", product(["input", "weight"], "bias")],
    ["convolutionWeight", product(["image", "features"])],
    ["embedding", linearIn("weight")],
    ["pad", linear(true, { value: 0 })],
    ["softmax", softmax],
    ["logSoftmax", softmax],
    ["logsumexp", logsumexp],
    ["copy_", overwritten],
    ["fill_", overwritten],
    ["view", reshaped],
    ["unsafeView", reshaped],
    ["zero_", constant],
    ["fillDiagonal_", filledDiagonal],
    ...randomIds.split(" ").map((id) => [id, constant] as const),
  ]);
  return table;
}

const randomIds = "uniform_ normal_ logNormal_ exponential_ geometric_ cauchy_ bernoulli_ random_";
const linearAll = linear(true);
