/** Clipping of gradients, and parameters as one vector. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import torch, { nn } from "../../src/index.js";

function parametersWithGrads(): nn.Parameter[] {
  const parameters = [
    new nn.Parameter(torch.zeros(2)),
    new nn.Parameter(torch.zeros(1)),
    new nn.Parameter(torch.zeros(3)),
  ];
  (parameters[0] as nn.Parameter).grad = torch.tensor([3, 0]);
  (parameters[1] as nn.Parameter).grad = torch.tensor([-4]);
  return parameters;
}

test("clipGradNorm_ scales all gradients by one factor", () => {
  const parameters = parametersWithGrads();
  assert.equal(nn.utils.clipGradNorm_(parameters, 1).item(), 5);
  const grads = parameters.map(({ grad }) => grad?.tolist() as number[] | undefined);
  assert.ok(Math.abs((grads[0]?.[0] ?? 0) - 0.6) < 1e-6 && Math.abs((grads[1]?.[0] ?? 0) + 0.8) < 1e-6);
  assert.equal(grads[2], undefined);
  const others = parametersWithGrads();
  assert.equal(nn.utils.clipGradNorm_(others.values(), 10, Infinity).item(), 4);
  assert.deepEqual(others[0]?.grad?.tolist(), [3, 0]);
  (others[0] as nn.Parameter).grad = torch.tensor([NaN, 0]);
  assert.throws(
    () => nn.utils.clipGradNorm_(others, 1, { errorIfNonfinite: true }),
    /is non-finite, so it cannot be clipped/,
  );
  assert.equal(nn.utils.clipGradNorm_([], 1).item(), 0);
});

test("clipping changes no gradient where one cannot be changed", () => {
  const parameters = parametersWithGrads();
  (parameters[2] as nn.Parameter).grad = torch.ones(1).expand(3);
  assert.throws(() => nn.utils.clipGradNorm_(parameters, 1), /refers to a single memory location/);
  assert.throws(() => nn.utils.clipGradValue_(parameters, 1), /refers to a single memory location/);
  assert.deepEqual(parameters[0]?.grad?.tolist(), [3, 0]);
});

test("clipping warns of a generator that is used up, as in PyTorch, and once", async () => {
  const spent = new nn.Linear(2, 2).parameters().values();
  assert.equal([...spent].length, 2);
  const warnings: [string, string][] = [];
  const note = ({ name, message }: Error): number => warnings.push([name, message]);
  process.on("warning", note);
  nn.utils.clipGradNorm_(spent, 1);
  nn.utils.clipGradValue_(spent, 1);
  await setImmediate();
  process.off("warning", note);
  assert.deepEqual(warnings, [["UserWarning", "`parameters` is an empty generator, no gradient clipping will occur."]]);
});

test("clipGradValue_ clips each number", () => {
  const parameters = parametersWithGrads();
  nn.utils.clipGradValue_(parameters, 2);
  assert.deepEqual(
    parameters.map(({ grad }) => grad?.tolist()),
    [[2, 0], [-2], undefined],
  );
  nn.utils.clipGradValue_(parameters[0] as nn.Parameter, 1);
  assert.deepEqual(parameters[0]?.grad?.tolist(), [1, 0]);
});

test("parameters as a vector and back", () => {
  const net = new nn.Linear(2, 2);
  const vector = nn.utils.parametersToVector(net.parameters());
  assert.equal(vector.length, 6);
  assert.ok(vector.requiresGrad);
  nn.utils.vectorToParameters(torch.arange(6).float(), net.parameters());
  assert.deepEqual(
    [net.weight.tolist(), net.bias?.tolist()],
    [
      [
        [0, 1],
        [2, 3],
      ],
      [4, 5],
    ],
  );
  assert.throws(
    () => nn.utils.vectorToParameters(torch.ones(5), net.parameters()),
    /the parameters have 6 elements, but the vector only 5/,
  );
});
