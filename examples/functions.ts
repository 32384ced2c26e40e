/** Functions of functions: gradients of samples, Jacobians, Hessians, ensembles, and derivatives along a direction. */
import torch, { nn, type Tensor } from "flambeau";

const { grad, vmap, vjp, jvp, jacrev, jacfwd, hessian, functionalCall, stackModuleState } = torch.func;
const F = nn.functional;

torch.manualSeed(0);

// Gradients of any order
const x = torch.tensor([0.5, 1, 2]);
const cube = (t: Tensor) => t.pow(3).sum();
console.log(grad(cube)(x));
console.log(grad((t) => grad(cube)(t).sum())(x));

// The gradient of every sample
const model = new nn.Sequential(new nn.Linear(4, 3), new nn.Tanh(), new nn.Linear(3, 2));
const weights = Object.fromEntries([...model.namedParameters()].map(([name, p]) => [name, p.detach()]));
const samples = torch.randn(5, 4);
const labels = torch.tensor([0, 1, 1, 0, 1], { dtype: torch.long });
const lossOfOne = (w: typeof weights, sample: Tensor, label: Tensor) =>
  F.crossEntropy(functionalCall(model, w, [sample.unsqueeze(0)]) as Tensor, label.unsqueeze(0));
const each = vmap(grad(lossOfOne), [null, 0, 0])(weights, samples, labels);
console.log(each["2.bias"]);
console.log(each["0.weight"]?.shape);

// Their mean is the gradient of the batch
const ofBatch = grad((w: typeof weights) => F.crossEntropy(functionalCall(model, w, [samples]) as Tensor, labels))(
  weights,
);
console.log(torch.allclose(each["0.weight"]?.mean(0) as Tensor, ofBatch["0.weight"] as Tensor, { atol: 1e-6 }));

// Jacobians, backward by rows and forward by columns
const predict = (w: Tensor, b: Tensor, t: Tensor) => F.linear(t, w, b).tanh();
const [w, b] = [torch.randn(2, 3), torch.randn(2)];
console.log(jacrev(predict, 2)(w, b, x));
console.log(torch.allclose(jacrev(predict, 2)(w, b, x), jacfwd(predict, 2)(w, b, x)));
const [byWeight, byBias] = jacrev(predict, [0, 1])(w, b, x);
console.log(byWeight.shape, byBias);

// Hessians, of one input and of a batch of them
console.log(hessian((t: Tensor) => t.sin().prod())(x));
console.log(vmap(hessian((t: Tensor) => t.pow(3).sum()))(torch.ones(2, 2)));

// Products with them, without making them
const [output, pull] = vjp((t: Tensor) => predict(w, b, t), x);
console.log(output, pull(torch.ones(2))[0]);
console.log(jvp((t: Tensor) => predict(w, b, t), [x], [torch.ones(3)])[1]);
const [, curvatureTimes] = jvp(
  grad((t: Tensor) => t.sin().prod()),
  [x],
  [torch.tensor([1, 0, 0])],
);
console.log(curvatureTimes);

// Several networks at once
const models = Array.from({ length: 3 }, () => new nn.Linear(4, 2));
const [parameters, buffers] = stackModuleState(models);
console.log(parameters.weight?.shape);
const base = models[0] as nn.Linear;
const callOne = (p: typeof parameters, s: typeof buffers, data: Tensor) =>
  functionalCall(base, [p, s], [data]) as Tensor;
const together = vmap(callOne, [0, 0, null])(parameters, buffers, samples);
console.log(together.shape, torch.allclose(together.select(0, 2), (models[2] as nn.Linear)(samples), { atol: 1e-6 }));

// A batch for each of them
const batches = torch.randn(3, 2, 4);
console.log(vmap(callOne)(parameters, buffers, batches).detach());

// Tensors with tangents
const { dualLevel, makeDual, unpackDual } = torch.autograd.forwardAd;
dualLevel(() => {
  const dual = makeDual(x, torch.ones(3));
  console.log(unpackDual(dual.sin()).tangent);
});

// Derivatives by the graph of ordinary calls
const { jacobian, hvp } = torch.autograd.functional;
console.log(jacobian((t: Tensor) => t.exp(), x));
console.log(hvp(cube, x, torch.ones(3))[1]);
