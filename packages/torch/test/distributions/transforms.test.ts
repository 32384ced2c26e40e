/** Transforms against what has to hold of them: inverses, changes of volume, caches; registries of constraints. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { bijectTo, constraintRegistry, constraints, transformTo, transforms } = torch.distributions;
const {
  AffineTransform,
  CatTransform,
  ComposeTransform,
  CorrCholeskyTransform,
  ExpTransform,
  LowerCholeskyTransform,
  PositiveDefiniteTransform,
  PowerTransform,
  SigmoidTransform,
  SoftmaxTransform,
  SoftplusTransform,
  StackTransform,
  StickBreakingTransform,
  TanhTransform,
  Transform,
  identityTransform,
} = transforms;
type Transform = InstanceType<typeof Transform>;

const of = (...values: number[]) => torch.tensor(values, { dtype: torch.float64 });
const x = of(0.3, -0.8, 1.1, 0.2, 0.6, -0.4);
const positive = x.exp();

/** The determinant of the slopes of a function of one vector, by elimination. */
function logDeterminant(f: (x: Tensor) => Tensor, at: Tensor): number {
  const input = at.detach().clone().requiresGrad_();
  const output = f(input).flatten();
  const rows = Array.from({ length: output.numel() }, (_, i) => {
    const [row] = torch.autograd.grad([output.at(i)], [input], undefined, { retainGraph: true });
    return row?.flatten().tolist() as number[];
  });
  return torch.linalg.slogdet(torch.tensor(rows, { dtype: torch.float64 })).logabsdet.item();
}

/** The part of the output that has as many dims as the input. */
const wholes: readonly (readonly [name: string, Transform, Tensor, (y: Tensor) => Tensor])[] = [
  ["ExpTransform", new ExpTransform(), x, (y) => y],
  ["SigmoidTransform", new SigmoidTransform(), x, (y) => y],
  ["SoftplusTransform", new SoftplusTransform(), x, (y) => y],
  ["TanhTransform", new TanhTransform(), x, (y) => y],
  ["PowerTransform", new PowerTransform(1.7), positive, (y) => y],
  ["AffineTransform", new AffineTransform(0.5, of(1, -2, 3, 4, -5, 6)), x, (y) => y],
  ["StickBreakingTransform", new StickBreakingTransform(), x, (y) => y.at(":-1")],
  ["CorrCholeskyTransform", new CorrCholeskyTransform(), x, (y) => y.at(torch.ones(4, 4).tril(-1).bool())],
  [
    "ComposeTransform",
    new ComposeTransform([new AffineTransform(1, 0.5), new ExpTransform(), new StickBreakingTransform()]),
    x,
    (y) => y.at(":-1"),
  ],
  ["CatTransform", new CatTransform([new ExpTransform(), new TanhTransform()], -1, [2, 4]), x, (y) => y],
  ["StackTransform", new StackTransform([new ExpTransform(), new TanhTransform()], 1), x.view(3, 2), (y) => y],
];

for (const [name, t, input, part] of wholes) {
  test(`${name} is inverted, and its change of volume is that of its slopes`, () => {
    const y = t(input);
    assert.ok(torch.allclose(t.inv(y), input, { atol: 1e-9 }));
    assert.ok(t.codomain.check(y).all().item());
    assert.ok(t.bijective && t.inv.bijective);
    const log = t.logAbsDetJacobian(input, y).sum().item();
    assert.ok(Math.abs(log - logDeterminant((at) => part(t(at)), input)) < 1e-9, String(log));
    assert.ok(torch.allclose(t.inv.logAbsDetJacobian(y, input), t.logAbsDetJacobian(input, y).neg()));
    assert.equal(t.inv.inv, t);
    assert.deepEqual([...t.forwardShape(input.shape)], [...y.shape]);
    assert.deepEqual([...t.inverseShape(y.shape)], [...input.shape]);
  });
}

test("transforms that are no bijections come back to what they gave", () => {
  const matrix = torch.arange(9, { dtype: torch.float64 }).view(3, 3).mul(0.1);
  const some = [new SoftmaxTransform(), new LowerCholeskyTransform(), new PositiveDefiniteTransform()];
  for (const t of [...some, new transforms.AbsTransform()]) {
    const y = t(matrix);
    assert.ok(torch.allclose(t(t.inv(y)), y));
    assert.equal(t.bijective, false);
    assert.ok(t.codomain.check(y).all().item() || t instanceof transforms.AbsTransform);
    assert.throws(() => t.logAbsDetJacobian(matrix, y), /has no log_abs_det_jacobian/);
  }
});

test("a cache gives back the tensor itself, in both directions, and forgets older ones", () => {
  const t = new TanhTransform(1);
  const far = of(40);
  const y = t(far);
  assert.equal(t.inv(y), far);
  assert.equal(t(far), y);
  assert.equal(t.inv(of(1)).item(), Infinity);
  assert.equal(t.inv(y).item(), Infinity);
  const z = of(0.5);
  const back = t.inv(z);
  assert.equal(t(back), z);
  assert.equal(new TanhTransform().inv(y).item(), Infinity);
  assert.equal(t.withCache(1), t);
  assert.notEqual(t.withCache(0), t);
  assert.throws(() => new ExpTransform(2), /cache_size must be 0 or 1/);
  const composed = new ComposeTransform([new TanhTransform(), new AffineTransform(0, 2)], 1);
  assert.equal(composed.inv(composed(far)), far);
  const inverse = new ComposeTransform([new AffineTransform(0, 2).inv, new TanhTransform().inv]);
  assert.ok(composed.inv.equals(inverse));
});

