/** What arrives at a function of the graph is checked: gradients of the user, of hooks and of custom functions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FunctionContext } from "../../src/autograd/function.js";
import torch, { type DType, type Tensor } from "../../src/index.js";

const { nn } = torch;

function leaf(...values: number[]): Tensor {
  return torch.tensor(values, { requiresGrad: true });
}

/** A function that multiplies by 1, with a gradient that the test makes. */
function withBackward(backward: (grad: Tensor) => unknown): (x: Tensor) => Tensor {
  class Custom extends torch.autograd.Function {
    static override forward(_context: FunctionContext, x: Tensor) {
      return x.clone();
    }
    static override backward(_context: FunctionContext, grad: Tensor) {
      return backward(grad) as Tensor;
    }
  }
  return (x) => Custom.apply(x) as Tensor;
}

const dtypes: readonly DType[] = [torch.float64, torch.int64, torch.int32, torch.int8, torch.uint8, torch.bool];

test("a gradient to start from is converted to the dtype of its output", () => {
  const functions = [
    (x: Tensor) => x.tanh(),
    (x: Tensor) => x.relu(),
    (x: Tensor) => x.softmax(0),
    (x: Tensor) => x.mul(2),
    (x: Tensor) => nn.functional.gelu(x),
    (x: Tensor) => x.view(-1, 1).expand(-1, 2).sum(1),
    (x: Tensor) => x,
  ];
  for (const f of functions) {
    for (const dtype of dtypes) {
      const run = (gradient: Tensor) => {
        const x = torch.ones(20000).requiresGrad_();
        f(x).backward(gradient);
        return x.grad as Tensor;
      };
      const found = run(torch.ones(20000, { dtype }));
      assert.equal(found.dtype, torch.float32);
      assert.ok(found.equal(run(torch.ones(20000))), `${f} ${dtype}`);
      const x = torch.ones(3).requiresGrad_();
      const [other] = torch.autograd.grad(f(x), x, torch.ones(3, { dtype })) as [Tensor];
      assert.equal(other.dtype, torch.float32);
    }
  }
});

test("a gradient to start from that does not fit is named by its place", () => {
  const x = leaf(1, 2, 3);
  assert.throws(
    () => torch.autograd.grad([x.tanh(), x.sin()], x, [torch.ones(3), torch.ones(4)]),
    /Mismatch in shape: grad_output\[1\] has a shape of \[4\] and output\[1\] has a shape of \[3\]/,
  );
  assert.throws(() => x.tanh().backward(torch.ones(1, 3)), /grad_output\[0\] has a shape of \[1, 3\]/);
  for (const wrong of [1, true, [1], [true]]) {
    assert.throws(() => torch.autograd.grad(x.tanh(), x, wrong as never), TypeError);
    assert.throws(() => x.tanh().backward(wrong as never), TypeError);
  }
  assert.throws(
    () => torch.autograd.grad(x.tanh(), x, [torch.ones(3), torch.ones(3)]),
    /got 1 tensors and 2 gradients/,
  );
  assert.equal(x.grad, null);
});

test("a custom function's gradient is summed and converted to fit its input", () => {
  const cases: readonly [make: (grad: Tensor) => unknown, expected: number[]][] = [
    [(grad) => grad.double(), [1, 1, 1]],
    [() => torch.ones(3, { dtype: torch.int64 }), [1, 1, 1]],
    [() => torch.ones(3, { dtype: torch.bool }), [1, 1, 1]],
    [() => torch.ones(2, 3), [2, 2, 2]],
    [() => torch.ones(4, 2, 3, { dtype: torch.float64 }), [8, 8, 8]],
    [(grad) => [grad, null], [1, 1, 1]],
  ];
  for (const [make, expected] of cases) {
    for (const after of [(x: Tensor) => x, (x: Tensor) => x.mul(1), (x: Tensor) => x.tanh().mul(0).add(x)]) {
      const x = leaf(0, 0, 0);
      withBackward(make)(after(x)).sum().backward();
      assert.deepEqual(x.grad?.tolist(), expected);
      assert.equal(x.grad?.dtype, torch.float32);
    }
  }
});

