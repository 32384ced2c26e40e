import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import torch, { type Tensor } from "flambeau";
import { Image, ImageBatch, transforms } from "../src/index.js";
import { transformBatch } from "../src/transforms/transform.js";

const { Compose, ConvertImageDtype, functional, Lambda, Normalize, PILToTensor, ToTensor } = transforms;

const grey = new Image(new Uint8Array([0, 1, 2, 127, 128, 255]), 3, 2, "L");
const rgb = new Image(
  Uint8Array.from({ length: 18 }, (_, i) => 14 * i),
  3,
  2,
  "RGB",
);
const ramp = new Image(
  Uint8Array.from({ length: 256 }, (_, i) => i),
  16,
  16,
  "L",
);

function check(tensor: Tensor, shape: number[], values: number[]): void {
  assert.deepEqual(tensor.shape, shape);
  assert.deepEqual(tensor.reshape(-1).tolist(), values);
}

/** A number that changes with any bit of a float32 tensor; PyTorch's results were summed up in the same way. */
function checksum(tensor: Tensor): number {
  const bits = new Uint32Array((tensor.toTypedArray() as Float32Array).buffer);
  return Number(bits.reduce((sum, word, i) => sum + BigInt(word) * BigInt(i + 1), 0n) % 1000000007n);
}

test("ToTensor gives torchvision's values", () => {
  const toTensor = new ToTensor();
  check(
    toTensor(grey),
    [1, 2, 3],
    [0.0, 0.003921568859368563, 0.007843137718737125, 0.49803921580314636, 0.501960813999176, 1.0],
  );
  check(
    toTensor(rgb),
    [3, 2, 3],
    [
      0.0, 0.16470588743686676, 0.3294117748737335, 0.4941176474094391, 0.658823549747467, 0.8235294222831726,
      0.054901961237192154, 0.21960784494876862, 0.3843137323856354, 0.5490196347236633, 0.7137255072593689,
      0.8784313797950745, 0.10980392247438431, 0.27450981736183167, 0.43921568989753723, 0.6039215922355652,
      0.7686274647712708, 0.9333333373069763,
    ],
  );
  assert.equal(checksum(toTensor(ramp)), 515936932);
});

test("ToTensor follows the default dtype", () => {
  torch.setDefaultDtype(torch.float64);
  try {
    check(new ToTensor()(grey).select(1, 0), [1, 3], [0, 1 / 255, 2 / 255]);
  } finally {
    torch.setDefaultDtype(torch.float32);
  }
});

test("Normalize gives torchvision's values", () => {
  const pixels = new ToTensor()(grey);
  check(
    new Normalize([0.1307], [0.3081])(pixels),
    [1, 2, 3],
    [
      -0.4242129623889923, -0.4114847183227539, -0.3987565040588379, 1.192272663116455, 1.2050011157989502,
      2.821486711502075,
    ],
  );
  check(
    new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])(new ToTensor()(rgb)),
    [3, 2, 3],
    [
      -2.1179039478302, -1.3986643552780151, -0.6794246435165405, 0.039814990013837814, 0.7590547204017639,
      1.4782943725585938, -1.7906161546707153, -1.0553220510482788, -0.3200279772281647, 0.415266215801239,
      1.1505602598190308, 1.8858543634414673, -1.3164269924163818, -0.5844007730484009, 0.14762534201145172,
      0.8796516060829163, 1.6116777658462524, 2.3437039852142334,
    ],
  );
  assert.equal(checksum(new Normalize([0.286], [0.353])(new ToTensor()(ramp))), 832497283);
  const copy = pixels.clone();
  assert.notEqual(new Normalize([0.5], [0.5])(copy), copy);
  check(copy, [1, 2, 3], pixels.reshape(-1).tolist() as number[]);
  assert.equal(new Normalize([0.5], [0.5], { inplace: true })(copy), copy);
});

test("PILToTensor keeps bytes", () => {
  check(
    new PILToTensor()(rgb),
    [3, 2, 3],
    [0, 42, 84, 126, 168, 210, 14, 56, 98, 140, 182, 224, 28, 70, 112, 154, 196, 238],
  );
  assert.equal(new PILToTensor()(rgb).dtype, torch.uint8);
});

