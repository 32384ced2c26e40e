/** The arguments of every function and constructor against PyTorch's, by the translation rule. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim } from "../../src/index.js";
import { operationOf } from "../../src/ops/define.js";
import { type Argument, signaturesOf } from "./signatures.js";

/** Names in PyTorch's documents that its functions do not take, or that have changed since 1.13. */
const otherNames: Record<string, readonly string[]> = {
  adjoint: ["Tensor"],
  broadcastTo: ["shape"],
  concatenate: ["axis", "out"],
  // There is one memory format so far.
  empty: ["memoryFormat"],
  // A yes or no, whose default is None there, and what follows it.
  lobpcg: ["largest", "method", "tracker", "orthoIparams", "orthoFparams", "orthoBparams"],
  lu: ["args", "kwargs"],
  // The other operand may stand in the place of the dim.
  max: ["other"],
  min: ["other"],
  pow: ["self"],
  relu: ["inplace"],
  searchsorted: ["values"],
  split: ["tensor"],
  std: ["unbiased"],
  stdMean: ["unbiased", "out"],
  swapaxes: ["axis0", "axis1"],
  tensordot: ["out"],
  trueDivide: ["dividend", "divisor"],
  unsafeSplit: ["tensor", "splitSizeOrSections"],
  uniqueConsecutive: ["args"],
  var: ["unbiased"],
  varMean: ["unbiased", "out"],
  where: ["x", "y"],
};
/** An overload has this in another place. */
const otherPlaces: Record<string, string> = { repeatInterleave: "repeats", randint: "high", randintLike: "high" };

const operations = Object.entries(torch).flatMap(([name, exported]) => {
  const operation = operationOf(exported);
  const overloads = signaturesOf("torch", name);
  return operation && overloads ? [{ name, overloads, signature: operation.signature }] : [];
});

test("there are many functions to compare", () => {
  assert.ok(operations.length > 250, `${operations.length}`);
});

for (const { name, overloads, signature } of operations) {
  test(`torch.${name}`, () => {
    const { names, positional } = signature;
    const check = (argument: Argument, place: number) => {
      if (otherNames[name]?.includes(argument.name)) return;
      const at = names.indexOf(argument.name);
      assert.ok(at >= 0, `no argument ${argument.name} among ${names.join(", ")}`);
      assert.equal(at >= positional, argument.named, `whether ${argument.name} is named only`);
      if (!argument.named && otherPlaces[name] !== argument.name)
        assert.equal(at, place, `the place of ${argument.name}`);
    };
    for (const overload of overloads) overload.forEach(check);
  });
}

/** Functions whose `out` PyTorch's documents do not name. */
const withOut = ["avgPool2d", "avgPool3d", "gelu", "hardshrink", "linear", "logsigmoid", "softplus", "softshrink"];
/** Options that came after PyTorch 1.13, and a generator, which today's initializations take. */
const newer: Record<string, readonly string[]> = {
  Transformer: ["bias"],
  TransformerDecoderLayer: ["bias"],
  TransformerEncoderLayer: ["bias"],
  multiHeadAttentionForward: ["isCausal"],
  // Named in the documents of the layers alone.
  ...Object.fromEntries([1, 2, 3].map((n) => [`adaptiveMaxPool${n}d`, ["returnIndices"]])),
  ...Object.fromEntries(
    [1, 2, 3].map((n) => [`maxPool${n}d`, ["ceilMode", "dilation", "padding", "returnIndices", "stride"]]),
  ),
  ...Object.fromEntries(
    [2, 3].map((n) => [`fractionalMaxPool${n}d`, ["_randomSamples", "outputRatio", "outputSize", "returnIndices"]]),
  ),
  ...Object.fromEntries(withOut.map((name) => [name, ["out"]])),
  // The functions of `torch` themselves.
  sigmoid: ["out"],
  tanh: ["out"],
  LayerNorm: ["bias"],
  huberLoss: ["weight"],
  l1Loss: ["weight"],
  mseLoss: ["weight"],
  ASGD: ["capturable", "differentiable"],
  Adadelta: ["capturable", "differentiable"],
  Adagrad: ["differentiable", "fused"],
  Adam: ["decoupledWeightDecay"],
  AdamW: ["differentiable", "fused"],
  Adamax: ["capturable", "differentiable"],
  NAdam: ["capturable", "decoupledWeightDecay", "differentiable", "maximize"],
  RAdam: ["capturable", "decoupledWeightDecay", "differentiable", "maximize"],
  AveragedModel: ["multiAvgFn"],
  ChainedScheduler: ["optimizer"],
  RMSprop: ["capturable"],
  Rprop: ["capturable", "differentiable"],
  SGD: ["fused"],
  TransformedDistribution: ["parameters"],
};
/** Deprecated names, and options that mean nothing here. */
const older: Record<string, readonly string[]> = {
  SyncBatchNorm: ["processGroup"],
  Hardtanh: ["minValue", "maxValue"],
  gumbelSoftmax: ["eps"],
};
const free = new Set([
  "Distribution",
  "ExponentialFamily",
  "Transform",
  "Module",
  "Sequential",
  "ModuleList",
  "ModuleDict",
  "ParameterList",
  "ParameterDict",
  "Identity",
]);
const unprobed = new Set([
  "IncompatibleKeys",
  "Parameter",
  "Optimizer",
  "calculateFanInAndFanOut",
  "calculateGain",
  "rrelu_",
]);

