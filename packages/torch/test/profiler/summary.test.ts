/** `torch.utils.summary`: the table of layers that torchinfo prints, without a computation. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import torch, { nn, type Tensor, utils } from "../../src/index.js";
import { NeuralNetwork } from "../support/quickstartNetwork.js";

const { summary } = utils;

const quickstart = `\
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
NeuralNetwork                            [64, 10]                  --
├─Flatten: 1-1                           [64, 784]                 --
├─Sequential: 1-2                        [64, 10]                  --
│    └─Linear: 2-1                       [64, 512]                 401,920
│    └─ReLU: 2-2                         [64, 512]                 --
│    └─Linear: 2-3                       [64, 512]                 262,656
│    └─ReLU: 2-4                         [64, 512]                 --
│    └─Linear: 2-5                       [64, 10]                  5,130
==========================================================================================
Total params: 669,706
Trainable params: 669,706
Non-trainable params: 0
Total mult-adds (M): 42.86
==========================================================================================
Input size (MB): 0.20
Forward/backward pass size (MB): 0.53
Params size (MB): 2.68
Estimated Total Size (MB): 3.41
==========================================================================================`;

/** A container that is not called itself, modules that are called several times, and so is what is in them. */
class Child extends nn.Module {
  sequential = new nn.Sequential(new nn.Linear(5, 5), new nn.Linear(5, 5));
  between = new nn.Linear(5, 5);

  override forward(x: Tensor): Tensor {
    let out = this.between(this.sequential(x));
    for (const layer of this.sequential) out = layer(out) as Tensor;
    out = this.sequential(x);
    for (const layer of this.sequential) out = layer(out) as Tensor;
    return out;
  }
}

class Nested extends nn.Module {
  layers = new nn.ModuleList([new nn.Linear(5, 5), new Child(), new nn.Linear(5, 5)]);

  override forward(x: Tensor): Tensor {
    let out = x;
    for (const layer of this.layers) out = layer(out) as Tensor;
    return out;
  }
}

const nestedRows = `\
Nested                                   [1, 5]                    --
├─ModuleList: 1-1                        --                        --
│    └─Linear: 2-1                       [1, 5]                    30
│    └─Child: 2-2                        [1, 5]                    --
│    │    └─Sequential: 3-1              [1, 5]                    --
│    │    │    └─Linear: 4-1             [1, 5]                    30
│    │    │    └─Linear: 4-2             [1, 5]                    30
│    │    └─Linear: 3-2                  [1, 5]                    30
│    │    └─Sequential: 3-3              --                        (recursive)
│    │    │    └─Linear: 4-3             [1, 5]                    (recursive)
│    │    │    └─Linear: 4-4             [1, 5]                    (recursive)
│    │    └─Sequential: 3-4              [1, 5]                    (recursive)
│    │    │    └─Linear: 4-5             [1, 5]                    (recursive)
│    │    │    └─Linear: 4-6             [1, 5]                    (recursive)
│    │    │    └─Linear: 4-7             [1, 5]                    (recursive)
│    │    │    └─Linear: 4-8             [1, 5]                    (recursive)
│    └─Linear: 2-3                       [1, 5]                    30`.split("\n");

/** The rows of a summary, without head and totals. */
function rowsOf(statistics: object): string[] {
  const lines = String(statistics).split("\n");
  const rules = lines.flatMap((line, i) => (line.startsWith("===") ? [i] : []));
  return lines.slice((rules[1] as number) + 1, rules[2]);
}

function printed(body: () => unknown): unknown[][] {
  const log = mock.method(console, "log", () => {});
  try {
    body();
    return log.mock.calls.map(({ arguments: args }) => args);
  } finally {
    log.mock.restore();
  }
}

