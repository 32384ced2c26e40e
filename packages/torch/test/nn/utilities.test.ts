/** Weight norm, spectral norm, orthogonal matrices, pruning, fusion: PyTorch's numbers from the same seed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { utils } = nn;
const { parametrizations, parametrize, prune } = utils;

/** What conformance/nn/utilities.py recorded. */
const golden: Record<string, number[][]> = JSON.parse(
  readFileSync(new URL("../../../test/nn/golden-utilities.json", import.meta.url), "utf8"),
);

function same(name: string, ...found: readonly (Tensor | null | undefined)[]): void {
  for (const [i, tensor] of found.entries()) {
    const expected = torch.tensor(golden[name]?.[i] as number[]);
    const values = (tensor as Tensor).detach().reshape(-1).to(torch.float32);
    assert.ok(values.allclose(expected, 1e-4, 2e-5), `${name} ${i}: ${values} instead of ${expected}`);
  }
}

/** A tensor of a module by the name of its property. */
function read(module: nn.Module, name: string): Tensor {
  return (module as unknown as Record<string, Tensor>)[name] as Tensor;
}

const keys = (module: nn.Module) => Object.keys(module.stateDict());
const x = torch.ones(2, 4);

test("weight norm", () => {
  torch.manualSeed(1);
  const layer = utils.weightNorm(new nn.Linear(4, 3));
  const y = layer(x);
  y.sum().backward();
  const [g, v] = [read(layer, "weightG"), read(layer, "weightV")];
  same("weightNorm", g, v, y, g.grad, v.grad);
  assert.deepEqual(keys(layer), ["bias", "weight_g", "weight_v"]);
  assert.throws(() => utils.weightNorm(layer), /Cannot register two weight_norm hooks on the same parameter weight/);
  const before = layer.weight;
  utils.removeWeightNorm(layer);
  assert.deepEqual(keys(layer), ["bias", "weight"]);
  assert.ok(layer.weight instanceof nn.Parameter && layer.weight.allclose(before));
  assert.ok(layer(x).allclose(y));
  assert.throws(() => utils.removeWeightNorm(layer), /weight_norm of 'weight' not found in Linear/);
  torch.manualSeed(1);
  const whole = utils.weightNorm(new nn.Linear(4, 3), "weight", null);
  same("weightNormAll", read(whole, "weightG"), whole(x));
});

test("spectral norm", () => {
  torch.manualSeed(2);
  const layer = utils.spectralNorm(new nn.Linear(4, 3));
  layer(x);
  const y = layer(x);
  y.sum().backward();
  same("spectralNorm", read(layer, "weightU"), read(layer, "weightV"), y, read(layer, "weightOrig").grad);
  assert.deepEqual(keys(layer), ["bias", "weight_orig", "weight_u", "weight_v"]);
  layer.eval();
  same("spectralNormEval", layer(x));
  utils.removeSpectralNorm(layer);
  same("spectralNormRemoved", layer.weight);
  assert.deepEqual(keys(layer), ["bias", "weight"]);
  torch.manualSeed(2);
  const conv = utils.spectralNorm(new nn.ConvTranspose2d(2, 3, 2), { nPowerIterations: 2 });
  conv(torch.ones(1, 2, 3, 3));
  same("spectralNormConv", read(conv, "weightU"), read(conv, "weightV"), conv.weight);
});

test("spectral norm as a parametrization", () => {
  torch.manualSeed(3);
  const layer = parametrizations.spectralNorm(new nn.Linear(4, 3));
  const y = layer(x);
  y.sum().backward();
  const [u, v] = layer.buffers();
  same("parametrizedSpectral", u, v, y, layer.getParameter("parametrizations.weight.original").grad);
  assert.deepEqual(keys(layer), [
    "bias",
    "parametrizations.weight.original",
    "parametrizations.weight.0._u",
    "parametrizations.weight.0._v",
  ]);
  assert.equal(
    String(layer),
    `ParametrizedLinear(
  in_features=4, out_features=3, bias=True
  (parametrizations): ModuleDict(
    (weight): ParametrizationList(
      (0): _SpectralNorm()
    )
  )
)`,
  );
});

