/** `torch.utils.flopCounter`: floating-point operations by module and operation. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import torch, { F, nn, utils } from "../../src/index.js";
import { NeuralNetwork } from "../support/quickstartNetwork.js";

const { FlopCounterMode } = utils.flopCounter;

const forward = 2 * 64 * (784 * 512 + 512 * 512 + 512 * 10);

function count(body: () => unknown): InstanceType<typeof FlopCounterMode> {
  const counter = new FlopCounterMode({ display: false });
  counter.run(body);
  return counter;
}

describe("products are counted as two operations for each multiply-add", () => {
  const cases: [string, number, () => unknown][] = [
    ["mm", 2 * 2 * 3 * 4, () => torch.ones(2, 3).mm(torch.ones(3, 4))],
    ["bmm", 2 * 5 * 2 * 3 * 4, () => torch.ones(5, 2, 3).bmm(torch.ones(5, 3, 4))],
    ["matmul of batches", 2 * 5 * 2 * 3 * 4, () => torch.ones(5, 2, 3).matmul(torch.ones(5, 3, 4))],
    ["addmm", 2 * 2 * 3 * 4, () => torch.ones(4).addmm(torch.ones(2, 3), torch.ones(3, 4))],
    ["mv", 2 * 2 * 3, () => torch.ones(2, 3).mv(torch.ones(3))],
    ["dot", 2 * 3, () => torch.ones(3).dot(torch.ones(3))],
    ["linear", 2 * 2 * 5 * 3 * 4, () => nn.functional.linear(torch.ones(2, 5, 3), torch.ones(4, 3))],
    ["elementwise", 0, () => torch.ones(3).add(1).exp()],
  ];
  for (const [name, flops, run] of cases) {
    test(name, () => assert.equal(count(run).getTotalFlops(), flops));
  }
});

test("the quickstart's network, by module", () => {
  const model = new NeuralNetwork();
  const counter = count(() => model(torch.ones(64, 1, 28, 28)));
  assert.equal(counter.getTotalFlops(), forward);
  const counts = counter.getFlopCounts();
  assert.deepEqual(counts.NeuralNetwork, { linear: forward });
  assert.deepEqual(counts["NeuralNetwork.linear_relu_stack.2"], { linear: 2 * 64 * 512 * 512 });
  assert.equal(counts["NeuralNetwork.linear_relu_stack.1"], undefined);
});

test("the backward pass counts to the modules that recorded it: twice the forward pass, less the first input", () => {
  const model = new NeuralNetwork();
  const loss = model(torch.ones(64, 1, 28, 28)).sum();
  const first = 2 * 64 * 784 * 512;
  const alone = count(() => loss.backward());
  assert.equal(alone.getTotalFlops(), 2 * forward - first);
  const both = count(() =>
    model(torch.ones(64, 1, 28, 28))
      .sum()
      .backward(),
  );
  assert.equal(both.getTotalFlops(), 3 * forward - first);
  const { linear, ...rest } = both.getFlopCounts()["NeuralNetwork.linear_relu_stack.4"] ?? {};
  assert.equal(linear, 2 * 64 * 512 * 10);
  assert.equal(
    Object.values(rest).reduce((sum, flops) => sum + flops, 0),
    2 * 2 * 64 * 512 * 10,
  );
});

test("the table", () => {
  const model = new nn.Sequential(new nn.Linear(1000, 2000), new nn.Linear(2000, 1000));
  const counter = count(() => model(torch.ones(10, 1000)));
  assert.equal(
    counter.getTable(),
    [
      "Module            FLOP    % Total",
      "-------------  -------  ---------",
      "Sequential     80.000M    100.00%",
      " - linear      80.000M    100.00%",
      " Sequential.0  40.000M     50.00%",
      "  - linear     40.000M     50.00%",
      " Sequential.1  40.000M     50.00%",
      "  - linear     40.000M     50.00%",
    ].join("\n"),
  );
  const mixed = count(() => model(torch.ones(10, 1000)).mm(torch.ones(1000, 1000)));
  assert.match(
    mixed.getTable(1),
    /^.*\n.*\nGlobal +100\.000M +100\.00%\n - linear .*\n - mm +20\.000M +20\.00%\n Sequential /,
  );
  assert.match(count(() => torch.ones(2)).getTable(), /Global +0 +0%$/);
});

test("the table is printed at the end unless that is switched off; a new count begins at zero", () => {
  const log = mock.method(console, "log", () => undefined);
  try {
    const counter = new FlopCounterMode();
    counter.run(() => torch.ones(2, 2).mm(torch.ones(2, 2)));
    counter.run(() => torch.ones(2, 2).mm(torch.ones(2, 2)));
    assert.equal(log.mock.callCount(), 2);
    assert.equal(counter.getTotalFlops(), 16);
  } finally {
    log.mock.restore();
  }
});

test("formulas of one's own", () => {
  const counter = new FlopCounterMode({ display: false, customMapping: { exp: (input) => 10 * (input[0] ?? 0) } });
  counter.run(() => torch.ones(3).exp());
  assert.equal(counter.getTotalFlops(), 30);
});

test("counts as before while a profile is recorded", () => {
  const model = new NeuralNetwork();
  let counter = count(() => undefined);
  torch.profiler.profile(() => {
    counter = count(() =>
      model(torch.ones(64, 1, 28, 28))
        .sum()
        .backward(),
    );
  });
  assert.equal(counter.getTotalFlops(), 3 * forward - 2 * 64 * 784 * 512);
});

test("operations that give no tensor are counted past", () => {
  const x = torch.ones(2, 2);
  assert.equal(count(() => torch.equal(x, x) && torch.allclose(x, x) && x.mm(x)).getTotalFlops(), 16);
});

test("convolutions count the products of each element of the smaller side with a filter, backward too", () => {
  const total = (run: () => void) => count(run).getTotalFlops();
  const [x, w] = [torch.ones(2, 4, 6, 5), torch.ones(8, 2, 3, 2)];
  const forward = 2 * (2 * 8 * 3 * 6) * (2 * 3 * 2);
  assert.equal(
    total(() => F.conv2d(x, w, null, [2, 1], 1, 1, 2)),
    forward,
  );
  const [leaf, weight] = [x.clone().requiresGrad_(), w.clone().requiresGrad_()];
  assert.equal(
    total(() => F.conv2d(leaf, weight, null, [2, 1], 1, 1, 2).sum().backward()),
    3 * forward,
  );
  assert.equal(
    total(() => F.convTranspose1d(torch.ones(2, 4, 6), torch.ones(4, 3, 5), null, 2)),
    2 * (2 * 4 * 6) * (3 * 5),
  );
});
