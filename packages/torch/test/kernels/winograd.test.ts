/** Convolutions that are not summed directly, of 3×3 and of large weights: the same results as those of float64, which are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, type Tensor } from "../../src/index.js";

interface Shape {
  readonly input: readonly number[];
  readonly filters: number;
  readonly kernel?: number | readonly number[];
  readonly stride?: number;
  readonly dilation?: readonly number[];
  readonly padding?: number;
  readonly groups?: number;
}

const shapes: readonly Shape[] = [
  { input: [1, 32, 16, 16], filters: 40, padding: 1 },
  { input: [2, 25, 17, 13], filters: 33, padding: 1 },
  { input: [3, 24, 9, 31], filters: 24, padding: 0 },
  { input: [1, 64, 40, 70], filters: 24, padding: 2 },
  { input: [7, 48, 7, 7], filters: 64, padding: 1 },
  { input: [67, 24, 2, 1], filters: 30, padding: 1 },
  { input: [9, 40, 3, 5], filters: 24, padding: 1 },
  { input: [2, 64, 15, 20], filters: 96, padding: 1, groups: 2 },
  { input: [1, 128, 7, 7], filters: 96, padding: 1 },
  { input: [2, 64, 11, 9], filters: 130, stride: 2, padding: 1 },
  { input: [3, 32, 6, 5], filters: 96, kernel: 5, padding: 0 },
  { input: [1, 512, 1, 1], filters: 40, padding: 1 },
  // Narrow images of which a vector takes several rows, and rows that end in the middle of one.
  { input: [8, 16, 8, 8], filters: 16, padding: 1 },
  { input: [5, 16, 14, 14], filters: 24, padding: 1 },
  { input: [2, 20, 33, 34], filters: 16, padding: 0 },
  { input: [40, 16, 3, 3], filters: 17, padding: 1 },
  { input: [2, 16, 160, 37], filters: 16, padding: 2 },
  // Kernels that are taken apart into such of 2×2 or 3×3: those with a stride, and their gradients, and those of layers.
  { input: [3, 33, 18, 16], filters: 64, kernel: 4, stride: 2, padding: 1 },
  { input: [2, 64, 17, 23], filters: 70, kernel: 4, stride: 2, padding: 0 },
  { input: [5, 20, 12, 31], filters: 65, kernel: 4, stride: 2, padding: 3 },
  { input: [60, 64, 3, 2], filters: 64, kernel: 4, stride: 2, padding: 1 },
  { input: [3, 66, 13, 12], filters: 65, kernel: 2, padding: 0 },
  { input: [2, 80, 20, 9], filters: 64, kernel: 2, padding: 1, groups: 1 },
  { input: [3, 16, 21, 18], filters: 33, kernel: 6, stride: 2, padding: 2 },
  { input: [2, 5, 8, 19, 18], filters: 34, padding: 1 },
  { input: [2, 40, 5, 9, 13], filters: 32, padding: 0 },
  { input: [2, 20, 7, 12, 13], filters: 64, kernel: 4, stride: 2, padding: 1 },
  // What looks like them, and has gaps, or is not square.
  { input: [1, 32, 12, 14, 14], filters: 33, kernel: [9, 2, 2], dilation: [1, 2, 2] },
  { input: [1, 32, 5, 14, 14], filters: 33, kernel: [3, 3, 3], dilation: [2, 1, 1] },
  { input: [2, 32, 14, 14], filters: 33, kernel: [3, 3], dilation: [2, 2], padding: 2 },
  { input: [2, 40, 14, 15], filters: 33, kernel: [2, 3], padding: 1 },
  { input: [2, 40, 14, 15], filters: 64, kernel: [4, 2], stride: 2, padding: 1 },
  // Weights whose gradients are summed in parts: by rows of an image, by images, and by filters.
  { input: [1, 35, 61, 70], filters: 40, padding: 2 },
  { input: [30, 40, 11, 9], filters: 33, padding: 0 },
  { input: [2, 272, 13, 10], filters: 258, padding: 1 },
];

function operands({ input, filters, kernel = 3, groups = 1 }: Shape): [x: Tensor, w: Tensor, b: Tensor] {
  const spatial = typeof kernel === "number" ? input.slice(2).map(() => kernel) : kernel;
  return [torch.randn(input), torch.randn([filters, (input[1] as number) / groups, ...spatial]), torch.randn(filters)];
}

/** A convolution over two dims, or over three. */
function convolve(x: Tensor, w: Tensor, b: Tensor | null, shape: Shape): Tensor {
  return (x.dim() === 5 ? F.conv3d : F.conv2d)(x, w, b, window(shape));
}

