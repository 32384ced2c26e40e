/**
 * Modules are PyTorch's: the printed form, the state from a seed, results and gradients in training and evaluation mode,
 * what becomes of the state, and errors; and on the device `meta` the same shapes.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, describe, test } from "node:test";
import torch, { type nn, type Tensor } from "../../src/index.js";
import { camelCase, difference, gradientDifference, kindDifference, valueDifference } from "./compare.js";
import { type Deviation, explain } from "./deviations.js";
import { Golden, type GoldenError, type GoldenGradients, type GoldenResult, type Json } from "./golden.js";
import { Arguments, flatten, type ModuleCall, makeModule, tensorsIn } from "./replay.js";
import { moduleWords } from "./wordDeviations.js";
import { errorDifference } from "./words.js";

/** One call of a module, and the gradients of its inputs and then of the parameters. */
interface GoldenCall {
  readonly x: readonly Json[];
  readonly k?: { readonly [name: string]: Json };
  readonly r?: GoldenResult;
  readonly e?: GoldenError;
  readonly g?: GoldenGradients;
}

/** Null for what a lazy module does not have yet. */
type State = readonly (readonly [key: string, tensor: number | null])[];

/** What a call of a method makes of a container. */
interface GoldenChange {
  readonly do: string;
  readonly a: readonly Json[];
  readonly e?: GoldenError;
  readonly repr: string;
  readonly state: State;
}

interface GoldenModule extends ModuleCall {
  readonly seed: number;
  /** Why it cannot be made. */
  readonly e?: GoldenError;
  readonly repr: string;
  readonly before: State;
  readonly changes?: readonly GoldenChange[];
  readonly calls: readonly GoldenCall[];
  /** What the calls make of the state; left out where a lazy module refuses all of them. */
  readonly after?: State;
  /** What it is printed as in the end, if that is another form. */
  readonly reprAfter?: string;
  readonly eval?: GoldenCall;
}

const folder = new URL("../../../../../conformance/data/modules/", import.meta.url);
const families = readdirSync(folder).map((name) => name.slice(0, -".gz".length));

function argumentsOf(golden: Golden, { x, k }: GoldenCall): Arguments {
  return new Arguments(golden, k === undefined ? { a: x } : { a: x, k });
}

function checkState(golden: Golden, module: nn.Module, expected: State, when: string): void {
  const state = Object.entries(module.stateDict());
  assert.deepEqual(
    state.map(([key]) => key),
    expected.map(([key]) => key),
  );
  for (const [i, [key, value]] of state.entries()) {
    const known = expected[i]?.[1] ?? null;
    if (known !== null) assert.equal(valueDifference(golden, value, known), undefined, `${key} ${when}`);
  }
}

const explained = new Set<Deviation>();

/** A wrong call has to be refused as PyTorch refuses it. */
function checkError(name: string, run: () => unknown, expected: GoldenError, when: string): void {
  let found: string | undefined = `did not throw "${expected.message}"`;
  try {
    run();
  } catch (error) {
    found = errorDifference(error, expected);
  }
  if (found === undefined) return;
  const deviation = explain({ operation: name, call: when, difference: found }, moduleWords);
  assert.ok(deviation, `${when}: ${found}`);
  explained.add(deviation);
}

/** Whether the constructor refuses, as it should, what PyTorch refuses in the first call. */
function isRefused(golden: Golden, recorded: GoldenModule, expected: GoldenError): boolean {
  try {
    makeModule(golden, recorded);
  } catch {
    checkError(recorded.name, () => makeModule(golden, recorded), expected, "the constructor");
    return true;
  }
  torch.manualSeed(recorded.seed);
  return false;
}