test("ConvertImageDtype gives torchvision's values", () => {
  const convert = (values: number[], from: torch.DType, to: torch.DType) =>
    new ConvertImageDtype(to)(torch.tensor(values, { dtype: from })).tolist();
  const bytes = [0, 1, 127, 128, 255];
  assert.deepEqual(
    convert(bytes, torch.uint8, torch.float32),
    [0.0, 0.003921568859368563, 0.49803921580314636, 0.501960813999176, 1.0],
  );
  assert.deepEqual(
    convert(bytes, torch.uint8, torch.float64),
    [0.0, 0.00392156862745098, 0.4980392156862745, 0.5019607843137255, 1.0],
  );
  assert.deepEqual(convert(bytes, torch.uint8, torch.int8), [0, 0, 63, 64, 127]);
  assert.deepEqual(convert(bytes, torch.uint8, torch.int16), [0, 128, 16256, 16384, 32640]);
  assert.deepEqual(convert(bytes, torch.uint8, torch.int32), [0, 8388608, 1065353216, 1073741824, 2139095040]);
  assert.deepEqual(convert(bytes, torch.uint8, torch.int64), [
    0,
    36028797018963968n,
    4575657221408423936n,
    4611686018427387904n,
    9187343239835811840n,
  ]);
  const fractions = [0, 0.25, 0.5, 0.999, 1.0];
  assert.deepEqual(convert(fractions, torch.float32, torch.uint8), [0, 63, 127, 255, 255]);
  assert.deepEqual(convert(fractions, torch.float32, torch.int8), [0, 31, 63, 127, 127]);
  assert.deepEqual(convert(fractions, torch.float32, torch.int16), [0, 8191, 16383, 32735, 32767]);
  const words = [0, 1000, 32767];
  assert.deepEqual(convert(words, torch.int16, torch.uint8), [0, 7, 255]);
  assert.deepEqual(convert(words, torch.int16, torch.int8), [0, 3, 127]);
  assert.deepEqual(convert(words, torch.int16, torch.int32), [0, 65536000, 2147418112]);
  assert.throws(
    () => convert(fractions, torch.float32, torch.int32),
    /The cast from torch.float32 to torch.int32 cannot be performed safely/,
  );
});

test("batches give the same bits as samples", () => {
  const sizes = [5, 4, 3];
  for (const [mode, colours] of [
    ["L", 1],
    ["RGB", 3],
  ] as const) {
    const pixels = torch.randint(0, 256, [...sizes, colours], { dtype: torch.uint8 });
    const images = [0, 1, 2, 3, 4].map((i) => new Image(pixels.at(i).toTypedArray() as Uint8Array, 3, 4, mode));
    const mean = colours === 1 ? [0.3] : [0.3, 0.2, 0.7];
    const all = [
      new ToTensor(),
      new PILToTensor(),
      new Compose([new ToTensor(), new Normalize(mean, mean)]),
      new Compose([new PILToTensor(), new ConvertImageDtype(torch.float64), new Normalize(0.25, 3)]),
      new Compose([new Compose([new ToTensor()]), new Normalize(mean, [0.11])]),
    ];
    for (const transform of all) {
      const batch = transformBatch(transform, new ImageBatch(pixels)) as Tensor;
      const samples = torch.stack(images.map((image) => transform(image)));
      assert.equal(batch.dtype, samples.dtype);
      assert.deepEqual(batch.shape, samples.shape);
      assert.deepEqual(batch.toTypedArray(), samples.toTypedArray(), String(transform));
    }
  }
});

test("a transform takes batches only if all of it does", () => {
  const batch = new ImageBatch(torch.zeros(2, 2, 2, 1, { dtype: torch.uint8 }));
  assert.equal(transformBatch(new Compose([new ToTensor(), new Lambda((x: Tensor) => x)]), batch), undefined);
  assert.equal(
    transformBatch((x: unknown) => x, batch),
    undefined,
  );
  class Inverted extends ToTensor {
    override forward(pic: Image): Tensor {
      return super.forward(pic).neg();
    }
  }
  assert.equal(transformBatch(new Inverted(), batch), undefined);
});

test("transforms are functions, with types and PyTorch's printed form", () => {
  const compose = new Compose([new ToTensor(), new Lambda((x: Tensor) => x.sum().item())]);
  const total: number = compose(grey);
  assert.ok(Math.abs(total - 2.0117647) < 1e-6);
  assert.equal(inspect(new ToTensor()), "ToTensor()");
  assert.equal(inspect(new Normalize([0.5], [0.25])), "Normalize(mean=[0.5], std=[0.25])");
  assert.equal(inspect(compose), "Compose(\n    ToTensor()\n    Lambda()\n)");
  assert.deepEqual(
    [0, 5].map((y) => new Lambda((label: number) => 2 * label)(y)),
    [0, 10],
  );
});

test("wrong calls throw", () => {
  assert.throws(() => new ToTensor()(torch.zeros(2, 2) as never), /pic should be PIL Image or ndarray. Got Tensor/);
  assert.throws(() => new Normalize([0], [1])(grey as never), /should be Tensor Image. Got Image/);
  assert.throws(
    () => new Normalize([0], [1])(torch.zeros(1, 2, 2, { dtype: torch.uint8 })),
    /should be a float tensor. Got torch.uint8/,
  );
  assert.throws(
    () => functional.normalize(torch.zeros(2, 2), [0], [1]),
    /Expected tensor to be a tensor image of size/,
  );
  assert.throws(() => functional.normalize(torch.zeros(1, 2, 2), [0], [0]), /std evaluated to zero/);
  assert.throws(() => new Lambda(3 as never), /Argument lambd should be callable, got int/);
  assert.throws(() => new Image(new Uint8Array(5), 2, 2, "L"), /has 4 bytes, got 5/);
  assert.throws(() => new Image(new Uint8Array(4), 2, 2, "CMY" as never), /unrecognized image mode/);
});

