/** What a module consists of comes as arrays: they can be gone through again, and have a length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim } from "../../src/index.js";

const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 1));

test("the parameters serve twice", () => {
  const parameters = model.parameters();
  assert.equal(parameters.length, 4);
  new optim.SGD(parameters, 0.1);
  const optimizer = new optim.Adam(parameters, { lr: 0.1 });
  assert.equal(optimizer.paramGroups[0]?.params.length, 4);
  assert.deepEqual(
    parameters.map((parameter) => parameter.shape),
    [[3, 2], [3], [1, 3], [1]],
  );
});

test("all of what a module consists of is in arrays", () => {
  assert.deepEqual(
    model.namedParameters().map(([name]) => name),
    ["0.weight", "0.bias", "1.weight", "1.bias"],
  );
  assert.equal(model.children().length, 2);
  assert.deepEqual(
    model.namedChildren().map(([name]) => name),
    ["0", "1"],
  );
  assert.equal(model.modules().length, 3);
  assert.deepEqual(
    model.namedModules().map(([name]) => name),
    ["", "0", "1"],
  );
  assert.equal(model.buffers().length, 0);
  model.registerBuffer("mean", torch.zeros(3));
  assert.equal(model.buffers().length, 1);
  assert.deepEqual(
    model.namedBuffers("model").map(([name]) => name),
    ["model.mean"],
  );
});
