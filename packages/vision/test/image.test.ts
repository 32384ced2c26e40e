import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import torch from "flambeau";
import { Palette } from "../src/image/palette.js";
import { Image, type ImageMode } from "../src/index.js";
import { golden } from "./support/golden.js";

interface ConvertCase {
  readonly mode: ImageMode;
  readonly size: [number, number];
  readonly data: number[];
  readonly palette?: number[];
  /** By the mode, with ` plain` behind it where nothing was dithered. */
  readonly results: Record<string, number[]>;
}

/** The numbers of an image as PIL has them: those of 16 bits unsigned. */
const numbers = ({ mode, data }: Image): number[] =>
  Array.from(data, (value) => (mode === "I;16" ? value & 0xffff : value));

const dtypes: Partial<Record<ImageMode, torch.DType>> = { "I;16": torch.int16, I: torch.int32, F: torch.float32 };

function make({ mode, size: [width, height], data, palette }: ConvertCase): Image {
  const dtype = dtypes[mode] ?? torch.uint8;
  const values = data.map((value) => (mode === "I;16" && value > 32767 ? value - 65536 : value));
  const image = new Image(torch.tensor(values, { dtype }), width, height, mode);
  if (palette !== undefined) image.palette = Palette.fromRgb(new Uint8Array(palette));
  return image;
}

for (const recorded of golden<ConvertCase[]>("convert")) {
  test(`an image of mode ${recorded.mode} converts as PIL's`, () => {
    const image = make(recorded);
    for (const [name, expected] of Object.entries(recorded.results)) {
      const [mode, plain] = name.split(" ") as [ImageMode, string?];
      const result = image.convert(mode, { dither: plain === undefined });
      assert.equal(result.mode, mode);
      assert.deepEqual(numbers(result), expected, `${recorded.mode} to ${name}`);
    }
    assert.deepEqual(numbers(image), recorded.data);
  });
}

test("where PIL knows no conversion there is none", () => {
  const rgb = Image.new("RGB", [2, 2]);
  assert.throws(() => rgb.convert("I;16"), /conversion from RGB to I;16 not supported/);
  assert.throws(() => rgb.convert("CMY" as never), { name: "TypeError", message: /unrecognized image mode 'CMY'/ });
  assert.throws(() => rgb.convert("L", { dithering: true } as never), { name: "TypeError", message: /dithering/ });
});

test("a palette of browsers has the colours that its places are shown in", () => {
  const image = new Image(new Uint8Array([255, 255, 255, 1, 2, 3, 140, 60, 200]), 3, 1, "RGB");
  image.info.transparency = [1, 2, 3];
  const indexed = image.convert("P", { dither: false });
  assert.deepEqual(numbers(indexed), [225, 0, 163]);
  assert.deepEqual(numbers(indexed.convert("RGB")), [255, 255, 255, 0, 0, 0, 153, 51, 204]);
  assert.equal(indexed.info.transparency, undefined);
  const grey = small().convert("P");
  assert.deepEqual(numbers(grey.convert("L")), numbers(small()));
  assert.deepEqual(Image.new("RGB", [0, 3]).convert("P").size, [0, 3]);
});

/** 3 x 2 pixels, from 10 to 15. */
const small = (): Image => new Image(new Uint8Array([10, 11, 12, 13, 14, 15]), 3, 2, "L");

test("edges of a crop are rounded as Python rounds, and an image without pixels has its own size", () => {
  const image = Image.new("L", [5, 5]);
  assert.deepEqual(image.crop([0.5, 1.5, 2.5, 3.5]).size, [2, 2]);
  assert.deepEqual(image.crop([0.6, 0.4, 2.5, 3.5]).size, [1, 4]);
  const empty = Image.new("RGB", [0, 3]);
  assert.deepEqual([empty.getextrema(), empty.resize([0, 3]).size], [undefined, [0, 3]]);
  assert.throws(() => empty.resize([0, 4]), RangeError);
});

test("a crop is black where it reaches outside", () => {
  assert.deepEqual(numbers(small().crop([1, 0, 3, 2])), [11, 12, 14, 15]);
  assert.deepEqual(numbers(small().crop([-1, 1, 2, 3])), [0, 13, 14, 0, 0, 0]);
  assert.deepEqual(numbers(small().crop([5, 5, 7, 6])), [0, 0]);
  assert.deepEqual(small().crop([1, 1, 1, 1]).size, [0, 0]);
  assert.throws(() => small().crop([2, 0, 1, 1]), /Coordinate 'right' is less than 'left'/);
  assert.throws(() => small().crop([0, 0, 1] as never), TypeError);
});