test("weight norm as a parametrization is weight norm", () => {
  torch.manualSeed(1);
  const layer = parametrizations.weightNorm(new nn.Linear(4, 3));
  const y = layer(x);
  y.sum().backward();
  const parameters = Object.fromEntries(layer.namedParameters());
  const [g, v] = [0, 1].map((i) => parameters[`parametrizations.weight.original${i}`] as Tensor);
  same("weightNorm", g, v, y, g?.grad, v?.grad);
});

const orthogonal: Record<string, [number, number, Parameters<typeof parametrizations.orthogonal>[1]?]> = {
  square: [4, 4],
  tall: [3, 5],
  wide: [5, 3],
  cayley: [4, 4, { orthogonalMap: "cayley" } as never],
  exp: [3, 5, { orthogonalMap: "matrix_exp" } as never],
  plain: [3, 5, { useTrivialization: false } as never],
  plainWide: [5, 3, { useTrivialization: false } as never],
  squareHouse: [4, 4, { orthogonalMap: "householder", useTrivialization: false } as never],
};

for (const [name, [inputs, outputs, options]] of Object.entries(orthogonal)) {
  test(`orthogonal weights: ${name}`, () => {
    torch.manualSeed(4);
    const layer = parametrizations.orthogonal(new nn.Linear(inputs, outputs), ...((options ? [options] : []) as []));
    const before = layer.weight.detach().clone();
    const product = inputs < outputs ? before.t().matmul(before) : before.matmul(before.t());
    assert.ok(product.allclose(torch.eye(Math.min(inputs, outputs)), 1e-5, 1e-5));
    layer.weight
      .mul(torch.arange(0, inputs * outputs, { dtype: torch.float32 }).view(outputs, inputs))
      .sum()
      .backward();
    const original = layer.getParameter("parametrizations.weight.original");
    const gradient = original.grad?.clone() as Tensor;
    torch.noGrad(() => original.sub_(gradient.mul(0.01)));
    same(`orthogonal_${name}`, before, gradient, layer.weight);
  });
}

test("a parametrization of one's own, a further one, assignment, and removal", () => {
  class Symmetric extends nn.Module {
    override forward(given: Tensor): Tensor {
      return given.triu().add(given.triu(1).t());
    }
    rightInverse(given: Tensor): Tensor {
      return given.triu();
    }
  }
  const layer = new nn.Linear(3, 3);
  const { weight } = layer;
  parametrize.registerParametrization(layer, "weight", new Symmetric());
  assert.ok(layer.weight.equal(layer.weight.t()));
  assert.equal(layer.getParameter("parametrizations.weight.original"), weight);
  assert.ok(parametrize.isParametrized(layer) && parametrize.isParametrized(layer, "weight"));
  assert.ok(!parametrize.isParametrized(layer, "bias"));
  assert.equal(parametrize.typeBeforeParametrizations(layer), nn.Linear);
  const symmetric = torch.tensor([
    [1, 2, 3],
    [2, 4, 5],
    [3, 5, 6],
  ]);
  (layer as { weight: Tensor }).weight = symmetric;
  assert.ok(layer.weight.equal(symmetric));
  layer(torch.ones(1, 3)).sum().backward();
  assert.ok(weight.grad !== null);
  parametrize.registerParametrization(layer, "weight", new nn.Identity());
  assert.match(String(layer), /\(0\): Symmetric\(\)\n {6}\(1\): Identity\(\)/);
  const once = parametrize.cached(() => [layer.weight, layer.weight]);
  assert.equal(once[0], once[1]);
  assert.notEqual(layer.weight, layer.weight);
  parametrize.removeParametrizations(layer, "weight");
  assert.equal(String(layer), String(new nn.Linear(3, 3)));
  assert.equal(layer.weight, weight);
  assert.ok(layer.weight.equal(symmetric));
  assert.throws(
    () => parametrize.registerParametrization(new nn.Linear(2, 3), "weight", new nn.Flatten(0)),
    /Registering a parametrization may not change the shape of the tensor/,
  );
  assert.throws(
    () => parametrize.registerParametrization(new nn.Linear(2, 3), "weights", new Symmetric()),
    /does not have a parameter, a buffer, or a parametrized element with name 'weights'/,
  );
});

