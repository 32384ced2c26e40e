/** Autocast: in which dtype each operation runs, as recorded from PyTorch (conformance/autocast.py), and what it keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";
import { Golden, type GoldenCase } from "../conformance/golden.js";
import { Arguments, describeCall, flatten, fullName, mainForm } from "../conformance/replay.js";

const F = nn.functional;
const { float16, float32, float64, bfloat16 } = torch;
const inBFloat16 = <T>(body: () => T): T => torch.autocast("cpu", { dtype: bfloat16 }, body);

/** Operations that later versions run in bfloat16; PyTorch 1.13 has them in float32, or leaves them as they are. */
const later = new Set(
  ["F.convTranspose1d", "F.convTranspose2d", "F.convTranspose3d", "convTranspose1d"].concat([
    "convTranspose2d",
    "convTranspose3d",
    "F.prelu",
    "prelu",
    "F.bilinear",
    "F.scaledDotProductAttention",
  ]),
);

const golden = new Golden("autocast/calls");

for (const operation of golden.operations) {
  const run = mainForm(operation) as ((...args: unknown[]) => unknown) | undefined;
  const name = fullName(operation);
  if (run === undefined) continue;
  test(`the dtypes of ${name}`, () => {
    for (const call of operation.cases as readonly (GoldenCase & { d: (string[] | null)[] })[]) {
      for (const [i, dtype] of [float32, bfloat16].entries()) {
        const expected = later.has(name) ? ["bfloat16"] : call.d[i];
        if (!expected) continue;
        const args = new Arguments(golden, call);
        const given = new Map(args.tensors.map((x) => [x as unknown, x.dtype === float32 ? x.to(dtype) : x]));
        const results: Tensor[] = inBFloat16(() => flatten(run(...args.listWith(given))));
        const found = results.map((x) => x.dtype.name);
        assert.deepEqual(found, expected, `${dtype}: ${describeCall(golden, name, call)}`);
      }
    }
  });
}

function network(): { model: (x: Tensor) => Tensor; parameters: Tensor[] } {
  const model = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 3));
  return { model: model as never, parameters: [...model.parameters()] };
}

test("a network runs in bfloat16, its loss in float32, and its gradients are those of float32 weights", () => {
  torch.manualSeed(0);
  const { model, parameters } = network();
  const optimizer = new optim.SGD(parameters, 0.1);
  const x = torch.randn(32, 6);
  const target = torch.randint(3, [32]);
  const losses: number[] = [];
  for (let i = 0; i < 40; i++) {
    const loss = inBFloat16(() => {
      const logits = model(x);
      assert.equal(logits.dtype, bfloat16);
      return F.crossEntropy(logits, target);
    });
    assert.equal(loss.dtype, float32);
    optimizer.zeroGrad();
    loss.backward();
    for (const { dtype, grad } of parameters) assert.deepEqual([dtype, grad?.dtype], [float32, float32]);
    optimizer.step();
    losses.push(loss.item());
  }
  assert.ok((losses.at(-1) as number) < 0.9 * (losses[0] as number), `${losses}`);
});

test("the gradients through autocast are close to those without", () => {
  torch.manualSeed(1);
  const { model, parameters } = network();
  const x = torch.randn(16, 6);
  const gradients = (run: () => Tensor) => torch.autograd.grad([run()], parameters) as Tensor[];
  const plain = gradients(() => model(x).square().mean());
  const cast = gradients(() => inBFloat16(() => model(x).square().mean()));
  for (const [i, gradient] of cast.entries()) {
    const difference = gradient
      .sub(plain[i] as Tensor)
      .norm()
      .item();
    assert.ok(difference < 0.03 * (plain[i] as Tensor).norm().item());
  }
});

test("a weight is cast once, unless it changes or no cache is wanted", () => {
  const weight = torch.randn(4, 4).requiresGrad_();
  const x = torch.randn(2, 4);
  const casts = (body: () => void, options: torch.amp.AutocastOptions = {}) => {
    const { profile } = torch.profiler;
    const events = profile(() => torch.autocast("cpu", options, body));
    return events.keyAverages().find(({ key }) => key === "toCopy")?.count ?? 0;
  };
  const twice = () => void F.linear(F.linear(x, weight), weight);
  assert.equal(casts(twice), 2);
  assert.equal(casts(twice, { cacheEnabled: false }), 3);
  const changing = () => {
    const before = F.linear(x, weight);
    torch.noGrad(() => weight.mul_(2));
    const after = F.linear(x, weight);
    assert.ok(torch.allclose(after, before.mul(2)));
  };
  inBFloat16(changing);
  inBFloat16(() => {
    torch.noGrad(() => F.linear(x, weight));
    assert.ok(F.linear(x, weight).requiresGrad);
  });
});

test("autocast holds for a function or a block, nests, and is switched off inside of another one", () => {
  const a = torch.randn(2, 2);
  const dtype = () => a.matmul(a).dtype;
  assert.equal(dtype(), float32);
  assert.equal(torch.isAutocastEnabled("cpu"), false);
  inBFloat16(() => {
    assert.equal(torch.isAutocastEnabled("cpu"), true);
    assert.equal(torch.isAutocastCpuEnabled(), true);
    assert.equal(torch.isAutocastEnabled(), false);
    assert.equal(dtype(), bfloat16);
    torch.autocast("cpu", { enabled: false }, () => assert.equal(dtype(), float32));
    torch.autocast("cpu", { dtype: float16 }, () => {
      assert.equal(dtype(), float16);
      assert.equal(torch.getAutocastDtype("cpu"), float16);
    });
    assert.equal(dtype(), bfloat16);
  });
  assert.equal(dtype(), float32);
  {
    using _ = torch.amp.autocast("cpu");
    assert.equal(dtype(), bfloat16);
  }
  assert.equal(dtype(), float32);
  assert.throws(() => inBFloat16(() => a.matmul(torch.ones(3))), Error);
  assert.equal(dtype(), float32);
  torch.autocast("cpu", () => assert.equal(dtype(), bfloat16));
});

test("float64, integers, calls in place and with out stay as they are", () => {
  const a = torch.randn(2, 2);
  inBFloat16(() => {
    assert.equal(a.double().matmul(a.double()).dtype, float64);
    assert.equal(
      torch.ones(2, 2, { dtype: torch.int64 }).matmul(torch.ones(2, 2, { dtype: torch.int64 })).dtype,
      torch.int64,
    );
    const out = torch.empty(2, 2);
    assert.equal(torch.matmul(a, a, { out }).dtype, float32);
    assert.equal(a.clone().addmm_(a, a).dtype, float32);
    assert.equal(torch.cat([a, a.bfloat16()]).dtype, float32);
    assert.equal(torch.cat([a.bfloat16(), a.bfloat16()]).dtype, bfloat16);
  });
});

test("wrong devices and dtypes", () => {
  assert.throws(() => torch.autocast("tpu", () => 1), { message: /unsupported autocast device_type 'tpu'/ });
  assert.throws(() => torch.autocast("cpu", { type: bfloat16 } as never, () => 1), {
    name: "TypeError",
    message: /type/,
  });
  assert.throws(() => torch.autocast("cpu", {}, async () => 1), { message: /autocast/ });
  assert.equal(torch.isAutocastEnabled("cpu"), false);
  const a = torch.randn(2, 2);
  assert.equal(
    torch.autocast("cpu", { dtype: float64 }, () => a.matmul(a).dtype),
    float32,
  );
});