test("a crop and a copy have pixels of their own", () => {
  const image = small();
  const copies = [image.copy(), image.crop([0, 0, 3, 2]), image.convert("L")];
  image.putpixel([0, 0], 99);
  assert.equal(image.getpixel([0, 0]), 99);
  for (const copy of copies) assert.equal(copy.getpixel([0, 0]), 10);
});

test("paste changes what is inside, and leaves out the rest", () => {
  const image = Image.new("RGB", [3, 2], [1, 2, 3]);
  image.paste(small().crop([0, 0, 2, 1]), [2, 1]);
  assert.deepEqual(image.getpixel([2, 1]), [10, 10, 10]);
  image.paste([7, 8, 9], [0, 0, 1, 1]);
  image.paste(small(), [-2, -1]);
  assert.deepEqual(numbers(image), [15, 15, 15, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 10, 10, 10]);
  image.paste(small(), [3, 2]);
  image.paste(5);
  assert.deepEqual(image.getextrema(), [
    [5, 5],
    [5, 5],
    [5, 5],
  ]);
  assert.throws(() => image.paste(small(), [0, 0, 2, 2]), /images do not match/);
  assert.throws(() => image.paste([1, 2]), TypeError);
});

test("pixels are read and set at their places", () => {
  const image = Image.new("RGBA", [2, 2]);
  image.putpixel([-1, 0], [1, 2, 3, 4]);
  assert.deepEqual(image.getpixel([1, 0]), [1, 2, 3, 4]);
  assert.throws(() => image.getpixel([2, 0]), { name: "RangeError", message: /image index out of range/ });
  assert.throws(() => image.putpixel([0, 0.5], 1), RangeError);
  assert.throws(() => image.putpixel([0, 0], [1, 2]), TypeError);
  const deep = Image.new("I;16", [1, 1]);
  deep.pixels.fill_(-1);
  assert.equal(deep.getpixel([0, 0]), 65535);
});

