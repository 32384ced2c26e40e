/**
 * Bayesian regression by stochastic variational inference: the distribution of the weights of a line given data is sought among
 * normal distributions, by gradients of samples, and compared with the exact one.
 */
import torch, { optim, type Tensor } from "flambeau";

const { MultivariateNormal, Normal, constraints, klDivergence, transformTo } = torch.distributions;

torch.manualSeed(0);
torch.setDefaultDtype(torch.float64);

// 40 points near to the line y = 1.5 x - 0.5.
const noise = 0.4;
const x = torch.rand(40).mul(3);
const y = x.mul(1.5).sub(0.5).add(torch.randn(40).mul(noise));
const inputs = torch.stack([x, torch.onesLike(x)], 1);

const prior = new MultivariateNormal(torch.zeros(2), torch.eye(2).mul(4));

// What is sought, without limits: the mean, and a matrix that a transform makes a factor of a covariance.
const loc = torch.zeros(2).requiresGrad_();
const free = torch.zeros(2, 2).requiresGrad_();
const toFactor = transformTo(constraints.lowerCholesky);
const guide = () => new MultivariateNormal(loc, { scaleTril: toFactor(free) });

/** What the evidence is at least, by samples of the weights: log likelihood less the distance from the prior. */
function evidence(samples: number): Tensor {
  const posterior = guide();
  const weights = posterior.rsample([samples]);
  const likelihood = new Normal(weights.matmul(inputs.t()), noise).logProb(y).sum(-1);
  return likelihood.mean().sub(klDivergence(posterior, prior));
}

const optimizer = new optim.Adam([loc, free], 0.1);
for (let step = 1; step <= 800; step++) {
  const loss = evidence(64).neg();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step === 600) for (const group of optimizer.paramGroups) group.lr = 0.01;
  if (step % 100 === 0) console.log(`step ${step}: evidence at least ${(-loss.item()).toFixed(3)}`);
}

function show(name: string, mean: Tensor, covariance: Tensor): void {
  const [[slope, both], [, offset]] = covariance.tolist() as [[number, number], [number, number]];
  const [weight, bias] = mean.tolist() as [number, number];
  const correlation = both / Math.sqrt(slope * offset);
  const line = `${weight.toFixed(3)} ± ${Math.sqrt(slope).toFixed(3)}, ${bias.toFixed(3)} ± ${Math.sqrt(offset).toFixed(3)}`;
  console.log(`${name}: ${line}, correlation ${correlation.toFixed(2)}`);
}

const found = guide();
show("found", found.mean.detach(), found.covarianceMatrix.detach());
const precision = prior.precisionMatrix.add(
  inputs
    .t()
    .matmul(inputs)
    .div(noise ** 2),
);
const exact = new MultivariateNormal(
  torch.linalg.solve(
    precision,
    inputs
      .t()
      .matmul(y)
      .div(noise ** 2),
  ),
  {
    precisionMatrix: precision,
  },
);
show("exact", exact.mean, exact.covarianceMatrix);
console.log(`divergence of the two: ${klDivergence(found, exact).item().toFixed(4)}`);