type Call = (...args: unknown[]) => unknown;
const construct =
  (of: unknown): Call =>
  (...args) =>
    new (of as new (...args: unknown[]) => unknown)(...args);
const matrix = () => torch.ones(2, 2);
const makeOptimizer = () => new optim.SGD([torch.ones(1, { requiresGrad: true })], { momentum: 0.9 });

const namespaces = [
  { space: "functional", members: nn.functional, value: matrix as () => unknown, call: (f: unknown) => f as Call },
  { space: "init", members: nn.init, value: matrix as () => unknown, call: (f: unknown) => f as Call },
  { space: "nn", members: nn, value: (): unknown => 2, call: construct },
  { space: "optim", members: optim, value: (): unknown => [torch.ones(1)], call: construct },
  { space: "lrScheduler", members: optim.lrScheduler, value: makeOptimizer as () => unknown, call: construct },
  { space: "swaUtils", members: optim.swaUtils, value: makeOptimizer as () => unknown, call: construct },
  { space: "distributions", members: torch.distributions, value: (): unknown => 0.5, call: construct },
] as const;

const normal = new torch.distributions.Normal(torch.ones(2), 1);

/** Values for required arguments that are of another kind than those of their namespace. */
const required: Record<string, unknown[]> = {
  AdaptiveLogSoftmaxWithLoss: [8, 10, [3]],
  channelShuffle: [torch.ones(1, 2, 2), 2],
  pixelShuffle: [torch.ones(4, 2, 2), 2],
  pixelUnshuffle: [torch.ones(1, 2, 2), 2],
  TransformerDecoder: [new nn.TransformerDecoderLayer(2, 1, 2), 1],
  TransformerEncoder: [new nn.TransformerEncoderLayer(2, 1, 2), 1],
  multiHeadAttentionForward: [
    ...[matrix(), matrix(), matrix(), 2, 1, torch.ones(6, 2), null, null, null],
    ...[false, 0, matrix(), null],
  ],
  adaptiveMaxPool1dWithIndices: [torch.ones([1, 1]), 1],
  adaptiveMaxPool2dWithIndices: [torch.ones([1, 1, 1]), 1],
  adaptiveMaxPool3dWithIndices: [torch.ones([1, 1, 1, 1]), 1],
  fractionalMaxPool2dWithIndices: [torch.ones([1, 1, 1]), 1],
  fractionalMaxPool3dWithIndices: [torch.ones([1, 1, 1, 1]), 1],
  maxPool1dWithIndices: [torch.ones([1, 1]), 1],
  maxPool2dWithIndices: [torch.ones([1, 1, 1]), 1],
  maxPool3dWithIndices: [torch.ones([1, 1, 1, 1]), 1],
  adaptiveAvgPool1d: [torch.ones([1, 1]), 1],
  adaptiveAvgPool2d: [torch.ones([1, 1, 1]), 1],
  adaptiveAvgPool3d: [torch.ones([1, 1, 1, 1]), 1],
  adaptiveMaxPool1d: [torch.ones([1, 1]), 1],
  adaptiveMaxPool2d: [torch.ones([1, 1, 1]), 1],
  adaptiveMaxPool3d: [torch.ones([1, 1, 1, 1]), 1],
  avgPool1d: [torch.ones([1, 1]), 1],
  avgPool2d: [torch.ones([1, 1, 1]), 1],
  avgPool3d: [torch.ones([1, 1, 1, 1]), 1],
  fractionalMaxPool2d: [torch.ones([1, 1, 1]), 1],
  fractionalMaxPool3d: [torch.ones([1, 1, 1, 1]), 1],
  lpPool1d: [torch.ones([1, 1]), 2, 1],
  lpPool2d: [torch.ones([1, 1, 1]), 2, 1],
  lpPool3d: [torch.ones([1, 1, 1, 1]), 2, 1],
  maxPool1d: [torch.ones([1, 1]), 1],
  maxPool2d: [torch.ones([1, 1, 1]), 1],
  maxPool3d: [torch.ones([1, 1, 1, 1]), 1],
  maxUnpool1d: [torch.ones([1, 1]), torch.zeros([1, 1], { dtype: torch.long }), 1],
  maxUnpool2d: [torch.ones([1, 1, 1]), torch.zeros([1, 1, 1], { dtype: torch.long }), 1],
  maxUnpool3d: [torch.ones([1, 1, 1, 1]), torch.zeros([1, 1, 1, 1], { dtype: torch.long }), 1],
  affineGrid: [torch.ones(1, 2, 3), [1, 1, 2, 2]],
  constant_: [torch.ones(2), 1],
  fold: [torch.ones(2, 2), 2, 1],
  groupNorm: [torch.ones(2, 2), 2],
  layerNorm: [torch.ones(2, 2), [2]],
  localResponseNorm: [torch.ones(2, 2, 2), 2],
  RNNBase: ["GRU", 2, 2],
  RNNCellBase: [2, 2, true, 1],
  pad: [torch.ones(2, 2), [1, 1]],
  sparse_: [torch.ones(2, 2), 0.5],
  threshold: [torch.ones(2), 0.5, 1],
  unfold: [torch.ones(1, 2, 2), 1],
  threshold_: [torch.ones(2), 0.5, 1],
  Unflatten: [1, [2, 3]],
  AveragedModel: [new nn.Linear(1, 1)],
  ChainedScheduler: [[new optim.lrScheduler.ConstantLR(makeOptimizer())]],
  CosineAnnealingLR: [makeOptimizer(), 3],
  CosineAnnealingWarmRestarts: [makeOptimizer(), 3],
  CyclicLR: [makeOptimizer(), 0.1, 1],
  ExponentialLR: [makeOptimizer(), 0.5],
  LambdaLR: [makeOptimizer(), () => 1],
  MultiStepLR: [makeOptimizer(), [1]],
  MultiplicativeLR: [makeOptimizer(), () => 1],
  OneCycleLR: [makeOptimizer(), 0.1],
  SWALR: [makeOptimizer(), 0.1],
  SequentialLR: [makeOptimizer(), [], []],
  StepLR: [makeOptimizer(), 3],
  CatTransform: [[]],
  ComposeTransform: [[]],
  CumulativeDistributionTransform: [normal],
  Dirichlet: [torch.ones(2)],
  Independent: [normal, 0],
  IndependentTransform: [new torch.distributions.ExpTransform(), 0],
  LKJCholesky: [2],
  LowRankMultivariateNormal: [torch.ones(2), torch.ones(2, 1), torch.ones(2)],
  MixtureSameFamily: [new torch.distributions.Categorical(torch.ones(2)), normal],
  MultivariateNormal: [torch.ones(2)],
  ReshapeTransform: [[1], [1]],
  StackTransform: [[]],
  TransformedDistribution: [normal, []],
};

