/** Custom functions in transformed functions, and what ordinary autograd says there. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Tensor } from "../../src/index.js";

const { grad, vmap, jvp, jacrev } = torch.func;
type Context = torch.autograd.FunctionContext;

/** The cube, whose gradient is by hand: a factor tells it from that of its operations. */
class Cube extends torch.autograd.Function {
  static generateVmapRule = true;
  static override forward(ctx: Context, x: Tensor, w: Tensor): Tensor {
    ctx.saveForBackward(x, w);
    return x.pow(3).mul(w);
  }
  static override backward(ctx: Context, outer: Tensor): [Tensor, Tensor] {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    return [outer.mul(x.square()).mul(w).mul(30), outer.mul(x.pow(3))];
  }
  static jvp(ctx: Context, x: Tensor | null, w: Tensor | null): Tensor {
    const [a, b] = ctx.savedTensors as [Tensor, Tensor];
    const terms = [x?.mul(a.square()).mul(b).mul(300), w?.mul(a.pow(3))].filter((one) => one instanceof Tensor);
    return terms.reduce((sum, one) => (sum as Tensor).add(one as Tensor)) as Tensor;
  }
}
const cube = (x: Tensor, w: Tensor) => Cube.apply(x, w) as Tensor;

function close(actual: Tensor, expected: Tensor | number): void {
  assert.ok(
    torch.allclose(actual, torch.asTensor(expected as number).to(actual.dtype)),
    `${actual} instead of ${expected}`,
  );
}

describe("custom functions", () => {
  const [two, one] = [torch.tensor(2), torch.tensor(1)];

  test("are differentiated by their own backward, at every level", () => {
    close(grad(cube)(two, one), 120);
    close(grad(grad(cube))(two, one), 120);
    close(grad(grad(cube, 1))(two, one), 12);
    const leaf = torch.tensor(2, { requiresGrad: true });
    grad(cube)(leaf, one).backward();
    close(leaf.grad as Tensor, 120);
  });

  test("in a batch, where they say that they may", () => {
    const x = torch.tensor([1, 2, 3]);
    close(vmap(cube, [0, null])(x, two), x.pow(3).mul(2));
    close(vmap(grad(cube), [0, null])(x, one), x.square().mul(30));
    close(vmap(grad(cube, 1), [0, null])(x, one), x.pow(3));
    close(grad((w: Tensor) => vmap(cube, [0, null])(x, w).sum())(one), x.pow(3).sum());
    close(jacrev((v: Tensor) => cube(v, one))(x), torch.diag(x.square().mul(30)));
    const w = torch.tensor(1, { requiresGrad: true });
    vmap(cube, [0, null])(x, w).sum().backward();
    close(w.grad as Tensor, 36);
    class Plain extends torch.autograd.Function {
      static override forward = (_: Context, t: Tensor): Tensor => t.mul(2);
      static override backward = (_: Context, outer: Tensor): Tensor => outer.mul(2);
    }
    assert.throws(
      () => vmap((t: Tensor) => Plain.apply(t) as Tensor)(x),
      /You tried to vmap over Plain, but it does not have vmap support/,
    );
    assert.throws(() => jvp((t: Tensor) => Plain.apply(t) as Tensor, [x], [x]), /You must implement the jvp function/);
  });

  test("by a rule of their own", () => {
    class Sorted extends torch.autograd.Function {
      static override forward = (_: Context, t: Tensor): Tensor => t.sort(0).values;
      static vmap(info: { batchSize: number }, inDims: readonly (number | null)[], t: Tensor): [Tensor, number] {
        assert.deepEqual([info.batchSize, inDims], [2, [0]]);
        return [t.sort(1).values.t(), 1];
      }
    }
    const x = torch.tensor([
      [3, 1, 2],
      [6, 5, 4],
    ]);
    close(vmap((t: Tensor) => Sorted.apply(t) as Tensor)(x), x.sort(1).values);
  });

  test("forward, by their own rule", () => {
    close(jvp(cube, [two, one], [one, one])[1], 1208);
    close(jvp((x: Tensor) => cube(x, one), [two], [one])[1], 1200);
  });

  test("with setupContext", () => {
    class Square extends torch.autograd.Function {
      static override forward = ((x: Tensor): Tensor => x.square()) as never;
      static setupContext(ctx: Context, inputs: readonly [Tensor], output: Tensor): void {
        assert.ok(output instanceof Tensor);
        ctx.saveForBackward(inputs[0]);
      }
      static override backward(ctx: Context, outer: Tensor): Tensor {
        return outer.mul(ctx.savedTensors[0] as Tensor).mul(2);
      }
    }
    const f = Square as unknown as { apply(x: Tensor): Tensor };
    const leaf = torch.tensor(3, { requiresGrad: true });
    f.apply(leaf).backward();
    close(leaf.grad as Tensor, 6);
    close(grad((x: Tensor) => f.apply(x))(torch.tensor(3)), 6);
  });
});

describe("ordinary autograd inside of a transformed function", () => {
  const x = torch.ones(2);
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      "requiresGrad_ in a batch",
      () => vmap((t: Tensor) => t.requiresGrad_())(x),
      /attempting to call Tensor\.requires_grad_\(\)/,
    ],
    [
      "requiresGrad_ in grad",
      () => grad((t: Tensor) => t.mul(2).requiresGrad_().sum())(x),
      /attempting to call Tensor\.requires_grad_\(\)/,
    ],
    [
      "backward in grad",
      () =>
        grad((t: Tensor) => {
          t.sum().backward();
          return t.sum();
        })(x),
      /backward\(\) called inside a functorch transform/,
    ],
    [
      "backward in a batch",
      () =>
        vmap((t: Tensor) => {
          t.backward();
          return t;
        })(torch.ones(2, { requiresGrad: true })),
      /backward\(\) called inside a functorch transform/,
    ],
    [
      "grad in a batch",
      () => vmap((t: Tensor) => torch.autograd.grad(t.sin(), t)[0] as Tensor)(torch.ones(2, { requiresGrad: true })),
      /torch\.autograd\.grad\(\) called inside a functorch transform/,
    ],
  ];
  for (const [name, run, expected] of cases) test(name, () => assert.throws(run, expected));
});
