/** `jvp`, `linearize`, `jacrev`, `jacfwd`, `hessian`, and tensors with tangents. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { grad, vmap, jvp, jacrev, jacfwd, hessian, linearize, functionalCall, stackModuleState } = torch.func;
const fwAD = torch.autograd.forwardAd;

const float64 = { dtype: torch.float64 };
const x = torch.tensor([0.5, 1, 2], float64);

function close(actual: Tensor, expected: Tensor | readonly unknown[] | number): void {
  const wanted = torch.isTensor(expected) ? expected : torch.tensor(expected as number[], { dtype: actual.dtype });
  assert.deepEqual(actual.shape, (wanted as Tensor).shape);
  assert.ok(torch.allclose(actual, wanted as Tensor, { rtol: 1e-6, atol: 1e-8 }), `${actual} instead of ${wanted}`);
}

describe("jvp", () => {
  test("value and tangent, of several arguments and outputs, and of trees", () => {
    const [y, tangent] = jvp(
      (a: Tensor, b: Tensor) => [a.mul(b), a.sum()] as const,
      [x, x],
      [x, torch.ones(3, float64)],
    );
    close(y[0], x.square());
    close(tangent[0], x.square().add(x));
    close(tangent[1], 3.5);
    const tree = { a: x, list: [x] };
    const [, moved] = jvp((t: typeof tree) => ({ sum: t.a.add(t.list[0] as Tensor) }), [tree], [{ a: x, list: [x] }]);
    close(moved.sum, x.mul(2));
    const [, , aux] = jvp((a: Tensor) => [a.sin(), { n: 3 }] as const, [x], [x], { hasAux: true });
    assert.deepEqual(aux, { n: 3 });
  });

  test("what does not depend on the inputs does not move, which strict refuses", () => {
    const constant = (_: Tensor) => torch.ones(2, float64);
    close(jvp(constant, [x], [x])[1], [0, 0]);
    assert.throws(() => jvp(constant, [x], [x], { strict: true }), /The output of f is independent of the inputs/);
    close(jvp((a: Tensor) => a.detach(), [x], [x])[1], [0, 0, 0]);
  });

  test("nests in itself and in gradients, and does not take one direction for another", () => {
    const cube = (a: Tensor) => a.pow(3).sum();
    const ones = torch.ones(3, float64);
    close(jvp((a: Tensor) => jvp(cube, [a], [ones])[1], [x], [ones])[1], x.mul(6).sum());
    close(grad((a: Tensor) => jvp(cube, [a], [ones])[1])(x), x.square().mul(3).mul(2).div(x));
    close(jvp(grad(cube), [x], [ones])[1], x.mul(6));
    const one = torch.tensor(1, float64);
    const inner = (a: Tensor) => a.mul(jvp((b: Tensor) => a.add(b), [one], [one])[1]);
    close(jvp(inner, [one], [one])[1], 1);
    const leaf = x.clone().requiresGrad_();
    jvp((a: Tensor) => a.pow(3), [leaf], [ones])[1]
      .sum()
      .backward();
    close(leaf.grad as Tensor, x.mul(6));
  });

  test("changes in place, also of views that were made before", () => {
    const f = (a: Tensor) => {
      const y = torch.zeros(3, float64);
      const view = y.narrow(0, 1, 2);
      y.copy_(a);
      view
        .mul_(a.narrow(0, 0, 2))
        .select(0, 1)
        .sin_();
      return y.add(view.sum()).unsqueeze_(0).mul_(2);
    };
    close(jvp(f, [x], [torch.ones(3, float64)])[1], torch.autograd.functional.jvp(f, x, torch.ones(3, float64))[1]);
    const filled = (a: Tensor) => a.clone().fill_(a.sum()).add(a.clone().zero_());
    close(jvp(filled, [x], [torch.ones(3, float64)])[1], [3, 3, 3]);
  });

  test("what does not fit", () => {
    const f = (a: Tensor) => a.sin();
    assert.throws(() => jvp(f, x as never, [x] as never), /Expected primals to be a list/);
    assert.throws(() => jvp(f, [x], [x, x] as never), /Expected primals and tangents to have the same structure/);
    assert.throws(
      () => jvp(f, [x], [torch.ones(2, float64)]),
      /different size than that of the original Tensor.*of size \[3\].*of size \[2\]/,
    );
    assert.throws(() => jvp(f, [x], [torch.ones(3)]), /different dtype/);
    assert.throws(
      () => jvp(f, [torch.ones(3, { dtype: torch.long })], [x]),
      /Expected tensor to be floating point or complex/,
    );
    assert.throws(() => jvp((() => 3) as never, [x], [x]), /expected f\(\.\.\.args\) to return only tensors/);
    assert.throws(
      () => jvp((a: Tensor) => torch.add(a, a, { out: torch.empty(3, float64) }), [x], [x]),
      /out=\.\.\. arguments don't support/,
    );
    assert.throws(() => jvp(1 as never, [x], [x]), { name: "TypeError" });
  });

  test("linearize: many directions at one place", () => {
    const [y, push] = linearize((a: Tensor, b: Tensor) => ({ p: a.mul(b) }), x, x);
    close(y.p, x.square());
    for (const factor of [1, 2]) {
      close(push(torch.ones(3, float64).mul(factor), torch.zeros(3, float64)).p, x.mul(factor));
    }
    assert.throws(() => push(x, torch.ones(2, float64)), /different size/);
  });
});

describe("jacrev and jacfwd", () => {
  const predict = (w: Tensor, b: Tensor, t: Tensor) => F.linear(t, w, b).tanh();
  const w = torch.tensor(
    [
      [0.1, -0.2, 0.3],
      [0.4, 0.5, -0.6],
    ],
    float64,
  );
  const b = torch.tensor([0.1, -0.1], float64);

  test("are what row after row gives", () => {
    for (const jacobian of [jacrev, jacfwd]) {
      const expected = torch.autograd.functional.jacobian(
        (...all: Tensor[]) => predict(...(all as [Tensor, Tensor, Tensor])),
        [w, b, x],
      );
      const found = jacobian(predict, [0, 1, 2])(w, b, x);
      found.forEach((one, i) => close(one as Tensor, (expected as unknown as Tensor[])[i] as Tensor));
      close(jacobian(predict, 1)(w, b, x), (expected as unknown as Tensor[])[1] as Tensor);
      close(jacobian(predict, { argnums: -1 })(w, b, x), (expected as unknown as Tensor[])[2] as Tensor);
      close(jacobian(predict, 2, { chunkSize: 1 })(w, b, x), (expected as unknown as Tensor[])[2] as Tensor);
    }
  });

  test("follow the forms of outputs and inputs", () => {
    for (const jacobian of [jacrev, jacfwd]) {
      const f = (t: { a: Tensor; b: Tensor }) => [t.a.mul(t.b), { sum: t.a.sum() }] as const;
      const found = jacobian(f)({ a: x, b: x.mul(2) });
      close(found[0].a, torch.diag(x.mul(2)));
      close(found[0].b, torch.diag(x));
      close(found[1].sum.a, [1, 1, 1]);
      close(found[1].sum.b, [0, 0, 0]);
      const [of, aux] = jacobian((a: Tensor) => [a.sin(), a.mul(2)] as const, { hasAux: true })(x);
      close(of, torch.diag(x.cos()));
      close(aux, x.mul(2));
      assert.equal(of.requiresGrad, false);
    }
  });

  test("nest in each other, and in batches", () => {
    const cube = (a: Tensor) => a.pow(3).sum();
    const wanted = torch.diag(x.mul(6));
    close(hessian(cube)(x), wanted);
    close(jacrev(jacrev(cube))(x), wanted);
    close(jacrev(jacfwd(cube))(x), wanted);
    close(jacfwd(jacfwd(cube))(x), wanted);
    const points = torch.stack([x, x.mul(2)]);
    close(vmap(hessian(cube))(points), torch.diagEmbed(points.mul(6)));
    close(vmap(jacfwd((a: Tensor) => a.sin()))(points), torch.diagEmbed(points.cos()));
    close(jacrev(vmap((a: Tensor) => a.sin().sum()))(points).sum(0), points.cos());
    const [[ww, wb], [bw, bb]] = hessian((p: Tensor, q: Tensor) => predict(p, q, x).sum(), [0, 1])(w, b);
    assert.deepEqual(
      [ww, wb, bw, bb].map((one) => one.shape),
      [
        [2, 3, 2, 3],
        [2, 3, 2],
        [2, 2, 3],
        [2, 2],
      ],
    );
    const expected = torch.autograd.functional.hessian((p: Tensor) => predict(p, b, x).sum(), w);
    close(ww, expected);
  });

  test("the Hessian of a network's loss", () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.LayerNorm(4),
      new nn.GELU(),
      new nn.Linear(4, 2),
    ).double();
    const t = torch.tensor([1], { dtype: torch.long });
    const loss = (a: Tensor) => F.crossEntropy(model(a.unsqueeze(0)) as Tensor, t);
    close(hessian(loss)(x), torch.autograd.functional.hessian(loss, x));
    close(hessian(loss)(x), torch.autograd.functional.hessian(loss, x, { vectorize: true }));
  });

  test("random numbers in columns", () => {
    assert.throws(() => jacfwd((a: Tensor) => a.mul(torch.rand(3, float64)))(x), /randomness error mode/);
    const found = jacfwd((a: Tensor) => a.mul(torch.rand(3, float64)), { randomness: "same" })(x);
    close(found.sub(torch.diag(found.diagonal())), torch.zeros(3, 3, float64));
  });

  test("what does not fit", () => {
    assert.throws(() => jacrev(predict, 3)(w, b, x), {
      name: "RangeError",
      message: /Got argnum=3, but only 3 positional inputs/,
    });
    assert.throws(() => jacrev((() => 3) as never)(x as never), /Expected output of f to be a Tensor or Tensors/);
    assert.throws(() => jacfwd((a: Tensor) => a)(3 as never), /only contain Tensors/);
    assert.throws(() => hessian(1 as never), { name: "TypeError" });
  });
});

describe("forwardAd", () => {
  test("tensors with tangents, while a level is on", () => {
    const y = fwAD.dualLevel(() => {
      const dual = fwAD.makeDual(x, torch.ones(3, float64));
      const [primal, tangent] = fwAD.unpackDual(dual.sin());
      close(tangent as Tensor, x.cos());
      close(primal as Tensor, x.sin());
      assert.equal(fwAD.unpackDual(primal as Tensor).tangent, null);
      assert.equal(fwAD.unpackDual(x).tangent, null);
      assert.equal(fwAD.unpackDual(dual.detach()).tangent, null);
      assert.equal(fwAD.unpackDual(dual.gt(0)).tangent, null);
      return dual;
    });
    assert.equal(fwAD.unpackDual(y).tangent, null);
    {
      using _ = fwAD.dualLevel();
      close(fwAD.unpackDual(fwAD.makeDual(x, x).mul(2)).tangent as Tensor, x.mul(2));
    }
    const level = fwAD.enterDualLevel();
    const dual = fwAD.makeDual(x, x, { level });
    close(fwAD.unpackDual(dual.exp(), { level }).tangent as Tensor, x.mul(x.exp()));
    fwAD.exitDualLevel({ level });
  });

  test("through a network, and recorded for gradients", () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Conv1d(1, 2, 3, { padding: 1 }),
      new nn.MaxPool1d(2),
      new nn.Flatten(),
      new nn.Linear(8, 2),
    ).double();
    const input = torch.randn(2, 1, 8, float64);
    const direction = torch.randn(2, 1, 8, float64);
    const tangent = fwAD.dualLevel(
      () => fwAD.unpackDual(model(fwAD.makeDual(input, direction)) as Tensor).tangent,
    ) as Tensor;
    const forward = (a: Tensor) => model(a) as Tensor;
    close(tangent.detach(), torch.autograd.functional.jvp(forward, input, direction)[1]);
    tangent.sum().backward();
    assert.ok([...model.parameters()].some((p) => p.grad !== null));
  });

  test("what is refused", () => {
    assert.throws(() => fwAD.makeDual(x, x), /no level exists, make sure to enter_dual_level\(\) first/);
    assert.throws(() => fwAD.exitDualLevel(), /not the last one that was created/);
    fwAD.dualLevel(() => {
      assert.throws(() => fwAD.enterDualLevel(), /Nested forward mode AD is not supported/);
      assert.throws(() => fwAD.makeDual(x, torch.ones(2, float64)), /different size/);
      assert.throws(() => fwAD.makeDual(x, 1 as never), { name: "TypeError", message: /'tangent' must be Tensor/ });
      assert.throws(
        () => fwAD.makeDual(torch.ones(2, { dtype: torch.long }), torch.ones(2)),
        /Expected tensor to be floating point or complex/,
      );
    });
    assert.throws(() => fwAD.unpackDual(1 as never), { name: "TypeError" });
    assert.throws(() => fwAD.dualLevel((async () => 1) as never), /function that has done its work/);
    assert.throws(
      () =>
        fwAD.dualLevel(() => {
          throw new Error("mine");
        }),
      /mine/,
    );
    assert.equal(
      fwAD.dualLevel(() => 3),
      3,
    );
  });
});

test("replaceAllBatchNormModules_: batch norms without running statistics", () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.BatchNorm1d(3)), new nn.BatchNorm1d(3));
  assert.equal(torch.func.replaceAllBatchNormModules_(net), net);
  assert.deepEqual(Object.keys(net.stateDict()), [
    "0.weight",
    "0.bias",
    "1.0.weight",
    "1.0.bias",
    "2.weight",
    "2.bias",
  ]);
  const data = torch.randn(4, 5, 2);
  const both = vmap((batch: Tensor) => net(batch) as Tensor)(data);
  net.eval();
  assert.ok(torch.allclose(both.select(0, 1), net(data.select(0, 1)) as Tensor, { atol: 1e-5 }));
  const single = torch.func.replaceAllBatchNormModules_(new nn.BatchNorm2d(1));
  assert.deepEqual([single.runningMean, single.runningVar, single.trackRunningStats], [null, null, false]);
  assert.throws(() => torch.func.replaceAllBatchNormModules_(3 as never), TypeError);
});

test("stackModuleState: parameters and buffers of several modules", () => {
  torch.manualSeed(0);
  const models = Array.from({ length: 3 }, () => new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3)).eval());
  const [parameters, buffers] = stackModuleState(models);
  assert.deepEqual(Object.keys(parameters), ["0.weight", "0.bias", "1.weight", "1.bias"]);
  assert.deepEqual(Object.keys(buffers), ["1.running_mean", "1.running_var", "1.num_batches_tracked"]);
  assert.deepEqual(parameters["0.weight"]?.shape, [3, 3, 2]);
  assert.ok(parameters["0.weight"]?.requiresGrad && parameters["0.weight"].isLeaf);
  const [base] = models as [nn.Sequential];
  const call = (p: typeof parameters, s: typeof buffers, data: Tensor) =>
    functionalCall(base, [p, s], [data]) as Tensor;
  const data = torch.randn(4, 2);
  const all = vmap(call, [0, 0, null])(parameters, buffers, data);
  models.forEach((model, i) => assert.ok(torch.allclose(all.select(0, i), model(data) as Tensor, { atol: 1e-6 })));
  all.sum().backward();
  assert.deepEqual(parameters["0.weight"]?.grad?.shape, [3, 3, 2]);
  assert.throws(() => stackModuleState([]), /Expected at least one model/);
  assert.throws(() => stackModuleState([new nn.Linear(1, 1), new nn.ReLU()]), /same class/);
  assert.throws(() => stackModuleState([new nn.Linear(1, 1), new nn.Linear(1, 1).eval()]), /same training\/eval mode/);
});

test("sums in logarithms have forward derivatives, along every dim, in batches and twice", () => {
  const x = torch
    .tensor([
      [0.3, -1.2, 30],
      [2, 0.1, -40],
    ])
    .to(torch.float64);
  for (const dim of [0, 1, -1]) {
    const sum = (t: Tensor) => torch.logcumsumexp(t, dim);
    const [forward, backward] = [jacfwd(sum)(x) as Tensor, jacrev(sum)(x) as Tensor];
    assert.ok(forward.allclose(backward) && forward.ne(0).any().item());
    const squared = (t: Tensor) => sum(t).square().sum();
    const curvature = hessian(squared)(x) as Tensor;
    assert.ok(curvature.allclose(jacrev(jacrev(squared))(x) as Tensor));
    assert.ok(curvature.allclose(jacfwd(jacfwd(squared))(x) as Tensor));
    assert.ok(torch.autograd.gradgradcheck(sum, [x.clone().requiresGrad_(true)], undefined, { checkForwardAd: true }));
  }
  const [, tangent] = jvp((t: Tensor) => t.logcumsumexp(0), [torch.tensor([-1e4, 0, 1e4])], [torch.ones(3)]);
  assert.deepEqual((tangent as Tensor).tolist(), [1, 1, 1], "nothing overflows");
});
