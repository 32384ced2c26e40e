/** Modules: calls, registration, traversal, printed form, conversion, copies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import torch, { F, nn, type Tensor } from "../../src/index.js";

class Net extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(new nn.Linear(6, 4), new nn.ReLU(), new nn.Linear(4, 2));

  override forward(x: Tensor): Tensor {
    return this.linearReluStack(this.flatten(x));
  }
}

/** Parameters, buffers and children in all the ways in which they can come. */
class Zoo extends nn.Module {
  override name = "a field of its own";
  inProjWeight = new nn.Parameter(torch.ones(2));
  plain = torch.ones(3);
  A = new nn.Parameter(torch.ones(1));
  child = new nn.Linear(2, 1, { bias: false });
  declare runningMean: Tensor;
  declare step: Tensor;

  constructor() {
    super();
    this.registerBuffer("running_mean", torch.zeros(2));
    this.registerBuffer("step", torch.zeros([]), { persistent: false });
    this.registerParameter("myWeight", new nn.Parameter(torch.ones(4)));
    this.registerParameter("absent", null);
    this.registerModule("layer_1", new nn.ReLU());
    this.addModule("lastOne", new Net());
  }
}

test("a module is a function that is typed by its forward", () => {
  class Pair extends nn.Module {
    scale = 2;

    override forward(x: Tensor, times = 1): [Tensor, number] {
      return [x.mul(this.scale), times];
    }
  }
  const pair = new Pair();
  const [tensor, times]: [Tensor, number] = pair(torch.ones(2), 3);
  assert.deepEqual([tensor.tolist(), times], [[2, 2], 3]);
  // @ts-expect-error the first argument is a tensor
  assert.throws(() => pair("x"));
  // @ts-expect-error the result is a pair
  const wrong: string = pair(torch.ones(2));
  assert.ok(wrong);
  const any: nn.Module = pair;
  assert.equal(any(torch.ones(1), 5)[1], 5);
  assert.equal(typeof pair, "function");
  assert.ok(pair instanceof Pair && pair instanceof nn.Module);
  assert.deepEqual(Object.keys(pair), ["training", "scale"]);
  assert.throws(
    () => new (class Empty extends nn.Module {})()(),
    /Module \[Empty\] is missing the required "forward" function/,
  );
});

test("names, in the order in which they were added", () => {
  const zoo = new Zoo();
  assert.equal(zoo.name, "a field of its own");
  assert.deepEqual(
    [...zoo.namedParameters()].map(([name]) => name),
    [
      ...["in_proj_weight", "A", "myWeight", "child.weight"],
      ...["lastOne.linear_relu_stack.0.weight", "lastOne.linear_relu_stack.0.bias"],
      ...["lastOne.linear_relu_stack.2.weight", "lastOne.linear_relu_stack.2.bias"],
    ],
  );
  assert.deepEqual(
    [...zoo.namedParameters({ prefix: "zoo", recurse: false })].map(([name]) => name),
    ["zoo.in_proj_weight", "zoo.A", "zoo.myWeight"],
  );
  assert.deepEqual([...zoo.namedParameters("zoo", { recurse: false })].length, 3);
  assert.equal([...zoo.parameters({ recurse: false })].length, 3);
  assert.deepEqual(
    [...zoo.namedBuffers()].map(([name]) => name),
    ["running_mean", "step"],
  );
  assert.deepEqual([...zoo.buffers()], [zoo.runningMean, zoo.step]);
  assert.deepEqual(
    [...zoo.namedChildren()].map(([name]) => name),
    ["child", "layer_1", "lastOne"],
  );
  assert.equal([...zoo.children()].length, 3);
  assert.deepEqual(
    [...zoo.namedModules()].map(([name]) => name),
    [
      ...["", "child", "layer_1", "lastOne", "lastOne.flatten", "lastOne.linear_relu_stack"],
      ...["lastOne.linear_relu_stack.0", "lastOne.linear_relu_stack.1", "lastOne.linear_relu_stack.2"],
    ],
  );
  assert.equal([...zoo.modules()].length, 9);
  assert.deepEqual(Object.keys(zoo.stateDict({ prefix: "p." })).slice(0, 4), [
    "p.in_proj_weight",
    "p.A",
    "p.myWeight",
    "p.running_mean",
  ]);
});