test("pruning one after the other, and for good", () => {
  torch.manualSeed(5);
  const layer = new nn.Linear(4, 3);
  prune.randomUnstructured(layer, "weight", 0.3);
  same("randomUnstructured", read(layer, "weightMask"));
  prune.l1Unstructured(layer, "weight", 2);
  same("thenL1", read(layer, "weightMask"), layer.weight);
  prune.lnStructured(layer, "weight", 1, 2, 0);
  same("thenLn", read(layer, "weightMask"));
  assert.deepEqual(keys(layer), ["bias", "weight_orig", "weight_mask"]);
  assert.ok(prune.isPruned(new nn.Sequential(layer)));
  const y = layer(x);
  prune.remove(layer, "weight");
  same("pruneRemoved", layer.weight);
  assert.deepEqual(keys(layer), ["bias", "weight"]);
  assert.ok(!prune.isPruned(layer) && layer(x).equal(y));
  assert.throws(() => prune.remove(layer, "weight"), /has to be pruned before pruning can be removed/);
});

test("pruning of slices, of several layers together, by a mask, and in a way of one's own", () => {
  torch.manualSeed(6);
  const layer = new nn.Linear(5, 6);
  prune.randomStructured(layer, "weight", 0.5, 0);
  same("randomStructured", read(layer, "weightMask"));
  prune.randomStructured(layer, "weight", 2, 1);
  same("randomStructured2", read(layer, "weightMask"));
  torch.manualSeed(7);
  const [first, second] = [new nn.Linear(3, 4), new nn.Linear(4, 2)];
  const places = [
    [first, "weight"],
    [second, "weight"],
  ] as const;
  prune.globalUnstructured(places, prune.L1Unstructured, { amount: 0.4 });
  same("global", read(first, "weightMask"), read(second, "weightMask"));
  prune.globalUnstructured(places, prune.L1Unstructured, { amount: 3 });
  same("global2", read(first, "weightMask"), read(second, "weightMask"));
  const masked = prune.customFromMask(new nn.Linear(2, 1), "weight", torch.tensor([[1, 0]]));
  assert.equal(masked.weight.at(0, 1).item(), 0);
  class EveryOther extends prune.BasePruningMethod {
    override readonly pruningType = "unstructured";
    override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
      const mask = defaultMask.clone();
      mask.view(-1).at("::2").fill_(0);
      return mask;
    }
  }
  const own = new nn.Linear(2, 2, { bias: false });
  EveryOther.apply(own, "weight");
  assert.deepEqual(read(own, "weightMask").tolist(), [
    [0, 1],
    [0, 1],
  ]);
  own(torch.ones(1, 2)).sum().backward();
  assert.deepEqual(read(own, "weightOrig").grad?.tolist(), [
    [0, 1],
    [0, 1],
  ]);
});

test("a failed pruning changes nothing", () => {
  const layer = new nn.Linear(4, 3);
  const { weight } = layer;
  assert.throws(
    () => prune.l1Unstructured(layer, "weight", 13),
    /amount=13 should be smaller than the number of parameters to prune=12/,
  );
  assert.throws(() => prune.l1Unstructured(layer, "weight", 1.5), /^RangeError: amount=1.5 should either be a float/);
  assert.throws(
    () => prune.lnStructured(layer, "bias", 1, 2, 0),
    /Structured pruning can only be applied to multidimensional/,
  );
  assert.equal(layer.weight, weight);
  assert.deepEqual(keys(layer), ["weight", "bias"]);
});

