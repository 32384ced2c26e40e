/** Distributions against what has to hold of them: moments of samples, inverses, areas, gradients, the face of the API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const {
  Bernoulli,
  Beta,
  Binomial,
  Categorical,
  Cauchy,
  Chi2,
  ContinuousBernoulli,
  Dirichlet,
  Distribution,
  Exponential,
  ExponentialFamily,
  FisherSnedecor,
  Gamma,
  GeneralizedPareto,
  Geometric,
  Gumbel,
  HalfCauchy,
  HalfNormal,
  Independent,
  InverseGamma,
  Kumaraswamy,
  Laplace,
  LogNormal,
  LowRankMultivariateNormal,
  MixtureSameFamily,
  Multinomial,
  MultivariateNormal,
  NegativeBinomial,
  Normal,
  OneHotCategorical,
  Pareto,
  Poisson,
  StudentT,
  TransformedDistribution,
  Uniform,
  VonMises,
  Weibull,
  Wishart,
  constraints,
  klDivergence,
  registerKl,
  transforms,
} = torch.distributions;
type Distribution = InstanceType<typeof Distribution>;

const of = (...values: number[]) => torch.tensor(values, { dtype: torch.float64 });
const a = of(0.7, 1.5, 6);
const b = of(2, 3.5, 5);
const share = of(0.2, 0.5, 0.85);

const continuous: readonly Distribution[] = [
  new Normal(a, b),
  new Laplace(a, b),
  new Uniform(a, a.add(b)),
  new Exponential(b),
  new Gamma(a, b),
  new Chi2(b),
  new Beta(a, b),
  new Gumbel(a, b),
  new HalfNormal(b),
  new LogNormal(share, share),
  new Pareto(a, of(5, 6, 7)),
  new Weibull(a, b),
  new Kumaraswamy(a, b),
  new StudentT(of(6, 8, 20), a, b),
  new FisherSnedecor(b, of(12, 15, 20)),
  new ContinuousBernoulli(share),
  new InverseGamma(of(6, 8, 9), b),
  new GeneralizedPareto(a, b, of(-0.5, 0, 0.1)),
  new MixtureSameFamily(new Categorical(torch.ones(3, 2).double()), new Normal(torch.stack([a, b], -1), 1)),
  new TransformedDistribution(new Uniform(torch.zeros(3).double(), 1), [
    new transforms.SigmoidTransform().inv,
    new transforms.AffineTransform(a, b.neg()),
  ]),
];

const discrete: readonly Distribution[] = [
  new Bernoulli(share),
  new Binomial(of(3, 10, 40), share),
  new NegativeBinomial(of(2, 3.5, 20), share),
  new Geometric(share),
  new Poisson(of(0.5, 4, 60)),
  new Multinomial(7, torch.stack([share, a])),
  new OneHotCategorical(torch.stack([share, a])),
  new Dirichlet(torch.stack([a, b])),
];

for (const one of [...continuous, ...discrete]) {
  test(`samples of ${one} have its mean and its variance`, () => {
    if (one instanceof TransformedDistribution && one.constructor === TransformedDistribution) return;
    torch.manualSeed(1);
    const n = 20_000;
    const samples = one.sample([n]);
    assert.deepEqual([...samples.shape], [n, ...one.batchShape, ...one.eventShape]);
    const { mean, variance } = one;
    const error = samples.mean(0).sub(mean).abs();
    assert.ok(error.le(variance.div(n).sqrt().mul(5).add(1e-12)).all().item(), `${samples.mean(0)} for ${mean}`);
    const [square, fourth] = [samples.sub(mean).pow(2), samples.sub(mean).pow(4)];
    const spread = fourth.mean(0).sub(variance.pow(2)).div(n).sqrt().mul(6);
    const difference = square.mean(0).sub(variance).abs();
    assert.ok(
      difference
        .le(spread.add(variance.mul(0.01)))
        .all()
        .item(),
      `${square.mean(0)} for ${variance}`,
    );
    assert.ok(torch.allclose(one.stddev, variance.sqrt()));
  });
}

for (const one of [...continuous, new Cauchy(a, b), new HalfCauchy(b)]) {
  const has = (method: "cdf" | "icdf", value: Tensor) => {
    try {
      return one[method](value) !== undefined;
    } catch {
      return false;
    }
  };
  test(`the distribution function of ${one} is inverse to its quantiles, and its slope is the density`, () => {
    const p = of(0.01, 0.1, 0.4, 0.6, 0.9, 0.99).view(6, 1).expand(6, 3);
    if (!has("icdf", p)) return;
    const x = one.icdf(p).detach().requiresGrad_();
    const cdf = one.cdf(x);
    assert.ok(torch.allclose(cdf, p, { atol: 1e-9 }), `${cdf}`);
    const [slope] = torch.autograd.grad([cdf.sum()], [x]);
    assert.ok(torch.allclose(slope as Tensor, one.logProb(x).exp(), { rtol: 1e-6 }), `${slope}`);
  });
}

test("probabilities of discrete values sum to 1, and give mean, variance and entropy", () => {
  for (const one of [new Bernoulli(share), new Binomial(9, share), new Categorical(torch.stack([share, a]))]) {
    const values = one.enumerateSupport();
    const logs = one.logProb(values);
    const probabilities = logs.exp();
    assert.ok(torch.allclose(probabilities.sum(0), torch.ones([...one.batchShape]).double()));
    assert.ok(torch.allclose(probabilities.mul(logs).sum(0).neg(), one.entropy()));
    assert.ok(torch.allclose(one.entropy().exp(), one.perplexity()));
    if (one instanceof Categorical) continue;
    assert.ok(torch.allclose(probabilities.mul(values).sum(0), one.mean));
    const square = values.sub(one.mean).pow(2);
    assert.ok(torch.allclose(probabilities.mul(square).sum(0), one.variance));
  }
});

/** The integral of a density over where nearly all of it is, by the rule of midpoints in the values of a wide one. */
function area(one: Distribution, f: (x: Tensor) => Tensor): Tensor {
  const n = 20_001;
  const p = torch.arange(n, { dtype: torch.float64 }).add(0.5).div(n).view(n, 1);
  const isPositive = !(one.support.check(of(-1)).item() === 1);
  const wide = isPositive ? new HalfCauchy(2) : new Cauchy(0, 2);
  const x = wide.icdf(p).expand(n, 3);
  return f(x).div(wide.logProb(x).exp()).mean(0);
}

