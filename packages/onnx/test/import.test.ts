import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as onnx from "@flambeau/onnx";
import torch, { F, nn, optim, type Tensor } from "flambeau";
import {
  TensorProto_DataLocation as DataLocation,
  FunctionProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from "onnx-buf";
import { graph, info, modelBytes, node } from "./support/models.js";

const folder = mkdtempSync(join(tmpdir(), "flambeau-onnx-import-"));
after(() => rmSync(folder, { recursive: true }));

/** A network of two layers, as exporters write it. */
function perceptron(): Uint8Array {
  torch.manualSeed(1);
  return modelBytes({
    nodes: [
      node("Gemm", ["x", "hidden.weight", "hidden.bias"], ["h"], { transB: 1n }),
      node("Relu", ["h"], ["r"]),
      node("Gemm", ["r", "out.weight", "out.bias"], ["y"], { transB: 1n }),
    ],
    inputs: [info("x", torch.float32, ["batch", 4])],
    outputs: [info("y", torch.float32, ["batch", 3])],
    weights: {
      "hidden.weight": torch.randn(8, 4),
      "hidden.bias": torch.randn(8),
      "out.weight": torch.randn(3, 8),
      "out.bias": torch.randn(3),
    },
  });
}

test("initializers become parameters under the names of the file", () => {
  const model = onnx.load(perceptron());
  const keys = ["hidden.weight", "hidden.bias", "out.weight", "out.bias"];
  assert.deepEqual(Object.keys(model.stateDict()), keys);
  assert.deepEqual(
    model.namedParameters().map(([name]) => name),
    keys,
  );
  const x = torch.randn(5, 4);
  const state = model.stateDict() as Record<string, Tensor>;
  const hidden = F.relu(F.linear(x, state["hidden.weight"] as Tensor, state["hidden.bias"]));
  assert.ok(model(x).equal(F.linear(hidden, state["out.weight"] as Tensor, state["out.bias"])));
  const twin = new nn.Sequential({ hidden: new nn.Linear(4, 8), relu: new nn.ReLU(), out: new nn.Linear(8, 3) });
  twin.loadStateDict(model.stateDict());
  assert.ok(twin(x).equal(model(x)));
});

test("a loaded model learns", () => {
  const model = onnx.load(perceptron());
  const before = torch.deepcopy(model.stateDict()) as Record<string, Tensor>;
  const [x, labels] = [torch.randn(32, 4), torch.randint(0, 3, [32])];
  const optimizer = new optim.SGD(model.parameters(), 0.1);
  const losses = Array.from({ length: 20 }, () => {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(model(x), labels);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  assert.ok((losses.at(-1) as number) < (losses[0] as number) / 2, `${losses}`);
  for (const [name, tensor] of Object.entries(model.stateDict()))
    assert.ok(!tensor.equal(before[name] as Tensor), name);
});

test("a copy is a model of its own", () => {
  const model = onnx.load(perceptron());
  const copy = torch.deepcopy(model);
  const x = torch.randn(2, 4);
  const before = model(x);
  torch.noGrad(() => {
    for (const parameter of copy.parameters()) parameter.zero_();
  });
  assert.ok(model(x).equal(before));
  assert.ok(copy(x).equal(torch.zeros(2, 3)));
});

test("inputs in order and by name, several outputs by name and in order", () => {
  const bytes = modelBytes({
    nodes: [node("Sub", ["a", "b"], ["difference"]), node("Add", ["a", "b"], ["sum"])],
    inputs: ["a", "b"],
    outputs: ["sum", "difference"],
  });
  const model = onnx.load<onnx.OnnxOutputs>(bytes);
  assert.deepEqual(
    [model.inputNames, model.outputNames],
    [
      ["a", "b"],
      ["sum", "difference"],
    ],
  );
  const [a, b] = [torch.tensor([5]), torch.tensor([3])];
  const { sum, difference } = model(a, b);
  assert.deepEqual([sum?.item(), difference?.item()], [8, 2]);
  const [first, second] = model({ b, a });
  assert.deepEqual([first?.item(), second?.item()], [8, 2]);
  assert.throws(() => model(a), /the model takes a: float32, b: float32; 1 given/);
  assert.throws(() => model({ a, c: b }), /the model has no input 'c', but 'a', 'b'/);
  assert.throws(() => model({ a }), /the input 'b: float32' is missing/);
  assert.throws(() => model(a, b.long()), {
    name: "TypeError",
    message: /the input 'b: float32' cannot be torch.int64/,
  });
});

test("an input with an initializer need not be given, and can be by name", () => {
  const bytes = modelBytes({
    nodes: [node("Mul", ["x", "factor"], ["y"])],
    inputs: ["factor", "x"],
    weights: { factor: torch.tensor([3]) },
  });
  const model = onnx.load(bytes);
  assert.equal(model(torch.tensor([2])).item(), 6);
  assert.equal(model({ x: torch.tensor([2]), factor: torch.tensor([5]) }).item(), 10);
});

test("the printed form shows inputs, outputs and nodes", () => {
  assert.equal(
    String(onnx.load(perceptron())),
    `OnnxModule(
  graph, opset 17, test
  (x: float32 [batch, 4]) -> (y: float32 [batch, 3])
  h = Gemm(x, hidden.weight, hidden.bias, transB=1)
  r = Relu(h)
  y = Gemm(r, out.weight, out.bias, transB=1)
)`,
  );
});

test("flambeau inspect lists what is in a file, also of operators that do not exist", () => {
  const path = join(folder, "inspected.onnx");
  writeFileSync(path, perceptron());
  const program = fileURLToPath(new URL("../../../torch/dist/src/cli/program.js", import.meta.url));
  const inspect = () => spawnSync(process.execPath, [program, "inspect", path], { encoding: "utf8" });
  assert.equal(
    inspect().stdout,
    `${path}: ONNX, graph, opset 17, test, 4 tensors, 67 elements, 268 bytes
(x: float32 [batch, 4]) -> (y: float32 [batch, 3])
hidden.weight  float32 [8, 4]  128 bytes
hidden.bias    float32 [8]  32 bytes
out.weight     float32 [3, 8]  96 bytes
out.bias       float32 [3]  12 bytes
nodes: 2 Gemm, Relu
`,
  );
  writeFileSync(path, modelBytes({ nodes: [node("Frobnicate", ["x"], ["y"])] }));
  assert.match(inspect().stdout, /0 tensors, 0 elements, 0 bytes[\s\S]*nodes: Frobnicate/);
  writeFileSync(path, "nothing of the kind");
  const { status, stderr } = inspect();
  assert.equal(status, 1);
  assert.match(stderr, /is no ONNX file/);
});

test("which initializers are trained", () => {
  const bytes = modelBytes({
    nodes: [
      node("Reshape", ["x", "shape"], ["a"]),
      node("Mul", ["a", "factor"], ["b"]),
      node("Gather", ["table", "indices"], ["c"]),
      node("Clip", ["c", "low", "high"], ["d"]),
      node("Add", ["b", "d"], ["y"]),
    ],
    weights: {
      shape: torch.tensor([2n, 2n]),
      factor: torch.tensor(0.5),
      table: torch.randn(3, 2),
      indices: torch.tensor([0n, 2n]),
      low: torch.tensor(-1),
      high: torch.tensor(1),
    },
  });
  const model = onnx.load(bytes);
  assert.deepEqual(
    model.namedParameters().map(([name]) => name),
    ["table"],
  );
  assert.deepEqual(
    model.namedBuffers().map(([name]) => name),
    ["factor", "indices"],
  );
  const chosen = onnx.load(bytes, { parameters: (name) => name === "factor" });
  assert.deepEqual(
    chosen.namedParameters().map(([name]) => name),
    ["factor"],
  );
  assert.deepEqual([...model(torch.ones(4)).shape], [2, 2]);
});

test("names that no module can have are changed, and nothing is lost", () => {
  const names = [
    "a",
    "a.b",
    "a..c",
    "",
    "forward",
    "training",
    "conv_w",
    "convW",
    "__proto__",
    "x.",
    "0",
    "inputNames",
  ];
  const bytes = modelBytes({
    nodes: names
      .filter((name) => name !== "")
      .map((name, i) => node("Add", [i === 0 ? "x" : `t${i - 1}`, name], [`t${i}`])),
    outputs: [`t${names.length - 2}`],
  });
  const proto = fromBinary(ModelProtoSchema, bytes);
  const { graph: target } = proto;
  for (const [i, name] of names.entries()) {
    target?.initializer.push(
      create(ModelProtoSchema, { graph: graph({ nodes: [], weights: { w: torch.full([1], 2 ** i) } }) }).graph
        ?.initializer[0] as never,
    );
    (target?.initializer.at(-1) as { name: string }).name = name;
  }
  const model = onnx.load(toBinary(ModelProtoSchema, proto));
  assert.equal(model.parameters().length, names.length);
  assert.equal(model(torch.zeros(1)).item(), 2 ** names.length - 1 - 2 ** names.indexOf(""));
  assert.equal(Object.keys(model.stateDict()).length, names.length);
});

/** A batch norm behind a layer of channels. */
function batchNorm(version: number, attributes: Parameters<typeof node>[3] = {}): Uint8Array {
  return modelBytes(
    {
      nodes: [
        node(
          "BatchNormalization",
          ["x", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"],
          ["y"],
          attributes,
        ),
      ],
      weights: {
        "bn.weight": torch.tensor([1, 2]),
        "bn.bias": torch.tensor([0, 1]),
        "bn.running_mean": torch.tensor([1, -1]),
        "bn.running_var": torch.tensor([4, 9]),
      },
    },
    version,
  );
}

for (const [version, attributes] of [
  [6, { is_test: 1n }],
  [9, {}],
  [15, {}],
] as const) {
  test(`batch norm of version ${version} uses its statistics, and updates them while it trains`, () => {
    const model = onnx.load(batchNorm(version, attributes));
    assert.deepEqual(
      model.namedParameters().map(([name]) => name),
      ["bn.weight", "bn.bias"],
    );
    const twin = new nn.Sequential({ bn: new nn.BatchNorm1d(2) });
    twin.loadStateDict({ ...model.stateDict(), "bn.num_batches_tracked": torch.tensor(0n) });
    const x = torch.randn(6, 2, 5);
    assert.ok(!model.training);
    assert.ok(model(x).allclose(twin.eval()(x), 1e-5, 1e-6));
    model.train();
    assert.ok(model(x).allclose(twin.train()(x), 1e-5, 1e-6));
    const state = model.stateDict() as Record<string, Tensor>;
    const [mean, variance] = [x.mean([0, 2]), x.var([0, 2], { correction: 0 })];
    const moved = (running: number[], batch: Tensor) => torch.tensor(running).mul(0.9).add(batch.mul(0.1));
    assert.ok((state["bn.running_mean"] as Tensor).allclose(moved([1, -1], mean), 1e-5, 1e-6));
    assert.ok((state["bn.running_var"] as Tensor).allclose(moved([4, 9], variance), 1e-5, 1e-6));
    model.eval();
    assert.ok(model(x).equal(model(x)));
  });
}

test("dropout does what the file says, until it is told", () => {
  const silent = onnx.load(modelBytes({ nodes: [node("Dropout", ["x"], ["y"])] }));
  const x = torch.ones(1000);
  assert.ok(silent(x).equal(x));
  silent.train();
  const dropped = silent(x).eq(0).sum().item();
  assert.ok(dropped > 400 && dropped < 600, `${dropped}`);
  assert.ok(silent.eval()(x).equal(x));
  const training = onnx.load(
    modelBytes({
      nodes: [node("Dropout", ["x", "ratio", "training"], ["y"])],
      weights: { ratio: torch.tensor(0.25), training: torch.tensor(true) },
    }),
  );
  assert.ok(training.training);
  assert.ok(training(x).eq(0).any().item());
  assert.ok(training.eval()(x).equal(x));
});

test("nodes in any order, bodies that see what is around them", () => {
  const then = graph({ nodes: [node("Mul", ["h", "w"], ["t"])], inputs: [], outputs: ["t"] });
  const otherwise = graph({ nodes: [node("Neg", ["h"], ["e"])], inputs: [], outputs: ["e"] });
  const model = onnx.load(
    modelBytes({
      nodes: [
        node("If", ["c"], ["y"], { then_branch: then, else_branch: otherwise }),
        node("Greater", ["s", "zero"], ["c"]),
        node("ReduceSum", ["x"], ["s"], { keepdims: 0n }),
        node("Add", ["x", "x"], ["h"]),
      ],
      weights: { zero: torch.tensor(0), w: torch.tensor([3]) },
    }),
  );
  assert.deepEqual(model(torch.tensor([1, 2])).tolist(), [6, 12]);
  assert.deepEqual(model(torch.tensor([-1, -2])).tolist(), [2, 4]);
  const [w] = model.parameters() as [Tensor];
  model(torch.tensor([1, 2]))
    .sum()
    .backward();
  assert.equal(w.grad?.item(), 6);
});

test("functions of the file stand for their nodes", () => {
  const proto = fromBinary(ModelProtoSchema, modelBytes({ nodes: [node("Twice", ["x"], ["y"], { by: 3 })] }));
  (proto.graph?.node[0] as { domain: string }).domain = "own";
  const scaled = node("Mul", ["a", "f"], ["b"]);
  const factor = node("Constant", [], ["f"], { value_float: 0 });
  (factor.attribute[0] as { refAttrName: string }).refAttrName = "by";
  const opset = (domain: string, version: bigint) => create(OperatorSetIdProtoSchema, { domain, version });
  const called = create(FunctionProtoSchema, {
    name: "Twice",
    domain: "own",
    input: ["a"],
    output: ["b"],
    attribute: ["by"],
    node: [factor, scaled],
    opsetImport: [opset("", 17n)],
  });
  const whole = { ...proto, opsetImport: [...proto.opsetImport, opset("own", 1n)], functions: [called] };
  assert.deepEqual(
    onnx
      .load(toBinary(ModelProtoSchema, whole))(torch.tensor([1, 2]))
      .tolist(),
    [3, 6],
  );
});

const broken: readonly [what: string, bytes: () => Uint8Array, message: RegExp][] = [
  [
    "a name from nowhere",
    () => modelBytes({ nodes: [node("Relu", ["z"], ["y"], {}, "act")] }),
    /node 'act' \(Relu\): its input 'z' is defined nowhere/,
  ],
  [
    "an unknown operator",
    () => modelBytes({ nodes: [node("Frobnicate", ["x"], ["y"], {}, "f")] }),
    /node 'f' \(Frobnicate\): the operator Frobnicate does not exist here/,
  ],
  [
    "a cycle",
    () => modelBytes({ nodes: [node("Add", ["x", "b"], ["a"], {}, "one"), node("Relu", ["a"], ["b"])] }),
    /node 'one' \(Add\) waits for its own result: there is a cycle/,
  ],
  ["an output from nowhere", () => modelBytes({ nodes: [] }), /nothing computes the output 'y'/],
  [
    "a name twice",
    () => modelBytes({ nodes: [node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])] }),
    /Neg: 'y' is defined twice/,
  ],
  [
    "an operator before its time",
    () => modelBytes({ nodes: [node("Scan", ["x"], ["y"])] }, 7),
    /Scan: it does not exist before version 8/,
  ],
  [
    "a missing attribute",
    () => modelBytes({ nodes: [node("Concat", ["x"], ["y"])] }),
    /Concat: attribute 'axis' is missing/,
  ],
  [
    "an attribute of another kind",
    () => modelBytes({ nodes: [node("Concat", ["x"], ["y"], { axis: 1.5 })] }),
    /attribute 'axis' cannot be of type FLOAT/,
  ],
  [
    "a word that there is not",
    () => modelBytes({ nodes: [node("Gelu", ["x"], ["y"], { approximate: "erf" })] }, 20),
    /'erf', not one of 'none', 'tanh'/,
  ],
  [
    "no graph",
    () => toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n })),
    /there is no graph in it/,
  ],
];