test("bands come apart and together", () => {
  const image = new Image(new Uint8Array([1, 2, 3, 4, 5, 6]), 2, 1, "RGB");
  const bands = image.split();
  assert.deepEqual(bands.map(numbers), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  assert.deepEqual(numbers(image.getchannel("B")), [3, 6]);
  assert.deepEqual(numbers(Image.merge("RGB", bands)), numbers(image));
  assert.throws(() => Image.merge("RGB", bands.slice(1)), /wrong number of bands/);
  assert.throws(() => image.getchannel("A"), /has no channel "A"/);
});

test("a tensor becomes an image of the mode that fits", () => {
  const modeOf = (...args: Parameters<typeof Image.fromArray>) => Image.fromArray(...args).mode;
  assert.equal(modeOf(torch.zeros(2, 3, { dtype: torch.uint8 })), "L");
  assert.equal(modeOf(torch.zeros(2, 3, 3, { dtype: torch.uint8 })), "RGB");
  assert.equal(modeOf(torch.zeros(2, 3, 3, { dtype: torch.uint8 }), { mode: "HSV" }), "HSV");
  assert.equal(modeOf(torch.zeros(2, 3, { dtype: torch.int32 })), "I");
  assert.equal(modeOf(torch.zeros(2, 3)), "F");
  const bits = Image.fromArray(torch.tensor([[true, false, true]]));
  assert.deepEqual([bits.mode, bits.size, numbers(bits)], ["1", [3, 1], [255, 0, 255]]);
  const values = torch.arange(6).to(torch.uint8).view(2, 3);
  const image = Image.fromArray(values.t());
  assert.deepEqual(
    [image.size, numbers(image)],
    [
      [2, 3],
      [0, 3, 1, 4, 2, 5],
    ],
  );
  values.fill_(0);
  assert.equal(image.getpixel([1, 0]), 3);
  assert.throws(() => Image.fromArray(torch.zeros(2, 2, { dtype: torch.int64 })), /Cannot handle this data type/);
  assert.throws(() => Image.fromArray(torch.zeros(2, 2, 5, { dtype: torch.uint8 })), TypeError);
  assert.throws(() => Image.fromArray(torch.zeros(2, 2), { mode: "L" }), /pixels of torch.uint8, got torch.float32/);
});

test("the box around what is not black", () => {
  const image = Image.new("L", [5, 4]);
  assert.equal(image.getbbox(), undefined);
  image.putpixel([1, 2], 3);
  image.putpixel([3, 1], 3);
  assert.deepEqual(image.getbbox(), [1, 1, 4, 3]);
});

test("a colour that stands for transparency becomes an opacity", () => {
  const image = small();
  image.info.transparency = 12;
  const opacities = numbers(image.convert("RGBA").getchannel("A"));
  assert.deepEqual(opacities, [255, 255, 0, 255, 255, 255]);
  assert.equal(image.convert("RGBA").info.transparency, undefined);
  const places = small();
  places.putpixel([0, 0], 0);
  const indexed = places.convert("P");
  indexed.palette = Palette.fromRgb(new Uint8Array(768).fill(9), new Uint8Array([0, 255]));
  assert.deepEqual(indexed.convert("LA").getpixel([0, 0]), [9, 0]);
  assert.deepEqual(indexed.convert("LA").getpixel([1, 0]), [9, 255]);
});

test("an image is mirrored and turned", () => {
  const turned = (method: Parameters<Image["transpose"]>[0]) => {
    const { size, data } = small().transpose(method);
    return [size, [...data]];
  };
  assert.deepEqual(turned("flip_left_right"), [
    [3, 2],
    [12, 11, 10, 15, 14, 13],
  ]);
  assert.deepEqual(turned("flip_top_bottom"), [
    [3, 2],
    [13, 14, 15, 10, 11, 12],
  ]);
  assert.deepEqual(turned("rotate_90"), [
    [2, 3],
    [12, 15, 11, 14, 10, 13],
  ]);
  assert.deepEqual(turned("rotate_180"), [
    [3, 2],
    [15, 14, 13, 12, 11, 10],
  ]);
  assert.deepEqual(turned("rotate_270"), [
    [2, 3],
    [13, 10, 14, 11, 15, 12],
  ]);
  assert.deepEqual(turned("transpose"), [
    [2, 3],
    [10, 13, 11, 14, 12, 15],
  ]);
  assert.deepEqual(turned("transverse"), [
    [2, 3],
    [15, 12, 14, 11, 13, 10],
  ]);
  assert.throws(() => small().transpose("flip" as never), { name: "TypeError", message: /"flip_left_right"/ });
});

test("an image is resized as PIL's", () => {
  const image = new Image(
    Uint8Array.from({ length: 24 }, (_, i) => (i * 53) % 256),
    4,
    2,
    "RGB",
  );
  const resized = (...args: Parameters<Image["resize"]>) => {
    const { size, data } = image.resize(...args);
    return [size, [...data]];
  };
  assert.deepEqual(resized([2, 1]), [
    [2, 1],
    [80, 138, 117, 137, 131, 110],
  ]);
  assert.deepEqual(resized([3, 3], { resample: "nearest" }), [
    [3, 3],
    [
      0, 53, 106, 62, 115, 168, 221, 18, 71, 124, 177, 230, 186, 239, 36, 89, 142, 195, 124, 177, 230, 186, 239, 36, 89,
      142, 195,
    ],
  ]);
  assert.deepEqual(resized([3, 1], { resample: "lanczos" }), [
    [3, 1],
    [67, 118, 142, 109, 170, 79, 150, 106, 130],
  ]);
  assert.notEqual(image.resize([4, 2]).pixels, image.pixels);
  assert.throws(() => image.resize([0, 2]), { name: "RangeError", message: /height and width must be > 0/ });
  assert.throws(() => image.resize([2] as never), TypeError);
  assert.throws(() => image.resize([2, 2], { resample: "cubic" as never }), TypeError);
});

test("a worker may load any of the modules first", () => {
  for (const module of ["image", "transforms/functional/image", "transforms/random/erasing", "datasets/folder"]) {
    const url = new URL(`../src/${module}.js`, import.meta.url);
    execFileSync(process.execPath, ["--input-type=module", "-e", `await import(${JSON.stringify(url.href)})`]);
  }
});
