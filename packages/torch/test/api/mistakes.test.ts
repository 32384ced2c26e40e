/** What beginners write, and the answers: of the compiler, and at run time in JavaScript. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import torch, { DataLoader, F, nn, optim } from "../../src/index.js";
import { compiler } from "../support/compile.js";

type Answer = RegExp | undefined;

/** A line of a program, what the compiler says of it, and what is thrown when it runs all the same. */
const mistakes: readonly [line: string, compiled: Answer, thrown: RegExp][] = [
  [
    "torch.zeros(2, torch.float32)",
    /'DType' has no properties in common with type 'SizedOptions'/,
    /dtype is a named option: write \{ dtype: torch\.float32 \}/,
  ],
  [
    "torch.zeros([2, 3], torch.float32)",
    /No overload/,
    /'dtype' is a named option; write zeros\(\[2, 3\], \{ dtype: torch\.float32 \}\)/,
  ],
  [
    "torch.tensor([1, 2], torch.long)",
    /no properties in common with type 'TensorOptions'/,
    /write tensor\(\[1, 2\], \{ dtype: torch\.int64 \}\)/,
  ],
  [
    'torch.zeros(2, { dtype: "float32" })',
    /'string' is not assignable to type 'DType'/,
    /dtypes are no text: write torch\.float32/,
  ],
  ['x.to("float64")', /"float64"/, /for the dtype write torch\.float64/],
  ['x.to("cuda")', undefined, /Torch not compiled with CUDA enabled/],
  ["torch.zeros(2.5, 2)", undefined, /must be tuple of ints, but element 0 is float/],
  [
    "new optim.SGD(model)",
    /'Linear' is not assignable to parameter of type 'ParamsInput/,
    /got Linear; pass model\.parameters\(\)/,
  ],
  [
    "new optim.Adam(model.parameters)",
    /is not assignable to parameter of type 'ParamsInput/,
    /call it: model\.parameters\(\)/,
  ],
  ["new optim.SGD(model.parameters(), { learningRate: 0.1 })", /'learningRate' does not exist/, /Did you mean 'lr'\?/],
  [
    'new optim.SGD(model.parameters(), { lr: "0.1" })',
    /'string' is not assignable to type 'Rate/,
    /argument 'lr' must be float or Tensor, not "0\.1"/,
  ],
  ["optim.SGD(model.parameters(), 0.1)", /Did you mean to include 'new'\?/, /without 'new'/],
  ["new optim.SGD([], 0.1)", undefined, /empty parameter list/],
  [
    "new nn.Sequential([new nn.ReLU()])",
    /"spread the array: new nn\.Sequential\(\.\.\.modules\)"/,
    /spread the array: new nn\.Sequential\(\.\.\.modules\)/,
  ],
  [
    "new nn.Sequential([new nn.Linear(2, 3), new nn.ReLU()])",
    /"spread the array: new nn\.Sequential\(\.\.\.modules\)"/,
    /spread the array: new nn\.Sequential\(\.\.\.modules\)/,
  ],
  ["new nn.Sequential(nn.ReLU)", /"make one of it: new nn\.ReLU\(\)"/, /make one of it: new nn\.ReLU/],
  [
    "for (const x of new DataLoader([[1, 2, 3]], 1)) model(x)",
    /'Tensor\[\]' is missing the following properties from type 'Tensor'/,
    /not array of Tensor; make one of them: torch\.stack\(\[…\]\)\. If a DataLoader gave them, .*torch\.tensor\(\[…\]\)/,
  ],
  ["new nn.Sequential(model, F.relu)", /is not assignable to type 'Module'/, /use its layer: nn\.ReLU for F\.relu/],
  ["nn.Linear(2, 3)", /Did you mean to include 'new'\?/, /without 'new'/],
  ["new nn.Linear(2)", /Expected 2-3 arguments, but got 1/, /missing 1 required argument: 'outFeatures'/],
  ["new nn.Dropout(2)", undefined, /has to be between 0 and 1, but got 2/],
  [
    "F.crossEntropy(torch.ones(2, 3), torch.tensor([1, 3]))",
    undefined,
    /Target 3 is out of bounds\. For 3 classes: 0 to 2/,
  ],
  [
    "F.crossEntropy(torch.ones(8, 3), torch.ones(8, 1).long())",
    undefined,
    /got a target of shape \[8, 1\]: write target\.reshape\(-1\)/,
  ],
  [
    "F.crossEntropy(torch.ones(8, 3), torch.ones(8).int())",
    undefined,
    /expected scalar type Long but found Int; .*target\.to\(torch\.long\)/,
  ],
  [
    "F.nllLoss(torch.ones(8, 3), torch.ones(8).bool())",
    undefined,
    /expected scalar type Long but found Bool; .*target\.to\(torch\.long\)/,
  ],
  ["F.crossEntropy(torch.ones(3, 3), [1, 2, 3])", /'number\[\]' is missing/, /make a tensor of it: torch\.tensor/],
  [
    "new nn.Embedding(3, 2)(torch.tensor([5n]))",
    undefined,
    /index out of range in self: index 5 is out of bounds for dimension 0 with size 3/,
  ],
  ["new nn.Embedding(3, 2)(torch.tensor([1]))", undefined, /make them with \{ dtype: torch\.long \}/],
  ["x.gather(1, torch.tensor([[1]]))", undefined, /make it with \{ dtype: torch\.long \}/],
  ["x.item()", undefined, /a Tensor with 6 elements cannot be converted to Scalar/],
  ["x.sum(1, true)", /'true' has no properties in common/, /'keepdim' is a named option/],
  [
    "x.sum({ dim: 1, keepDims: true })",
    /'keepDims' does not exist .*Did you mean to write 'keepdim'\?/,
    /Did you mean 'keepdim'\?/,
  ],
  ["x.sum({ axis: 1 })", /'axis' does not exist/, /Did you mean 'dim'\?/],
  ["x.reshape(2, 5)", undefined, /shape '\[2, 5\]' is invalid for input of size 6/],
  ['x.at("0")', /'"0"' is not assignable to parameter of type 'IndexItem'/, /an integer is a number/],
  ["x[0].item()", /Property '0' does not exist on type 'Tensor'/, /undefined/],
  ["x.numpy()", /Property 'numpy' does not exist/, /not a function/],
  ["x.sum().backward()", undefined, /does not require grad/],
  ["torch.noGrad(() => model(x).sum()).backward()", undefined, /does not require grad/],
  ["torch.noGrad(async () => model(x))", /await outside: the function must have done its work/, /await outside/],
  ["x + x", /Operator '\+' cannot be applied/, /write a\.add\(b\) instead of a \+ b, and a\.eq\(b\) instead of a == b/],
  ["x * 2", /left-hand side of an arithmetic operation/, /a\.mul\(b\)/],
  [
    "x.add([1, 2, 3])",
    /'number\[\]' is not assignable to parameter of type 'Operand'/,
    /make a tensor of it: torch\.tensor/,
  ],
  ["x.matmul(torch.ones(2, 3))", undefined, /cannot be multiplied \(2x3 and 2x3\)/],
  [
    "torch.cat(x, x)",
    /'Tensor' is missing the following properties from type 'readonly Tensor\[\]'/,
    /write it in brackets/,
  ],
  ["model(torch.ones(2, 5))", undefined, /in Linear\(.*\): expected last dim 3, got \[2, 5\]/],
  ["model([1, 2, 3])", /'number\[\]' is missing/, /must be Tensor, not array of int; make a tensor of it/],
  ["model.loadStateDict({ weight: x })", undefined, /Missing key\(s\) in state_dict: "bias"/],
  [
    "new DataLoader([1, 2], { batchsize: 2 })",
    /'batchsize' does not exist .*Did you mean to write 'batchSize'\?/,
    /Did you mean 'batchSize'\?/,
  ],
  [
    "new DataLoader([1, 2], { batch_size: 2 })",
    /'batch_size' does not exist .*Did you mean to write 'batchSize'\?|'batch_size' does not exist/,
    /Did you mean 'batchSize'\?/,
  ],
  [
    "new DataLoader(5)",
    /'number' is not assignable to parameter of type 'LoadableDataset/,
    /expected a data set, which has at\(index\) and length/,
  ],
  [
    "F.dropout(x, 0.5, true)",
    /'true' has no properties in common/,
    /write dropout\(tensor, 0\.5, \{ training: true \}\)/,
  ],
  ["F.softmax(x, 5)", undefined, /Dimension out of range/],
  ["torch.manual_seed(0)", /Did you mean 'manualSeed'\?/, /not a function/],
  ["torch.tensor([[1, 2], [3]])", undefined, /expected sequence of length 2 at dim 1 \(got 1\)/],
  ["new torch.Tensor([1, 2])", /Expected 0 arguments, but got 1/, /write torch\.tensor\(data\)/],
  [
    "structuredClone(x)",
    undefined,
    /a Tensor: send t\.toTypedArray\(\) and t\.shape, .*torch\.fromTypedArray\(array, shape\)\) could not/,
  ],
  ["x.max(0).add(1)", /Property 'add' does not exist on type 'ValuesAndIndices'/, /not a function/],
  ["torch.utils.data.randomSplit([1, 2, 3], [2, 2])", undefined, /\(4 and 3\)/],
];