test("a custom function's gradient of another shape, or that is no tensor, is refused", () => {
  const wrongShapes: readonly [number[], string][] = [
    [[4], "[4]"],
    [[1], "[1]"],
    [[], "[]"],
    [[2, 1], "[2, 1]"],
    [[3, 2], "[3, 2]"],
  ];
  for (const [size, shown] of wrongShapes) {
    assert.throws(
      () =>
        withBackward(() => torch.ones(size))(leaf(1, 2, 3).mul(2))
          .sum()
          .backward(),
      {
        message: `Function CustomBackward returned an invalid gradient at index 0 - got ${shown} but expected shape compatible with [3]`,
      },
    );
  }
  for (const wrong of [3, true, "a", {}, new Float32Array(3), Promise.resolve(torch.ones(3))]) {
    assert.throws(
      () =>
        withBackward(() => wrong)(leaf(1, 2, 3))
          .sum()
          .backward(),
      {
        name: "TypeError",
        message: /expected Variable or None \(got .*\) as gradient 0 of CustomBackward/,
      },
    );
  }
  assert.throws(
    () => withBackward((grad) => [grad, grad])(leaf(1)).backward(),
    /returned an incorrect number of gradients \(expected 1, got 2\)/,
  );
});

test("a custom function gives no gradient of what is no tensor", () => {
  class Scaled extends torch.autograd.Function {
    static override forward(_context: FunctionContext, x: Tensor, factor: number) {
      return x.mul(factor);
    }
    static override backward(_context: FunctionContext, grad: Tensor) {
      return [grad, grad];
    }
  }
  assert.throws(
    () => (Scaled.apply(leaf(1), 2) as Tensor).backward(),
    /function ScaledBackward returned a gradient different than None at position 2, but the corresponding forward input was not a Variable/,
  );
});

test("code of the user is called with zeros where no gradient arrives, as PyTorch calls it", () => {
  const seen: unknown[] = [];
  const first = withBackward((grad) => {
    seen.push(grad.tolist());
    return grad;
  });
  const x = leaf(1, 2);
  const y = first(x);
  y.gradFn?.registerPrehook((grads) => {
    seen.push(grads);
  });
  withBackward(() => null)(y.mul(2))
    .sum()
    .backward();
  assert.deepEqual(seen, [[null], [0, 0]]);
  assert.deepEqual(x.grad?.tolist(), [0, 0]);
});

/** What hooks must not return for a gradient of shape [3] and dtype float32. */
const wrongReplacements: readonly [name: string, value: (grad: Tensor) => unknown, kind: string, words: RegExp][] = [
  ["a number", () => 3, "TypeError", /expected Variable, but hook returned 'int'/],
  ["a bool", () => true, "TypeError", /expected Variable, but hook returned 'bool'/],
  ["text", () => "a", "TypeError", /expected Variable, but hook returned/],
  ["a promise", async (grad) => grad, "TypeError", /expected Variable, but hook returned 'Promise'/],
  ["a typed array", () => new Float32Array(3), "TypeError", /expected Variable, but hook returned 'Float32Array'/],
  [
    "float64",
    (grad) => grad.double(),
    "Error",
    /has changed the type of value \(was torch.FloatTensor got torch.DoubleTensor\)/,
  ],
  [
    "int64",
    (grad) => grad.long(),
    "Error",
    /has changed the type of value \(was torch.FloatTensor got torch.LongTensor\)/,
  ],
  ["fewer elements", (grad) => grad.at("0:1"), "Error", /has changed the size of value \(was \[3\] got \[1\]\)/],
  ["another dim", (grad) => grad.unsqueeze(0), "Error", /has changed the size of value \(was \[3\] got \[1, 3\]\)/],
  ["a sum", (grad) => grad.sum(), "Error", /has changed the size of value \(was \[3\] got \[\]\)/],
];

for (const [name, value, kind, words] of wrongReplacements) {
  test(`a hook that returns ${name} is refused`, () => {
    const attach: readonly ((y: Tensor) => unknown)[] = [
      (y) => y.registerHook(value as never),
      (y) => y.gradFn?.registerHook(([grad]) => [value(grad as Tensor)] as never),
      (y) => y.gradFn?.registerPrehook(([grad]) => [value(grad as Tensor)] as never),
    ];
    for (const createGraph of [false, true]) {
      for (const add of attach) {
        const x = leaf(1, 2, 3);
        const y = x.tanh();
        add(y);
        assert.throws(() => y.sum().backward({ createGraph }), { name: kind, message: words });
        assert.equal(x.grad, null);
      }
      const x = leaf(1, 2, 3);
      x.registerHook(value as never);
      assert.throws(() => x.tanh().sum().backward({ createGraph }), { name: kind, message: words });
      assert.equal(x.grad, null);
      // Hooks of the function that gathers the gradient.
      const z = leaf(1, 2, 3);
      const w = z.tanh();
      w.gradFn?.nextFunctions[0]?.[0]?.registerPrehook(([grad]) => [value(grad as Tensor)] as never);
      assert.throws(() => w.sum().backward({ createGraph }), { name: kind, message: words });
      assert.equal(z.grad, null);
    }
  });

  test(`a module's hook that returns ${name} is refused`, () => {
    const onOutput = new nn.Tanh();
    onOutput.registerFullBackwardPreHook((_module, [grad]) => [value(grad as Tensor)] as never);
    const onInput = new nn.Tanh();
    onInput.registerFullBackwardHook((_module, [grad]) => [value(grad as Tensor)] as never);
    for (const module of [onOutput, onInput]) {
      const x = leaf(1, 2, 3);
      assert.throws(() => module(x.mul(1)).sum().backward(), { name: kind, message: words });
      assert.equal(x.grad, null);
    }
  });
}