function checkCall(golden: Golden, module: nn.Module, call: GoldenCall, when: string): void {
  const { e: error, g: gradients } = call;
  const args = argumentsOf(golden, call);
  const leaves = args.tensors.filter((tensor) => tensor.dtype.isFloatingPoint);
  for (const leaf of leaves) leaf.requiresGrad_();
  module.zeroGrad();
  torch.manualSeed(3);
  if (error !== undefined) {
    checkError(module.constructor.name, () => module(...args.list()), error, when);
    return;
  }
  const made = module(...args.list());
  assert.equal(difference(golden, made, call.r as GoldenResult, args.tensors), undefined, when);
  if (gradients === undefined) return;
  const outputs = flatten(made).filter((output) => output.requiresGrad);
  torch.autograd.backward(
    outputs,
    gradients.o.map((index) => golden.tensor(index)),
  );
  const wanted = [...args.tensors, ...module.parameters()];
  assert.equal(wanted.length, gradients.i.length, `${when}: the number of gradients`);
  for (const [i, tensor] of wanted.entries()) {
    const grad = tensor.requiresGrad ? tensor.grad : null;
    const expected = gradients.i[i] as number | null;
    assert.equal(gradientDifference(golden, grad, expected), undefined, `${when}: gradient ${i}`);
  }
}

/** Calls a method as it is called in PyTorch. */
function checkChange(golden: Golden, module: nn.Module, { do: name, a, e: error, repr, state }: GoldenChange): void {
  const method = (module as unknown as Record<string, (...args: unknown[]) => unknown>)[camelCase(name)];
  assert.ok(method, `there is no ${module.constructor.name}.${camelCase(name)}`);
  const run = () => method.apply(module, new Arguments(golden, { a }).list());
  if (error === undefined) run();
  else checkError(module.constructor.name, run, error, name);
  assert.equal(String(module), repr, name);
  checkState(golden, module, state, `after ${name}`);
}

/** The same call without numbers. */
function checkMeta(golden: Golden, module: nn.Module, call: GoldenCall): void {
  if (call.r === undefined) return;
  const expected = tensorsIn(call.r);
  const twin = torch.deepcopy(module).toEmpty({ device: "meta" });
  const inputs = argumentsOf(golden, call);
  const onMeta = new Map<unknown, Tensor>(inputs.tensors.map((tensor) => [tensor, tensor.to("meta")]));
  let made: Tensor[];
  try {
    made = flatten(twin(...inputs.listWith(onMeta)));
  } catch (error) {
    // What depends on numbers cannot be known there.
    assert.match(String(error), /its result depends on their numbers/);
    return;
  }
  for (const [i, index] of expected.entries()) {
    const output = made[i] as Tensor;
    assert.equal(output.device, "meta");
    assert.equal(kindDifference(golden, output, index), undefined, "on the device meta");
  }
}

function hasDoubles(golden: Golden, { calls }: GoldenModule): boolean {
  return calls.some((call) => argumentsOf(golden, call).tensors.some(({ dtype }) => dtype === torch.float64));
}

for (const family of families) {
  const golden = new Golden(`modules/${family}`);
  describe(family, () => {
    for (const recorded of golden.operations as unknown as readonly GoldenModule[]) {
      const { name, a, k } = recorded;
      test(`${name}(${JSON.stringify([...a, ...(k === undefined ? [] : [k])]).slice(1, -1)})`, () => {
        torch.manualSeed(recorded.seed);
        if (recorded.e !== undefined) {
          checkError(name, () => makeModule(golden, recorded), recorded.e, "the constructor");
          return;
        }
        const [first] = recorded.calls;
        if (first?.e !== undefined && isRefused(golden, recorded, first.e)) return;
        const module = makeModule(golden, recorded);
        assert.equal(String(module), recorded.repr);
        checkState(golden, module, recorded.before, "in the beginning");
        for (const change of recorded.changes ?? []) checkChange(golden, module, change);
        if (hasDoubles(golden, recorded)) module.double();
        for (const [i, call] of recorded.calls.entries()) checkCall(golden, module, call, `call ${i}`);
        const { repr, state } = recorded.changes?.at(-1) ?? { repr: recorded.repr, state: recorded.before };
        checkState(golden, module, recorded.after ?? state, "in the end");
        assert.equal(String(module), recorded.reprAfter ?? repr);
        if (recorded.eval === undefined) return;
        module.eval();
        checkCall(golden, module, recorded.eval, "in evaluation mode");
        checkMeta(golden, module, recorded.eval);
      });
    }
  });
}

after(() => {
  const stale = moduleWords.filter((deviation) => !explained.has(deviation)).map(({ reason }) => reason);
  assert.deepEqual(stale, [], "deviations that do not occur any more; take them off the list in wordDeviations.ts");
});
