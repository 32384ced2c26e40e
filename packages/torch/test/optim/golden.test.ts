/** Ten steps of every optimizer with every option against PyTorch: parameters, state, dictionaries and text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { host } from "../../src/backend/cpu/host/index.js";
import torch, { type optim, type Tensor } from "../../src/index.js";
import {
  giveGradients,
  golden,
  makeOptimizer,
  makeParams,
  nameOf,
  type Recorded,
  total,
  unpack,
  unpackTensor,
} from "./golden.js";

/** The roundings by which float32 may differ; the path without fused multiply-add rounds each product as well. */
const roundings = host.instructionSet === "portable" ? 16 : 4;

/** How far a number may be off, relative to its size or, where it is small, to that of the parameters, which is about 1. */
function toleranceOf({ dtype }: Recorded): number {
  return dtype === "float64" ? 1e-9 : roundings * 2 ** -23;
}

function assertNear(actual: number, wanted: number, size: number, recorded: Recorded, what: string): void {
  const near = toleranceOf(recorded) * Math.max(size, 1);
  assert.ok(Math.abs(actual - wanted) <= near, `${what}: ${actual}, PyTorch has ${wanted}`);
}

function assertNumbers(actual: Tensor, data: string, recorded: Recorded, what: string): void {
  const wanted = unpack(data, actual.numel() === 1 && data.length <= 8 ? "float32" : recorded.dtype);
  const got = actual.detach().toTypedArray();
  assert.equal(got.length, wanted.length, what);
  wanted.forEach((value, i) => {
    assertNear(Number(got[i]), value, Math.abs(value), recorded, `${what}[${i}]`);
  });
}

function run(optimizer: optim.Optimizer, params: readonly Tensor[], recorded: Recorded, from = 0): void {
  const steps = from === 0 ? recorded.steps : (recorded.continued ?? []);
  steps.forEach((wanted, i) => {
    giveGradients(params, from + i);
    optimizer.step();
    const { sum, size } = total(params);
    assertNear(sum, wanted, size, recorded, `step ${from + i}`);
  });
}

function prepared(recorded: Recorded): { params: Tensor[]; optimizer: optim.Optimizer } {
  const params = makeParams(recorded);
  return { params, optimizer: makeOptimizer(params, recorded) };
}

for (const recorded of golden) {
  test(nameOf(recorded), () => {
    const { params, optimizer } = prepared(recorded);
    const untouched = params[3]?.tolist();
    run(optimizer, params, recorded);
    assert.deepEqual(params[3]?.tolist(), untouched, "a parameter without a gradient stays");
    recorded.params.forEach((data, i) => {
      assertNumbers(params[i] as Tensor, data, recorded, `parameter ${i}`);
    });
    recorded.state.forEach((state, i) => {
      const own = optimizer.stateDict().state.get(i) ?? {};
      assert.deepEqual(Object.keys(own).sort(), Object.keys(state).sort());
      for (const key in own) {
        assertNumbers(own[key] as Tensor, state[key] as string, recorded, `${key} of parameter ${i}`);
      }
    });
  });
}

for (const recorded of golden.filter(({ optimizer }) => !["Adafactor", "Muon"].includes(optimizer))) {
  test(`${nameOf(recorded)}, differentiable`, () => {
    const params = makeParams(recorded);
    const options = { ...recorded.options, differentiable: true };
    const copies = params.map((param) => param.clone());
    const optimizer = makeOptimizer(copies, { ...recorded, options });
    recorded.steps.forEach((wanted, i) => {
      giveGradients(params, i);
      copies.forEach((copy, j) => {
        copy.grad = params[j]?.grad ?? null;
      });
      optimizer.step();
      const { sum, size } = total(copies);
      assertNear(sum, wanted, size, recorded, `step ${i}`);
    });
    assert.notEqual(copies[0]?.gradFn, null);
  });
}