test("what is shared is listed once, and saved under each name", () => {
  const shared = new nn.Linear(2, 2);
  const net = new nn.Sequential(shared, shared);
  assert.equal([...net.parameters()].length, 2);
  assert.equal([...net.namedParameters({ removeDuplicate: false })].length, 4);
  assert.equal([...net.modules()].length, 2);
  assert.equal([...net.namedModules({ removeDuplicate: false })].length, 3);
  assert.deepEqual(Object.keys(net.stateDict()), ["0.weight", "0.bias", "1.weight", "1.bias"]);
});

test("paths", () => {
  const zoo = new Zoo();
  const net = zoo.getSubmodule("lastOne") as Net;
  assert.equal(zoo.getSubmodule(""), zoo);
  assert.equal(zoo.getSubmodule("lastOne.linear_relu_stack.2"), net.linearReluStack.at(2));
  assert.equal(zoo.getSubmodule("lastOne.linearReluStack.2"), net.linearReluStack.at(2));
  assert.equal(zoo.getParameter("child.weight"), zoo.child.weight);
  assert.equal(zoo.getParameter("inProjWeight"), zoo.inProjWeight);
  assert.equal(zoo.getBuffer("running_mean"), zoo.runningMean);
  assert.throws(() => zoo.getSubmodule("lastOne.foo"), /Net has no attribute `foo`/);
  assert.throws(() => zoo.getSubmodule("plain"), /`plain` is not an nn\.Module/);
  assert.throws(() => zoo.getParameter("plain"), /`plain` is not an nn\.Parameter/);
  assert.throws(() => zoo.getBuffer("child.weight"), /`weight` is not a buffer/);
});

test("wrong registrations", () => {
  const zoo = new Zoo();
  const cases: [() => void, string, RegExp][] = [
    [() => zoo.registerParameter("a.b", null), "Error", /parameter name can't contain "\."/],
    [() => zoo.registerParameter("", null), "Error", /parameter name can't be empty string ""/],
    [() => zoo.registerParameter("forward", null), "Error", /attribute 'forward' already exists/],
    [
      () => zoo.registerParameter("x", torch.ones(2) as nn.Parameter),
      "TypeError",
      /cannot assign 'Tensor' object to parameter 'x' \(nn\.Parameter or null required\)/,
    ],
    [() => zoo.registerBuffer("plain", torch.ones(2)), "Error", /attribute 'plain' already exists/],
    [
      () => zoo.registerBuffer("x", 3 as unknown as Tensor),
      "TypeError",
      /cannot assign 'int' object to buffer 'x' \(torch Tensor or null required\)/,
    ],
    [
      () => zoo.registerModule("x", torch.ones(2) as unknown as nn.Module),
      "TypeError",
      /Tensor is not a Module subclass/,
    ],
    [() => zoo.addModule("a.b", null), "Error", /module name can't contain "\.", got: a\.b/],
    [() => zoo.addModule(3 as unknown as string, null), "TypeError", /module name should be a string\. Got int/],
    [
      () => zoo.registerBuffer("x", torch.ones(1), false as unknown as object),
      "TypeError",
      /'persistent' is a named option/,
    ],
    [
      () => zoo.parameters(false as unknown as object),
      "TypeError",
      /'recurse' is a named option; write parameters\(\{ recurse: false \}\)/,
    ],
  ];
  for (const [call, name, message] of cases) assert.throws(call, { name, message });
});

test("registering again replaces", () => {
  const zoo = new Zoo();
  zoo.registerBuffer("running_mean", torch.ones(3));
  assert.deepEqual(zoo.runningMean.tolist(), [1, 1, 1]);
  zoo.runningMean = torch.zeros(1);
  assert.equal([...zoo.buffers()][0], zoo.runningMean);
});

test("the printed form is PyTorch's", () => {
  class Shown extends nn.Module {
    one = new nn.Linear(2, 3, { bias: false });
    blockList = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 2)]);
    empty = new nn.ModuleList();
    heads = new nn.ModuleDict({ conv_1: new nn.Dropout(0.2), b: new nn.Sequential() });
    params = new nn.ParameterList([torch.zeros(2, 3), torch.zeros(2)]);
    single = new nn.ParameterList([torch.zeros([])]);
    named = new nn.ParameterDict({ b: torch.zeros(2), a: torch.zeros(1, { dtype: torch.float64 }) });
    inner = new nn.Sequential(new nn.Sequential(new nn.Tanh()), new nn.Identity());

    override extraRepr(): string {
      return "first\nsecond";
    }
  }
  const expected = `Shown(
  first
  second
  (one): Linear(in_features=2, out_features=3, bias=False)
  (block_list): ModuleList(
    (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)
    (2): ReLU()
    (3): Linear(in_features=2, out_features=2, bias=True)
  )
  (empty): ModuleList()
  (heads): ModuleDict(
    (conv_1): Dropout(p=0.2, inplace=False)
    (b): Sequential()
  )
  (params): ParameterList(
      (0): Parameter containing: [torch.float32 of size 2x3]
      (1): Parameter containing: [torch.float32 of size 2]
  )
  (single): ParameterList(  (0): Parameter containing: [torch.float32 of size ])
  (named): ParameterDict(
      (a): Parameter containing: [torch.DoubleTensor of size 1]
      (b): Parameter containing: [torch.FloatTensor of size 2]
  )
  (inner): Sequential(
    (0): Sequential(
      (0): Tanh()
    )
    (1): Identity()
  )
)`;
  const shown = new Shown();
  assert.equal(String(shown), expected);
  assert.equal(inspect(shown), expected);
  assert.equal(
    `${new nn.ModuleList([new nn.Sequential(new nn.ReLU()), new nn.Sequential(new nn.ReLU())])}`,
    "ModuleList(\n  (0-1): 2 x Sequential(\n    (0): ReLU()\n  )\n)",
  );
});

