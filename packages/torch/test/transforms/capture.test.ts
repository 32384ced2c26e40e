/** A program recorded as a graph of operations. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";
import { allOperations } from "../../src/ops/define.js";
import { capture, type Graph, type GraphArgument, GraphValue } from "../../src/transforms/index.js";

class NeuralNetwork extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(new nn.Linear(784, 512), new nn.ReLU(), new nn.Linear(512, 10));

  override forward(x: Tensor): Tensor {
    return this.linearReluStack(this.flatten(x));
  }
}

test("the quickstart's network reads as its layers, with the names of its state dict", () => {
  const graph = capture(new NeuralNetwork(), [torch.rand(4, 1, 28, 28)]);
  assert.equal(
    String(graph),
    [
      "inputs:",
      "  %input0: float32[4, 1, 28, 28]",
      "parameters:",
      "  %linear_relu_stack.0.weight: float32[512, 784]",
      "  %linear_relu_stack.0.bias: float32[512]",
      "  %linear_relu_stack.2.weight: float32[10, 512]",
      "  %linear_relu_stack.2.bias: float32[10]",
      "nodes:",
      "  %0: float32[4, 784] = view(input=%input0, shape=[4, 784])",
      "  %1: float32[4, 512] = linear(input=%0, weight=%linear_relu_stack.0.weight, bias=%linear_relu_stack.0.bias)",
      "  %2: float32[4, 512] = relu(input=%1)",
      "  %3: float32[4, 10] = linear(input=%2, weight=%linear_relu_stack.2.weight, bias=%linear_relu_stack.2.bias)",
      "return %3",
    ].join("\n"),
  );
});

/** Runs a graph by looking its operations up: what was recorded says all that is needed. */
function interpret(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const tensors = new Map<GraphValue, Tensor>();
  graph.inputs.forEach((value, i) => tensors.set(value, inputs[i] as Tensor));
  for (const value of [...graph.parameters, ...graph.buffers, ...graph.constants])
    tensors.set(value, value.tensor as Tensor);
  const read = (argument: GraphArgument): unknown => {
    if (argument instanceof GraphValue) return tensors.get(argument);
    return Array.isArray(argument) ? argument.map(read) : argument;
  };
  for (const { operation, form, args, outputs } of graph.nodes) {
    const definition = allOperations().get(operation);
    const given = definition?.signature.names.map((name) => read(args[name])) ?? [];
    const result = definition?.invoke(form, given);
    const results = result instanceof torch.Tensor ? [result] : [...(result as Iterable<Tensor>)];
    outputs.forEach((value, i) => tensors.set(value, results[i] as Tensor));
  }
  return graph.outputs.map((value) => tensors.get(value) as Tensor);
}

describe("a graph computes what the program does", () => {
  const offset = torch.randn(3);
  const programs: Record<string, [(...args: Tensor[]) => unknown, number[][]]> = {
    "constants, numbers and broadcasting": [(x) => x.mul(2).add(offset, { alpha: 3 }), [[2, 3]]],
    "lists of tensors, several results": [
      (x, y) => torch.cat([x, y], 1).split(2, 1),
      [
        [2, 3],
        [2, 3],
      ],
    ],
    "named results": [(x) => x.max(1), [[4, 5]]],
    indexing: [(x) => x.at(":", 1).add(x.at("...", -1)), [[3, 4]]],
    "changes in place": [(x) => x.mul(1).add_(1).relu_(), [[3, 4]]],
    composites: [(x) => F.crossEntropy(x, torch.tensor([0, 2], { dtype: torch.long })), [[2, 3]]],
    "a transformer's arithmetic": [
      (q, k, v) => q.matmul(k.transpose(-2, -1)).div(2).softmax(-1).matmul(v),
      [
        [2, 5, 4],
        [2, 5, 4],
        [2, 5, 4],
      ],
    ],
  };
  for (const [name, [program, shapes]] of Object.entries(programs)) {
    test(name, () => {
      const graph = capture(
        program,
        shapes.map((shape) => torch.randn(shape)),
      );
      const inputs = shapes.map((shape) => torch.randn(shape));
      const expected = program(...inputs);
      const list = expected instanceof torch.Tensor ? [expected] : [...(expected as Iterable<Tensor>)];
      const results = interpret(graph, inputs);
      assert.equal(results.length, list.length);
      results.forEach((result, i) => assert.ok(result.equal(list[i] as Tensor)));
    });
  }
});

test("an operation knows the line that called it", () => {
  const graph = capture((x: Tensor) => F.linear(x, torch.ones(2, 3)), [torch.ones(1, 3)]);
  for (const { location } of graph.nodes) assert.match(location ?? "", /capture\.test\.(js|ts):\d+:\d+$/);
});

test("a change through a view that no operation says is refused, with the name of the tensor", () => {
  const program = (x: Tensor) => {
    const y = x.mul(1);
    y.unfold(1, 1, 1).add_(1);
    return y;
  };
  assert.throws(() => capture(program, [torch.ones(2, 2)]), /%0: float32\[2, 2\] was changed in place/);
});