/** Keys that came after PyTorch 1.13. */
const since: Partial<Record<Recorded["optimizer"], readonly string[]>> = {
  SGD: ["fused"],
  Adam: ["decoupled_weight_decay"],
  AdamW: ["decoupled_weight_decay", "differentiable", "fused"],
  ASGD: ["capturable", "differentiable"],
  Adadelta: ["capturable", "differentiable"],
  Adagrad: ["differentiable", "fused"],
  Adamax: ["capturable", "differentiable"],
  NAdam: ["capturable", "decoupled_weight_decay", "differentiable", "maximize"],
  RAdam: ["capturable", "decoupled_weight_decay", "differentiable", "maximize"],
  RMSprop: ["capturable"],
  Rprop: ["capturable", "differentiable"],
};

for (const recorded of golden.filter(({ stateDict }) => stateDict !== undefined)) {
  const dict = recorded.stateDict as NonNullable<Recorded["stateDict"]>;
  const newer = since[recorded.optimizer] ?? [];

  /** PyTorch's state dict as loading the file of a checkpoint gives it. */
  const fromPyTorch = (): optim.LoadableStateDict => ({
    state: Object.fromEntries(
      Object.entries(dict.state).map(([number, values]) => [
        number,
        Object.fromEntries(
          Object.entries(values).map(([key, value]) => [
            key,
            typeof value === "object" ? value && unpackTensor(value) : value,
          ]),
        ),
      ]),
    ),
    param_groups: structuredClone(dict.param_groups),
  });

  test(`the state dict of ${nameOf(recorded)}`, () => {
    const { params, optimizer } = prepared(recorded);
    run(optimizer, params, recorded);
    const own = optimizer.stateDict();
    assert.deepEqual(Object.keys(own), ["state", "param_groups"]);
    own.param_groups.forEach((group, i) => {
      const wanted = dict.param_groups[i] as Record<string, unknown>;
      const keys = new Set([...Object.keys(wanted), ...newer]);
      assert.deepEqual(Object.keys(group).sort(), [...keys].sort());
      assert.deepEqual(group.params, wanted.params);
      for (const [key, value] of Object.entries(wanted)) {
        // Adam's `fused` is null since 2.0, where it was false.
        if (key !== "fused") assert.deepEqual(group[key], value, key);
      }
      assert.equal(Object.keys(group).at(-1), "params");
    });
    // Since 2.0 there is no entry for a parameter without a state.
    const wanted = Object.keys(dict.state).filter((number) => Object.values(dict.state[number] ?? {}).some(Boolean));
    assert.deepEqual([...own.state.keys()].map(String), wanted);
  });

  test(`training goes on from PyTorch's state dict of ${nameOf(recorded)}`, () => {
    const { params, optimizer } = prepared(recorded);
    run(optimizer, params, recorded);
    const loaded = makeParams(recorded);
    loaded.forEach((param, i) => {
      torch.noGrad(() => param.copy_(params[i] as Tensor));
    });
    // Other options than recorded, which loading replaces.
    const other = makeOptimizer(loaded, { ...recorded, options: { lr: 7 } });
    other.loadStateDict(fromPyTorch());
    run(other, loaded, recorded, recorded.steps.length);
    assert.equal((recorded.continued ?? []).length, 2);
    const again = makeOptimizer(params, { ...recorded, options: { lr: 7 } });
    again.loadStateDict(optimizer.stateDict());
    run(again, params, recorded, recorded.steps.length);
  });

  test(`the text of ${nameOf(recorded)}`, () => {
    const optimizer = prepared(recorded).optimizer;
    const added = newer.map((key) => `    ${key}: `);
    const lines = optimizer
      .toString()
      .split("\n")
      .filter((line) => !added.some((start) => line.startsWith(start)));
    const wanted = (recorded.text as string).replaceAll("    fused: False\n", "    fused: None\n");
    assert.equal(lines.join("\n"), wanted);
  });
}