test("Normalize takes one number, or one for each colour", () => {
  const grey = torch.rand(1, 2, 3);
  const colours = torch.rand(2, 3, 2, 2);
  for (const [image, mean, std, words] of [
    [
      grey,
      [0, 0, 0],
      [1, 1, 1],
      "output with shape [1, 2, 3] doesn't match the broadcast shape [3, 2, 3]: std has 3 numbers",
    ],
    [
      grey,
      [0, 0, 0],
      [1],
      "output with shape [1, 2, 3] doesn't match the broadcast shape [3, 2, 3]: mean has 3 numbers",
    ],
    [
      colours,
      [0],
      [1, 1],
      "output with shape [2, 3, 2, 2] doesn't match the broadcast shape [2, 2, 2, 2]: std has 2 numbers",
    ],
    [colours, [0, 0, 0, 0], 1, "[2, 4, 2, 2]: mean has 4 numbers, but the image 3 colours"],
  ] as [Tensor, number[], number | number[], string][]) {
    for (const inplace of [false, true]) {
      const before = image.tolist();
      const isRight = (error: Error) => error.name === "Error" && error.message.includes(words);
      assert.throws(() => new Normalize(mean, std, { inplace })(image), isRight);
      assert.throws(() => functional.normalize(image, mean, std, { inplace }), isRight);
      assert.throws(() => new Compose([new Normalize(mean, std, { inplace })]).forwardBatch(image), isRight);
      assert.deepEqual(image.tolist(), before);
    }
  }
  for (const one of [0.5, [0.5], [0.5, 0.5, 0.5]]) {
    assert.deepEqual(new Normalize(one, one)(colours).tolist(), colours.sub(0.5).div(0.5).tolist());
  }
});

test("constructors and functions check their arguments as all of Flambeau does", () => {
  const image = torch.rand(1, 2, 2);
  for (const [call, message] of [
    [
      () => new Normalize([0], [1], true as never),
      /'inplace' is a named option; write Normalize\(\[0\], \[1\], { inplace: true }\)/,
    ],
    [() => new Normalize([0], [1], { inPlace: true } as never), /Normalize\(\) got an unexpected option 'inPlace'/],
    [() => new Normalize([0], [1], { inplace: 1 } as never), /argument 'inplace' must be bool, not int/],
    [
      () => new Normalize([], [1]),
      /Normalize\(\): argument 'mean' must be float or tuple of floats, not array of nothing/,
    ],
    [() => new Normalize([0], ["1"] as never), /argument 'std' must be float or tuple of floats/],
    [() => new Normalize("0.5" as never, 1), /argument 'mean' must be float or tuple of floats, not "0\.5"/],
    [() => new (Normalize as never as new (mean: unknown) => unknown)([0]), /missing 1 required argument: 'std'/],
    [() => functional.normalize(image, [0], [1], true as never), /'inplace' is a named option; write normalize\(/],
    [() => functional.normalize(image, [0], [1], { inPlace: true } as never), /unexpected option 'inPlace'/],
    [() => new Compose(new ToTensor() as never), /Compose\(\): argument 'transforms' must be list of functions/],
    [() => new Compose([new ToTensor(), 3] as never), /argument 'transforms' must be list of functions/],
    [() => new (Compose as never as new (...all: unknown[]) => unknown)([], []), /takes at most 1 positional argument/],
    [() => new ConvertImageDtype("uint8" as never), /argument 'dtype' must be torch\.dtype, not "uint8"/],
    [() => new (ConvertImageDtype as never as new () => unknown)(), /missing 1 required argument: 'dtype'/],
    [() => functional.convertImageDtype(image, torch.uint8 as never), /'dtype' is a named option/],
    [
      () => new (Lambda as never as new (...all: unknown[]) => unknown)((x: unknown) => x, 1),
      /takes at most 1 positional/,
    ],
    [
      () => new (ToTensor as never as new (...all: unknown[]) => unknown)(true),
      /ToTensor\(\) takes at most 0 positional arguments/,
    ],
    [() => new (PILToTensor as never as new (...all: unknown[]) => unknown)({ x: 1 }), /unexpected option 'x'/],
  ] as [() => unknown, RegExp][]) {
    assert.throws(call, { name: "TypeError", message });
  }
  assert.equal(new Normalize([0], [1], { inplace: true }).inplace, true);
  assert.equal(functional.convertImageDtype(image, { dtype: torch.uint8 }).dtype, torch.uint8);
});
