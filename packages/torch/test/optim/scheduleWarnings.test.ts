/** What schedules warn of. A warning is given once in a process, so these tests have one of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { optim } from "../../src/index.js";

const { lrScheduler } = optim;

const makeOptimizer = () => new optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 0.5 });

/** What is warned of while a function runs. */
async function warningsOf(body: () => void): Promise<string> {
  const warnings: string[] = [];
  const note = ({ message }: Error): number => warnings.push(message);
  process.on("warning", note);
  body();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  return warnings.join("\n");
}

test("steps in their order give no warning, also with several schedules, and after a copy", async () => {
  const warnings = await warningsOf(() => {
    const optimizer = makeOptimizer();
    const schedulers = [new lrScheduler.StepLR(optimizer, 3), new lrScheduler.ExponentialLR(optimizer, 0.9)];
    const copy = torch.deepcopy(optimizer);
    const another = new lrScheduler.StepLR(copy, 3);
    for (let i = 0; i < 3; i++) {
      optimizer.step();
      copy.step();
      for (const scheduler of [...schedulers, another]) scheduler.step();
    }
  });
  assert.equal(warnings, "");
});

test("a schedule of the program's own, on an optimizer of its own", async () => {
  class Halving extends lrScheduler.LRScheduler {
    constructor(optimizer: optim.Optimizer) {
      super(optimizer);
      this.start();
    }
    override getLr(): number[] {
      return this.optimizer.paramGroups.map(({ lr }) => (this.lastEpoch === 0 ? lr : lr / 2));
    }
  }
  class Still extends optim.Optimizer {
    override step(): undefined {}
  }
  const optimizer = new Still([torch.ones(1, { requiresGrad: true })], { lr: 8 });
  const scheduler = new Halving(optimizer);
  const warnings = await warningsOf(() => {
    for (let i = 0; i < 3; i++) {
      optimizer.step();
      scheduler.step();
    }
  });
  assert.deepEqual([scheduler.getLastLr(), warnings], [[1], ""]);
});

test("a step of the schedule before any of the optimizer", async () => {
  const scheduler = new lrScheduler.StepLR(makeOptimizer(), 3);
  const warnings = await warningsOf(() => scheduler.step());
  assert.match(warnings, /^Detected call of `lr_scheduler.step\(\)` before `optimizer.step\(\)`. In PyTorch 1.1.0 and/);
});

test("an optimizer whose step was replaced", async () => {
  const optimizer = makeOptimizer();
  const scheduler = new lrScheduler.StepLR(optimizer, 3);
  optimizer.step = () => undefined as never;
  const warnings = await warningsOf(() => scheduler.step());
  assert.match(warnings, /^Seems like `optimizer.step\(\)` has been overridden after learning rate scheduler/);
});

test("an epoch given to step, and rates asked for in the wrong way", async () => {
  const optimizer = makeOptimizer();
  const scheduler = new lrScheduler.StepLR(optimizer, 3);
  optimizer.step();
  const ofEpoch = await warningsOf(() => scheduler.step(1));
  assert.match(ofEpoch, /^The epoch parameter in `scheduler.step\(\)` was not necessary and is being deprecated/);
  const ofRates = await warningsOf(() => scheduler.getLr());
  assert.equal(ofRates, "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.");
});