test("the printed form of every small module", () => {
  const expected: [nn.Module, string][] = [
    [new nn.Module(), "Module()"],
    [new nn.PReLU(), "PReLU(num_parameters=1)"],
    [new nn.GELU(), "GELU(approximate='none')"],
    [new nn.ELU(), "ELU(alpha=1.0)"],
    [new nn.ELU(1, { inplace: true }), "ELU(alpha=1.0, inplace=True)"],
    [new nn.CELU(2, { inplace: true }), "CELU(alpha=2.0, inplace=True)"],
    [new nn.SELU({ inplace: true }), "SELU(inplace=True)"],
    [new nn.Softmax(1), "Softmax(dim=1)"],
    [new nn.Softmax(), "Softmax(dim=None)"],
    [new nn.LogSoftmax({ dim: -1 }), "LogSoftmax(dim=-1)"],
    [new nn.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)"],
    [new nn.LeakyReLU(), "LeakyReLU(negative_slope=0.01)"],
    [new nn.LeakyReLU(1e-5), "LeakyReLU(negative_slope=1e-05)"],
    [new nn.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"],
    [new nn.RReLU(), "RReLU(lower=0.125, upper=0.3333333333333333)"],
    [new nn.Hardshrink(), "Hardshrink(0.5)"],
    [new nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)"],
    [new nn.Hardswish({ inplace: true }), "Hardswish()"],
    [new nn.GLU(), "GLU(dim=-1)"],
    [new nn.Dropout({ inplace: true }), "Dropout(p=0.5, inplace=True)"],
    [new nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"],
    [new nn.Unflatten(1, [2, 3]), "Unflatten(dim=1, unflattened_size=(2, 3))"],
    [new nn.Bilinear(2, 3, 4), "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"],
    [new nn.CrossEntropyLoss(torch.ones(3)), "CrossEntropyLoss()"],
    [new nn.TripletMarginLoss(), "TripletMarginLoss()"],
  ];
  for (const [module, text] of expected) assert.equal(String(module), text);
});

test("a parameter", () => {
  const parameter = new nn.Parameter(torch.tensor([1, 2]));
  assert.equal(String(parameter), "Parameter containing:\ntensor([1., 2.], requires_grad=True)");
  assert.equal(inspect(parameter), String(parameter));
  assert.ok(parameter instanceof torch.Tensor && parameter.isLeaf && parameter.requiresGrad);
  assert.equal(new nn.Parameter(torch.ones(1), { requiresGrad: false }).requiresGrad, false);
  assert.deepEqual(new nn.Parameter().tolist(), []);
  assert.ok(!(parameter.mul(2) instanceof nn.Parameter));
  const source = torch.zeros(2);
  torch.noGrad(() => new nn.Parameter(source).fill_(3));
  assert.deepEqual(source.tolist(), [3, 3]);
  assert.throws(
    () => new nn.Parameter(torch.tensor([1n])),
    /only Tensors of floating point and complex dtype can require gradients/i,
  );
});

test("train, eval, apply, requiresGrad_, zeroGrad", () => {
  const net = new Net();
  assert.equal(net.eval(), net);
  assert.ok([...net.modules()].every((module) => !module.training));
  assert.ok([...net.train().modules()].every((module) => module.training));
  assert.throws(() => net.train("yes" as unknown as boolean), { name: "TypeError" });
  const order: string[] = [];
  net.apply((module) => order.push(module.constructor.name));
  assert.deepEqual(order, ["Flatten", "Linear", "ReLU", "Linear", "Sequential", "Net"]);
  net(torch.ones(1, 6)).sum().backward();
  const parameters = [...net.parameters()];
  assert.ok(parameters.every((parameter) => parameter.grad !== null));
  net.zeroGrad({ setToNone: false });
  assert.ok(parameters.every((parameter) => parameter.grad?.eq(0).all().item()));
  net.zeroGrad();
  assert.ok(parameters.every((parameter) => parameter.grad === null));
  net.requiresGrad_(false);
  assert.equal(net(torch.ones(1, 6)).requiresGrad, false);
});

test("conversion keeps the parameters the same objects", () => {
  const zoo = new Zoo();
  zoo.registerBuffer("count", torch.zeros(1, { dtype: torch.long }));
  const weight = zoo.child.weight;
  F.linear(torch.ones(1, 2), weight).sum().backward();
  zoo.double();
  assert.equal(zoo.child.weight, weight);
  assert.ok(weight instanceof nn.Parameter && weight.requiresGrad && weight.isLeaf);
  assert.equal(weight.dtype, torch.float64);
  assert.equal(weight.grad?.dtype, torch.float64);
  assert.equal(zoo.runningMean.dtype, torch.float64);
  assert.equal(zoo.getBuffer("count").dtype, torch.int64);
  assert.equal(zoo.plain.dtype, torch.float32);
  F.linear(torch.ones(1, 2).double(), weight).sum().backward();
  assert.deepEqual(weight.grad?.tolist(), [[2, 2]]);
  zoo.to(torch.float32);
  assert.equal(weight.dtype, torch.float32);
  assert.equal(zoo.to("cpu"), zoo);
  assert.equal(zoo.to("cpu", torch.float64).child.weight.dtype, torch.float64);
  assert.equal(zoo.to(torch.ones(1)).child.weight.dtype, torch.float32);
  assert.equal(zoo.to({ dtype: torch.float64 }).float().child.weight.dtype, torch.float32);
  assert.throws(() => zoo.to(torch.int64), {
    name: "TypeError",
    message: /nn\.Module\.to only accepts floating point or complex dtypes, but got desired dtype=torch\.int64/,
  });
});

test("a conversion that fails for one tensor changes none", () => {
  const array = new Float32Array(2);
  const net = new nn.Sequential(new nn.Linear(2, 1), new nn.Linear(2, 1, { bias: false }));
  (net.at(1) as nn.Linear).weight = new nn.Parameter(torch.fromTypedArray(array).view(1, 2));
  structuredClone(array, { transfer: [array.buffer] });
  assert.throws(() => net.double(), /was detached or resized/);
  assert.equal((net.at(0) as nn.Linear).weight.dtype, torch.float32);
});

test("a deep copy is independent, and keeps what is shared shared", () => {
  const net = new Net();
  net(torch.ones(1, 6)).sum().backward();
  const twin = torch.deepcopy(net);
  assert.ok(twin instanceof Net && twin !== net && twin.linearReluStack !== net.linearReluStack);
  assert.equal(String(twin), String(net));
  assert.deepEqual(twin(torch.ones(1, 6)).tolist(), net(torch.ones(1, 6)).tolist());
  const [first, original] = [
    twin.getParameter("linear_relu_stack.0.weight"),
    net.getParameter("linear_relu_stack.0.weight"),
  ];
  assert.deepEqual(first.grad?.tolist(), original.grad?.tolist());
  torch.noGrad(() => first.fill_(0));
  assert.ok(original.ne(0).all().item());
  const zoo = torch.deepcopy(new Zoo().eval());
  assert.deepEqual(Object.keys(zoo.stateDict()).slice(0, 4), ["in_proj_weight", "A", "myWeight", "running_mean"]);
  assert.equal(zoo.training, false);
  const tied = new nn.ModuleDict({ a: new nn.Linear(2, 2), b: new nn.Linear(2, 2) });
  (tied.at("b") as nn.Linear).weight = (tied.at("a") as nn.Linear).weight;
  const copy = torch.deepcopy({ list: [tied, tied] });
  assert.equal(copy.list[0], copy.list[1]);
  assert.equal([...(copy.list[0] as nn.Module).parameters()].length, 3);
  assert.throws(
    () => torch.deepcopy(torch.ones(1, { requiresGrad: true }).mul(2)),
    /Only Tensors created explicitly by the user/,
  );
});