/** The same numbers with the last two dims the other way round in memory, and with channels last. */
const byColumns = (x: Tensor) => x.transpose(-2, -1).contiguous().transpose(-2, -1);
const channelsLast = (x: Tensor) => x.movedim(1, -1).contiguous().movedim(-1, 1);

function window({ stride = 1, padding = 0, groups = 1, dilation = [] }: Shape) {
  return { stride, padding, groups, ...(dilation.length > 0 && { dilation }) };
}

/** Asserts that numbers differ by no more than sums of so many terms do. */
function close(seen: Tensor, expected: Tensor, what: string): void {
  assert.deepEqual(seen.shape, expected.shape);
  const spread = expected.pow(2).mean().sqrt().item();
  const difference = seen.double().sub(expected).abs().max().item();
  assert.ok(difference < 1e-5 * spread, `${what}: ${difference} of ${spread}`);
}

function withThreads(count: number, body: () => void): void {
  const before = torch.getNumThreads();
  torch.setNumThreads(count);
  try {
    body();
  } finally {
    torch.setNumThreads(before);
  }
}

for (const shape of shapes) {
  test(`${JSON.stringify(shape)}`, () => {
    torch.manualSeed(0);
    const [x, w, b] = operands(shape);
    const expected = convolve(x.double(), w.double(), b.double(), shape);
    const bias = b.double().reshape([-1, ...shape.input.slice(2).map(() => 1)]);
    for (const threads of [1, 2, 3]) {
      withThreads(threads, () => {
        close(convolve(x, w, b, shape), expected, `${threads} threads`);
        close(convolve(x, w, null, shape), expected.sub(bias), "no bias");
        close(convolve(byColumns(x), w, b, shape), expected, "columns first");
        close(convolve(x, byColumns(w), b, shape), expected, "a kernel by columns");
        close(convolve(channelsLast(x), w, b, shape), expected, "channels last");
      });
    }
  });
}

/** The gradients of both operands and of the bias, for one of the result. */
function gradients(operands: readonly Tensor[], grad: Tensor, shape: Shape): Tensor[] {
  const leaves = operands.map((each) => each.detach().requiresGrad_());
  const [x, w, b] = leaves as [Tensor, Tensor, Tensor];
  return torch.autograd.grad([convolve(x, w, b, shape)], leaves, { gradOutputs: [grad] }) as Tensor[];
}

test("gradients", () => {
  torch.manualSeed(0);
  for (const shape of shapes) {
    const all = operands(shape);
    const grad = torch.randn(convolve(...all, shape).shape);
    const doubles = all.map((each) => each.double());
    const expected = gradients(doubles, grad.double(), shape);
    const [x, w, b] = all;
    const ways: Record<string, Tensor[]> = {
      plain: gradients(all, grad, shape),
      "channels last": gradients([channelsLast(x), w, b], channelsLast(grad), shape),
      "a gradient by columns": gradients(all, byColumns(grad), shape),
      "a kernel by columns": gradients([x, byColumns(w), b], grad, shape),
    };
    for (const threads of [2, 3]) {
      withThreads(threads, () => {
        ways[`${threads} threads`] = gradients(all, grad, shape);
      });
    }
    for (const [way, seen] of Object.entries(ways)) {
      for (const [i, each] of seen.entries()) {
        close(each, expected[i] as Tensor, `${JSON.stringify(shape)}, ${way}, gradient ${i}`);
      }
    }
  }
});