describe("the quickstart's network", () => {
  test("the whole text", () => {
    assert.equal(String(summary(new NeuralNetwork(), [64, 1, 28, 28], { verbose: 0 })), quickstart);
  });

  test("the numbers", () => {
    const statistics = summary(new NeuralNetwork(), [64, 1, 28, 28], { verbose: 0 });
    assert.equal(statistics.totalParams, 669_706);
    assert.equal(statistics.trainableParams, 669_706);
    assert.equal(statistics.totalMultAdds, 64 * 669_706);
    assert.equal(statistics.totalInput, 64 * 784 * 4);
    assert.equal(statistics.totalOutputBytes, 2 * 64 * (512 + 512 + 10) * 4);
    assert.equal(statistics.totalParamBytes, 669_706 * 4);
    assert.deepEqual(
      statistics.summaryList.map(({ className, depth, outputSize }) => [className, depth, outputSize]),
      [
        ["NeuralNetwork", 0, [64, 10]],
        ["Flatten", 1, [64, 784]],
        ["Sequential", 1, [64, 10]],
        ["Linear", 2, [64, 512]],
        ["ReLU", 2, [64, 512]],
        ["Linear", 2, [64, 512]],
        ["ReLU", 2, [64, 512]],
        ["Linear", 2, [64, 10]],
      ],
    );
  });

  test("is printed once unless verbose is 0", () => {
    const model = new NeuralNetwork();
    assert.deepEqual(
      printed(() => summary(model, [64, 1, 28, 28])),
      [[quickstart]],
    );
    assert.deepEqual(
      printed(() => summary(model, [64, 1, 28, 28], { verbose: 0 })),
      [],
    );
  });

  test("the same from sizes in an option, several sizes and data", () => {
    const model = new NeuralNetwork();
    const x = torch.rand(64, 1, 28, 28);
    const product = torch.rand(64, 1, 28, 28, { requiresGrad: true }).mul(2);
    for (const statistics of [
      summary(model, { inputSize: [64, 1, 28, 28], verbose: 0 }),
      summary(model, [[64, 1, 28, 28]], { verbose: 0 }),
      summary(model, null, x, { verbose: 0 }),
      summary(model, { inputData: x, verbose: 0 }),
      summary(model, { inputData: [product], verbose: 0 }),
    ]) {
      assert.equal(String(statistics), quickstart);
    }
  });

  test("without inputs the modules are listed", () => {
    assert.equal(
      String(summary(new NeuralNetwork(), { verbose: 0 })),
      `\
=================================================================
Layer (type:depth-idx)                   Param #
=================================================================
NeuralNetwork                            --
├─Flatten: 1-1                           --
├─Sequential: 1-2                        --
│    └─Linear: 2-1                       401,920
│    └─ReLU: 2-2                         --
│    └─Linear: 2-3                       262,656
│    └─ReLU: 2-4                         --
│    └─Linear: 2-5                       5,130
=================================================================
Total params: 669,706
Trainable params: 669,706
Non-trainable params: 0
=================================================================`,
    );
  });
});

