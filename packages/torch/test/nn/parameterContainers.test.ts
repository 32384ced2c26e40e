/** Containers of parameters that also have values which are none. The printed forms are PyTorch's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as torch from "../../src/index.js";
import { nn } from "../../src/index.js";

test("a list has parameters and other values", () => {
  const list = new nn.ParameterList([torch.zeros(1), "x", 3, new nn.Parameter(torch.ones(2, 3))]);
  const first: nn.Parameter | string | number = list.at(0);
  assert.ok(first instanceof nn.Parameter);
  assert.equal(list.at(1), "x");
  assert.equal(list.length, 4);
  assert.deepEqual(Object.keys(list.stateDict()), ["0", "3"]);
  assert.equal(list.parameters().length, 2);
  assert.deepEqual([...list.at("1:3")], ["x", 3]);
  list.append("y").extend([1, 2.5]);
  assert.equal(list.pop(), 2.5);
  assert.deepEqual([...list].slice(-2), ["y", 1]);
  assert.throws(() => list.setAt(0, "z"), {
    name: "TypeError",
    message: `cannot assign '"z"' as parameter '0' (torch.nn.Parameter or None expected)`,
  });
  list.setAt(1, 7);
  assert.equal(list.at(1), 7);
  assert.deepEqual([...torch.deepcopy(list)].slice(1, 3), [7, 3]);
  list.double();
  assert.equal((list.at(0) as nn.Parameter).dtype, torch.float64);
});

test("a list of many kinds as it is printed", () => {
  const list = new nn.ParameterList<unknown>([
    torch.zeros(1),
    "x",
    3,
    null,
    new nn.Linear(2, 2),
    new nn.Parameter(torch.ones(2, 3)),
    [torch.ones(1)],
    { a: 1 },
    new nn.ParameterList([torch.ones(1)]),
    torch.float32,
    2.5,
    true,
  ]);
  assert.equal(
    String(list),
    `ParameterList(
    (0): Parameter containing: [torch.float32 of size 1]
    (1): Object of type: str
    (2): Object of type: int
    (3): Object of type: NoneType
    (4): Object of type: Linear
    (5): Parameter containing: [torch.float32 of size 2x3]
    (6): Object of type: list
    (7): Object of type: dict
    (8): Object of type: ParameterList
    (9): Object of type: dtype
    (10): Object of type: float
    (11): Object of type: bool
  (4): Linear(in_features=2, out_features=2, bias=True)
  (8): ParameterList(  (0): Parameter containing: [torch.float32 of size 1])
)`,
  );
  assert.deepEqual(Object.keys(list.stateDict()), ["0", "5", "4.weight", "4.bias", "8.0"]);
});

test("a dictionary has parameters and other values", () => {
  const dict = new nn.ParameterDict<unknown>({
    a: torch.zeros(1),
    b: "x",
    c: 3,
    n: null,
    l: new nn.Linear(2, 2),
    p: new nn.Parameter(torch.ones(2, 3)),
    o: [torch.ones(1)],
    d: new nn.ParameterDict<unknown>({ x: torch.ones(1), y: 2 }),
  });
  assert.equal(
    String(dict),
    `ParameterDict(
    (a): Parameter containing: [torch.FloatTensor of size 1]
    (b): Object of type: str
    (c): Object of type: int
    (d): Object of type: ParameterDict
    (l): Object of type: Linear
    (n): Object of type: NoneType
    (o): Object of type: list
    (p): Parameter containing: [torch.FloatTensor of size 2x3]
  (d): ParameterDict(
      (x): Parameter containing: [torch.FloatTensor of size 1]
      (y): Object of type: int
  )
  (l): Linear(in_features=2, out_features=2, bias=True)
)`,
  );
  assert.equal(dict.at("n"), null);
  assert.equal(dict.get("n", 1), null);
  assert.equal(dict.get("q", 1), 1);
  assert.equal(dict.setdefault("q", 4), 4);
  assert.equal(dict.setdefault("r"), null);
  assert.deepEqual([...dict.fromkeys(["x", "y"], 7).values()], [7, 7]);
  assert.equal(dict.copy().at("b"), "x");
  assert.throws(() => dict.setAt("a", 5), /cannot assign 'int' as parameter 'a'/);
  dict.setAt("b", torch.ones(2));
  assert.ok(dict.at("b") instanceof nn.Parameter);
  assert.equal(dict.pop("c"), 3);
});
