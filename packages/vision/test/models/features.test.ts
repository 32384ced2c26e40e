/** What models compute on their way, by the names of torchvision's nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { models } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";
import { golden } from "../support/golden.js";

const { createFeatureExtractor, getGraphNodeNames } = models;

/** What a node gives: the shape and the sums of a tensor, a list of parts, or another value in a list. */
type Summary = { readonly shape: number[]; readonly sum: number; readonly size: number } | readonly unknown[];

interface Recorded {
  readonly nodes: Record<string, { readonly train: string[]; readonly eval: string[] | null }>;
  readonly values: Record<
    string,
    { readonly size: number; readonly options: object; readonly nodes: [node: string, value: Summary][] }
  >;
}

const recorded = golden<Recorded>("nodes");
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

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
  const mean = model.getBuffer("bn1.running_mean").clone();
  const [called] = getGraphNodeNames(model, { inputs: [torch.rand(1, 3, 64, 64)] });
  assert.deepEqual(called.slice(7, 12), [
    "layer1.0.relu",
    "layer1.0.conv2",
    "layer1.0.bn2",
    "layer1.0.add",
    "layer1.0.relu_1",
  ]);
  assert.deepEqual(getGraphNodeNames(model)[1], called);
  assert.ok(model.getBuffer("bn1.running_mean").equal(mean), "the model was not trained");
  assert.equal(model.training, true);
});

for (const [name, { train, eval: evaluation }] of Object.entries(recorded.nodes)) {
  test(`the nodes of ${name} are torchvision's`, () => {
    const options = ["googlenet", "inception_v3"].includes(name) ? { auxLogits: true, initWeights: false } : {};
    const model = torch.device("meta", () => models.getModel(name, { weights: null, ...options } as never));
    // Parameters stand where they are used, and not where a program names them.
    const sorted = (nodes: string[]) => (name.startsWith("convnext") ? nodes.toSorted() : nodes);
    const found = getGraphNodeNames(model, { suppressDiffWarning: true });
    assert.deepEqual(found.map(sorted), [train, evaluation ?? train].map(sorted));
  });
}

/** Whether a value is what was recorded of torchvision's: shapes, sums, numbers and lists of these. */
function check(actual: unknown, expected: Summary, words: string): void {
  if (!(actual instanceof torch.Tensor)) {
    if (!Array.isArray(expected)) assert.fail(`${words}: ${String(actual)} is no tensor`);
    const list = Array.isArray(actual) && actual.some((part) => part instanceof torch.Tensor);
    if (list) actual.forEach((part, i) => check(part, expected[i] as Summary, words));
    else assert.deepEqual([actual], expected, words);
    return;
  }
  const { shape, sum, size } = expected as Exclude<Summary, readonly unknown[]>;
  assert.deepEqual(actual.shape, shape, words);
  const values = actual.double();
  const apart = [values.sum().item() - sum, values.abs().sum().item() - size].map(Math.abs);
  assert.ok(Math.max(...apart) <= 1e-5 * size + 1e-9, `${words}: ${apart} apart, of ${size}`);
}

for (const [name, { size, options, nodes }] of Object.entries(recorded.values)) {
  test(`nodes of ${name} give torchvision's values`, () => {
    torch.manualSeed(0);
    const given = Object.fromEntries(Object.entries(options).map(([key, value]) => [camelCase(key), value]));
    const model = models.getModel(name, { weights: null, numClasses: 3, ...given } as never).eval();
    const x = torch.rand(1, 3, size, size);
    const wanted = nodes.map(([node]) => node);
    const found = createFeatureExtractor(model, wanted)(x);
    assert.deepEqual(Object.keys(found), wanted);
    for (const [node, expected] of nodes) check(found[node], expected, node);
    const [last, expected] = nodes.at(-1) as [string, Summary];
    check(createFeatureExtractor(model, [last])(x)[last], expected, `${last} alone`);
  });
}

test("one node may be given under several names, and gradients reach parameters from all", () => {
  const model = models.resnet18({ numClasses: 3 });
  const extractor = createFeatureExtractor(model, {
    "layer1.1.relu_1": "last",
    layer1: "whole",
    "layer1.0.bn2": "inner",
  });
  const { last, whole, inner } = extractor(torch.rand(2, 3, 32, 32));
  assert.equal(last, whole);
  inner.sum().backward();
  assert.notEqual(model.getParameter("layer1.0.conv2.weight").grad, null);
  assert.equal(model.getParameter("layer1.1.conv1.weight").grad, null);
});