test("transforms are equal where they are known to be the same mapping", () => {
  assert.ok(new ExpTransform().equals(new ExpTransform()));
  assert.ok(!new ExpTransform().equals(new TanhTransform()));
  assert.ok(new AffineTransform(0, of(1, 2)).equals(new AffineTransform(0, of(1, 2))));
  assert.ok(!new AffineTransform(0, of(1, 2)).equals(new AffineTransform(0, 1)));
  assert.ok(new PowerTransform(2).equals(new PowerTransform(2)));
  assert.ok(new ExpTransform().inv.equals(new ExpTransform().inv));
  const parts = () => new ComposeTransform([new ExpTransform(), new AffineTransform(1, 2)]);
  assert.ok(parts().equals(parts()));
  assert.ok(!parts().equals(identityTransform));
});

test("transforms are called, printed, and refuse what does not fit", () => {
  assert.equal(typeof new ExpTransform(), "function");
  assert.ok(new ExpTransform() instanceof Transform);
  assert.equal(String(new ExpTransform().inv), "_InverseTransform(ExpTransform())");
  assert.equal(String(new ComposeTransform([new ExpTransform()])), "ComposeTransform(\n    ExpTransform()\n)");
  assert.throws(() => new ExpTransform()(3 as never), /ExpTransform: argument 'x' must be Tensor, not int/);
  assert.throws(() => new ExpTransform().inv([3] as never), TypeError);
  assert.throws(() => new AffineTransform(0, "1" as never), /must be Tensor or Number/);
  assert.throws(() => new CatTransform([new ExpTransform()], 0, [1, 2]), /a length for each/);
  assert.throws(() => new CatTransform([new ExpTransform()], 3)(x), RangeError);
  assert.throws(() => new StackTransform([new ExpTransform()])(x), /has to be 1, but is 6/);
  assert.throws(() => new ComposeTransform([3 as never]), TypeError);
  assert.throws(
    () =>
      new ExpTransform().logAbsDetJacobian.call(new transforms.AbsTransform(), x, x) &&
      new transforms.AbsTransform().sign,
    /has no sign/,
  );
});

class Even extends constraints.Constraint {
  constructor(readonly step = 2) {
    super();
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return value.remainder(this.step).eq(0);
  }
}

test("registries give transforms for constraints, also for those of one's own", () => {
  const even = new Even();
  assert.throws(() => bijectTo(even), /Cannot transform Even constraints/);
  const registry = new constraintRegistry.ConstraintRegistry();
  const factory = ({ step }: Even) => new AffineTransform(0, step);
  assert.equal(registry.register(even, factory), factory);
  assert.equal(registry(new Even(3))(of(2)).item(), 6);
  registry.register(Even)(() => identityTransform);
  assert.equal(registry(even), identityTransform);
  registry.register(constraints.greaterThan, ({ lowerBound }) => new AffineTransform(lowerBound, 1));
  assert.equal(registry(constraints.greaterThan(5))(of(2)).item(), 7);
  assert.throws(
    () => registry.register(3 as never, factory),
    /Expected constraint to be either a Constraint subclass or instance/,
  );
  assert.throws(() => transformTo(constraints.boolean), /Cannot transform/);
  assert.throws(() => transformTo(3 as never), /Cannot transform/);
  assert.equal(String(even), "Even()");
});

test("every region into which a transform leads holds what it gives, and the bijection leads back", () => {
  const regions = [
    constraints.positive,
    constraints.greaterThan(3),
    constraints.lessThan(-1),
    constraints.interval(of(1, 2, 3, 4, 5, 6), 7),
    constraints.simplex,
    constraints.corrCholesky,
    constraints.independent(constraints.unitInterval, 1),
  ];
  for (const region of regions) {
    for (const registry of [bijectTo, transformTo]) {
      const t = registry(region);
      const y = t(x);
      assert.ok(region.check(y).all().item(), String(region));
      if (registry === bijectTo) assert.ok(torch.allclose(t.inv(y), x, { atol: 1e-8 }), String(region));
    }
  }
  const matrices = transformTo(constraints.positiveSemidefinite)(torch.randn(4, 3, 3).double());
  assert.ok(constraints.positiveSemidefinite.check(matrices).all().item());
  const flat = torch.tensor([
    [1, 2],
    [2, 1],
  ]);
  assert.equal(constraints.positiveSemidefinite.check(flat).item(), 0);
  assert.equal(constraints.positiveSemidefinite.check(torch.diag(torch.tensor([1, 0]))).item(), 1);
  assert.equal(constraints.positiveDefinite.check(torch.diag(torch.tensor([1, 0]))).item(), 0);
  assert.ok(constraints.greaterThan(1) instanceof constraints.greaterThan);
  assert.ok(!(constraints.lessThan(1) instanceof constraints.greaterThan));
  assert.ok(constraints.isDependent(constraints.dependent));
  assert.throws(() => constraints.dependent.check(x), /Cannot determine validity/);
  assert.throws(() => constraints.dependent.eventDim, /cannot be determined statically/);
  assert.equal(constraints.dependent({ isDiscrete: true }).isDiscrete, true);
});
