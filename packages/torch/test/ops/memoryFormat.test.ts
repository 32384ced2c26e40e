/** Memory formats: the order in which dims lie in memory, asked for, found out and kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";

const { channelsLast, channelsLast3d, contiguousFormat } = torch;
const images = () =>
  torch
    .arange(2 * 3 * 4 * 5)
    .float()
    .view(2, 3, 4, 5);
const volumes = () =>
  torch
    .arange(2 * 3 * 2 * 2 * 2)
    .float()
    .view(2, 3, 2, 2, 2);

test("copies in a format have its strides and the same elements", () => {
  const x = images();
  for (const y of [
    x.contiguous({ memoryFormat: channelsLast }),
    x.to({ memoryFormat: channelsLast }),
    x.clone({ memoryFormat: channelsLast }),
    x.double().to({ dtype: torch.float32, memoryFormat: channelsLast }),
  ]) {
    assert.deepEqual(y.stride(), [60, 1, 15, 3]);
    assert.deepEqual(y.tolist(), x.tolist());
  }
  assert.deepEqual(torch.emptyLike(x, { memoryFormat: channelsLast }).stride(), [60, 1, 15, 3]);
  assert.deepEqual(volumes().contiguous({ memoryFormat: channelsLast3d }).stride(), [24, 1, 12, 6, 3]);
  assert.deepEqual(torch.zerosLike(volumes(), { memoryFormat: channelsLast3d }).stride(), [24, 1, 12, 6, 3]);
});

test("a tensor that is in the format already is not copied", () => {
  const x = images();
  const y = x.contiguous({ memoryFormat: channelsLast });
  assert.equal(y.contiguous({ memoryFormat: channelsLast }), y);
  assert.equal(y.to({ memoryFormat: channelsLast }), y);
  assert.equal(x.to({ memoryFormat: contiguousFormat }), x);
  assert.deepEqual(y.contiguous().stride(), [60, 20, 5, 1]);
  assert.deepEqual(y.to({ memoryFormat: contiguousFormat }).stride(), [60, 20, 5, 1]);
});

test("the format is found out from strides", () => {
  const x = images();
  const y = x.contiguous({ memoryFormat: channelsLast });
  assert.deepEqual(
    [x, y].map((tensor) => [tensor.isContiguous(), tensor.isContiguous({ memoryFormat: channelsLast })]),
    [
      [true, false],
      [false, true],
    ],
  );
  assert.equal(torch.ones(2, 1, 3, 3).isContiguous({ memoryFormat: channelsLast }), true);
  assert.equal(torch.ones(2, 3).isContiguous({ memoryFormat: channelsLast }), false);
  assert.equal(volumes().isContiguous({ memoryFormat: channelsLast3d }), false);
});

test("elementwise operations, convolution and pooling keep it", () => {
  const x = images().contiguous({ memoryFormat: channelsLast });
  for (const y of [
    x.add(1),
    x.relu(),
    x.mul(x),
    F.conv2d(x, torch.ones(3, 3, 1, 1)),
    F.maxPool2d(x, 1),
    F.avgPool2d(x, 1),
  ]) {
    assert.equal(y.isContiguous({ memoryFormat: channelsLast }), true);
  }
});

test("a module brings the weights that have such a format into it", () => {
  const model = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.Flatten(), new nn.Linear(4, 2));
  const [weight] = [...model.parameters()];
  const before = weight?.tolist();
  model.to({ memoryFormat: channelsLast });
  assert.deepEqual(weight?.stride(), [27, 1, 9, 3]);
  assert.deepEqual(weight?.tolist(), before);
  assert.ok([...model.parameters()].slice(1).every((parameter) => parameter.isContiguous()));
});

test("what has no such format is refused", () => {
  assert.throws(
    () => torch.ones(2, 3).contiguous({ memoryFormat: channelsLast }),
    /required rank 4 tensor to use channels_last format/,
  );
  assert.throws(
    () => images().clone({ memoryFormat: channelsLast3d }),
    /required rank 5 tensor to use channels_last_3d format/,
  );
  assert.throws(() => images().contiguous({ memoryFormat: "preserve" }), /preserve memory format is unsupported/);
});