describe("rows", () => {
  test("containers that are not called, and modules that are called again", () => {
    const statistics = summary(new Nested(), [1, 5], { depth: 9, verbose: 0 });
    assert.deepEqual(rowsOf(statistics), nestedRows);
    assert.equal(statistics.totalParams, 150);
    assert.equal(statistics.totalMultAdds, 11 * 30);
  });

  test("a limit of the depth leaves rows out, and changes no total", () => {
    const isShown = (depth: number) => (row: string) => depth >= [...row.matchAll(/│ {4}|[├└]─/g)].length;
    for (const depth of [1, 2, 3]) {
      const statistics = summary(new Nested(), [1, 5], { depth, verbose: 0 });
      const names = (rows: string[]) => rows.map((row) => row.slice(0, 40));
      assert.deepEqual(names(rowsOf(statistics)), names(nestedRows.filter(isShown(depth))));
      assert.equal(statistics.totalMultAdds, 330);
    }
  });

  test("the deepest rows count what is in them", () => {
    assert.deepEqual(
      rowsOf(
        summary(new NeuralNetwork(), [2, 784], { depth: 1, colNames: ["num_params", "mult_adds"], verbose: 0 }),
      ).map((row) => row.split(/ {2,}/)),
      [
        ["NeuralNetwork", "--", "--"],
        ["├─Flatten: 1-1", "--", "--"],
        ["├─Sequential: 1-2", "669,706", "1,339,412"],
      ],
    );
  });

  test("layers that are there already can be hidden", () => {
    const rowSettings = ["depth", "hide_recursive_layers"] as const;
    const rows = rowsOf(summary(new Nested(), [1, 5], { depth: 9, rowSettings, verbose: 0 }));
    assert.deepEqual(
      rows,
      nestedRows.filter((row) => !row.includes("(recursive)")),
    );
  });

  test("a module in two places counts once, and a parameter of two modules too", () => {
    const shared = new nn.Linear(3, 3);
    const inTwo = new nn.Sequential(new nn.Sequential(shared, new nn.ReLU()), new nn.Sequential(shared));
    const statistics = summary(inTwo, [2, 3], { verbose: 0 });
    assert.equal(statistics.totalParams, 12);
    assert.equal(statistics.totalParamBytes, 48);
    assert.equal(statistics.totalMultAdds, 2 * 2 * 12);
    const tied = new nn.Sequential(shared, new nn.Linear(3, 3));
    (tied.at(1) as nn.Linear).weight = shared.weight;
    assert.equal(summary(tied, [2, 3], { verbose: 0 }).totalParams, 15);
  });

  test("parameters of a module that has others in it", () => {
    class Scaled extends nn.Module {
      inner = new nn.Linear(3, 3);
      scale = new nn.Parameter(torch.ones(7));
      override forward(x: Tensor): Tensor {
        return this.inner(x);
      }
    }
    const statistics = summary(new Scaled(), [2, 3], { verbose: 0 });
    assert.deepEqual(
      rowsOf(statistics).map((row) => row.split(/ {2,}/)[2]),
      ["7", "12"],
    );
    assert.equal(statistics.totalParams, 19);
  });

  test("frozen parameters stand in parentheses", () => {
    const model = new nn.Sequential(new nn.Linear(2, 2).requiresGrad_(false), new nn.Linear(2, 2));
    (model.at(1) as nn.Linear).weight.requiresGrad_(false);
    const statistics = summary(model, [1, 2], { colNames: ["num_params", "trainable"], verbose: 0 });
    assert.deepEqual(
      rowsOf(statistics).map((row) => row.split(/ {2,}/).slice(1)),
      [
        ["--", "Partial"],
        ["(6)", "False"],
        ["6", "Partial"],
      ],
    );
    assert.equal(statistics.trainableParams, 2);
  });

  test("no parameters", () => {
    const statistics = summary(new nn.ReLU(), [3], { colNames: ["num_params", "params_percent"], verbose: 0 });
    assert.deepEqual(rowsOf(statistics), [
      "ReLU                                     --                             --",
    ]);
    assert.match(String(statistics), /Total params: 0\n.*\n.*\nTotal mult-adds: 0\n/);
  });

  test("all columns, names, plain letters, and parameters of layers", () => {
    const model = new nn.Sequential(new nn.Embedding(20, 300), new nn.Linear(300, 20));
    const statistics: { text?: string } = {};
    printed(() => {
      statistics.text = String(
        summary(model, [1, 100], {
          dtypes: [torch.long],
          verbose: 2,
          colWidth: 16,
          colNames: ["kernel_size", "input_size", "output_size", "num_params", "params_percent", "mult_adds"],
          rowSettings: ["var_names", "ascii_only"],
        }),
      );
    });
    assert.deepEqual(statistics.text?.split("\n").slice(1, 9), [
      "Layer (type (var_name))                  Kernel Shape     Input Shape      Output Shape     Param #          Param %          Mult-Adds",
      "=".repeat(40 + 6 * 16),
      "Sequential (Sequential)                  --               [1, 100]         [1, 100, 20]     --                    --          --",
      "+ Embedding (0)                          --               [1, 100]         [1, 100, 300]    6,000             49.92%          6,000",
      "|    + weight                            [300, 20]                                          └─6,000",
      "+ Linear (1)                             --               [1, 100, 300]    [1, 100, 20]     6,020             50.08%          6,020",
      "|    + weight                            [300, 20]                                          ├─6,000",
      "|    + bias                              [20]                                               └─20",
    ]);
  });
});