for (const [what, bytes, message] of broken) {
  test(`${what} is refused with a sentence`, () => assert.throws(() => onnx.load(bytes()), message));
}

test("what goes wrong in a run names the node", () => {
  const model = onnx.load(
    modelBytes({ nodes: [node("MatMul", ["x", "w"], ["y"], {}, "proj")], weights: { w: torch.ones(3, 2) } }),
  );
  assert.throws(() => model(torch.ones(2, 4)), /node 'proj' \(MatMul\): mat1 and mat2 shapes cannot be multiplied/);
});

test("a tensor whose bytes and shape disagree is refused", () => {
  const proto = fromBinary(ModelProtoSchema, perceptron());
  (proto.graph?.initializer[0] as { dims: bigint[] }).dims = [2n ** 40n, 2n ** 20n];
  assert.throws(
    () => onnx.load(toBinary(ModelProtoSchema, proto)),
    /tensor 'hidden.weight' of shape .* cannot have 128 bytes/,
  );
  (proto.graph?.initializer[0] as { dims: bigint[] }).dims = [-1n];
  assert.throws(() => onnx.load(toBinary(ModelProtoSchema, proto)), /tensor 'hidden.weight': a dim of size -1/);
});

test("a shape beyond all memory is refused before memory is taken", () => {
  for (const nodes of [
    [node("ConstantOfShape", ["s"], ["y"])],
    [node("ConstantOfShape", ["one"], ["o"]), node("Expand", ["o", "s"], ["y"])],
    [node("ConstantOfShape", ["one"], ["o"]), node("Tile", ["o", "big"], ["y"])],
    [node("Range", ["zero", "many", "step"], ["y"])],
  ]) {
    const weights = {
      s: torch.tensor([1000000n, 1000000n]),
      one: torch.tensor([1n]),
      big: torch.tensor([1000000000000n]),
      zero: torch.tensor(0n),
      many: torch.tensor(1000000000000n),
      step: torch.tensor(1n),
    };
    const model = onnx.load(modelBytes({ nodes, inputs: [], weights }));
    assert.throws(() => model(), { name: "RangeError", message: /would take \d+ bytes/ });
  }
});