test("densities have area 1, and entropies are the means of their logarithms", () => {
  const all = [new Normal(a, b), new Gumbel(a, b), new StudentT(b, a, b), new InverseGamma(a, b), new Gamma(b, a)];
  for (const one of [...all, new LogNormal(a, share), new Weibull(a, b), new HalfNormal(a)]) {
    const density = (x: Tensor) => one.logProb(x).exp();
    assert.ok(torch.allclose(area(one, density), of(1, 1, 1), { rtol: 2e-3 }), `${one}: ${area(one, density)}`);
    const information = area(one, (x) => one.logProb(x).exp().mul(one.logProb(x).neg().clamp(-1e6, 1e6)));
    assert.ok(torch.allclose(information, one.entropy(), { rtol: 2e-2, atol: 2e-2 }), `${one}: ${information}`);
  }
});

test("samples of multivariate normal distributions have their covariance", () => {
  torch.manualSeed(3);
  const factor = torch.tensor(
    [
      [1, 0, 0],
      [0.5, 0.8, 0],
      [-1, 0.3, 2],
    ],
    { dtype: torch.float64 },
  );
  const W = factor.at(":", ":2");
  const covariance = factor.matmul(factor.mT);
  for (const one of [
    new MultivariateNormal(a, covariance),
    new MultivariateNormal(a, { scaleTril: factor }),
    new MultivariateNormal(a, { precisionMatrix: torch.linalg.inv(covariance) }),
    new LowRankMultivariateNormal(a, W, b),
  ]) {
    const samples = one.sample([40_000]);
    const apart = samples.sub(one.mean);
    const expected = one.covarianceMatrix;
    assert.ok(torch.allclose(apart.t().matmul(apart).div(40_000), expected, { rtol: 0.05, atol: 0.05 }), String(one));
    assert.ok(torch.allclose(one.precisionMatrix.matmul(expected), torch.eye(3).double(), { atol: 1e-9 }));
    assert.ok(torch.allclose(one.scaleTril.matmul(one.scaleTril.mT), expected));
    assert.ok(torch.allclose(one.variance, expected.diagonal()));
    const information = one.logProb(samples).mean().neg();
    assert.ok(torch.allclose(information, one.entropy(), { atol: 0.03 }));
    assert.ok(klDivergence(one, one).abs().item() < 1e-9);
  }
  const low = new LowRankMultivariateNormal(a, W, b);
  const same = new MultivariateNormal(a, low.covarianceMatrix);
  const other = new MultivariateNormal(b, covariance);
  assert.ok(torch.allclose(klDivergence(low, other), klDivergence(same, other)));
  assert.ok(torch.allclose(klDivergence(other, low), klDivergence(other, same)));
  assert.ok(torch.allclose(klDivergence(low, low.expand([2])), torch.zeros(2).double(), { atol: 1e-9 }));
});

