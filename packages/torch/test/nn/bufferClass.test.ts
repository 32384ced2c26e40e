/** `nn.Buffer`, the older name of a loss, and packed sequences in other dtypes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as torch from "../../src/index.js";
import { nn } from "../../src/index.js";

class Counter extends nn.Module {
  runningMean = new nn.Buffer(torch.zeros(2));
  scratch = new nn.Buffer(torch.ones(2), { persistent: false });
  weight = new nn.Parameter(torch.ones(1));
}

test("a Buffer that is assigned is a buffer of the module", () => {
  for (const module of [new Counter(), torch.deepcopy(new Counter())]) {
    assert.deepEqual(Object.keys(module.stateDict()).sort(), ["running_mean", "weight"]);
    assert.deepEqual(
      module.namedBuffers().map(([name]) => name),
      ["running_mean", "scratch"],
    );
    assert.equal(module.parameters().length, 1);
    module.double();
    assert.equal(module.scratch.dtype, torch.float64);
    module.runningMean = torch.full([2], 3, { dtype: torch.float64 }) as nn.Buffer;
    assert.deepEqual(module.stateDict().running_mean?.tolist(), [3, 3]);
    module.loadStateDict(new Counter().stateDict());
    assert.deepEqual(module.runningMean.tolist(), [0, 0]);
  }
});

test("what a Buffer is by itself", () => {
  const data = torch.tensor([1, 2]);
  const buffer = new nn.Buffer(data);
  assert.ok(buffer instanceof torch.Tensor);
  assert.equal(buffer.persistent, true);
  assert.equal(String(buffer), "tensor([1., 2.])");
  data.add_(1);
  assert.deepEqual(buffer.tolist(), [2, 3]);
  assert.deepEqual(new nn.Buffer().shape, [0]);
  const module = new Counter();
  assert.throws(
    () => Object.assign(module, { weight: buffer }),
    /cannot assign 'torch\.FloatTensor' as parameter 'weight'/,
  );
  assert.throws(() => new nn.Buffer(data, { persist: false } as never), /unexpected option 'persist'/);
});

test("NLLLoss2d is NLLLoss, and says so", async () => {
  const warned = new Promise<string>((resolve) => {
    process.once("warning", ({ message }) => resolve(message));
  });
  const loss = new nn.NLLLoss2d(torch.tensor([1, 2]), { reduction: "sum" });
  assert.match(await warned, /NLLLoss2d has been deprecated\. Please use NLLLoss instead/);
  const x = torch.rand(1, 2, 3, 3);
  const target = torch.ones(1, 3, 3, { dtype: torch.int64 });
  const plain = new nn.NLLLoss(torch.tensor([1, 2]), { reduction: "sum" });
  assert.equal(loss(x, target).item(), plain(x, target).item());
  assert.equal(String(loss), "NLLLoss2d()");
});

test("packed sequences in other dtypes", () => {
  const packed = nn.utils.rnn.packSequence([torch.tensor([1.5, 2.5]), torch.tensor([3.5])]);
  const dtypes = {
    double: torch.float64,
    float: torch.float32,
    half: torch.float16,
    long: torch.int64,
    int: torch.int32,
    short: torch.int16,
    char: torch.int8,
    byte: torch.uint8,
  } as const;
  for (const [name, dtype] of Object.entries(dtypes)) {
    const other = packed[name as keyof typeof dtypes]();
    assert.equal(other.data.dtype, dtype);
    assert.deepEqual(other.data.double().tolist(), dtype.isFloatingPoint ? [1.5, 3.5, 2.5] : [1, 3, 2]);
    assert.equal(other.batchSizes, packed.batchSizes);
  }
  assert.equal(packed.float(), packed);
  assert.equal(packed.cpu(), packed);
  assert.equal(packed.isCuda, false);
  assert.equal(packed.isPinned(), false);
  assert.throws(() => packed.pinMemory(), /Cannot access accelerator device when none is available/);
});