test("hooks of nodes return lists of the right length", () => {
  const run = (add: (node: NonNullable<Tensor["gradFn"]>) => unknown) => {
    const x = leaf(1, 2, 3);
    const y = x.mul(2);
    add(y.gradFn as never);
    y.sum().backward();
    return x.grad?.tolist() ?? null;
  };
  assert.throws(() => run((node) => node.registerHook(() => 3 as never)), /expected tuple, but hook returned 'int'/);
  assert.throws(
    () => run((node) => node.registerHook(([g]) => g as never)),
    /expected tuple, but hook returned 'Tensor'/,
  );
  assert.throws(
    () =>
      run((node) =>
        node.registerHook(function tooFew() {
          return [];
        }),
      ),
    /hook 'tooFew' has returned an incorrect number of values \(got 0, but expected 2\)/,
  );
  assert.throws(
    () => run((node) => node.registerPrehook(([g]) => [g as Tensor, g as Tensor])),
    /has returned an incorrect number of values \(got 2, but expected 1\)/,
  );
  assert.equal(
    run((node) => node.registerHook(() => [null, null])),
    null,
  );
  assert.equal(
    run((node) => node.registerPrehook(() => [null])),
    null,
  );
  assert.deepEqual(
    run((node) => node.registerPrehook(([g]) => [(g as Tensor).mul(3)])),
    [6, 6, 6],
  );
});