describe("the model stays as it is", () => {
  class Stateful extends nn.Module {
    linear = new nn.Linear(4, 4);
    dropout = new nn.Dropout(0.5);
    last: Tensor | undefined = undefined;
    calls = 0;
    declare steps: Tensor;

    constructor() {
      super();
      this.registerBuffer("steps", torch.zeros(1));
    }

    override forward(x: Tensor): Tensor {
      this.calls++;
      this.steps.add_(1);
      this.last = this.dropout(this.linear(x.add(torch.ones(4))));
      return this.last;
    }
  }

  test("its state, attributes, modes, gradients and memory", () => {
    const model = new Stateful();
    model.dropout.eval();
    model(torch.ones(2, 4)).sum().backward();
    const { last, steps } = model;
    const { weight } = model.linear;
    const before = Object.entries(model.stateDict()).map(([key, value]) => [key, (value as Tensor).tolist()]);
    const grad = weight.grad?.tolist();
    for (const mode of ["train", "eval", "same"] as const) summary(model, [3, 4], { mode, verbose: 0 });
    const after = Object.entries(model.stateDict()).map(([key, value]) => [key, (value as Tensor).tolist()]);
    assert.deepEqual(after, before);
    assert.deepEqual(weight.grad?.tolist(), grad);
    assert.equal(model.linear.weight, weight);
    assert.equal(model.steps, steps);
    assert.equal(model.last, last);
    assert.equal(model.calls, 1);
    assert.deepEqual(
      [...model.modules()].map(({ training }) => training),
      [true, true, false],
    );
    assert.equal(weight.device, "cpu");
    assert.equal(torch.ones(1).device, "cpu");
  });

  test("random numbers go on as without it", () => {
    const model = new nn.Sequential(new nn.Linear(4, 4), new nn.Dropout(0.5));
    torch.manualSeed(1);
    const expected = torch.rand(4).tolist();
    torch.manualSeed(1);
    summary(model, [2, 4], { mode: "train", verbose: 0 });
    assert.deepEqual(torch.rand(4).tolist(), expected);
  });

  test("also where it fails, which tells the layers that ran", () => {
    const model = new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 4));
    assert.throws(() => summary(model, [2, 3], { verbose: 0 }), {
      name: "Error",
      message: /mat1 and mat2 shapes cannot be multiplied \(2x3 and 4x4\).*Executed layers up to: \[ReLU: 1\]/s,
    });
    assert.equal(torch.ones(1).device, "cpu");
    assert.ok(model(torch.ones(2, 4)).requiresGrad);
    assert.ok(model.training);
  });

  test("the rows name the model's own modules", () => {
    const model = new NeuralNetwork();
    const { summaryList } = summary(model, [1, 784], { verbose: 0 });
    assert.equal(summaryList[0]?.module, model);
    assert.equal(summaryList[3]?.module, model.linearReluStack.at(0));
  });

  test("a model that would not fit into memory", () => {
    const model = torch.device("meta", () => new nn.Linear(1e6, 1e6));
    const statistics = summary(model, [1, 1e6], { verbose: 0 });
    assert.match(String(statistics), /Total mult-adds \(T\): 1\.00\n/);
    assert.match(String(statistics), /Params size \(MB\): 4000004\.00\n/);
  });
});

describe("wrong arguments", () => {
  const model = new nn.Linear(2, 2);
  // biome-ignore lint/suspicious/noExplicitAny: calls that the compiler would refuse
  const call = summary as (...args: any[]) => unknown;
  const cases: [string, unknown[], { name: string; message: RegExp }][] = [
    ["no model", [5], { name: "TypeError", message: /int is not a Module subclass/ }],
    [
      "sizes that are none",
      [model, "x"],
      { name: "TypeError", message: /'inputSize' must be tuple of sizes, not "x"/ },
    ],
    ["a size of 0", [model, [2, 0]], { name: "RangeError", message: /greater than 0, got 0/ }],
    ["no size", [model, []], { name: "RangeError", message: /has no sizes/ }],
    ["sizes and data", [model, [1, 2], torch.ones(1, 2)], { name: "Error", message: /Only one of/ }],
    ["an unknown option", [model, [1, 2], { col: 1 }], { name: "TypeError", message: /unexpected option 'col'/ }],
    ["an unknown column", [model, [1, 2], { colNames: ["x"] }], { name: "TypeError", message: /element 0 is "x"/ }],
    ["a column of inputs", [model, { colNames: ["mult_adds"] }], { name: "Error", message: /column mult_adds/ }],
    ["dtypes", [model, [1, 2], { dtypes: [] }], { name: "Error", message: /got 0 dtypes for 1 inputs/ }],
    ["verbose", [model, [1, 2], { verbose: 3 }], { name: "RangeError", message: /Verbose must be either 0/ }],
    ["a width", [model, [1, 2], { colWidth: 0 }], { name: "RangeError", message: /colWidth must be greater than 0/ }],
    ["a depth", [model, [1, 2], { depth: -1 }], { name: "RangeError", message: /depth must not be negative/ }],
  ];
  for (const [name, args, error] of cases) test(name, () => assert.throws(() => call(...args), error));
});
