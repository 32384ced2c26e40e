/** Hooks of modules: when they are called, with what, and what their results do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";

class Double extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}

test("forward hooks see and replace inputs and outputs, in order", () => {
  const module = new Double();
  const calls: string[] = [];
  module.registerForwardPreHook((self, [x]) => {
    assert.equal(self, module);
    calls.push("pre 1");
    return x.add(1);
  });
  module.registerForwardPreHook((_, inputs) => {
    calls.push("pre 2");
    return [inputs[0].mul(10)];
  });
  module.registerForwardPreHook(() => calls.push("pre 0") > 100 || undefined, { prepend: true });
  module.registerForwardHook((_, [x], output) => {
    calls.push(`post 1: ${x.item()} ${output.item()}`);
    return output.neg();
  });
  const handle = module.registerForwardHook((_, __, output) => {
    calls.push(`post 2: ${output.item()}`);
  });
  assert.equal(module(torch.tensor(2)).item(), -60);
  assert.deepEqual(calls, ["pre 0", "pre 1", "pre 2", "post 1: 30 60", "post 2: -60"]);
  handle.remove();
  calls.length = 0;
  module(torch.tensor(2));
  assert.deepEqual(calls.at(-1), "post 1: 30 60");
});

test("a hook that is always called is so when forward throws", () => {
  class Failing extends nn.Module {
    override forward(): Tensor {
      throw new Error("no");
    }
  }
  const module = new Failing();
  const calls: unknown[] = [];
  module.registerForwardHook(() => calls.push("plain"));
  module.registerForwardHook((_, __, output) => calls.push(output), { alwaysCall: true });
  assert.throws(() => module(), /^Error: no$/);
  assert.deepEqual(calls, [undefined]);
});

test("backward hooks see and replace the gradients of outputs and inputs", () => {
  const module = new Double();
  const seen: unknown[] = [];
  module.registerFullBackwardPreHook((self, [grad]) => {
    seen.push(self === module, grad?.tolist());
    return [grad?.mul(10) ?? null];
  });
  module.registerFullBackwardHook((_, gradInput, gradOutput) => {
    seen.push(
      gradInput.map((grad) => grad?.tolist()),
      gradOutput.map((grad) => grad?.tolist()),
    );
    return [gradInput[0]?.add(1) ?? null];
  });
  const x = torch.tensor([1, 2], { requiresGrad: true });
  module(x.mul(1)).sum().backward();
  assert.deepEqual(seen, [true, [1, 1], [[20, 20]], [[10, 10]]]);
  assert.deepEqual(x.grad?.tolist(), [21, 21]);
});

test("a backward hook of a linear layer sees what PyTorch's does", () => {
  const layer = new nn.Linear(2, 1, { bias: false });
  torch.noGrad(() => layer.weight.copy_(torch.tensor([[3, 5]])));
  let grads: unknown;
  const handle = layer.registerFullBackwardHook((_, gradInput, gradOutput) => {
    grads = [gradInput[0]?.tolist(), gradOutput[0]?.tolist()];
  });
  const x = torch.tensor([[1, 2]], { requiresGrad: true });
  layer(x).backward(torch.tensor([[2]]));
  assert.deepEqual(grads, [[[6, 10]], [[2]]]);
  assert.deepEqual(layer.weight.grad?.tolist(), [[2, 4]]);
  // Inputs without a gradient: the hook is called all the same.
  layer(torch.tensor([[1, 2]])).backward(torch.tensor([[4]]));
  assert.deepEqual(grads, [undefined, [[4]]]);
  handle.remove();
  grads = undefined;
  layer(x).sum().backward();
  assert.equal(grads, undefined);
});

test("backward hooks of a module with several inputs and outputs", () => {
  class Swap extends nn.Module {
    override forward(a: Tensor, b: Tensor, scale: number): [Tensor, Tensor] {
      return [b.mul(scale), a];
    }
  }
  const module = new Swap();
  let counts: number[] = [];
  module.registerFullBackwardHook((_, gradInput, gradOutput) => {
    counts = [gradInput.length, gradOutput.length, gradInput.indexOf(null)];
  });
  const [a, b] = [torch.tensor(1, { requiresGrad: true }), torch.tensor(2, { requiresGrad: true })];
  const [p, q] = module(a, b, 3);
  p.add(q).backward();
  assert.deepEqual(counts, [3, 2, 2]);
  assert.deepEqual([a.grad?.item(), b.grad?.item()], [1, 3]);
});

test("wrong hooks", () => {
  const module = new Double();
  assert.throws(() => module.registerForwardHook(3 as never), { name: "TypeError" });
  module.registerFullBackwardHook((_, gradInput) => [...gradInput, null]);
  const x = torch.ones(1, { requiresGrad: true });
  assert.throws(() => module(x).backward(), /invalid number of grad_input, got 2, but expected 1/);
});
