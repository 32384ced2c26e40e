/** Replays recorded calls through the public API, in each form in which PyTorch has the operation. */

import torch, { Tensor } from "../../src/index.js";
import * as functional from "../../src/nn/functional/index.js";
import { camelCase, difference, gradientDifference, valueDifference } from "./compare.js";
import {
  complexNamed,
  dtypeNamed,
  type Form,
  type Golden,
  type GoldenCase,
  type GoldenError,
  type GoldenGradients,
  type GoldenOperation,
  type GoldenResult,
  type Json,
  numberNamed,
} from "./golden.js";
import { errorDifference } from "./words.js";

/** Where a call is not as recorded. */
export interface Failure {
  readonly operation: string;
  readonly form: Form;
  readonly call: string;
  readonly difference: string;
}

/** What came of an operation. */
export interface Outcome {
  readonly operation: string;
  /** How many calls were made in each form that exists. */
  readonly calls: Partial<Record<Form, number>>;
  /** Calls whose gradients were compared. */
  readonly gradients: number;
  /** Forms that PyTorch has and Flambeau has not. */
  readonly missing: readonly Form[];
  readonly failures: readonly Failure[];
}

type Callable = (...args: unknown[]) => unknown;
type Space = Record<string, unknown>;

const root = torch as unknown as Space;
const spaces: Record<string, Space> = {
  Tensor: {},
  torch: root,
  F: functional as unknown as Space,
  linalg: (root.linalg ?? {}) as Space,
  fft: (root.fft ?? {}) as Space,
  special: (root.special ?? {}) as Space,
  masked: root.masked as Space,
};

/** The name under which reports list an operation. */
export function fullName({ space, name }: GoldenOperation): string {
  const own = camelCase(name);
  return space === "torch" || space === "Tensor" ? own : `${space}.${own}`;
}

/** What an operation is called with. */
export class Arguments {
  readonly tensors: Tensor[] = [];
  readonly positional: unknown[];
  readonly named: Record<string, unknown> | undefined;