test("a hook cannot make a gradient where there is none", () => {
  const x = leaf(1, 2);
  const [a, b] = x.view(2, 1).unbind() as [Tensor, Tensor];
  a.gradFn?.registerPrehook(([first]) => [first as Tensor, torch.ones(1)]);
  assert.throws(() => a.sum().backward(), /can't replace a None gradient with a non-None value/);
  assert.equal(b.gradFn, a.gradFn);
});

test("hooks of the function that gathers a leaf's gradient run before and after", () => {
  const x = leaf(1, 1);
  const y = x.mul(2);
  const gather = y.gradFn?.nextFunctions[0]?.[0];
  const seen: unknown[] = [];
  gather?.registerHook((gradInputs, [grad]) => {
    seen.push(gradInputs, grad?.tolist(), x.grad?.tolist());
  });
  gather?.registerPrehook(([grad]) => [(grad as Tensor).mul(10)]);
  y.sum().backward({ retainGraph: true });
  assert.deepEqual(seen, [[], [20, 20], [20, 20]]);
  torch.autograd.grad(y.sum(), x);
  assert.equal(seen.length, 3);
});

class Pair extends nn.Module {
  override forward(a: Tensor, b: Tensor): Tensor[] {
    return [a.mul(2), b.mul(3)];
  }
}

test("module hooks see zeros for an input that gets no gradient, and null for an unused output", () => {
  const module = new Pair();
  const seen: unknown[] = [];
  module.registerFullBackwardHook((_module, gradInput, gradOutput) => {
    seen.push(
      gradInput.map((g) => g?.tolist()),
      gradOutput.map((g) => g?.tolist() ?? null),
    );
  });
  const [a, b] = [leaf(1, 1), leaf(1, 1)];
  (module as unknown as (a: Tensor, b: Tensor) => Tensor[])(a, b)[0]?.sum().backward();
  assert.deepEqual(seen, [
    [
      [2, 2],
      [0, 0],
    ],
    [[1, 1], null],
  ]);
  assert.deepEqual(
    [a.grad?.tolist(), b.grad?.tolist()],
    [
      [2, 2],
      [0, 0],
    ],
  );
});

// ---- memory that was exchanged ----

test("a saved tensor that was given other data makes backward throw", () => {
  const exchanges: readonly [name: string, give: (x: Tensor) => Tensor][] = [
    ["other values", () => torch.full([3], 100)],
    ["another shape", () => torch.ones(5)],
    ["fewer elements", () => torch.ones(1)],
    ["another dtype", () => torch.ones(3, { dtype: torch.float64 })],
    ["itself", (x) => x.data],
    ["a view of itself", (x) => x.data.view(3, 1)],
    ["a view with other strides", (x) => x.detach().expand(2, 3)],
  ];
  for (const [name, give] of exchanges) {
    const uses: readonly ((x: Tensor) => Tensor)[] = [(x) => x.mul(x), (x) => x.exp().mul(x), (x) => x.log()];
    for (const use of uses) {
      const x = leaf(1, 2, 3);
      const y = use(x);
      x.data = give(x);
      assert.throws(() => y.sum().backward(), /has been modified by an inplace operation/, name);
    }
    // The result of an operation, which it saved.
    const x = leaf(1, 2, 3);
    const y = x.tanh();
    const z = y.mul(2);
    y.data = give(y);
    assert.throws(() => z.sum().backward(), /has been modified by an inplace operation/, name);
  }
});

test("data that no function saved may be exchanged, and gradients still fit", () => {
  const x = leaf(1, 2, 3);
  const y = x.add(2);
  x.data = torch.full([3], 7);
  y.sum().backward();
  assert.deepEqual(x.grad?.tolist(), [1, 1, 1]);
  const seen: number[] = [];
  x.registerHook((grad) => {
    seen.push(grad.numel());
  });
  x.data = torch.ones(2);
  x.grad = null;
  x.mul(3).sum().backward();
  assert.deepEqual((x.grad as Tensor | null)?.tolist(), [3, 3]);
  assert.deepEqual(seen, [2]);
});

test("a gradient for an output whose data was exchanged is refused", () => {
  const x = leaf(1, 2, 3);
  const y = x.mul(2);
  y.data = torch.ones(5);
  assert.throws(
    () => y.sum().backward(),
    /Function SumBackward0 returned an invalid gradient at index 0 - got \[5\] but expected shape compatible with \[3\]/,
  );
  assert.throws(
    () => y.backward(torch.ones(5)),
    /invalid gradient at index 0 - got \[5\] but expected shape compatible with \[3\]/,
  );
});

test("tensors that got each other's data count their changes apart", () => {
  const a = torch.ones(3);
  const b = torch.zeros(3);
  a.data = b;
  const before = b._version;
  a.add_(1);
  assert.deepEqual(b.tolist(), [1, 1, 1]);
  assert.equal(b._version, before);
});

test("a view keeps its own gradient function when its base gets other memory", () => {
  const base = leaf(1, 2, 3, 4).mul(1);
  const view = base.at("2:4");
  base.data = torch.ones(1);
  view.mul_(2);
  assert.equal(base.gradFn?.name(), "MulBackward0");
  assert.deepEqual(view.tolist(), [6, 8]);
});

test("a hook that changes the size of a gradient in place", () => {
  const shrink = (grad: Tensor | null | undefined) => void grad?.resize_([1]);
  const become = (grad: Tensor | null | undefined) => {
    if (grad) grad.data = torch.ones(2, 2);
  };
  const places: ((leaf: Tensor, middle: Tensor, hook: (grad: Tensor | null | undefined) => void) => unknown)[] = [
    (leaf, _, hook) => leaf.registerHook(hook),
    (_, middle, hook) => middle.registerHook(hook),
    (_, middle, hook) => middle.gradFn?.registerPrehook(([grad]) => hook(grad)),
    (_, middle, hook) => middle.gradFn?.registerHook(([grad]) => hook(grad)),
  ];
  for (const place of places) {
    for (const hook of [shrink, become]) {
      const leaf = torch.ones(50_000).requiresGrad_();
      const middle = leaf.tanh();
      place(leaf, middle, hook);
      assert.throws(() => middle.mul(middle).cumsum(0).sum().backward(), /changed the size/, String(place));
      assert.equal(leaf.grad, null);
    }
  }
});

test("a gradient that was kept and is changed on another way of its own", () => {
  const leaf = torch.ones(50_000).requiresGrad_();
  const [left, right] = [leaf.tanh(), leaf.exp()];
  const sum = left.add(right);
  right.registerHook((grad) => void grad.resize_([1]));
  assert.throws(() => sum.backward(torch.ones(50_000)), /changed the size/);
});