test("Wishart matrices have their mean, and gradients flow through them", () => {
  torch.manualSeed(4);
  const scale = of(1, 0, 0.5, 0.8).view(2, 2).requiresGrad_();
  const one = new Wishart(of(3.5, 6), { scaleTril: scale });
  const samples = one.rsample([4000]);
  assert.ok(torch.allclose(samples.mean(0), one.mean, { rtol: 0.1, atol: 0.1 }));
  assert.ok(torch.allclose(samples.detach().var(0), one.variance, { rtol: 0.2, atol: 0.2 }));
  const [found] = torch.autograd.grad([samples.mean(0).sum()], [scale]);
  const [expected] = torch.autograd.grad([one.mean.sum()], [scale]);
  assert.ok(torch.allclose(found as Tensor, expected as Tensor, { rtol: 0.1, atol: 0.3 }), `${found} for ${expected}`);
  const logs = one.logProb(samples.detach()).mean(0).neg();
  assert.ok(torch.allclose(logs, one.entropy(), { atol: 0.2 }), `${logs} for ${one.entropy()}`);
});

test("von Mises angles follow their density, also where it is nearly flat", () => {
  torch.manualSeed(0);
  for (const concentration of [1e-7, 0.5, 4, 50]) {
    const one = new VonMises(of(1, -3, 0), concentration);
    const samples = one.sample([20_000]);
    assert.ok(samples.abs().le(Math.PI).all().item());
    const apart = samples.sub(one.loc);
    const length = apart.cos().mean(0);
    assert.ok(torch.allclose(length, one.variance.neg().add(1), { atol: 0.03 }), `${concentration}: ${length}`);
    assert.ok(apart.sin().mean(0).abs().lt(0.03).all().item());
  }
});

test("the gradients of samples are those of means, as far as samples tell", () => {
  torch.manualSeed(2);
  const parameters = () => [a, b].map((values) => values.clone().requiresGrad_()) as [Tensor, Tensor];
  const kinds = [
    (x: Tensor, y: Tensor) => new Gamma(x, y),
    (x: Tensor, y: Tensor) => new Beta(x, y),
    (x: Tensor, y: Tensor) => new StudentT(y.add(4), x),
    (x: Tensor, y: Tensor) => new Weibull(x, y),
    (x: Tensor, y: Tensor) => new Gumbel(x, y),
  ];
  for (const make of kinds) {
    const leaves = parameters();
    const one = make(...leaves);
    const wanted = torch.autograd.grad([one.mean.sum()], leaves, undefined, { allowUnused: true });
    const found = torch.autograd.grad(
      [
        make(...leaves)
          .rsample([40_000])
          .mean(0)
          .sum(),
      ],
      leaves,
    );
    for (const [i, grad] of found.entries()) {
      const expected = wanted[i] ?? torch.zerosLike(grad as Tensor);
      assert.ok(
        torch.allclose(grad as Tensor, expected, { rtol: 0.05, atol: 0.03 }),
        `${one}: ${grad} for ${expected}`,
      );
    }
  }
});

test("log densities have second derivatives", () => {
  const x = of(0.3, 0.6, 0.9).requiresGrad_();
  const [first, second] = [of(0.7, 1.5, 3).requiresGrad_(), of(2, 2.5, 5).requiresGrad_()];
  for (const Class of [Normal, Laplace, Gamma, Beta, Weibull, Kumaraswamy, Cauchy]) {
    const run = (...[x, p, q]: Tensor[]) =>
      new Class(p as Tensor, q as Tensor, { validateArgs: false }).logProb(x as Tensor);
    torch.autograd.gradcheck(run, [x, first, second]);
    torch.autograd.gradgradcheck(run, [x, first, second]);
  }
});

