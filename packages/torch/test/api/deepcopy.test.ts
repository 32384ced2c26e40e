/** Deep copies: what is copied, what is shared in the copy, and that nothing is shared with the original. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

test("tensors that share memory share it in the copy, as in PyTorch", () => {
  const base = torch.arange(6).float();
  const [whole, part] = torch.deepcopy([base, base.at("2:4")]) as [Tensor, Tensor];
  part.fill_(9);
  assert.deepEqual(whole.tolist(), [0, 1, 9, 9, 4, 5]);
  assert.deepEqual(base.tolist(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([part.storageOffset(), part.stride()], [2, [1]]);
  const columns = torch.deepcopy(new Map([["t", base.view(2, 3).t()]])).get("t") as Tensor;
  assert.deepEqual(
    [columns.stride(), columns.tolist()],
    [
      [1, 3],
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ],
  );
  const expanded = torch.deepcopy(torch.ones(1).expand(3));
  assert.deepEqual([expanded.stride(), expanded.tolist()], [[0], [1, 1, 1]]);
  const [data, twin] = torch.deepcopy([base.data, base]) as [Tensor, Tensor];
  data.fill_(8);
  assert.deepEqual([twin.tolist(), base.at(0).item()], [[8, 8, 8, 8, 8, 8], 0]);
  const [array, tensor] = torch.deepcopy([base.asTypedArray(), base]) as [Float32Array, Tensor];
  array.fill(7);
  assert.deepEqual([tensor.tolist(), base.at(0).item()], [[7, 7, 7, 7, 7, 7], 0]);
  for (const dtype of [torch.bool, torch.uint8, torch.int64, torch.float64]) {
    const tensor = torch.ones(0, 3, { dtype });
    assert.deepEqual([torch.deepcopy(tensor).shape, torch.deepcopy(tensor).dtype], [[0, 3], dtype]);
    assert.deepEqual(torch.deepcopy(torch.ones(2, { dtype })).tolist(), torch.ones(2, { dtype }).tolist());
  }
});

test("a module's buffers and parameters that share memory go on to share it", () => {
  class Shared extends nn.Module {
    weight = new nn.Parameter(torch.arange(4).float());
    plain = this.weight.detach().at("2:");

    constructor() {
      super();
      this.registerBuffer("tail", this.weight.detach().at("1:"));
    }
  }
  const original = new Shared();
  const copy = torch.deepcopy(original);
  torch.noGrad(() => copy.weight.fill_(7));
  assert.deepEqual(
    [copy.getBuffer("tail").tolist(), copy.plain.tolist()],
    [
      [7, 7, 7],
      [7, 7],
    ],
  );
  assert.deepEqual(
    [original.getBuffer("tail").tolist(), original.plain.tolist()],
    [
      [1, 2, 3],
      [2, 3],
    ],
  );
});

test("gradients are copied, and stay the same object where they are held elsewhere", () => {
  for (const leaf of [torch.ones(2, { requiresGrad: true }), new nn.Parameter(torch.ones(2))]) {
    leaf.mul(3).sum().backward();
    const [twin, grad] = torch.deepcopy([leaf, leaf.grad]) as [Tensor, Tensor];
    assert.equal(twin.grad, grad);
    assert.equal(twin.constructor, leaf.constructor);
    grad.fill_(0);
    assert.deepEqual([leaf.grad?.tolist(), twin.requiresGrad, twin.isLeaf], [[3, 3], true, true]);
  }
});

test("an optimizer that is copied with its model updates the copy", () => {
  for (const make of [
    (model: nn.Module) => new optim.SGD(model.parameters(), 0.1, 0.9),
    (model: nn.Module) => new optim.Adam(model.parameters(), 0.1, { amsgrad: true }),
    (model: nn.Module) => new optim.AdamW([{ params: model.parameters(), lr: 0.5 }]),
    (model: nn.Module) => new optim.Adafactor(model.parameters()),
    (model: nn.Module) => new optim.NAdam(model.parameters()),
    (model: nn.Module) => new optim.LBFGS(model.parameters(), { maxIter: 3 }),
    (model: nn.Linear) => new optim.Muon([model.weight]),
  ]) {
    const model = new nn.Linear(2, 1);
    const optimizer = make(model);
    const train = (net: nn.Linear, by: optim.Optimizer) => {
      by.step(() => {
        by.zeroGrad();
        const loss = net(torch.ones(1, 2)).square().sum();
        loss.backward();
        return loss;
      });
      return net.weight.tolist();
    };
    train(model, optimizer);
    const [twin, twinOptimizer] = torch.deepcopy([model, optimizer] as const);
    assert.equal(twinOptimizer.constructor, optimizer.constructor);
    assert.equal(twinOptimizer.paramGroups[0]?.params[0], twin.weight);
    assert.ok(twinOptimizer.state.has(twin.weight) && !twinOptimizer.state.has(model.weight));
    assert.equal(String(twinOptimizer), String(optimizer));
    const before = model.weight.tolist();
    const trained = train(twin, twinOptimizer);
    assert.deepEqual(model.weight.tolist(), before);
    assert.deepEqual(train(model, optimizer), trained);
    const alone = torch.deepcopy(optimizer);
    assert.notEqual(alone.paramGroups[0]?.params[0], model.weight);
    (alone.paramGroups[0] as { lr: number }).lr = 3;
    assert.notEqual(optimizer.paramGroups[0]?.lr, 3);
  }
});

test("hooks and the fields of an optimizer of the user's own are copied", () => {
  class Counting extends optim.Optimizer {
    counts = [0];

    protected override update(): void {
      (this.counts[0] as number)++;
    }
  }
  const optimizer = new Counting([torch.ones(1, { requiresGrad: true })], {});
  const seen: unknown[] = [];
  optimizer.registerStepPreHook((by) => seen.push(by));
  const copy = torch.deepcopy(optimizer);
  copy.step();
  assert.deepEqual([copy.counts, optimizer.counts], [[1], [0]]);
  assert.equal(seen[0], copy);
});

test("a generator goes on alone from where the other one is", () => {
  const generator = new torch.Generator().manualSeed(3);
  torch.rand(5, { generator });
  const holder = torch.deepcopy({ a: generator, b: generator });
  assert.ok(holder.a === holder.b && holder.a !== generator);
  assert.deepEqual(torch.rand(4, { generator: holder.a }).tolist(), torch.rand(4, { generator }).tolist());
});

test("typed arrays are copied, with the memory that they share", () => {
  const floats = new Float32Array([1, 2, 3, 4]);
  const value = {
    floats,
    part: floats.subarray(1, 3),
    bytes: new Uint8Array(floats.buffer, 4, 4),
    view: new DataView(floats.buffer, 8),
    buffer: floats.buffer,
    node: Buffer.from("abc"),
    big: BigInt64Array.of(5n),
    shared: new Int32Array(new SharedArrayBuffer(8)),
    tensor: torch.fromTypedArray(floats),
  };
  const copy = torch.deepcopy(value);
  assert.deepEqual(copy.floats, floats);
  copy.floats.fill(0);
  assert.deepEqual([...copy.part, ...copy.bytes, copy.view.getFloat32(0, true)], [0, 0, 0, 0, 0, 0, 0]);
  assert.equal(copy.buffer, copy.floats.buffer);
  assert.deepEqual(copy.tensor.tolist(), [0, 0, 0, 0]);
  assert.deepEqual([...floats], [1, 2, 3, 4]);
  assert.deepEqual([copy.node.toString(), Buffer.isBuffer(copy.node), copy.big], ["abc", true, BigInt64Array.of(5n)]);
  assert.ok(copy.shared.buffer instanceof SharedArrayBuffer && copy.shared.buffer !== value.shared.buffer);
});

test("containers may contain themselves, and keys of any kind", () => {
  const tensor = torch.ones(1);
  const key = Symbol("key");
  const value: Record<PropertyKey, unknown> = { list: [tensor, tensor], when: new Date(5), [key]: new Set([tensor]) };
  (value.list as Tensor[])[5] = tensor;
  value.self = value;
  Object.defineProperty(value, "__proto__", { value: [1], enumerable: true });
  const bare = Object.assign(Object.create(null), { tensor });
  const [copy, bareCopy] = torch.deepcopy([value, bare]);
  const list = copy.list as Tensor[];
  assert.ok(copy.self === copy && list[0] === list[5] && list[0] !== tensor && !(3 in list) && list.length === 6);
  assert.ok((copy[key] as Set<Tensor>).has(list[0] as Tensor) && bareCopy.tensor === list[0]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(copy, "__proto__")?.value, [1]);
  assert.equal(Object.getPrototypeOf(bareCopy), null);
  assert.ok(copy.when instanceof Date && copy.when !== value.when && copy.when.getTime() === 5);
});
