/** Branches and loops, whose bodies are graphs. */
import torch, { type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { type NodeReader, numbersOf, tensorAt } from "../nodeReader.js";
import type { Body } from "../plan.js";
import type { Run } from "../run.js";
import type { Inputs, Value } from "../values.js";
import { type Compute, type Family, Outputs, versions } from "./define.js";
import { dimOf } from "./dims.js";

/** Whether a condition holds. */
function holds(value: Value | undefined): boolean {
  return value === undefined || numbersOf(value as Tensor)[0] !== 0;
}

function branch(node: NodeReader) {
  const [then, otherwise] = [node.body("then_branch"), node.body("else_branch")];
  return (inputs: Inputs, run: Run) => {
    const condition = tensorAt(inputs, 0);
    if (condition.numel() !== 1) throw new RangeError(`a condition of ${condition.numel()} elements`);
    return new Outputs(...(holds(condition) ? then : otherwise).call(run, []));
  };
}

/** What one output of a body was in all iterations, as one tensor; if there were none, as the file declares it. */
function stacked(values: readonly Tensor[], body: Body, output: number, dim = 0): Tensor {
  if (values.length > 0) return torch.stack([...values], dim);
  const { dtype, sizes } = body.typeOf(output);
  const shape = [...sizes];
  shape.splice(dim, 0, 0);
  return torch.zeros(shape, { dtype });
}

/** Goes on while the condition holds, and not more often than it is told. */
function loop(node: NodeReader) {
  const body = node.body("body");
  const limit = node.numberIn(0);
  const carried = body.inputCount - 2;
  if (carried < 0 || body.outputCount < carried + 1) throw new Error("its body has not the inputs and outputs of one");
  return (inputs: Inputs, run: Run) => {
    const most = limit(inputs) ?? Infinity;
    let states: (Value | undefined)[] = upTo(carried).map((i) => inputs[i + 2]);
    const scans: Tensor[][] = upTo(body.outputCount - 1 - carried).map(() => []);
    let goesOn = holds(inputs[1]);
    for (let i = 0; goesOn && i < most; i++) {
      run.iterate();
      const [condition, ...results] = body.call(run, [torch.tensor(BigInt(i)), torch.tensor(true), ...states]);
      goesOn = holds(condition);
      states = results.slice(0, carried);
      for (const [k, scan] of scans.entries()) scan.push(results[carried + k] as Tensor);
    }
    return new Outputs(...states, ...scans.map((scan, k) => stacked(scan, body, 1 + carried + k)));
  };
}

/** How a scan goes over its inputs and puts its outputs together. */
interface ScanRule {
  readonly body: Body;
  readonly inputs: number;
  readonly inputAxes: readonly number[];
  readonly outputAxes: readonly number[];
  readonly inputBackwards: readonly boolean[];
  readonly outputBackwards: readonly boolean[];
}

function scanOver(
  rule: ScanRule,
  initial: readonly (Value | undefined)[],
  inputs: readonly Tensor[],
  run: Run,
  steps?: number,
): Value[] {
  const { body } = rule;
  const dims = inputs.map((input, k) => dimOf(rule.inputAxes[k] ?? 0, input.dim()));
  const count = steps ?? (inputs[0]?.shape[dims[0] as number] as number);
  let states = [...initial];
  const outputs: Tensor[][] = upTo(body.outputCount - states.length).map(() => []);
  for (const i of upTo(count)) {
    run.iterate();
    const slices = inputs.map((input, k) =>
      input.select(dims[k] as number, rule.inputBackwards[k] ? count - 1 - i : i),
    );
    const results = body.call(run, [...states, ...slices]);
    for (const [k, output] of outputs.entries()) output.push(results[states.length + k] as Tensor);
    states = results.slice(0, states.length);
  }
  const stacks = outputs.map((output, k) => {
    const axis = rule.outputAxes[k] ?? 0;
    const ordered = rule.outputBackwards[k] ? output.toReversed() : output;
    return stacked(ordered, body, states.length + k, dimOf(axis, (output[0]?.dim() ?? 0) + 1));
  });
  return [...(states as Value[]), ...stacks];
}

/** Which of several directions lead backwards. */
function backwardsIn(node: NodeReader, name: string): boolean[] {
  return node.ints(name, []).map((direction) => direction === 1);
}

function scanRule(
  node: NodeReader,
  directions: string,
): Omit<ScanRule, "outputAxes" | "outputBackwards" | "inputAxes"> {
  const inputs = node.requiredInt("num_scan_inputs");
  const inputBackwards = backwardsIn(node, directions);
  const body = node.body("body");
  if (inputs < 1 || inputs > body.inputCount || body.outputCount < body.inputCount - inputs) {
    throw new Error("its body has not the inputs and outputs of one");
  }
  return { body, inputs, inputBackwards };
}

function scan(node: NodeReader): Compute {
  const rule: ScanRule = {
    ...scanRule(node, "scan_input_directions"),
    inputAxes: node.ints("scan_input_axes", []),
    outputAxes: node.ints("scan_output_axes", []),
    outputBackwards: backwardsIn(node, "scan_output_directions"),
  };
  const states = rule.body.inputCount - rule.inputs;
  return (inputs, run) => {
    const scanned = upTo(rule.inputs).map((k) => tensorAt(inputs, states + k));
    return new Outputs(...scanOver(rule, inputs.slice(0, states), scanned, run));
  };
}

/** The first version goes over each sequence of a batch by itself. */
function scanOfBatch(node: NodeReader): Compute {
  const rule: ScanRule = { ...scanRule(node, "directions"), inputAxes: [], outputAxes: [], outputBackwards: [] };
  const states = rule.body.inputCount - rule.inputs;
  const lengths = node.numbersIn(0);
  return (inputs, run) => {
    const given = upTo(states + rule.inputs).map((k) => tensorAt(inputs, k + 1));
    const found = lengths(inputs);
    const batch = upTo(given[0]?.shape[0] ?? 0).map((b) => {
      const own = given.map((tensor) => tensor.select(0, b));
      return scanOver(rule, own.slice(0, states), own.slice(states), run, found?.[b]) as Tensor[];
    });
    return new Outputs(
      ...upTo(rule.body.outputCount).map((k) =>
        torch.stack(
          batch.map((results) => results[k] as Tensor),
          0,
        ),
      ),
    );
  };
}

export const control: Family = {
  If: branch,
  Loop: loop,
  Scan: versions({ 8: scanOfBatch, 9: scan }),
};
