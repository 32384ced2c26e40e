/** Nodes of programs that run, as `torch.fx` names them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

type Node = torch.fx.ObservedNode;

class Block extends nn.Module {
  scale = new nn.Parameter(torch.tensor([2, 3]));
  linear = new nn.Linear(2, 2);
  override forward(x: Tensor): Tensor {
    return this.linear(x).mul(this.scale).add(this.scale);
  }
}

class Model extends nn.Module {
  block = new Block();
  other = new nn.ReLU();
  override forward(firstInput: Tensor): Tensor {
    const [left, right] = this.block(firstInput).chunk(2, 1) as [Tensor, Tensor];
    return this.other(left.matmul(right.transpose(0, 1)));
  }
}

const isLeaf = (module: nn.Module): boolean => module instanceof nn.Linear || module instanceof nn.ReLU;

function nodesOf(model: nn.Module, inputs: readonly unknown[]): Node[] {
  const nodes: Node[] = [];
  const visit = (node: Node): "keep" => {
    nodes.push(node);
    return "keep";
  };
  torch.fx.observe(model, inputs, { isLeaf, visit });
  return nodes;
}

const written = ({ kind, scope, target }: Node): string => `${kind} ${scope}:${target}`;

test("inputs, parameters, modules and operations are told in their order", () => {
  const model = new Model();
  const x = torch.rand(3, 2);
  const nodes = nodesOf(model, [x]);
  assert.deepEqual(nodes.map(written), [
    "placeholder :first_input",
    "call_module block.linear:",
    "get_attr block:block.scale",
    "call_function block:mul",
    "call_function block:add",
    "call_function :chunk",
    "call_function :getitem",
    "call_function :getitem",
    "call_function :transpose",
    "call_function :matmul",
    "call_module other:",
  ]);
  assert.equal(nodes[0]?.value, x);
  assert.equal(nodes[2]?.value, model.block.scale);
  torch.testing.assertClose(nodes.at(-1)?.value as Tensor, model(x));
  torch.testing.assertClose(nodes[4]?.value as Tensor, model.block(x));
});

/** What a function calls, in the names of PyTorch's programs. */
function targets(run: (x: Tensor) => unknown): string[] {
  class Program extends nn.Module {
    override forward(x: Tensor): Tensor {
      run(x);
      return x;
    }
  }
  const [, ...nodes] = nodesOf(new Program(), [torch.rand(2, 4, 6, 6)]);
  return nodes.map(({ target }) => target);
}

test("functions are one node, whatever they are made of", () => {
  const calls: Record<string, (x: Tensor) => unknown> = {
    adaptive_avg_pool2d: (x) => F.adaptiveAvgPool2d(x, 1),
    adaptive_max_pool2d: (x) => F.adaptiveMaxPool2d(x, 2),
    max_pool2d: (x) => F.maxPool2d(x, 2),
    dropout: (x) => F.dropout(x),
    dropout2d: (x) => F.dropout2d(x, 0.1, { training: false }),
    relu6: (x) => F.relu6(x),
    hardtanh: (x) => F.hardtanh(x),
    pad: (x) => F.pad(x, [1, 1]),
    unfold: (x) => F.unfold(x, 2),
    getitem: (x) => x.at(0, "1:3", null, "...", -1),
    truediv: (x) => x.div(2),
    floordiv: (x) => x.floorDivide(2),
    add: (x) => x.add_(1),
    layer_norm: (x) => F.layerNorm(x, [6]),
  };
  for (const [name, call] of Object.entries(calls)) assert.deepEqual(targets(call), [name]);
  const center = torch.fx.wrap((x: Tensor, by: number) => x.sub(x.mean()).mul(by), "center");
  assert.deepEqual(
    targets((x) => center(x, 2)),
    ["center"],
  );
  const x = torch.rand(3);
  torch.testing.assertClose(center(x, 2), x.sub(x.mean()).mul(2));
});

test("a run ends where it is told to, and an error of the program leaves nothing behind", () => {
  const model = new Model();
  let count = 0;
  const options = { isLeaf, visit: () => (++count === 4 ? ("stop" as const) : undefined) };
  assert.equal(torch.fx.observe(model, [torch.rand(3, 2)], options), undefined);
  assert.equal(count, 4);
  assert.throws(() => torch.fx.observe(model, [torch.rand(3, 3)], options), /shapes cannot be multiplied/);
  const wrapped = torch.fx.wrap(() => 3, "three");
  count = 0;
  assert.deepEqual([wrapped(), model(torch.rand(3, 2)).shape, count], [3, [3, 3], 0]);
});

test("values that are kept outlive the run, and others give their memory back", () => {
  const model = new nn.Sequential(new nn.Linear(4, 4), new nn.ReLU(), new nn.Linear(4, 4));
  const x = torch.rand(2, 4);
  const kept: Tensor[] = [];
  const visit = ({ scope, value }: Node): "keep" | undefined => {
    if (scope !== "0") return undefined;
    kept.push(value as Tensor);
    return "keep";
  };
  torch.noGrad(() => torch.fx.observe(model, [x], { isLeaf, visit }));
  for (let i = 0; i < 5; i++) torch.noGrad(() => model(torch.rand(2, 4)));
  torch.testing.assertClose(kept[0] as Tensor, (model.at(0) as nn.Linear)(x));
});

test("a copy is watched without its hooks, with or without numbers", () => {
  const model = new Model();
  let called = 0;
  model.block.registerForwardHook(() => void called++);
  for (const shapesOnly of [true, false]) {
    const devices = new Set<string>();
    const training: boolean[] = [];
    torch.fx.observeCopy(model, [torch.rand(3, 2)], {
      isLeaf,
      visit: ({ value }) => void (value instanceof torch.Tensor && devices.add(value.device)),
      prepare: (copy) => training.push(copy.eval().training),
      shapesOnly,
    });
    assert.deepEqual([[...devices], training], [[shapesOnly ? "meta" : "cpu"], [false]]);
  }
  assert.deepEqual([called, model.training, model.block.scale.device], [0, true, "cpu"]);
});
