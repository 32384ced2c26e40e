/** Views, dims and shapes give PyTorch's results, gradients and errors, and share memory where they should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, mask, of } from "../support/conform.js";

conform("views", [
  ({ x }) => x.view(6, 4),
  ({ x }) => x.view([2, -1]),
  ({ x }) => x.view(2, 1, 3, 4, 1),
  ({ x }) => x.transpose(0, 1).at(":", 0).view(3, 2, 2),
  ({ x, m }) => x.narrow(0, 0, 1).viewAs(m),
  ({ e }) => e.view(3, 0, 5),
  ({ x }) => x.reshape(4, 6),
  ({ x }) => x.transpose(0, 2).reshape(-1),
  ({ x, m }) => x.at(0).reshapeAs(m.t()),
  ({ x }) => x.permute(2, 0, 1),
  ({ x }) => x.permute([-1, 0, 1]),
  ({ s }) => s.permute([]),
  ({ x }) => x.transpose(0, -1),
  ({ s }) => s.transpose(0, -1),
  ({ x }) => x.swapaxes(1, 2),
  ({ x }) => x.swapdims(1, 0),
  ({ m }) => m.t(),
  ({ v }) => v.t(),
  ({ s }) => s.t(),
  ({ x }) => x.T,
  ({ m }) => m.T,
  ({ x }) => x.mT,
  ({ m }) => m.H,
  ({ x }) => x.mH,
  ({ x }) => x.adjoint(),
  ({ x }) => x.narrow(1, 1, 1).squeeze(),
  ({ x }) => x.narrow(1, 1, 1).squeeze(1),
  ({ x }) => x.squeeze(0),
  ({ s }) => s.squeeze(0),
  ({ x }) => x.unsqueeze(0),
  ({ x }) => x.unsqueeze(-1),
  ({ s }) => s.unsqueeze(0),
  ({ x }) => x.movedim(0, 2),
  ({ x }) => x.movedim([0, 1], [1, 2]),
  ({ x }) => x.moveaxis(-1, 0),
  ({ x }) => x.flatten(),
  ({ x }) => x.flatten(1),
  ({ x }) => x.flatten({ startDim: 0, endDim: 1 }),
  ({ x }) => x.transpose(0, 1).flatten(0, 1),
  ({ s }) => s.flatten(),
  ({ x }) => x.unflatten(2, [2, -1]),
  ({ x }) => x.ravel(),
  ({ x }) => x.transpose(0, 1).ravel(),
  ({ v }) => v.expand(3, 4),
  ({ v }) => v.expand([2, 3, -1]),
  ({ s }) => s.expand(2, 2),
  ({ m }) => m.at(":", "0:1").expand(-1, 4),
  ({ m }) => m.at(":", "0:1").expand(0, 3, 2),
  ({ v, m }) => v.expandAs(m),
  ({ v }) => torch.broadcastTo(v, [2, 4]),
  ({ v, m, s }) => torch.broadcastTensors(v, m, s),
  ({ x }) => x.select(1, -2),
  ({ x }) => torch.select(x, 0, 1),
  ({ x }) => x.narrow(2, 1, 2),
  ({ x }) => x.narrow(1, -1, 1),
  ({ x }) => x.narrow(1, ints(1), 2),
  ({ x }) => x.narrow(1, 3, 0),
  ({ x }) => x.asStrided([2, 3], [4, 2], 1),
  ({ v }) => v.asStrided([3, 2], [1, 1]),
  ({ m }) => m.diagonal(),
  ({ m }) => m.diagonal(1),
  ({ m }) => m.diagonal(-2),
  ({ m }) => m.diagonal(7),
  ({ x }) => x.diagonal(0, 1, 2),
  ({ x }) => x.diagonal({ offset: -1, dim1: 0, dim2: -1 }),
  ({ v }) => v.unfold(0, 2, 1),
  ({ x }) => x.unfold(-1, 3, 1),
  ({ x }) => x.unfold(1, 2, 2),
  ({ s }) => s.unfold(0, 1, 1),
  ({ v }) => v.unfold(0, 0, 2),
  ({ v }) => v.diag(),
  ({ v }) => v.diag(-1),
  ({ m }) => m.diag(1),
  ({ m }) => m.diagEmbed(),
  ({ m }) => torch.diagEmbed(m, 1, 0, 2),
  ({ v }) => torch.diagEmbed(v, { offset: -1 }),
  ({ m }) => m.diagflat(),
  ({ s }) => torch.diagflat(s, 1),
  ({ m }) => m.tril(),
  ({ x }) => x.tril(-1),
  ({ m }) => m.triu(1),
  ({ x }) => torch.triu(x, -1),
  ({ m }) => m.clone().tril_(),
  ({ e }) => e.triu(),
  ({ m }) => m.repeat(2, 1),
  ({ m }) => m.repeat(2, 1, 2),
  ({ s }) => s.repeat(3),
  ({ m }) => m.repeat(0, 2),
  ({ m }) => m.tile(2),
  ({ v }) => torch.tile(v, [2, 2]),
  ({ m }) => m.repeatInterleave(2),
  ({ m }) => m.repeatInterleave(3, 1),
  ({ m }) => m.repeatInterleave(ints([1, 0, 2]), 0),
  ({ m }) => torch.repeatInterleave(m, ints([2]), 0, { outputSize: 6 }),
  ({ m }) => m.flip(0),
  ({ x }) => x.flip(0, 2),
  ({ x }) => x.transpose(0, 1).flip([-1]),
  ({ s }) => s.flip(0),
  ({ m }) => m.fliplr(),
  ({ m }) => m.flipud(),
  ({ m }) => m.roll(2),
  ({ m }) => m.roll(-1, 0),
  ({ x }) => x.roll([1, -2], [1, 2]),
  ({ x }) => torch.roll(x, 5, 0),
  ({ s }) => s.roll(1),
  ({ e }) => e.roll(1, 0),
  ({ m }) => m.rot90(),
  ({ m }) => m.rot90(2),
  ({ x }) => x.rot90(-1, [1, 2]),
  ({ x }) => torch.rot90(x, { k: 4 }),
  ({ v }) => torch.vander(v),
  ({ v }) => torch.vander(v, 3, { increasing: true }),
  ({ v }) => torch.vander(v, 1),
  ({ v }) => torch.vander(v, 0),
  ({ v, m }) => v.kron(m),
  ({ m }) =>
    torch.kron(
      m,
      of([
        [1, 2],
        [3, 4],
      ]),
    ),
  ({ s, v }) => torch.kron(s, v),
  ({ x }) => x.contiguous(),
  ({ m }) => m.t().contiguous(),
  ({ m }) => m.clone().t_(),
  ({ x }) => x.clone().transpose_(0, 2),
  ({ x }) => x.clone().swapaxes_(0, 1),
  ({ x }) => x.clone().unsqueeze_(1).mul(2),
  ({ m }) => m.clone().asStrided_([2, 2], [1, 4], 2).exp(),
  ({ x }) => x.narrow(0, 0, 1).clone().squeeze_(),
  ({ v }) => mask(v).unsqueeze(0),
]);

test("views share the memory of the tensor, and copies do not", () => {
  const x = torch.arange(24).view(2, 3, 4);
  const views = [
    x.view(4, 6),
    x.permute(2, 0, 1),
    x.transpose(0, 1),
    x.squeeze(),
    x.unsqueeze(1),
    x.expand(5, 2, 3, 4),
    x.flatten(),
    x.unflatten(1, [3, 1]),
    x.select(0, 1),
    x.narrow(1, 0, 2),
    x.diagonal(),
    x.unfold(2, 2, 2),
    x.movedim(0, 1),
    x.T,
    x.asStrided([2], [5]),
    x.view(torch.int32),
    x.at("1:", "...", null),
    x.unbind()[0],
    x.split(1)[1],
    x.chunk(2)[0],
    x.tensorSplit(2)[1],
  ];
  const copies = [
    x.flip(0),
    x.roll(1),
    x.tril(),
    x.repeat(1, 1, 1),
    x.at([0, 1]),
    x.transpose(0, 1).reshape(-1),
    x.rot90(4),
    x.tile(1),
  ];
  for (const view of views) assert.equal(view?.storage, x.storage);
  for (const copy of copies) assert.notEqual(copy.storage, x.storage);
});

test("strides of views are PyTorch's", () => {
  const x = torch.zeros(2, 3, 4);
  assert.deepEqual(x.unsqueeze(1).stride(), [12, 12, 4, 1]);
  assert.deepEqual(x.unsqueeze(-1).stride(), [12, 4, 1, 1]);
  assert.deepEqual(x.transpose(0, 2).view(4, 3, 2, 1).stride(), [1, 4, 12, 12]);
  assert.deepEqual(x.at("::2", "1:", "1::2").stride(), [24, 4, 2]);
  assert.deepEqual(x.expand(7, 2, 3, 4).stride(), [0, 12, 4, 1]);
  assert.deepEqual(x.diagonal(0, 1, 2).stride(), [12, 5]);
  assert.deepEqual(x.unfold(2, 2, 1).stride(), [12, 4, 1, 1]);
  assert.equal(x.stride(-1), 1);
  assert.equal(x.at(1).storageOffset(), 12);
});

test("a view of another dtype reads the same bytes", () => {
  const x = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(x.view(torch.int32).tolist(), [
    [0x3f800000, 0x40000000],
    [0x40400000, 0x40800000],
  ]);
  assert.deepEqual([...x.view(torch.float64).shape], [2, 1]);
  assert.deepEqual([...x.view(torch.int16).shape], [2, 4]);
  assert.equal(x.clone().requiresGrad_().view(torch.int32).requiresGrad, false);
  assert.equal(x.view(torch.float64).view(torch.float32).equal(x), true);
  assert.throws(() => torch.zeros(2, 3).view(torch.float64), {
    message: /self\.size\(-1\) must be divisible by 2 to view Float as Double/,
  });
  assert.throws(() => torch.tensor(1).view(torch.int16), {
    message: /self\.dim\(\) cannot be 0 to view Float as Short/,
  });
  assert.throws(() => x.t().view(torch.float64), { message: /self\.stride\(-1\) must be 1 to view Float as Double/ });
  assert.throws(() => torch.zeros(4).at("1:3").view(torch.float64), {
    message: /storage_offset\(\) must be divisible by 2/,
  });
});

test("in-place view operations change the tensor itself, count as a change, and are recorded", () => {
  const x = torch.zeros(2, 3);
  const version = x._version;
  assert.equal(x.t_(), x);
  assert.deepEqual([...x.shape], [3, 2]);
  assert.equal(x._version, version + 1);
  assert.equal(x.isContiguous(), false);
  x.unsqueeze_(0).transpose_(0, 2).squeeze_();
  assert.deepEqual([...x.shape], [2, 3]);
  assert.equal(x.isContiguous(), true);

  const leaf = torch.ones(2, 3, { requiresGrad: true });
  assert.throws(() => leaf.t_(), /a leaf Variable that requires grad is being used in an in-place operation/);
  const product = leaf.mul(2);
  product.t_();
  assert.equal(product.gradFn?.name(), "TBackward0");
  product.mul(torch.arange(6).view(3, 2)).sum().backward();
  assert.deepEqual(leaf.grad?.tolist(), [
    [0, 4, 8],
    [2, 6, 10],
  ]);
});

test("a view whose own shape changes in place still belongs to its base", () => {
  const leaf = torch.arange(6, { dtype: torch.float64 }).requiresGrad_();
  const base = leaf.clone();
  const view = base.view(2, 3);
  view.t_();
  view.at(0).mul_(10);
  assert.deepEqual(base.tolist(), [0, 1, 2, 30, 4, 5]);
  base.sum().backward();
  assert.deepEqual(leaf.grad?.tolist(), [10, 1, 1, 10, 1, 1]);
});

test("sizes, strides and dims can be asked for", () => {
  const x = torch.zeros(2, 3, { dtype: torch.float64 });
  assert.deepEqual(x.size(), [2, 3]);
  assert.equal(x.size(-1), 3);
  assert.deepEqual(x.stride(), [3, 1]);
  assert.deepEqual([x.elementSize(), x.nelement(), torch.numel(x), x.ndimension(), x.storageOffset()], [8, 6, 6, 2, 0]);
  assert.throws(() => x.size(2), {
    name: "RangeError",
    message: /Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)/,
  });
  assert.throws(() => torch.tensor(1).size(0), {
    name: "RangeError",
    message: /Dimension specified as 0 but tensor has no dimensions/,
  });
  assert.throws(() => torch.numel(3 as never), TypeError);
});

test("resize_ keeps what is there", () => {
  const x = torch.arange(4);
  assert.equal(x.resize_(2, 3), x);
  assert.deepEqual((x.tolist() as number[][]).flat().slice(0, 4), [0, 1, 2, 3]);
  assert.deepEqual(x.resize_([2]).tolist(), [0, 1]);
  assert.deepEqual([...x.resizeAs_(torch.zeros(1, 2)).shape], [1, 2]);
  assert.throws(() => torch.ones(2, { requiresGrad: true }).resize_(3), /cannot resize variables that require grad/);
  assert.throws(() => x.resize_(-1), RangeError);
});

test("wrong calls say what is wrong", () => {
  const x = torch.zeros(2, 3, 4);
  const cases: [() => unknown, string, RegExp][] = [
    [() => x.view(5), "Error", /shape '\[5\]' is invalid for input of size 24/],
    [() => x.view(-1, -1), "Error", /only one dimension can be inferred/],
    [() => x.view(0, -1), "Error", /is ambiguous/],
    [
      () => x.transpose(0, 1).view(24),
      "Error",
      /view size is not compatible with input tensor's size and stride .* Use \.reshape/,
    ],
    [() => x.permute(0, 1), "Error", /input\.dim\(\) = 3 is not equal to len\(dims\) = 2/],
    [() => x.permute(0, 1, 1), "Error", /dim 1 appears multiple times/],
    [
      () => x.transpose(0, 3),
      "RangeError",
      /Dimension out of range \(expected to be in range of \[-3, 2\], but got 3\)/,
    ],
    [() => x.transpose(0, 1.5), "TypeError", /argument 'dim1' must be int, not float/],
    [() => x.t(), "Error", /t\(\) expects a tensor with <= 2 dimensions, but self is 3D/],
    [
      () => torch.zeros(3).mT,
      "Error",
      /tensor\.mT is only supported on matrices or batches of matrices\. Got 1-D tensor/,
    ],
    [() => x.H, "Error", /tensor\.H is only supported on matrices \(2-D tensors\)\. Got 3-D tensor/],
    [() => x.squeeze(3), "RangeError", /Dimension out of range/],
    [() => x.unsqueeze(5), "RangeError", /expected to be in range of \[-4, 3\], but got 5/],
    [
      () => x.movedim([0, 1], [1]),
      "Error",
      /source \(\[0, 1\] dims\) should contain the same number of dims as destination \(\[1\] dims\)/,
    ],
    [() => x.movedim([0, 0], [0, 1]), "Error", /movedim: repeated dim in `source`/],
    [() => x.flatten(2, 1), "Error", /start_dim cannot come after end_dim/],
    [() => x.unflatten(1, [2, 2]), "Error", /Provided sizes \[2, 2\] don't multiply up to the size of dim 1 \(3\)/],
    [() => x.unflatten(1, []), "Error", /sizes must be non-empty/],
    [
      () => x.expand(4),
      "Error",
      /expand\(torch\.FloatTensor\{\[2, 3, 4\]\}, size=\[4\]\): the number of sizes provided \(1\)/,
    ],
    [
      () => x.expand(2, 5, 4),
      "Error",
      /The expanded size of the tensor \(5\) must match the existing size \(3\) at non-singleton dimension 1\. {2}Target sizes: \[2, 5, 4\]\. {2}Tensor sizes: \[2, 3, 4\]/,
    ],
    [() => x.expand(-1, 2, 3, 4), "RangeError", /\(-1\) isn't allowed in a leading, non-existing dimension 0/],
    [
      () => x.select(0, 2),
      "RangeError",
      /select\(\): index 2 out of range for tensor of size \[2, 3, 4\] at dimension 0/,
    ],
    [() => torch.tensor(1).select(0, 0), "RangeError", /select\(\) cannot be applied to a 0-dim tensor/],
    [() => x.narrow(1, 2, 5), "RangeError", /start \(2\) \+ length \(5\) exceeds dimension size \(3\)/],
    [() => x.narrow(1, 0, -1), "RangeError", /length must be non-negative/],
    [() => x.narrow(1, 4, 0), "RangeError", /start out of range/],
    [() => x.narrow(1, torch.tensor(1), 1), "TypeError", /argument 'start' must be int or 0-dim integral Tensor/],
    [() => x.asStrided([5, 5], [5, 1]), "RangeError", /out of bounds for storage of size 24/],
    [() => x.asStrided([2], [-1]), "RangeError", /Negative strides are not supported/],
    [() => x.diagonal(0, 1, 1), "Error", /diagonal dimensions cannot be identical 1, 1/],
    [() => x.diag(), "Error", /Supports 1D or 2D tensors\. Got 3D/],
    [() => torch.zeros(3).tril(), "Error", /must have at least 2 dimensions/],
    [() => x.unfold(0, 3, 1), "RangeError", /maximum size for tensor at dimension 0 is 2 but size is 3/],
    [() => x.unfold(0, 1, 0), "RangeError", /step is 0 but must be > 0/],
    [() => x.repeat(2, 2), "Error", /Number of dimensions of repeat dims can not be smaller/],
    [() => x.repeat(1, 1, -1), "RangeError", /negative dimension/],
    [() => x.repeatInterleave(-1), "RangeError", /repeats can not be negative/],
    [
      () => x.repeatInterleave(torch.tensor([1n, 2n]), 1),
      "Error",
      /repeats must have the same size as input along dim/,
    ],
    [() => x.repeatInterleave(torch.tensor([1, 2, 3]), 1), "TypeError", /dtype: torch\.long/],
    [
      () => torch.repeatInterleave(torch.tensor([1n, 2n]), { outputSize: 5 }),
      "Error",
      /allocated size does not match required size/,
    ],
    [() => x.flip(0, 0), "Error", /dim 0 appears multiple times in the list of dims/],
    [() => torch.zeros(3).fliplr(), "Error", /Input must be >= 2-d/],
    [() => x.roll([1, 2], 0), "Error", /shifts and dimensions must align\. shifts: 2, dims:1/],
    [() => x.rot90(1, [0, 0]), "Error", /expected rotation dims to be different/],
    [() => torch.zeros(3).rot90(), "Error", /expected total dims >= 2, but got total dims = 1/],
    [() => torch.vander(x), "Error", /x must be a one-dimensional tensor/],
    [
      () => torch.broadcastTensors(torch.zeros(2), torch.zeros(3)),
      "Error",
      /The size of tensor a \(2\) must match the size of tensor b \(3\)/,
    ],
  ];
  for (const [call, name, message] of cases) assert.throws(call, { name, message }, call.toString());
});

test("a number has windows of size 1 and of size 0", () => {
  for (const size of [0, 1]) {
    const x = torch.tensor(3, { requiresGrad: true });
    const windows = x.unfold(0, size, 1);
    assert.deepEqual(windows.shape, [size]);
    windows.sum().backward();
    assert.equal(x.grad?.item(), size);
  }
});
