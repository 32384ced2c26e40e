/** What stands around the elements of a printed tensor, the settings, and tensors inside of other values. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { format, inspect } from "node:util";
import torch, { nn, type PrintSettings } from "../../src/index.js";

afterEach(() => torch.setPrintoptions({ profile: "default" }));

test("tensors of a graph tell so", () => {
  const x = torch.tensor([1, 2.5], { requiresGrad: true });
  assert.equal(String(x), "tensor([1.0000, 2.5000], requires_grad=True)");
  assert.equal(String(x.mul(2)), "tensor([2., 5.], grad_fn=<MulBackward0>)");
  assert.equal(String(x.sum()), "tensor(3.5000, grad_fn=<SumBackward0>)");
  assert.equal(String(x.detach()), "tensor([1.0000, 2.5000])");
  assert.equal(String(torch.noGrad(() => x.mul(2))), "tensor([2., 5.])");
  const half = torch.tensor([1], { dtype: torch.float64, requiresGrad: true });
  assert.equal(String(half), "tensor([1.], dtype=torch.float64, requires_grad=True)");
  assert.equal(String(x.at("1:")), "tensor([2.5000], grad_fn=<SliceBackward0>)");
});

test("what does not fit into the line goes to the next", () => {
  const x = torch.full([11], 1.5, { dtype: torch.float64, requiresGrad: true });
  const elements = new Array(9).fill("1.5000").join(", ");
  assert.equal(String(x), `tensor([${elements},\n        1.5000, 1.5000], dtype=torch.float64, requires_grad=True)`);
  assert.equal(
    String(x.at(":8").mul(1)),
    `tensor([${new Array(8).fill("1.5000").join(", ")}],\n       dtype=torch.float64, grad_fn=<MulBackward0>)`,
  );
});

test("tensors without elements show their size and dtype", () => {
  assert.equal(String(torch.zeros(0)), "tensor([])");
  assert.equal(String(torch.zeros(2, 0, { dtype: torch.int64 })), "tensor([], size=(2, 0), dtype=torch.int64)");
  assert.equal(String(torch.zeros(0, { requiresGrad: true })), "tensor([], requires_grad=True)");
});

test("the default dtype is not shown, whichever it is", () => {
  torch.setDefaultDtype(torch.float64);
  try {
    assert.equal(String(torch.tensor([1])), "tensor([1.])");
    assert.equal(String(torch.tensor([1], { dtype: torch.float32 })), "tensor([1.], dtype=torch.float32)");
  } finally {
    torch.setDefaultDtype(torch.float32);
  }
});

test("a parameter says what it is", () => {
  const parameter = new nn.Parameter(torch.tensor([[1, 2]]));
  const text = "Parameter containing:\ntensor([[1., 2.]], requires_grad=True)";
  assert.equal(String(parameter), text);
  assert.equal(inspect(parameter), text);
});

test("tensors show themselves wherever values are printed", () => {
  const x = torch.tensor([1n, 2n]);
  assert.equal(format(x), "tensor([1, 2])");
  assert.equal(format("x is %s", x), "x is tensor([1, 2])");
  assert.equal(`${x}`, "tensor([1, 2])");
  assert.equal(inspect({ x }), "{ x: tensor([1, 2]) }");
  assert.equal(inspect([x, x]), "[ tensor([1, 2]), tensor([1, 2]) ]");
  assert.equal(inspect(new Map([["x", x]])), "Map(1) { 'x' => tensor([1, 2]) }");
  assert.equal(inspect({ a: { b: { c: { d: x } } } }, { depth: 10 }).match(/tensor/g)?.length, 1);
  assert.match(inspect({ m: torch.zeros(2, 2) }), /tensor\(\[\[0\., 0\.\],\n\s+\[0\., 0\.\]\]\)/);
  const { values, indices } = torch.tensor([3, 1]).max(0);
  assert.equal(format(values, indices), "tensor(3.) tensor(0)");
  assert.equal(inspect(torch.float32), "torch.float32");
});

test("views show their own elements", () => {
  const x = torch.arange(6).reshape(2, 3);
  assert.equal(String(x.t()), "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
  assert.equal(String(x.at(":", "::2")), "tensor([[0, 2],\n        [3, 5]])");
  assert.equal(String(torch.tensor([7n]).expand(2, 2)), "tensor([[7, 7],\n        [7, 7]])");
});

test("only the elements that are shown are read", () => {
  // The whole size would be a petabyte: whoever looked at each element would not come back.
  const x = torch.tensor([1.5]).expand(10_000, 10_000, 10_000);
  const text = String(x);
  assert.equal(text.match(/1\.5000/g)?.length, 6 ** 3);
  const marked = torch.zeros(10_000_000);
  marked.setAt(5_000_000, Number.NaN);
  marked.setAt(-1, 12.25);
  assert.equal(String(marked), "tensor([ 0.0000,  0.0000,  0.0000,  ...,  0.0000,  0.0000, 12.2500])");
  torch.setPrintoptions({ edgeitems: 1 });
  assert.equal(String(marked), "tensor([ 0.0000,  ..., 12.2500])");
});

test("settings in their places, by name, and back", () => {
  const x = torch.tensor([0.123456789, 2], { dtype: torch.float64 });
  torch.setPrintoptions(2);
  assert.equal(String(x), "tensor([0.12, 2.00], dtype=torch.float64)");
  torch.setPrintoptions(6, 1, { edgeitems: 3 });
  assert.equal(String(x), "tensor([0.123457, 2.000000], dtype=torch.float64)");
  torch.setPrintoptions({ profile: "default" });
  assert.equal(String(x), "tensor([0.1235, 2.0000], dtype=torch.float64)");
});

test("exponents go back to automatic with each call that does not ask for them", () => {
  const x = torch.tensor([1.5, 2]);
  torch.setPrintoptions({ sciMode: true });
  assert.equal(String(x), "tensor([1.5000e+00, 2.0000e+00])");
  torch.setPrintoptions({ precision: 2 });
  assert.equal(String(x), "tensor([1.50, 2.00])");
  torch.setPrintoptions({ sciMode: false });
  assert.equal(String(torch.tensor([1e-9, 1.5])), "tensor([0.00, 1.50])");
  torch.setPrintoptions({ sciMode: null });
  assert.equal(String(torch.tensor([1e-9, 1.5])), "tensor([1.00e-09, 1.50e+00])");
});

test("wrong settings change nothing", () => {
  const wrong: [object, RegExp][] = [
    [{ precision: 1, foo: 2 }, /unexpected option 'foo'/],
    [{ precision: 1, sci_mode: true }, /unexpected option 'sci_mode'/],
    [{ precision: 1, profile: "long" }, /'profile' must be one of "default", "short", "full"/],
    [{ precision: -1 }, /'precision' must be/],
    [{ precision: 1.5 }, /'precision' must be/],
    [{ precision: 1000 }, /'precision' must be/],
    [{ precision: 1, sciMode: 1 }, /'sciMode' must be bool/],
    [{ precision: 1, threshold: "all" }, /'threshold' must be/],
  ];
  for (const [settings, message] of wrong) {
    assert.throws(() => torch.setPrintoptions(settings as PrintSettings), { name: "TypeError", message });
    assert.equal(String(torch.tensor(0.5)), "tensor(0.5000)");
  }
});