test("pruned, normalized and parametrized modules can be copied", () => {
  const layer = prune.identity(new nn.Linear(4, 3), "weight");
  torch.noGrad(() => layer(x));
  const copy = torch.deepcopy(layer);
  torch.noGrad(() => read(copy, "weightOrig").zero_());
  assert.equal(
    copy(x)
      .sub(copy.bias as Tensor)
      .abs()
      .sum()
      .item(),
    0,
  );
  assert.ok(
    layer(x)
      .sub(layer.bias as Tensor)
      .abs()
      .sum()
      .item() > 0,
  );
  prune.remove(copy, "weight");
  assert.ok(prune.isPruned(layer));
  const orthogonalCopy = torch.deepcopy(parametrizations.orthogonal(new nn.Linear(3, 3)));
  assert.ok(orthogonalCopy.weight.matmul(orthogonalCopy.weight.t()).allclose(torch.eye(3), 1e-4, 1e-5));
});

test("batch norm fused into the layer before it", () => {
  torch.manualSeed(8);
  const conv = new nn.Conv2d(2, 3, 3).eval();
  const bn = new nn.BatchNorm2d(3).eval();
  torch.noGrad(() => {
    bn.runningMean?.normal_();
    bn.runningVar?.uniform_(0.5, 2);
    bn.weight?.normal_();
    bn.bias?.normal_();
  });
  const fused = utils.fuseConvBnEval(conv, bn);
  same("fusedConv", fused.weight, fused.bias);
  const images = torch.randn(2, 2, 5, 5);
  assert.ok(fused(images).allclose(bn(conv(images)), 1e-4, 1e-5));
  const linear = new nn.Linear(4, 3, { bias: false }).eval();
  const flat = new nn.BatchNorm1d(3).eval();
  flat.runningMean?.normal_();
  assert.ok(
    utils
      .fuseLinearBnEval(
        linear,
        flat,
      )(x)
      .allclose(flat(linear(x)), 1e-4, 1e-5),
  );
  const up = new nn.ConvTranspose2d(2, 3, 3).eval();
  assert.ok(
    utils
      .fuseConvBnEval(up, bn, { transpose: true })(images)
      .allclose(bn(up(images)), 1e-4, 1e-4),
  );
  assert.throws(() => utils.fuseConvBnEval(conv.train(), bn), /Fusion only for eval!/);
});

test("a call with other parameters", () => {
  const net = new nn.Sequential({ body: new nn.Linear(2, 2), norm: new nn.BatchNorm1d(2) });
  const before = net.stateDict();
  const weight = torch.ones([2, 2], { requiresGrad: true });
  const images = torch.randn(3, 2);
  const mean = torch.zeros(2);
  const y = torch.func.functionalCall(net, { "body.weight": weight, "norm.running_mean": mean }, [images]);
  y.square().sum().backward();
  assert.ok(weight.grad !== null);
  assert.ok(mean.abs().sum().item() > 0);
  assert.deepEqual(Object.keys(net.stateDict()), Object.keys(before));
  assert.ok((net.stateDict()["norm.running_mean"] as Tensor).equal(torch.zeros(2)));
  assert.ok(net.getParameter("body.weight").equal(before["body.weight"] as Tensor));
  const doubled = torch.func.functionalCall(new nn.Linear(2, 1, { bias: false }), { weight: torch.ones(1, 2) }, images);
  assert.ok(doubled.allclose(images.sum(1, { keepdim: true })));
  assert.throws(() => torch.func.functionalCall(net, { wrong: weight }, [images]), /Unexpected key\(s\): wrong/);
  assert.throws(
    () => torch.func.functionalCall(net, { "body.weight": weight }, [images], { strict: true }),
    /Missing key\(s\): body.bias/,
  );
  assert.throws(() => torch.func.functionalCall(net, { "body.weight": torch.ones(3, 3) }, [images]));
  assert.deepEqual(Object.keys(net.stateDict()), Object.keys(before));
});