test("what += changes in place is given as it was, and what a layer changes is given changed", () => {
  class Model extends nn.Module {
    linear = new nn.Linear(2, 2);
    relu = new nn.ReLU({ inplace: true });
    override forward(x: Tensor, { scale }: { scale: number }): Tensor {
      const y = this.linear(x);
      this.relu(y.mul(scale)).add_(1);
      return y.mul(scale).add_(1).sub(x.at(0, 1));
    }
  }
  const model = new Model().eval();
  const inputs = [torch.rand(3, 2), { scale: -1 }];
  assert.deepEqual(getGraphNodeNames(model, { inputs })[1], [
    "x",
    "input",
    "linear",
    "mul",
    "relu",
    "add",
    "mul_1",
    "add_1",
    "getitem",
    "sub",
  ]);
  const found = createFeatureExtractor(model, ["mul", "relu", "mul_1", "add_1"])(...inputs) as Record<string, Tensor>;
  const scaled = model.linear(inputs[0] as Tensor).neg();
  torch.testing.assertClose(found.mul, scaled.relu());
  torch.testing.assertClose(found.relu, scaled.relu());
  torch.testing.assertClose(found.mul_1, scaled);
  torch.testing.assertClose(found.add_1, scaled.add(1));
});

test("a model with other nodes in training says so, unless it is told not to", async () => {
  class Model extends nn.Module {
    linear = new nn.Linear(2, 2);
    override forward(x: Tensor): Tensor {
      const y: Tensor = this.linear(x);
      return this.training ? y.add(1) : y;
    }
  }
  const warnings: string[] = [];
  const listen = ({ message }: Error) => void warnings.push(message);
  process.on("warning", listen);
  const inputs = [torch.rand(1, 2)];
  getGraphNodeNames(new Model(), { inputs });
  createFeatureExtractor(new Model(), ["linear"], { inputs });
  createFeatureExtractor(new Model(), ["linear"], { inputs, suppressDiffWarning: true });
  getGraphNodeNames(new nn.Linear(2, 2), { inputs });
  await new Promise((done) => setImmediate(done));
  process.off("warning", listen);
  assert.equal(warnings.length, 2);
  for (const warning of warnings) assert.match(warning, /eval mode are a subsequence of those obtained in train mode/);
});

test("classes of one's own may be nodes", () => {
  class Block extends nn.Sequential {}
  const model = new nn.Sequential(new Block(new nn.Linear(2, 2), new nn.ReLU()), new nn.Linear(2, 1));
  const inputs = [torch.rand(1, 2)];
  assert.deepEqual(getGraphNodeNames(model, { inputs })[0], ["input", "0.0", "0.1", "1"]);
  const tracerKwargs = { leafModules: [Block] };
  assert.deepEqual(getGraphNodeNames(model, { inputs, tracerKwargs })[0], ["input", "0", "1"]);
  const extractor = createFeatureExtractor(model, ["0"], { tracerKwargs });
  assert.deepEqual(Object.keys(extractor(...inputs)), ["0"]);
});

test("what is no node is refused", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  const inputs = [torch.rand(1, 2)];
  assert.throws(() => createFeatureExtractor(model, ["2"], { inputs }), /node: '2' is not present in model/);
  assert.throws(
    () => createFeatureExtractor(model, { returnNodes: { relu_1: "x" }, inputs }),
    /'relu_1' is not present/,
  );
  assert.throws(() => createFeatureExtractor(model, ["1_1"])(...inputs), /node: '1_1' is not present in model/);
  assert.throws(() => createFeatureExtractor(models.resnet18(), ["layer"]), /node: 'layer' is not present/);
  assert.throws(() => createFeatureExtractor(model, ["1"], { inputs: [torch.rand(1, 3)] }), /cannot be multiplied/);
  assert.throws(() => getGraphNodeNames(model), /does not run with images of 224x224.*say what it is called with/s);
  assert.throws(() => getGraphNodeNames(3 as never), TypeError);
  assert.throws(() => createFeatureExtractor(model, { returnNodes: null }), /Either `returnNodes` or/);
  assert.throws(() => createFeatureExtractor(model, { trainReturnNodes: ["0"] }), /both should be specified/);
  // @ts-expect-error no module
  assert.throws(() => createFeatureExtractor(3, ["0"]), TypeError);
});

test("an error of the model stays one", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  assert.throws(() => createFeatureExtractor(model, ["1"])(torch.rand(1, 3)), /shapes cannot be multiplied/);
});