test("a loop without an end has one", () => {
  const body = graph({
    nodes: [node("Identity", ["go"], ["on"]), node("Add", ["s", "s"], ["t"])],
    inputs: [info("i", torch.int64, []), info("go", torch.bool, []), "s"],
    outputs: [info("on", torch.bool, []), "t"],
  });
  const bytes = modelBytes({ nodes: [node("Loop", ["", "", "x"], ["y"], { body })] });
  assert.throws(
    () => onnx.load(bytes, { maxIterations: 100 })(torch.ones(1)),
    /more iterations than `maxIterations` allows/,
  );
});

/** A model with its weight in another file. */
function external(location: string, entries: Readonly<Record<string, string>> = {}): Uint8Array {
  const proto = fromBinary(
    ModelProtoSchema,
    modelBytes({ nodes: [node("Add", ["x", "w"], ["y"])], weights: { w: torch.ones(2) } }),
  );
  const [tensor] = proto.graph?.initializer ?? [];
  Object.assign(tensor as object, {
    rawData: new Uint8Array(),
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries({ location, ...entries }).map(([key, value]) => ({
      $typeName: "onnx.StringStringEntryProto",
      key,
      value,
    })),
  });
  return toBinary(ModelProtoSchema, proto);
}

test("data in other files come from the folder of the model alone", () => {
  const place = join(folder, "external");
  mkdirSync(join(place, "below"), { recursive: true });
  writeFileSync(join(folder, "secret.bin"), new Uint8Array(8));
  const floats = new Uint8Array(new Float32Array([0, 5, 7]).buffer);
  writeFileSync(join(place, "w.bin"), floats);
  writeFileSync(join(place, "below", "w.bin"), floats.subarray(4));
  symlinkSync(join(folder, "secret.bin"), join(place, "link.bin"));
  const path = join(place, "model.onnx");
  const load = (...args: Parameters<typeof external>) => {
    writeFileSync(path, external(...args));
    return onnx.load(path);
  };
  assert.deepEqual(load("w.bin", { offset: "4", length: "8" })(torch.zeros(2)).tolist(), [5, 7]);
  assert.deepEqual(load("below/w.bin")(torch.zeros(2)).tolist(), [5, 7]);
  for (const outside of ["../secret.bin", "below/../../secret.bin", "..\\secret.bin", "link.bin"]) {
    assert.throws(() => load(outside), /leads out of the model's folder/, outside);
  }
  for (const absolute of [join(folder, "secret.bin"), "", "C:\\secret.bin"]) {
    assert.throws(() => load(absolute), /must be a path relative to the model's folder/, absolute);
  }
  assert.throws(() => load("gone.bin"), /cannot be read: ENOENT/);
  assert.throws(() => load("below"), /is not a file/);
  assert.throws(() => load("w.bin", { offset: "8" }), /8 bytes at 8 are not in the 12 of its external data/);
  assert.throws(() => load("w.bin", { length: "4" }), /has 8 bytes, and external data of 4/);
  assert.throws(() => load("w.bin", { offset: "-4" }), /offset of its external data is "-4"/);
  assert.throws(() => onnx.load(external("w.bin")), /is in another file, and bytes have no folder/);
});