test("skipInit draws nothing", () => {
  torch.manualSeed(9);
  const layer = utils.skipInit(nn.Linear, 4, 3);
  assert.deepEqual(layer.weight.shape, [3, 4]);
  const next = torch.rand(1);
  torch.manualSeed(9);
  assert.ok(next.equal(torch.rand(1)));
});

test("the norm of all gradients, and clipping by it", () => {
  const gradients = [torch.tensor([3, 0]), torch.tensor([4])];
  assert.equal(utils.getTotalNorm(gradients).item(), 5);
  assert.equal(utils.getTotalNorm(gradients, Infinity).item(), 4);
  assert.equal(utils.getTotalNorm([]).item(), 0);
  assert.throws(() => utils.getTotalNorm([torch.tensor([NaN])], { errorIfNonfinite: true }), /is non-finite/);
  const weight = new nn.Parameter(torch.zeros(2));
  weight.grad = torch.tensor([3, 4]);
  utils.clipGradsWithNorm_(weight, 1, torch.tensor(5));
  assert.ok(weight.grad.allclose(torch.tensor([0.6, 0.8])));
});

test("named members of containers are properties", () => {
  const net = new nn.Sequential({
    conv1: new nn.Linear(2, 3),
    act: new nn.ReLU(),
    forward: new nn.Linear(3, 1),
  }) as nn.Sequential & { conv1: nn.Module };
  assert.ok(net.conv1 instanceof nn.Linear);
  assert.equal(net.conv1, net.at(0));
  const other = new nn.Linear(2, 3);
  net.conv1 = other;
  assert.equal(net.at(0), other);
  assert.equal(net(torch.ones(1, 2)).shape.length, 2);
  const part = net.at(":2");
  assert.equal((part as unknown as { conv1: nn.Linear }).conv1, other);
  assert.deepEqual(
    [...net.items()].map(([key]) => key),
    ["conv1", "act", "forward"],
  );
  const dict = new nn.ModuleDict({ head: new nn.Linear(1, 1) }) as nn.ModuleDict & { head?: nn.Module };
  assert.equal(dict.head, dict.at("head"));
  dict.pop("head");
  assert.equal(dict.head, undefined);
  assert.deepEqual(Object.keys(net.stateDict()).length, 4);
  const copy = torch.deepcopy(net);
  assert.equal(copy.conv1, copy.at(0));
  assert.notEqual(copy.conv1, other);
  const list = new nn.ModuleList([new nn.ReLU(), new nn.Tanh(), new nn.ReLU()]);
  list.delete("1:");
  assert.equal(list.length, 1);
  assert.equal(F.relu(torch.tensor([-1])).item(), 0);
});

test("the weights of convolutions get an order in memory, and their values stay", () => {
  const net = new nn.Sequential(
    new nn.Conv2d(3, 4, 2),
    new nn.Sequential(new nn.ConvTranspose2d(4, 2, 3)),
    new nn.Linear(2, 2),
  );
  const conv = net.at(0) as nn.Conv2d;
  const before = conv.weight.detach().clone();
  assert.equal(nn.utils.convertConv2dWeightMemoryFormat(net, torch.channelsLast), net);
  assert.deepEqual(conv.weight.stride(), [12, 1, 6, 3]);
  assert.ok(conv.weight.isLeaf && conv.weight.requiresGrad && conv.weight.equal(before));
  assert.ok(conv(torch.randn(2, 3, 5, 5)).isContiguous({ memoryFormat: torch.channelsLast }));
  const volume = new nn.Conv3d(2, 3, 2);
  nn.utils.convertConv2dWeightMemoryFormat(volume, torch.channelsLast);
  assert.ok(volume.weight.isContiguous());
  nn.utils.convertConv3dWeightMemoryFormat(volume, torch.channelsLast3d);
  assert.deepEqual(volume.weight.stride(), [16, 1, 8, 4, 2]);
  assert.throws(() => nn.utils.convertConv2dWeightMemoryFormat(7 as never, torch.channelsLast), TypeError);
  assert.throws(() => nn.utils.convertConv2dWeightMemoryFormat(net, "wide" as never), TypeError);
});