const { compile, remove } = compiler("mistakes");
after(remove);

test("the compiler answers what it can know", () => {
  const head = [
    'import torch, { DataLoader, F, nn, optim, type Tensor } from "flambeau";',
    "declare const model: nn.Linear; declare const x: Tensor; void [torch, DataLoader, F, nn, optim, model];",
  ];
  const { output } = compile("lines", [...head, ...mistakes.map(([line]) => `${line};`)]);
  const said = new Map<number, string>();
  for (const part of output.split(/^(?=lines\.ts)/m)) {
    const line = Number(/^lines\.ts\((\d+),/.exec(part)?.[1]);
    said.set(line, `${said.get(line) ?? ""}${part}`);
  }
  const wrong = mistakes.filter(([, compiled], i) => {
    const words = said.get(i + head.length + 1);
    return compiled === undefined ? words !== undefined : !compiled.test((words ?? "").replaceAll("\n", " "));
  });
  assert.deepEqual(
    wrong.map(([line]) => line),
    [],
    output,
  );
});

for (const [line, , thrown] of mistakes) {
  test(`${line} is answered in JavaScript`, () => {
    const x = torch.ones(2, 3);
    const names = { torch, DataLoader, F, nn, optim, model: new nn.Linear(3, 1), x };
    const run = new Function(...Object.keys(names), `${line.startsWith("for") ? line : `return ${line}`};`);
    assert.throws(() => run(...Object.values(names)), thrown);
  });
}

test("a mode that was never ended is named where nothing is recorded", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const cases = [
    ["noGrad", torch.noGrad],
    ["inferenceMode", torch.inferenceMode],
  ] as const;
  for (const [name, mode] of cases) {
    const guard = mode();
    try {
      assert.throws(() => x.sum().backward(), new RegExp(`torch\\.${name}\\(\\) was called without a function`));
    } finally {
      guard[Symbol.dispose]();
    }
  }
  torch.noGrad(() => assert.throws(() => x.sum().backward(), /recording is switched off here$/));
  assert.throws(() => x.detach().sum().backward(), /does not have a grad_fn$/);
});

test("modules in a plain array or object of a module are warned of, unless they are members", async () => {
  class Net extends nn.Module {
    layers: nn.Module[] | Record<string, nn.Module> = [new nn.Linear(2, 2)];
    constructor(readonly isMember: boolean) {
      super();
      if (isMember) this.sequence = new nn.Sequential(...(this.layers as nn.Module[]));
    }
    declare sequence: nn.Module;
  }
  const warnings: string[] = [];
  const note = ({ message }: Error): number => warnings.push(message);
  process.on("warning", note);
  new Net(true).parameters();
  new Net(false).parameters();
  const net = new Net(false);
  net.layers = { first: new nn.Linear(2, 2) };
  const last = once(process, "warning");
  net.parameters();
  await last;
  process.off("warning", note);
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? "", /^Net\.layers is a plain array: the parameters of the Linear .*new nn\.ModuleList/);
  assert.match(warnings[1] ?? "", /^Net\.layers is a plain object: .*new nn\.ModuleDict/);
});