test("samples are outside of the graph, and rsample throws where there is none", () => {
  const loc = of(1).requiresGrad_();
  assert.equal(new Normal(loc, 1).sample().requiresGrad, false);
  assert.equal(new Normal(loc, 1).rsample().requiresGrad, true);
  assert.equal(new Normal(loc, 1).hasRsample, true);
  assert.equal(new Poisson(loc).hasRsample, false);
  assert.throws(() => new Poisson(loc).rsample(), /Poisson does not implement rsample/);
  assert.throws(() => new Normal(0, 1).enumerateSupport(), /does not implement enumerateSupport/);
});

test("arguments follow the rule", () => {
  const normal = new Normal(0, 1);
  assert.deepEqual([...normal.sample({ sampleShape: [2, 3] }).shape], [2, 3]);
  assert.deepEqual([...normal.sample().shape], []);
  // @ts-expect-error a shape is a list
  assert.throws(() => normal.sample(3), TypeError);
  // @ts-expect-error a flag is named
  assert.throws(() => new Normal(0, 1, true), /'validateArgs' is a named option/);
  // @ts-expect-error there is no such option
  assert.throws(() => new Normal(0, 1, { validateargs: true }), /Did you mean 'validateArgs'\?/);
  // @ts-expect-error a list is no tensor
  assert.throws(() => new Normal([0], 1), /make a tensor of it/);
  // @ts-expect-error a parameter is missing
  assert.throws(() => new Normal(0), /missing 1 required argument: 'scale'/);
  for (const one of [normal, new Normal(0, 1, { validateArgs: false }), new Gumbel(0, 1)]) {
    assert.throws(() => one.logProb(0.5 as never), /The value argument to log_prob must be a Tensor/);
    assert.throws(() => one.cdf(0.5 as never), /must be (a )?Tensor/);
    assert.throws(() => one.icdf(0.5 as never), /The value argument to icdf must be a Tensor/);
  }
  assert.equal(String(new Bernoulli({ logits: 0 })), "Bernoulli(logits: 0.0)");
  assert.equal(String(new Bernoulli(null, 0)), "Bernoulli(logits: 0.0)");
  assert.deepEqual(new Bernoulli(share).enumerateSupport({ expand: false }).tolist(), [[0], [1]]);
  // @ts-expect-error a flag is named
  assert.throws(() => new Bernoulli(share).enumerateSupport(false), TypeError);
  assert.throws(() => klDivergence(normal, 3 as never), TypeError);
});

test("values of a mixture are valid where they are for all components", () => {
  const mixture = new MixtureSameFamily(
    new Categorical(torch.ones(2, 3)),
    new Uniform(torch.zeros(2, 3), torch.tensor([1, 2, 3])),
  );
  assert.deepEqual([...mixture.logProb(torch.full([2], 0.5)).shape], [2]);
  assert.throws(() => mixture.logProb(torch.full([2], 1.5)), /to be within the support/);
  assert.ok(torch.allclose(mixture.cdf(torch.full([2], 0.6)), torch.full([2], (0.6 + 0.3 + 0.2) / 3)));
});

test("checks can be switched off for one distribution, and for all", () => {
  assert.throws(() => new Normal(0, -1), /Expected parameter scale/);
  assert.doesNotThrow(() => new Normal(0, -1, { validateArgs: false }));
  try {
    Distribution.setDefaultValidateArgs(false);
    assert.doesNotThrow(() => new Normal(0, -1).logProb(of(NaN)));
    assert.throws(() => new Normal(0, -1, { validateArgs: true }), /Expected parameter scale/);
  } finally {
    Distribution.setDefaultValidateArgs(true);
  }
  assert.throws(() => Distribution.setDefaultValidateArgs(1 as never), TypeError);
});

test("probabilities and logits follow from each other, once", () => {
  const one = new Bernoulli(share);
  assert.equal(String(one), "Bernoulli(probs: torch.Size([3]))");
  const { logits } = torch.noGrad(() => one);
  assert.ok(torch.allclose(logits, torch.logit(share)));
  assert.equal(one.logits, logits);
  assert.equal(String(one), "Bernoulli(probs: torch.Size([3]), logits: torch.Size([3]))");
  const inner = share.clone().requiresGrad_();
  const other = new Bernoulli(inner);
  torch.noGrad(() => other.sample());
  assert.equal(torch.noGrad(() => other.logits).requiresGrad, true);
});

