/** SGD, Adam and AdamW step by step against PyTorch: parameters, state, dictionaries and text. */
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
  unpack,
  unpackTensor,
} from "./golden.js";

/** Roundings of the last bit by which a value may differ, where it is not small beside the parameters. */
const epsilon = { float32: 2 ** -23, float64: 2 ** -52 };

/** What is small. The path without fused multiply-add rounds each product as well, and they are about 1. */
const small = host.instructionSet === "portable" ? 1 : 0.125;

function assertBits(actual: Tensor, data: string, dtype: Recorded["dtype"], what: string): void {
  const wanted = unpack(data, dtype);
  const got = actual.detach().toTypedArray();
  assert.equal(got.length, wanted.length, what);
  wanted.forEach((value, i) => {
    const error = Math.abs((got[i] as number) - value);
    assert.ok(
      error <= epsilon[dtype] * Math.max(Math.abs(value), small),
      `${what}[${i}]: ${got[i]}, PyTorch has ${value}`,
    );
  });
}

function assertStep(
  params: readonly Tensor[],
  wanted: readonly string[],
  dtype: Recorded["dtype"],
  what: string,
): void {
  wanted.forEach((data, i) => {
    assertBits(params[i] as Tensor, data, dtype, `${what}, parameter ${i}`);
  });
}

function run(optimizer: optim.Optimizer, params: readonly Tensor[], recorded: Recorded, from = 0): void {
  const steps = from === 0 ? recorded.steps : (recorded.continued ?? []);
  steps.forEach((wanted, i) => {
    giveGradients(params, from + i);
    optimizer.step();
    assertStep(params, wanted, recorded.dtype, `step ${from + i}`);
  });
}

/** How the state of a parameter is kept in a state dict. */
function entriesOf(optimizer: optim.Optimizer, param: number): [string, Tensor][] {
  return Object.entries(optimizer.stateDict().state.get(param) ?? {}) as [string, Tensor][];
}

function prepared(recorded: Recorded): { params: Tensor[]; optimizer: optim.Optimizer } {
  const params = makeParams(torch[recorded.dtype]);
  return { params, optimizer: makeOptimizer(params, recorded) };
}

for (const recorded of golden) {
  test(nameOf(recorded), () => {
    const { params, optimizer } = prepared(recorded);
    const untouched = params[3]?.tolist();
    run(optimizer, params, recorded);
    assert.deepEqual(params[3]?.tolist(), untouched, "a parameter without a gradient stays");
    recorded.state.forEach((state, i) => {
      const entries = entriesOf(optimizer, i);
      assert.deepEqual(entries.map(([key]) => key).sort(), Object.keys(state).sort());
      for (const [key, tensor] of entries) {
        assertBits(
          tensor,
          state[key] as string,
          key === "step" ? "float32" : recorded.dtype,
          `${key} of parameter ${i}`,
        );
      }
    });
  });

  test(`${nameOf(recorded)}, differentiable`, () => {
    const params = makeParams(torch[recorded.dtype]);
    const options = { ...recorded.options, differentiable: true };
    const copies = params.map((param) => param.clone());
    const optimizer = makeOptimizer(copies, { ...recorded, options });
    recorded.steps.forEach((wanted, i) => {
      giveGradients(params, i);
      copies.forEach((copy, j) => {
        copy.grad = params[j]?.grad ?? null;
      });
      optimizer.step();
      wanted.forEach((data, j) => {
        const expected = torch.tensor(unpack(data, recorded.dtype));
        const close = (copies[j] as Tensor).detach().reshape(-1).allclose(expected, { rtol: 1e-5, atol: 1e-6 });
        assert.ok(close, `step ${i}, parameter ${j}`);
      });
    });
    assert.notEqual(copies[0]?.gradFn, null);
  });
}

/** Keys that came after PyTorch 1.13. */
const since = {
  SGD: ["fused"],
  Adam: ["decoupled_weight_decay"],
  AdamW: ["decoupled_weight_decay", "differentiable", "fused"],
};

for (const recorded of golden.filter(({ second }) => second !== null)) {
  const dict = recorded.stateDict as NonNullable<Recorded["stateDict"]>;

  /** PyTorch's state dict as loading the file of a checkpoint gives it. */
  const fromPyTorch = (): optim.LoadableStateDict => ({
    state: Object.fromEntries(
      Object.entries(dict.state).map(([number, values]) => [
        number,
        Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value && unpackTensor(value)])),
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
      assert.deepEqual(Object.keys(group).sort(), [...Object.keys(wanted), ...since[recorded.optimizer]].sort());
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
    const loaded = makeParams(torch[recorded.dtype]);
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
    const added = since[recorded.optimizer].map((key) => `    ${key}: `);
    const lines = optimizer
      .toString()
      .split("\n")
      .filter((line) => !added.some((start) => line.startsWith(start)));
    const wanted = (recorded.text as string).replaceAll("    fused: False\n", "    fused: None\n");
    assert.equal(lines.join("\n"), wanted);
  });
}