  constructor(
    readonly golden: Golden,
    { a, k }: Pick<GoldenCase, "a" | "k">,
  ) {
    this.positional = a.map((value) => this.#value(value));
    this.named =
      k && Object.fromEntries(Object.entries(k).map(([name, value]) => [camelCase(name), this.#value(value)]));
  }

  #value(value: Json): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (typeof value !== "object" || value === null) return value;
    const [[kind, content]] = Object.entries(value) as [[string, Json]];
    if (kind === "d") return dtypeNamed(content as string);
    if (kind === "i") return BigInt(content as string);
    if (kind === "c") return complexNamed(content);
    if (kind === "f") return numberNamed(content as string);
    if (kind === "o") return this.#values(content as { readonly [name: string]: Json });
    if (kind === "m") return makeModule(this.golden, content as unknown as ModuleCall);
    const tensor = this.golden.tensor(content as number);
    this.tensors.push(tensor);
    return tensor;
  }

  #values(given: { readonly [name: string]: Json }): Record<string, unknown> {
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, this.#value(value)]));
  }

  /** The tensors of which gradients are wanted. */
  differentiable({ w }: GoldenGradients): Tensor[] {
    return this.tensors.filter((tensor, i) => (w === undefined ? tensor.dtype.isDifferentiable : w.includes(i)));
  }

  /** The arguments as they stand in a call. */
  list(extra?: Record<string, unknown>): unknown[] {
    const options = this.named || extra ? [{ ...this.named, ...extra }] : [];
    return [...this.positional, ...options];
  }

  /** The arguments with other tensors in the places of these. */
  listWith(replaced: ReadonlyMap<unknown, Tensor>, extra?: Record<string, unknown>): unknown[] {
    const replace = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(replace) : (replaced.get(value) ?? value);
    const named =
      this.named && Object.fromEntries(Object.entries(this.named).map(([key, value]) => [key, replace(value)]));
    const options = named || extra ? [{ ...named, ...extra }] : [];
    return [...this.positional.map(replace), ...options];
  }
}

/** A module by its class and what it is made with. */
export interface ModuleCall extends Pick<GoldenCase, "a" | "k"> {
  readonly name: string;
}

export function makeModule(golden: Golden, call: ModuleCall): torch.nn.Module {
  const Class = (torch.nn as unknown as Record<string, new (...args: unknown[]) => torch.nn.Module>)[call.name];
  if (Class === undefined) throw new Error(`there is no nn.${call.name}`);
  return new Class(...new Arguments(golden, call).list());
}

/** How a call reads in a program, with tensors by their kind. */
export function describeCall(golden: Golden, name: string, { a, k }: GoldenCase): string {
  const show = (value: Json): string => {
    if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
    if (typeof value !== "object" || value === null) return typeof value === "string" ? `"${value}"` : String(value);
    const [[kind, content]] = Object.entries(value) as [[string, Json]];
    return kind === "t" ? golden.describe(content as number) : String(content);
  };
  const named =
    k &&
    `{ ${Object.entries(k)
      .map(([key, value]) => `${camelCase(key)}: ${show(value)}`)
      .join(", ")} }`;
  return `${name}(${[...a.map(show), ...(named ? [named] : [])].join(", ")})`;
}

/** What `run` returns or throws, compared with what was recorded. */
function check(
  expected: GoldenResult | { e: GoldenError } | undefined,
  run: () => unknown,
  compare: (result: unknown) => string | undefined,
): string | undefined {
  const error =
    expected !== null && typeof expected === "object" && "e" in expected ? (expected.e as GoldenError) : undefined;
  let result: unknown;
  try {
    result = run();
  } catch (thrown) {
    return error === undefined ? `threw ${String(thrown)}` : errorDifference(thrown, error);
  }
  return error === undefined ? compare(result) : `did not throw "${error.message}"`;
}

/** An operation in the forms in which it exists. */
export function formsOf(operation: GoldenOperation): Partial<Record<Form, Callable>> {
  const name = camelCase(operation.name);
  const asMethod = (method: unknown): Callable | undefined =>
    typeof method === "function" ? (self, ...rest) => (method as Callable).apply(self, rest) : undefined;
  const valueOf = (key: string): unknown => Object.getOwnPropertyDescriptor(Tensor.prototype, key)?.value;
  const found = (spaces[operation.space] as Space)[name];
  const own = typeof found === "function" ? (found as Callable) : undefined;
  const isFunction = operation.forms.includes("function");
  const method = asMethod(valueOf(name));
  return {
    function: isFunction ? own : undefined,
    method,
    inplace: asMethod(valueOf(`${name}_`)),
    out: isFunction ? own : method,
  };
}

/** The function, or the method where there is only that. */
export function mainForm(operation: GoldenOperation): Callable | undefined {
  const forms = formsOf(operation);
  return operation.forms.includes("function") ? forms.function : forms.method;
}

/** For each dtype another one to which it can be converted; float32 for all others. */
const otherDtype: Readonly<Record<string, torch.DType>> = {
  bool: torch.int64,
  float32: torch.float64,
  float64: torch.float32,
  complex64: torch.complex128,
  complex128: torch.complex64,
};

/** The replay of one operation. */
class Replay {
  readonly #name: string;
  readonly #forms: Partial<Record<Form, Callable>>;
  readonly #failures: Failure[] = [];
  readonly #calls: Partial<Record<Form, number>> = {};
  #gradients = 0;

  constructor(
    readonly golden: Golden,
    readonly operation: GoldenOperation,
  ) {
    this.#name = camelCase(operation.name);
    this.#forms = formsOf(operation);
  }

  run(): Outcome {
    const { operation } = this;
    const missing = operation.forms.filter((form) => this.#forms[form] === undefined);
    if (operation.forms.includes("out") && this.#forms.out !== undefined && !this.#takesOut()) {
      this.#forms.out = undefined;
      missing.push("out");
    }
    const main: Form = operation.forms.includes("function") ? "function" : "method";
    for (const golden of operation.cases) {
      for (const form of operation.forms) {
        if (this.#forms[form] === undefined) continue;
        this.#attempt(form, golden, () => this.#compare(form, golden, form === main));
      }
      if (golden.g === undefined) continue;
      for (const form of [main, "inplace"] as const) {
        if (this.#forms[form] === undefined || !operation.forms.includes(form)) continue;
        if (form === "inplace" && !sameResult(golden)) continue;
        this.#attempt(form, golden, () => this.#compareGradients(form, golden));
      }
    }
    if (operation.casts !== undefined && this.#forms.out !== undefined) this.#tryCast(...operation.casts);
    return {
      operation: fullName(operation),
      calls: this.#calls,
      gradients: this.#gradients,
      missing,
      failures: this.#failures,
    };
  }

  /** Whether `out` is an option of the function; one that is no tensor is told from one that is not expected. */
  #takesOut(): boolean {
    const golden = this.operation.cases.find(({ r }) => r !== undefined) as GoldenCase;
    try {
      (this.#forms.out as Callable)(...new Arguments(this.golden, golden).list({ out: "none" }));
      return false;
    } catch (error) {
      return !(error instanceof Error && error.message.includes("unexpected option 'out'"));
    }
  }

  #attempt(form: Form, golden: GoldenCase, run: () => string | undefined): void {
    let found: string | undefined;
    try {
      found = run();
    } catch (error) {
      found = `the comparison failed: ${error instanceof Error ? error.stack : String(error)}`;
    }
    if (found === undefined) return;
    const call = describeCall(this.golden, form === "inplace" ? `${this.#name}_` : this.#name, golden);
    this.#failures.push({ operation: fullName(this.operation), form, call, difference: found });
  }

  #compare(form: Form, golden: GoldenCase, isMain: boolean): string | undefined {
    const run = this.#forms[form] as Callable;
    if (form === "method" && !isTensor(golden.a[0])) return undefined;
    if (form === "inplace" && golden.i === undefined) return undefined;
    if (form === "out") return golden.r === undefined ? undefined : this.#compareOut(run, golden);
    this.#calls[form] = (this.#calls[form] ?? 0) + 1;
    const args = new Arguments(this.golden, golden);
    const expected = form === "inplace" ? golden.i : golden.e ? { e: golden.e } : golden.r;
    const before = args.tensors.map((tensor) => tensor._version);
    const found = check(
      expected,
      () => run(...args.list()),
      (result) => {
        if (form === "inplace" && result !== args.positional[0]) return "another tensor than the one that was changed";
        return difference(this.golden, result, expected as GoldenResult, args.tensors);
      },
    );
    if (found !== undefined || form === "inplace") return found;
    return isMain ? this.#compareInputs(args, golden, before) : undefined;
  }

  /** Whether exactly those arguments were changed that PyTorch changes. */
  #compareInputs(args: Arguments, golden: GoldenCase, before: readonly number[]): string | undefined {
    const changed = new Map(golden.c ?? []);
    for (const [i, tensor] of args.tensors.entries()) {
      const index = changed.get(i);
      const found = index === undefined ? undefined : valueDifference(this.golden, tensor, index);
      if (found !== undefined) return `tensor ${i} of the arguments: ${found}`;
      if (index === undefined && !changesInput(this.operation) && tensor._version !== before[i]) {
        return `tensor ${i} of the arguments was changed`;
      }
    }
    return undefined;
  }

  #compareOut(run: Callable, golden: GoldenCase): string | undefined {
    const expected = golden.r as GoldenResult;
    const indices = tensorsIn(expected);
    if (indices.length === 0) return undefined;
    this.#calls.out = (this.#calls.out ?? 0) + 1;
    const args = new Arguments(this.golden, golden);
    const outs = indices.map((index) => this.#makeOut(index));
    return check(
      expected,
      () => run(...args.list({ out: outs.length === 1 && !Array.isArray(expected) ? outs[0] : outs })),
      (result) => {
        const results = result instanceof Tensor ? [result] : [...(result as Iterable<Tensor>)];
        if (results.some((item, i) => item !== outs[i])) return "another tensor than `out`";
        for (const [i, out] of outs.entries()) {
          const found = valueDifference(this.golden, out, indices[i] as number);
          if (found !== undefined) return found;
        }
        return undefined;
      },
    );
  }

  /** Whether an `out` of another dtype, to which the result could be converted, is accepted where PyTorch does it. */
  #tryCast(at: number, written: boolean): void {
    const golden = this.operation.cases[at] as GoldenCase;
    const expected = golden.r as GoldenResult;
    this.#attempt("out", golden, () => {
      const outs = tensorsIn(expected).map((index) => {
        const { dtype } = this.golden.summary(index) ?? this.golden.values(index);
        return torch.empty(0, { dtype: otherDtype[dtype] ?? torch.float32 });
      });
      const out = outs.length === 1 && !Array.isArray(expected) ? outs[0] : outs;
      try {
        (this.#forms.out as Callable)(...new Arguments(this.golden, golden).list({ out }));
      } catch (error) {
        return written ? `refused an \`out\` of another dtype: ${String(error)}` : undefined;
      }
      return written ? undefined : "accepted an `out` of another dtype";
    });
  }

  /** An `out` for a result: in turns an empty tensor, which is resized, and one with gaps between its elements. */
  #makeOut(index: number): Tensor {
    const { dtype, sizes } = this.golden.summary(index) ?? this.golden.values(index);
    const options = { dtype: dtypeNamed(dtype) };
    if ((this.#calls.out ?? 0) % 2 === 0) return torch.empty(0, options);
    const like = torch.empty(sizes, options);
    return torch.zeros(2 * like.numel(), options).asStrided(
      sizes,
      like.stride().map((step) => 2 * step),
    );
  }

  #compareGradients(form: "function" | "method" | "inplace", golden: GoldenCase): string | undefined {
    const { o, i } = golden.g as GoldenGradients;
    const args = new Arguments(this.golden, golden);
    const leaves = args.differentiable(golden.g as GoldenGradients).map((tensor) => tensor.requiresGrad_());
    if (form === "inplace" || changesInput(this.operation)) {
      const [input] = args.positional;
      if (!(input instanceof Tensor)) return undefined;
      const copy = input.clone();
      // What an operation on the memory itself does to a dense copy is not what was recorded.
      if (`${copy.stride()}` !== `${input.stride()}`) return undefined;
      args.positional[0] = copy;
    }
    this.#gradients++;
    const result = (this.#forms[form] as Callable)(...args.list());
    const outputs = flatten(result).filter((output) => output.requiresGrad);
    if (outputs.length !== o.length) return `${outputs.length} differentiable results instead of ${o.length}`;
    const outer = o.map((index) => this.golden.tensor(index));
    const gradients = torch.autograd.grad(outputs, leaves, outer, { allowUnused: true });
    for (const [at, expected] of i.entries()) {
      const found = gradientDifference(this.golden, gradients[at], expected);
      if (found !== undefined) return `gradient of tensor ${at}: ${found}`;
    }
    return undefined;
  }
}

/** Whether a method is there to change its tensor. */
export function changesInput({ name }: GoldenOperation): boolean {
  return name.endsWith("_") || name.startsWith("set_");
}

function isTensor(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && "t" in value;
}

/** Whether the in-place form gives the very result of the function, and so its gradients. */
function sameResult({ r, i }: GoldenCase): boolean {
  return i !== undefined && JSON.stringify(tensorsIn(r ?? null)) === JSON.stringify(tensorsIn(i as GoldenResult));
}

/** The recorded tensors of a result, in order. */
export function tensorsIn(expected: GoldenResult): number[] {
  if (Array.isArray(expected)) return expected.flatMap(tensorsIn);
  if (typeof expected !== "object" || expected === null) return [];
  if ("items" in expected) return (expected.items as readonly GoldenResult[]).flatMap(tensorsIn);
  return "t" in expected ? [expected.t as number] : [];
}

/** The tensors of a result, in order. */
export function flatten(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  const isIterable = typeof result === "object" && result !== null && Symbol.iterator in result;
  return isIterable ? [...(result as Iterable<unknown>)].flatMap(flatten) : [];
}

/** Replays all calls of an operation. */
export function replay(golden: Golden, operation: GoldenOperation): Outcome {
  return new Replay(golden, operation).run();
}