describe("changes through views are changes of all that share the memory", () => {
  const changed =
    (change: (y: Tensor) => void, result: (y: Tensor) => unknown = (y) => y) =>
    (x: Tensor) => {
      const y = x.mul(2);
      change(y);
      return result(y);
    };
  const programs: Record<string, (x: Tensor) => unknown> = {
    select: changed((y) => y.at(0).add_(1)),
    slice: changed((y) => y.setAt([":", "1:3"], 5)),
    "a step": changed((y) => y.at(":", "::2").mul_(3)),
    transpose: changed((y) => y.t().at(0).fill_(7)),
    permute: changed((y) => y.unsqueeze(0).permute(2, 0, 1).select(0, 1).zero_()),
    view: changed((y) => y.view(-1).narrow(0, 2, 3).copy_(torch.ones(3))),
    diagonal: changed((y) => y.diagonal().add_(1)),
    unbind: changed((y) => y.unbind(1)[2]?.mul_(4)),
    split: changed((y) => y.split(2, 1)[1]?.mul_(4)),
    "sizes of parts": changed((y) => y.split([1, 2, 1], 1)[1]?.mul_(4)),
    detach: changed((y) => y.detach().add_(1)),
    "a view made before": (x) => {
      const y = x.mul(2);
      const [row, column] = [y.select(0, 1), y.select(1, 1)];
      row.add_(1);
      y.mul_(3);
      return [row, column, y];
    },
    "parts made before": (x) => {
      const y = x.mul(2);
      const [, part] = y.split(2, 1) as [Tensor, Tensor];
      const [, line] = y.unbind(1) as [Tensor, Tensor];
      y.add_(1);
      return [part, line];
    },
  };
  for (const [name, program] of Object.entries(programs)) {
    test(name, () => {
      const graph = capture(program, [torch.randn(3, 4)]);
      const x = torch.randn(3, 4);
      const expected = program(x);
      const list = expected instanceof torch.Tensor ? [expected] : (expected as Tensor[]);
      interpret(graph, [x]).forEach((result, i) => assert.ok(result.equal(list[i] as Tensor)));
    });
  }
});

test("random numbers are nodes, not constants", () => {
  const program = (x: Tensor) => [torch.randLike(x), torch.randnLike(x).add(x), F.dropout(x)];
  for (const composites of [false, true]) {
    const { nodes, outputs } = capture(program, [torch.ones(2, 2)], { composites });
    const names = nodes.map(({ operation }) => operation);
    assert.deepEqual(names.slice(0, 3), ["randLike", "randnLike", "add"]);
    assert.ok(names.includes("bernoulli_"));
    assert.ok(outputs.every(({ tensor }) => tensor === undefined));
  }
});

test("what the program reads is counted, what operations read is not", () => {
  const reads = (program: (x: Tensor) => unknown) => capture(program, [torch.tensor([1, 0, 2])]).reads;
  assert.equal(
    reads((x) => x.nonzero().add(1)),
    0,
  );
  assert.equal(
    reads((x) => x.maskedSelect(x.gt(0))),
    0,
  );
  assert.equal(
    reads((x) => x.mul(x.sum().item())),
    1,
  );
  assert.equal(
    reads((x) => [x.tolist(), x.at(0).item()]),
    2,
  );
});

test("composites are nodes with what they are made of, where they are asked for", () => {
  const layer = new nn.LayerNorm(4);
  const graph = capture((x: Tensor) => layer(x).reshape(-1), [torch.randn(2, 4)], { composites: true });
  assert.deepEqual(
    graph.nodes.map(({ operation, inside }) => [operation, inside?.map((node) => node.operation)]),
    [
      ["layerNorm", ["layerNorm.rows"]],
      ["reshape", ["view"]],
    ],
  );
  assert.deepEqual(graph.outputs, graph.nodes[1]?.inside?.[0]?.outputs);
});

test("what does not depend on inputs keeps its tensor, as it was then", () => {
  const program = (x: Tensor) => {
    const ones = x.newOnes([2, 2]);
    const twos = ones.add(1);
    const before = ones.clone();
    ones.at(0).zero_();
    return [x.add(before), ones, twos, x.mul(0), torch.rand(2, 2)];
  };
  const { outputs } = capture(program, [torch.ones(2, 2)]);
  const tensors = outputs.map(({ tensor }) => tensor?.tolist());
  assert.deepEqual(tensors, [
    undefined,
    [
      [0, 0],
      [1, 1],
    ],
    [
      [2, 2],
      [2, 2],
    ],
    undefined,
    undefined,
  ]);
});

test("a tensor with the memory of an input that no operation made is no constant", () => {
  for (const program of [
    (x: Tensor) => x.view(torch.int32).add(1),
    (x: Tensor) => x.exp().view(torch.int32),
    (x: Tensor) => x.data.add(1),
  ]) {
    assert.throws(
      () => capture(program, [torch.ones(2)]),
      /a tensor of torch\.\w+ has the memory of %(input)?0.*, and no operation says how.*\(called at .*capture\.test/,
    );
  }
  const fixed = capture((x: Tensor) => x.add(torch.ones(2).view(torch.int32)), [torch.ones(2)]);
  assert.equal(fixed.constants.length, 1);
});

test("buffers, and tensors inside of objects", () => {
  class Scaled extends nn.Module {
    constructor() {
      super();
      this.registerBuffer("scale", torch.tensor([2]));
    }
    declare scale: Tensor;
    override forward({ x }: { x: Tensor }) {
      return { y: x.mul(this.scale) };
    }
  }
  const graph = capture(new Scaled(), [{ x: torch.ones(3) }]);
  assert.deepEqual(graph.buffers.map(String), ["%scale"]);
  assert.equal(graph.nodes.length, 1);
  assert.deepEqual(graph.outputs, graph.nodes[0]?.outputs);
});

test("what is no program is refused", () => {
  assert.throws(() => capture(3 as never, []), /capture\(\): expected a module or function, got number/);
});