test("an expanded distribution shares its memory, and what it was made of stays", () => {
  const one = new Normal(a, 1);
  const wide = one.expand([2, 3]);
  assert.ok(wide instanceof Normal);
  assert.equal(wide.loc.storage, one.loc.storage);
  assert.deepEqual([...wide.batchShape], [2, 3]);
  assert.deepEqual([...one.batchShape], [3]);
  assert.throws(() => one.expand([2]));
});

test("distributions of half precision are sampled and scored in it", () => {
  for (const dtype of [torch.float16, torch.bfloat16]) {
    for (const Class of [Normal, Laplace, Gamma, Beta, Gumbel]) {
      const one = new Class(a.to(dtype), b.to(dtype));
      const value = one.rsample([4]);
      assert.equal(value.dtype, dtype);
      assert.equal(one.logProb(value).dtype, dtype);
    }
  }
});

test("distributions without numbers have shapes", () => {
  const loc = torch.zeros(3, { device: "meta" });
  const one = new Normal(loc, 1, { validateArgs: false });
  assert.deepEqual([...one.rsample([2]).shape], [2, 3]);
  assert.equal(one.logProb(loc).device, "meta");
  assert.equal(String(one), "Normal(loc: torch.Size([3]), scale: torch.Size([3]))");
});

class Logistic extends Distribution {
  static override readonly argConstraints = { loc: constraints.real, scale: constraints.positive };
  static override readonly support = constraints.real;
  static override readonly hasRsample = true;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  constructor(loc: Tensor, scale: Tensor, { validateArgs }: { validateArgs?: boolean } = {}) {
    super(loc.shape, { validateArgs, parameters: { loc, scale } });
  }

  override rsample(sampleShape: readonly number[] = []): Tensor {
    const u = torch.rand([...sampleShape, ...this.batchShape], { dtype: this.loc.dtype });
    return this.loc.add(this.scale.mul(torch.logit(u)));
  }

  override logProb(value: Tensor): Tensor {
    const y = value.sub(this.loc).div(this.scale);
    return y.neg().sub(torch.nn.functional.softplus(y.neg()).mul(2)).sub(this.scale.log());
  }
}

test("a distribution of one's own is checked, printed, expanded and wrapped", () => {
  const one = new Logistic(a, b);
  assert.equal(String(one), "Logistic(loc: torch.Size([3]), scale: torch.Size([3]))");
  assert.throws(() => new Logistic(a, b.neg()), /Expected parameter scale .* of distribution Logistic/);
  assert.deepEqual([...one.expand([4, 3]).sample([2]).shape], [2, 4, 3]);
  assert.equal(one.sample().requiresGrad, false);
  assert.throws(() => one.mean, /Logistic does not implement mean/);
  const wrapped = new Independent(one, 1);
  assert.ok(torch.allclose(wrapped.logProb(b), one.logProb(b).sum()));
  assert.equal(wrapped.hasRsample, true);
});

/** An exponential family with nothing but its normalizer. */
class Rate extends ExponentialFamily {
  static override readonly argConstraints = { rate: constraints.positive };
  declare readonly rate: Tensor;

  constructor(rate: Tensor) {
    super(rate.shape, { parameters: { rate } });
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.rate.neg()];
  }

  override _logNormalizer(x: Tensor): Tensor {
    return x.neg().log().neg();
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}

test("the entropy and the divergence of an exponential family follow from its normalizer", () => {
  const [p, q] = [a, b].map((rate) => new Rate(rate)) as [Rate, Rate];
  assert.ok(torch.allclose(p.entropy(), new Exponential(a).entropy()));
  assert.ok(torch.allclose(klDivergence(p, q), klDivergence(new Exponential(a), new Exponential(b))));
  assert.throws(() => klDivergence(p, new Poisson(b)), /between different exponential families/);
  const families = [new Normal(a, b), new Gamma(a, b), new Beta(a, b), new Bernoulli(share), new Dirichlet(a)];
  for (const one of [...families, new Exponential(a), new ContinuousBernoulli(of(0.1, 0.3, 0.9))]) {
    if (one instanceof Beta || one instanceof Dirichlet || one instanceof ContinuousBernoulli) continue;
    assert.ok(torch.allclose(ExponentialFamily.prototype.entropy.call(one), one.entropy()), String(one));
  }
});