test("whole numbers are exact", () => {
  for (const shape of shapes) {
    const all = operands(shape).map((each) => each.mul(4).round()) as [Tensor, Tensor, Tensor];
    const doubles = all.map((each) => each.double()) as [Tensor, Tensor, Tensor];
    const expected = convolve(...doubles, shape);
    assert.ok(torch.equal(convolve(...all, shape).double(), expected), JSON.stringify(shape));
    const grad = torch.randn(expected.shape).mul(2).round();
    const exact = gradients(doubles, grad.double(), shape);
    for (const [i, seen] of gradients(all, grad, shape).entries()) {
      assert.ok(torch.equal(seen.double(), exact[i] as Tensor), `${JSON.stringify(shape)}, gradient ${i}`);
    }
  }
});

const notFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((bad) =>
  [
    { input: [2, 32, 20, 20], filters: 33, padding: 1 },
    { input: [2, 32, 20, 20], filters: 64, kernel: 4, stride: 2, padding: 1 },
  ].map((shape) => ({ bad, shape })),
);

test("what is not finite stays where it belongs", () => {
  torch.manualSeed(0);
  for (const { bad, shape } of notFinite) {
    for (const where of ["input", "weight", "bias"]) {
      const [x, w, b] = operands(shape);
      const changed = where === "input" ? x : where === "weight" ? w : b;
      changed
        .view(-1)
        .narrow(0, Math.floor(changed.numel() / 2), 1)
        .fill_(bad);
      const seen = convolve(x, w, b, shape).double();
      const expected = convolve(x.double(), w.double(), b.double(), shape);
      const finite = expected.isfinite();
      assert.ok(!finite.all().item());
      assert.ok(torch.equal(seen.isfinite(), finite), `${bad} in the ${where}`);
      assert.ok(
        torch.equal(
          seen.nanToNum(0, 1, -1).at(finite.logicalNot()),
          expected.nanToNum(0, 1, -1).at(finite.logicalNot()),
        ),
      );
      close(seen.at(finite), expected.at(finite), `beside ${bad} in the ${where}`);
    }
  }
});

test("what is not finite stays where it belongs in gradients of weights", () => {
  torch.manualSeed(0);
  for (const { bad, shape } of notFinite) {
    for (const where of ["input", "gradient"]) {
      const [x, w, b] = operands(shape);
      const grad = torch.randn(convolve(x, w, b, shape).shape);
      (where === "input" ? x : grad).view(-1).narrow(0, 3000, 1).fill_(bad);
      const seen = gradients([x, w, b], grad, shape)[1]?.double() as Tensor;
      const expected = gradients([x.double(), w.double(), b.double()], grad.double(), shape)[1] as Tensor;
      const finite = expected.isfinite();
      assert.ok(finite.any().item() && !finite.all().item());
      assert.ok(torch.equal(seen.isfinite(), finite), `${bad} in the ${where}`);
      close(seen.at(finite), expected.at(finite), `beside ${bad} in the ${where}`);
    }
  }
});

test("sums of large numbers do not overflow on the way", () => {
  const x = torch.full([1, 32, 20, 20], 3e38);
  const w = torch.full([32, 32, 3, 3], 1e-4);
  close(F.conv2d(x, w), F.conv2d(x.double(), w.double()), "large");
  const grad = torch.full([1, 32, 18, 18], 1e-4);
  const shape = { input: x.shape, filters: 32 };
  const bias = torch.zeros(32);
  const seen = gradients([x, w, bias], grad, shape)[1] as Tensor;
  close(seen, gradients([x.double(), w.double(), bias.double()], grad.double(), shape)[1] as Tensor, "large");
});

test("long rows take no more memory than the result does", () => {
  const shape = { input: [1, 40, 3, 30_000], filters: 33 };
  const [x, w, b] = operands(shape);
  const grad = torch.ones(1, 33, 1, 29_998);
  const used = () => torch.memory.stats().alive + torch.memory.stats().recycled;
  const before = used();
  gradients([x, w, b], grad, shape);
  assert.ok(used() - before < 60e6, `${used() - before} bytes`);
});