/** What a call with so many arguments, and an option that does not exist, says about those that do. */
function optionsNamed(call: Call, args: readonly unknown[]): readonly string[] | undefined {
  try {
    call(...args, { notAnOption: 1 });
  } catch (error) {
    const match = /unexpected option 'notAnOption'(?: \(options: (.*)\))?/.exec((error as Error).message);
    if (match === null) return undefined;
    assert.ok(error instanceof TypeError);
    return match[1]?.split(", ") ?? [];
  }
  return undefined;
}

for (const { space, members, value, call } of namespaces) {
  for (const [name, member] of Object.entries(members)) {
    const [signature] = signaturesOf(space, name) ?? [];
    if (typeof member !== "function" || signature === undefined || free.has(name) || unprobed.has(name)) continue;
    test(`${space}.${name} has PyTorch's options, and refuses others`, () => {
      const attempts = required[name] ? [required[name]] : [0, 1, 2, 3, 4].map((n) => Array.from({ length: n }, value));
      for (const args of attempts) {
        const options = optionsNamed(call(member), args);
        if (options === undefined) continue;
        const added = [...(newer[name] ?? []), ...(space === "init" ? ["generator"] : [])];
        const wanted = signature.slice(args.length).map((argument) => argument.name);
        const kept = wanted.filter((option) => !older[name]?.includes(option) && !added.includes(option));
        assert.deepEqual(options.filter((option) => !added.includes(option)).sort(), kept.sort());
        return;
      }
      assert.fail("an option that does not exist is not refused");
    });
  }
}