test("the divergence for the most special classes is taken", async () => {
  class Special extends Normal {}
  class Other extends Normal {}
  assert.ok(
    torch.allclose(klDivergence(new Special(a, b), new Normal(0, 1)), klDivergence(new Normal(a, b), new Normal(0, 1))),
  );
  const one = registerKl(Special, Normal)((p) => p.loc);
  assert.equal(
    klDivergence(new Special(a, b), new Other(0, 1)),
    klDivergence(new Special(a, b), new Other(0, 1)) && one(new Special(a, b)),
  );
  registerKl(Normal, Other)((p) => p.scale);
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  const special = new Special(a, b);
  assert.equal(klDivergence(special, new Other(0, 1)), special.loc);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  assert.match(
    String(warnings[0]?.message),
    /Ambiguous klDivergence\(Special, Other\). Please registerKl\(Special, Other\)/,
  );
  assert.throws(
    () => klDivergence(new Normal(0, 1), new Cauchy(0, 1)),
    /No KL\(p \|\| q\) is implemented for p type Normal and q type Cauchy/,
  );
  assert.throws(() => registerKl(3 as never, Normal), TypeError);
});

test("divergences are the means of the differences of log densities", () => {
  torch.manualSeed(5);
  const pairs: readonly (readonly [Distribution, Distribution])[] = [
    [new Normal(a, b), new Gumbel(b, a)],
    [new Normal(a, b), new Laplace(b, a)],
    [new Gamma(b, a), new Normal(a, b)],
    [new Gamma(b, a), new Gumbel(a, b)],
    [new Exponential(a), new Gamma(b, a)],
    [new Beta(a, b), new Normal(share, b)],
    [new Beta(a, b), new Gamma(a, b)],
    [new Uniform(share, 1), new Beta(a, b)],
    [new Uniform(share, a.add(1)), new Gamma(a, b)],
    [new Uniform(a, a.add(b)), new Pareto(share.mul(0.5), b)],
    [new Pareto(a, b.add(2)), new Normal(a, b)],
    [new Pareto(a, b), new Gamma(a, b)],
    [new Gumbel(a, b), new Normal(b, a)],
    [new Laplace(a, b), new Normal(b, a)],
    [new Cauchy(a, b), new Cauchy(b, a)],
  ];
  for (const [p, q] of pairs) {
    const x = p.sample([60_000]);
    const differences = p.logProb(x).sub(q.logProb(x));
    const error = differences.std(0).div(Math.sqrt(60_000)).mul(6);
    const expected = klDivergence(p, q);
    const found = differences.mean(0);
    assert.ok(found.sub(expected).abs().le(error.add(1e-3)).all().item(), `${p}, ${q}: ${found} for ${expected}`);
  }
});

test("GeneralizedPareto has a limit on one side where its concentration is negative", () => {
  const one = new GeneralizedPareto(1, of(2, 2), of(-0.5, 0.5));
  assert.equal(
    String(one.support),
    "Interval(lower_bound=tensor([1., 1.], dtype=torch.float64), upper_bound=tensor([5., 1e+308], dtype=torch.float64))".replace(
      "1e+308",
      "inf",
    ),
  );
  assert.throws(() => one.logProb(of(6, 6)), /within the support/);
  assert.ok(torch.allclose(new GeneralizedPareto(0, b, 0).logProb(a), new Exponential(b.reciprocal()).logProb(a)));
});

test("the cumulative distribution functions of gamma and chi-squared", () => {
  const { Gamma, Chi2 } = torch.distributions;
  const float64 = { dtype: torch.float64 };
  const x = torch.tensor([0.5, 2], float64).requiresGrad_(true);
  const gamma = new Gamma(torch.tensor(2, float64), torch.tensor([3, 1], float64));
  const expected = torch.tensor([1 - 2.5 * Math.exp(-1.5), 1 - 3 * Math.exp(-2)], float64);
  const values = gamma.cdf(x);
  assert.ok(torch.allclose(values, expected, { atol: 1e-12 }), `${values}`);
  const [slope] = torch.autograd.grad([values.sum()], [x]);
  assert.ok(torch.allclose(slope as Tensor, gamma.logProb(x.detach()).exp(), { atol: 1e-12 }));
  const chi2 = new Chi2(torch.tensor([2, 4], float64));
  assert.ok(torch.allclose(chi2.cdf(x.detach()), torch.tensor([1 - Math.exp(-0.25), 1 - 2 * Math.exp(-1)], float64)));
  assert.throws(() => gamma.cdf(torch.tensor([-1, 1], float64)), /within the support/);
  assert.ok(new Gamma(1, 1, { validateArgs: false }).cdf(torch.tensor(-1)).isnan().item());
});
