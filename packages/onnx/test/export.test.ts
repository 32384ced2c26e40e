/** Files that are written: what is in them, and that they compute in ONNX Runtime what the model computes. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import * as onnx from "@flambeau/onnx";
import { ops } from "@flambeau/vision";
import torch, { F, nn, type Tensor } from "flambeau";
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from "onnx-buf";
import { flatten } from "./support/judge.js";
import { checkOpen, type OpenCase } from "./support/openCase.js";
import { noRuntime, RunningModel } from "./support/runtime.js";

const folder = mkdtempSync(join(tmpdir(), "flambeau-onnx-export-"));
after(() => rmSync(folder, { recursive: true }));

const parsed = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
const operators = (model: ModelProto) => model.graph?.node.map(({ opType }) => opType) ?? [];

function shapeOf(info: ValueInfoProto | undefined): (string | number)[] {
  const value = info?.type?.value;
  const dims = value?.case === "tensorType" ? (value.value.shape?.dim ?? []) : [];
  return dims.map(({ value }) => (value.case === "dimParam" ? value.value : Number(value.value)));
}

class Classifier extends nn.Module {
  flatten = new nn.Flatten();
  stack = new nn.Sequential(new nn.Linear(12, 5), new nn.ReLU(), new nn.Dropout(), new nn.Linear(5, 3));

  override forward(x: Tensor): Tensor {
    return this.stack(this.flatten(x));
  }
}

describe("what is in a file", () => {
  test("a model has its operators, the names of its state dict, and the names that were asked for", () => {
    const model = new Classifier();
    const path = join(folder, "classifier.onnx");
    onnx.export(model, [torch.randn(2, 3, 4)], path, {
      inputNames: ["image"],
      outputNames: ["logits"],
      dynamicAxes: { image: { 0: "batch" } },
    });
    const { graph, opsetImport, irVersion, producerName } = onnx.loadProto(path);
    assert.deepEqual(
      graph?.node.map(({ opType, input, output }) => [opType, input.length, output.length]),
      [
        ["Constant", 0, 1],
        ["Reshape", 2, 1],
        ["Gemm", 3, 1],
        ["Relu", 1, 1],
        ["Gemm", 3, 1],
      ],
    );
    assert.deepEqual(graph?.initializer.map(({ name }) => name).sort(), Object.keys(model.stateDict()).sort());
    assert.deepEqual(
      graph?.input.map((info) => [info.name, shapeOf(info)]),
      [["image", ["batch", 3, 4]]],
    );
    assert.deepEqual(
      graph?.output.map((info) => [info.name, shapeOf(info)]),
      [["logits", ["batch", 3]]],
    );
    assert.deepEqual([opsetImport[0]?.version, irVersion, producerName], [17n, 8n, "flambeau"]);
    assert.ok(model.training, "the model is in the mode in which it was");
    assert.deepEqual(readdirSync(folder), ["classifier.onnx"]);
  });

  test("without parameters they are inputs; as inputs beside, they are both", () => {
    const model = new nn.Linear(2, 3);
    const without = parsed(onnx.export(model, torch.ones(1, 2), undefined, { exportParams: false })).graph;
    assert.deepEqual(
      without?.input.map(({ name }) => name),
      ["input", "weight", "bias"],
    );
    assert.deepEqual(without?.initializer, []);
    const both = parsed(onnx.export(model, torch.ones(1, 2), undefined, { keepInitializersAsInputs: true })).graph;
    assert.deepEqual(
      both?.input.map(({ name }) => name),
      ["input", "weight", "bias"],
    );
    assert.deepEqual(
      both?.initializer.map(({ name }) => name),
      ["weight", "bias"],
    );
  });

  test("what depends on parameters alone is computed at once, unless that is not wanted", () => {
    const weight = new nn.Parameter(torch.randn(3, 3));
    class Scaled extends nn.Module {
      weight = weight;
      override forward(x: Tensor): Tensor {
        return x.add(this.weight.exp().t());
      }
    }
    const program = new Scaled();
    const folded = parsed(onnx.export(program, torch.ones(3, 3)));
    assert.deepEqual(operators(folded), ["Add"]);
    const open = parsed(onnx.export(program, torch.ones(3, 3), undefined, { doConstantFolding: false }));
    assert.deepEqual(operators(open), ["Exp", "Transpose", "Add"]);
    assert.deepEqual(
      open.graph?.initializer.map(({ name }) => name),
      ["weight"],
    );
  });

  test("the same node is there once, and what is not used is not there", () => {
    const program = (x: Tensor) => {
      x.cos();
      return x.sin().add(x.sin());
    };
    assert.deepEqual(operators(parsed(onnx.export(program, torch.ones(2)))), ["Sin", "Add"]);
  });

  test("a result that is an input, or occurs twice, has its own name", () => {
    const program = (x: Tensor) => {
      const y = x.sin();
      return [x, y, y];
    };
    const { graph } = parsed(onnx.export(program, torch.ones(2), undefined, { outputNames: ["a", "b", "c"] }));
    assert.deepEqual(
      graph?.output.map(({ name }) => name),
      ["a", "b", "c"],
    );
    assert.deepEqual(graph?.node.map(({ opType }) => opType).sort(), ["Identity", "Identity", "Sin"]);
  });

  test("numbers in a file of their own", async () => {
    const own = join(folder, "apart");
    const model = new nn.Linear(64, 64);
    const { mkdirSync } = await import("node:fs");
    mkdirSync(own);
    const path = join(own, "m.onnx");
    onnx.export(model, torch.ones(1, 64), path, { externalData: true });
    const [first] = readdirSync(own).filter((name) => name.endsWith(".data"));
    assert.match(first ?? "", /^m\.onnx\.[0-9a-f]{12}\.data$/);
    assert.ok(statSync(path).size < 2000);
    const other = new nn.Linear(64, 64);
    onnx.export(other, torch.ones(1, 64), path, { externalData: true });
    const left = readdirSync(own).sort();
    assert.equal(left.length, 2, "the numbers of the model before are gone");
    assert.notEqual(
      left.find((name) => name.endsWith(".data")),
      first,
    );
    if (noRuntime) return;
    const running = await RunningModel.open(path);
    const x = torch.randn(1, 64);
    torch.testing.assertClose(
      (await running.run(x))[0] as Tensor,
      torch.noGrad(() => other(x)),
    );
    await running.close();
  });

  test("a file that was there stays if something goes wrong", () => {
    const path = join(folder, "kept.onnx");
    writeFileSync(path, "old");
    assert.throws(() => onnx.export((x: Tensor) => x.lgamma(), torch.ones(2), path));
    assert.equal(statSync(path).size, 3);
  });
});

test("a program that reads numbers is warned of", async () => {
  const warned = new Promise<Error>((done) => process.once("warning", done));
  const { graph } = parsed(onnx.export((x: Tensor) => (x.sum().item() > 0 ? x.exp() : x.log()), torch.ones(2)));
  assert.equal(graph?.node[0]?.opType, "Exp");
  assert.match((await warned).message, /the program read numbers of tensors \(item\(\), tolist\(\), …, 1 times\)/);
});

describe("errors", () => {
  const one = torch.ones(2, 3);
  test("an operation without a counterpart is named, with the line that called it", () => {
    assert.throws(
      () => onnx.export((x: Tensor) => x.lgamma(), one),
      /onnx\.export: lgamma, called at .*export\.test\.(js|ts):\d+:\d+: ONNX has no counterpart of it in opset 17/,
    );
  });

  test("of a layer or model of the library the line is that of the export, not one of its own code", () => {
    const own =
      /onnx\.export: [\w.]+, called at .*onnx\/(dist\/)?test\/export\.test\.(js|ts):\d+:\d+: ONNX has no counterpart/;
    const ctc = [torch.randn(5, 1, 3), torch.ones(1, 2, { dtype: torch.long }), torch.tensor([5n]), torch.tensor([2n])];
    assert.throws(() => onnx.export(new nn.CTCLoss(), ctc), own);
    const boxes = torch.tensor([[0, 0, 0, 2, 2]]);
    assert.throws(() => onnx.export(new ops.PSRoIPool(1, 1), [torch.ones(1, 2, 4, 4), boxes]), own);
  });

  test("it does no harm where its result is not used", () => {
    const program = (x: Tensor) => {
      x.lgamma();
      return x.exp();
    };
    assert.deepEqual(operators(parsed(onnx.export(program, one))), ["Exp"]);
  });

  test("a program that does something else for other sizes is refused", () => {
    const loop = (x: Tensor) => {
      let sum = x.select(0, 0);
      for (let i = 1; i < x.size(0); i++) sum = sum.add(x.select(0, i));
      return sum;
    };
    const options = { dynamicAxes: { input: { 0: "batch" } } };
    assert.throws(
      () => onnx.export(loop, one, undefined, options),
      /select, called at .*export\.test\.(js|ts).*: the program does something else for other sizes of the dynamic axes/,
    );
    const squeezing = (x: Tensor) => x.squeeze();
    assert.throws(
      () => onnx.export(squeezing, torch.ones(1, 3), undefined, options),
      /squeeze.*another number of dims/,
    );
  });

  test("a number or tensor of which it is not seen how it follows from sizes is refused", () => {
    const options = { dynamicAxes: { input: { 0: "batch" } } };
    const odd = (x: Tensor) => x.newZeros([x.size(0) ** 3 + 7 * x.size(0)]);
    assert.throws(() => onnx.export(odd, one, undefined, options), /is not seen to follow from the sizes of tensors/);
    const made = (x: Tensor) => x.add(torch.tensor(Array.from({ length: x.size(0) }, (_, i) => [i ** 2])));
    assert.throws(() => onnx.export(made, one, undefined, options), /is not the same for other sizes/);
  });

  test("a program that does not run with other sizes says so", () => {
    const fixed = (x: Tensor) => x.view(2, 3);
    const options = { dynamicAxes: { input: { 0: "batch" } } };
    assert.throws(() => onnx.export(fixed, one, undefined, options), /the program does not run with batch = 4/);
  });

  test("options that are wrong", () => {
    const identity = (x: Tensor) => x.exp();
    const fails = (options: object, message: RegExp, Kind: new () => Error = Error) =>
      assert.throws(
        () => onnx.export(identity, one, undefined, options as onnx.ExportOptions),
        (error) => error instanceof Kind && message.test(error.message),
      );
    fails({ opsetVersion: 12 }, /opsets 13 to 20 are known, got 12/, RangeError);
    fails({ opset: 17 }, /unexpected option 'opset'/, TypeError);
    fails({ verbose: 1 }, /argument 'verbose' must be bool, not int/, TypeError);
    fails({ inputNames: [1] }, /argument 'inputNames' must be list of strings, but element 0 is int/, TypeError);
    fails({ training: "never" }, /argument 'training' must be .*"preserve"/, TypeError);
    fails({ inputNames: ["a", "b"] }, /2 names were given for 1 input tensor/);
    fails({ dynamicAxes: { y: [0] } }, /there is no input or output 'y'/);
    fails({ dynamicAxes: { input: [5] } }, /input 'input' has no dim 5/, RangeError);
    assert.throws(
      () => onnx.export(identity, 3 as never),
      /'args' must be a Tensor or a list of the model's arguments/,
    );
    const two = (x: Tensor, y: Tensor) => x.sum().add(y.sum());
    const shared = { dynamicAxes: { input0: { 0: "n" }, input1: { 0: "n" } } };
    assert.throws(
      () => onnx.export(two, [one, torch.ones(3)], undefined, shared),
      /'n' is 2 in one place and 3 in another/,
    );
  });
});

const batch = { input: { 0: "batch" } };
const image = { input: { 0: "batch", 2: "height", 3: "width" } };
const randn = (...shape: number[]) => torch.randn(shape);

class Recurrent extends nn.Module {
  constructor(readonly network: nn.Module) {
    super();
  }
  override forward(x: Tensor): Tensor[] {
    const [output, states] = (this.network as unknown as (x: Tensor) => [Tensor, Tensor | Tensor[]])(x);
    return [output, ...flatten(states)];
  }
}

const open: Record<string, OpenCase> = {
  "a size in view": {
    program: (x: Tensor) =>
      x
        .view(x.size(0), -1)
        .view(-1, 6)
        .reshape(x.size(0) * 2, 6),
    inputs: [randn(2, 3, 4)],
    others: [[randn(1, 3, 4)], [randn(5, 3, 4)]],
    dynamicAxes: batch,
  },
  "sizes that convolutions give": {
    program: (x: Tensor) => {
      const y = F.conv2d(x, torch.ones(4, 3, 3, 3), null, 2, 1);
      const [n, c, h, w] = y.shape as [number, number, number, number];
      return [y.view(n, c, h * w).transpose(1, 2), y.mean([2, 3]).add(torch.zeros(n, c)), y.newFull([h, w + 1], 2)];
    },
    inputs: [randn(1, 3, 8, 10)],
    others: [[randn(3, 3, 9, 16)], [randn(2, 3, 5, 4)]],
    dynamicAxes: image,
  },
  "positions, masks and fractions of sizes": {
    program: (x: Tensor) => {
      const steps = x.size(1);
      const places = torch.arange(steps).unsqueeze(0);
      const mask = torch.ones(steps, steps).tril();
      const half = Math.floor(steps / 2);
      return [x.add(places.unsqueeze(-1)), mask, x.narrow(1, half, 1), x.div(Math.sqrt(steps)), x.mul(steps)];
    },
    inputs: [randn(2, 6, 3)],
    others: [[randn(1, 7, 3)], [randn(4, 2, 3)]],
    dynamicAxes: { input: { 0: "batch", 1: "steps" } },
  },
  "resizing to the size of another tensor": {
    program: (x: Tensor, y: Tensor) => [
      F.interpolate(x, y.shape.slice(2), undefined, { mode: "bilinear" }),
      F.interpolate(x, undefined, 2),
    ],
    inputs: [randn(1, 2, 4, 4), randn(1, 2, 8, 6)],
    others: [[randn(2, 2, 5, 3), randn(1, 2, 7, 9)]],
    dynamicAxes: { input0: { 0: "n", 2: "h", 3: "w" }, input1: { 2: "H", 3: "W" } },
  },
  "a change of a part": {
    program: (x: Tensor) => {
      const y = x.mul(2);
      y.setAt([":", 0], 1);
      y.at("1:", ":", 1).add_(5);
      return y;
    },
    inputs: [randn(3, 2, 4)],
    others: [[randn(2, 2, 4)], [randn(6, 2, 4)]],
    dynamicAxes: batch,
  },
  "attention with a causal mask": {
    program: new (class extends nn.Module {
      attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
      override forward(x: Tensor): Tensor[] {
        const mask = nn.Transformer.generateSquareSubsequentMask(x.size(1));
        const [output, weights] = this.attention(x, x, x, { attnMask: mask });
        return [output, weights as Tensor];
      }
    })(),
    inputs: [randn(2, 5, 8)],
    others: [[randn(1, 7, 8)], [randn(3, 2, 8)]],
    dynamicAxes: { input: { 0: "batch", 1: "steps" } },
  },
  "a transformer's encoder": {
    program: new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true }), 2),
    inputs: [randn(2, 5, 8)],
    others: [[randn(3, 4, 8)]],
    dynamicAxes: { input: { 0: "batch", 1: "steps" } },
  },
  "sizes that depend on numbers": {
    program: (x: Tensor) => {
      const rows = x.nonzero();
      const chosen = x.maskedSelect(x.gt(0));
      return [rows, chosen.view(chosen.size(0), 1), x.at(x.gt(0.5)).mul(chosen.size(0)), torch.ones(rows.size(0), 2)];
    },
    inputs: [
      torch.tensor([
        [1, 0, 2],
        [-1, 0, 0.25],
      ]),
    ],
    others: [[torch.tensor([[0, 3, 0.75]])], [randn(4, 3)]],
    dynamicAxes: batch,
  },
  "a list of dims": {
    program: (x: Tensor) => x.sum(1),
    inputs: [randn(2, 3)],
    others: [[randn(4, 5)]],
    dynamicAxes: { input: [0, 1] },
  },
  "a batch of one": {
    program: new nn.Sequential(
      new nn.Conv2d(3, 4, 3),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(16, 2),
    ),
    inputs: [randn(1, 3, 4, 4)],
    others: [[randn(2, 3, 4, 4)], [randn(7, 3, 4, 4)]],
    dynamicAxes: batch,
  },
};
for (const [name, make] of Object.entries({
  LSTM: () => new nn.LSTM(3, 4, 2, { bidirectional: true, batchFirst: true }),
  GRU: () => new nn.GRU(3, 4, 2, { bidirectional: true }),
  RNN: () => new nn.RNN(3, 4, 1, { nonlinearity: "relu", batchFirst: true }),
})) {
  open[`${name}, batches and steps`] = {
    program: new Recurrent(make()),
    inputs: [randn(2, 5, 3)],
    others: [[randn(1, 7, 3)], [randn(4, 1, 3)]],
    dynamicAxes: { input: { 0: "a", 1: "b" } },
  };
}

checkOpen("files with open sizes compute what the model computes, with other sizes", open, [13, 17, 20]);
