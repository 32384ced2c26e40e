/** What models compute on their way, by the paths of their modules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { models } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";

const { createFeatureExtractor, getGraphNodeNames } = models;

test("outputs of modules are torchvision's, also of those that are called again", () => {
  torch.manualSeed(0);
  const model = models.resnet18({ numClasses: 3 }).eval();
  const x = torch.rand(1, 3, 32, 32);
  const extractor = createFeatureExtractor(model, {
    "layer1.0.relu_1": "a",
    layer2: "b",
    bn1: "c",
    "layer1.0.relu": "d",
  });
  const found = Object.entries(extractor(x) as Record<string, Tensor>).map(([name, tensor]) => {
    const values = tensor.double();
    return [name, tensor.shape, values.sum().item(), values.abs().sum().item()] as const;
  });
  const expected = [
    ["c", [1, 64, 16, 16], 1009.04491094675, 1009.04491094675],
    ["d", [1, 64, 8, 8], 318.09998258885753, 318.09998258885753],
    ["a", [1, 64, 8, 8], 746.7955729888522, 746.7955729888522],
    ["b", [1, 128, 4, 4], 556.7769921341096, 556.7769921341096],
  ] as const;
  assert.deepEqual(
    found.map(([name, shape]) => [name, shape]),
    expected.map(([name, shape]) => [name, shape]),
  );
  found.forEach(([name, , ...sums], i) => {
    const wanted = expected[i]?.slice(2) as number[];
    sums.forEach((sum, j) => assert.ok(Math.abs(sum - (wanted[j] as number)) < 1e-5 * (wanted[1] as number), name));
  });
});

test("nothing is computed behind the last node, and the model stays as it is", () => {
  const model = models.squeezenet1_1({ numClasses: 3 }).eval();
  const called: string[] = [];
  for (const [path, module] of model.namedModules()) module.registerForwardHook(() => void called.push(path));
  const extractor = createFeatureExtractor(model, ["features.2"]);
  const x = torch.rand(1, 3, 33, 33);
  const { "features.2": pooled } = extractor(x);
  assert.deepEqual(called, ["features.0", "features.1", "features.2"]);
  assert.ok(pooled.equal((model.features as nn.Sequential).at(":3")(x)));
  assert.deepEqual(model(x).shape, [1, 3]);
});

test("the extractor has the model's keys, trains it, and tells the modes apart", () => {
  const model = models.mobilenetV3Small({ numClasses: 3 });
  const extractor = createFeatureExtractor(model, {
    trainReturnNodes: ["features.0"],
    evalReturnNodes: ["features.1", "avgpool"],
  });
  assert.deepEqual(Object.keys(extractor.stateDict()), Object.keys(model.stateDict()));
  const x = torch.rand(2, 3, 32, 32);
  const first = extractor.train()(x)["features.0"] as Tensor;
  first.sum().backward();
  assert.notEqual(model.getParameter("features.0.0.weight").grad, null);
  assert.equal(model.getParameter("features.1.block.0.0.weight").grad, null);
  assert.deepEqual(Object.keys(extractor.eval()(x)), ["features.1", "avgpool"]);
  assert.equal(model.getSubmodule("features.0.1").training, false);
});

test("parameters and buffers of the model itself are the extractor's", () => {
  const model = models.vitB32({ imageSize: 32, numClasses: 3 });
  const extractor = createFeatureExtractor(model, ["encoder.ln"]);
  assert.equal(extractor.getParameter("class_token"), model.classToken);
  assert.deepEqual(extractor.eval()(torch.rand(1, 3, 32, 32))["encoder.ln"].shape, [1, 2, 768]);
});

test("the names of nodes", () => {
  const model = models.resnet18({ numClasses: 3 });
  const [train, evaluation] = getGraphNodeNames(model);
  assert.deepEqual(train, evaluation);
  assert.deepEqual(train.slice(0, 7), [
    "conv1",
    "bn1",
    "relu",
    "maxpool",
    "layer1.0.conv1",
    "layer1.0.bn1",
    "layer1.0.relu",
  ]);
  const mean = model.getBuffer("bn1.running_mean").clone();
  const [called] = getGraphNodeNames(model, { inputs: [torch.rand(1, 3, 64, 64)] });
  assert.deepEqual(called.slice(6, 10), ["layer1.0.relu", "layer1.0.conv2", "layer1.0.bn2", "layer1.0.relu_1"]);
  assert.ok(model.getBuffer("bn1.running_mean").equal(mean), "the model was not trained");
  assert.equal(model.training, true);
});

test("what is no node is refused", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  assert.throws(() => createFeatureExtractor(model, ["2"]), /node: '2' is not present in model/);
  assert.throws(() => createFeatureExtractor(model, { relu_1: "x" }), /node: 'relu_1' is not present in model/);
  assert.throws(() => createFeatureExtractor(model, ["1_1"])(torch.rand(1, 2)), /the model did not compute 1_1/);
  assert.throws(() => createFeatureExtractor(model, { returnNodes: null }), /Either `returnNodes` or/);
  assert.throws(() => createFeatureExtractor(model, { trainReturnNodes: ["0"] }), /both should be specified/);
  // @ts-expect-error no module
  assert.throws(() => createFeatureExtractor(3, ["0"]), TypeError);
});

test("an error of the model stays one", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  assert.throws(() => createFeatureExtractor(model, ["1"])(torch.rand(1, 3)), /shapes cannot be multiplied/);
});
