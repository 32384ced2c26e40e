/** Functions of images of the modes that are not `L` and `RGB`; numbers are those of PIL and torchvision. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "flambeau";
import { Palette } from "../src/image/palette.js";
import { Image, type ImageMode, transforms } from "../src/index.js";
import { golden } from "./support/golden.js";

const { functional } = transforms;

const numbers = ({ mode, data }: Image): number[] =>
  Array.from(data, (value) => (mode === "I;16" ? value & 0xffff : value));

/** One row of pixels. */
function row(mode: ImageMode, values: readonly number[]): Image {
  const size = [values.length / Image.new(mode, [1, 1]).getbands().length, 1] as const;
  const image = Image.new(mode, size);
  values.forEach((value, i) => {
    image.pixels.view(-1).setAt([i], mode === "I;16" && value > 32767 ? value - 65536 : value);
  });
  return image;
}

interface ModeCase {
  readonly image: { readonly mode: ImageMode; readonly size: [number, number]; readonly data: number[] };
  readonly name: "resize" | "rotate" | "affine" | "perspective" | "adjustHue" | "adjustGamma";
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly size: [number, number];
  readonly result: number[];
}

const cases = golden<ModeCase[]>("modes");

for (const name of new Set(cases.map((recorded) => recorded.name))) {
  test(`${name} of images of numbers and places gives torchvision's`, () => {
    for (const { image, args, options, size, result } of cases.filter((recorded) => recorded.name === name)) {
      const dtype = ({ I: torch.int32, F: torch.float32 } as Partial<Record<ImageMode, torch.DType>>)[image.mode];
      const given = new Image(torch.tensor(image.data, { dtype: dtype ?? torch.uint8 }), ...image.size, image.mode);
      if (image.mode === "P") given.palette = Palette.web();
      const call = functional[name] as (img: Image, ...rest: unknown[]) => Image;
      const ours = call(given, ...args, options);
      const words = `${image.mode} ${JSON.stringify([args, options])}`;
      assert.deepEqual([ours.mode, ours.size], [image.mode, size], words);
      const actual = torch.tensor(numbers(ours), { dtype: torch.float64 });
      // PIL computes some floats in float32; its integers are cut off, and the coefficients of a perspective are float32.
      const tolerance = { I: 1, F: 5e-5 };
      const apart = actual
        .sub(torch.tensor(result, { dtype: torch.float64 }))
        .abs()
        .max()
        .item();
      const most =
        name === "resize" && image.mode === "I" ? 0 : ((tolerance as Record<string, number>)[image.mode] ?? 0);
      assert.ok(apart <= most * (name === "perspective" ? 10 : 1), `${words}: ${apart} apart`);
    }
  });
}

const colours = {
  CMYK: [10, 200, 30, 0, 90, 20, 255, 40, 0, 0, 0, 128, 250, 130, 60, 200],
  HSV: [10, 200, 30, 250, 20, 255, 128, 0, 90, 60, 255, 200],
} as const;

test("contrast is that to a grey in the mode of the image", () => {
  const expected = {
    CMYK: {
      0: [0, 0, 0, 146, 0, 0, 0, 146, 0, 0, 0, 146, 0, 0, 0, 146],
      0.4: [4, 80, 12, 87, 36, 8, 102, 103, 0, 0, 0, 138, 100, 52, 24, 167],
      1.7: [17, 255, 51, 0, 153, 34, 255, 0, 0, 0, 0, 115, 255, 221, 102, 237],
    },
    HSV: {
      0: [0, 0, 125, 0, 0, 125, 0, 0, 125, 0, 0, 125],
      0.4: [4, 80, 87, 100, 8, 177, 51, 0, 111, 24, 102, 155],
      1.7: [17, 255, 0, 255, 34, 255, 217, 0, 65, 102, 255, 252],
    },
  };
  for (const mode of ["CMYK", "HSV"] as const)
    for (const [factor, result] of Object.entries(expected[mode]))
      assert.deepEqual(numbers(functional.adjustContrast(row(mode, colours[mode]), Number(factor))), result, mode);
  const rgba = row("RGBA", [0, 0, 0, 7, 200, 200, 200, 9]);
  assert.deepEqual(numbers(functional.adjustContrast(rgba, 0)), [100, 100, 100, 7, 100, 100, 100, 9]);
});

test("hues are turned in place where an image has them, and else by way of colours", () => {
  const expected = {
    HSV: {
      "-0.3": [190, 200, 30, 174, 20, 255, 52, 0, 90, 240, 255, 200],
      0.2: [61, 200, 30, 45, 20, 255, 179, 0, 90, 111, 255, 200],
      0.5: [137, 200, 30, 121, 20, 255, 255, 0, 90, 187, 255, 200],
    },
    CMYK: {
      "-0.3": [199, 66, 10, 0, 57, 255, 162, 0, 128, 128, 128, 0, 237, 213, 254, 0],
      0.2: [10, 150, 199, 0, 255, 57, 157, 0, 128, 128, 128, 0, 231, 254, 213, 0],
    },
  };
  for (const mode of ["CMYK", "HSV"] as const)
    for (const [factor, result] of Object.entries(expected[mode]))
      assert.deepEqual(numbers(functional.adjustHue(row(mode, colours[mode]), Number(factor))), result, mode);
});

test("images that PIL does not blend are refused", () => {
  const { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } = functional;
  for (const mode of ["1", "P", "I", "F", "I;16"] as const)
    for (const adjust of [adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness])
      assert.throws(() => adjust(Image.new(mode, [3, 3]), 0.5), /image has wrong mode/, mode);
  for (const mode of ["1", "P"] as const)
    for (const mix of [
      (img: Image) => functional.gaussianBlur(img, 3),
      (img: Image) => functional.elasticTransform(img, torch.zeros(1, 3, 3, 2)),
    ])
      assert.throws(() => mix(Image.new(mode, [3, 3])), /image has wrong mode/);
  const places = row("P", [1, 2, 3]);
  const still = functional.elasticTransform(places, torch.zeros(1, 1, 3, 2), { interpolation: "nearest" });
  assert.deepEqual(numbers(still), [1, 2, 3]);
});

/** 4 pixels, of which two have the uppermost bit. */
const deep = (): Image => row("I;16", [30000, 40000, 65535, 0]);

test("numbers of 16 bits are unsigned wherever they come in or go out", () => {
  assert.deepEqual(deep().getextrema(), [0, 65535]);
  assert.deepEqual(row("I;16", [40000, 50000]).getextrema(), [40000, 50000]);
  const image = deep();
  for (const [value, kept] of [
    [50000, 50000],
    [65535, 65535],
    [65536, 0],
    [-1, 65535],
    [70000, 4464],
  ] as const) {
    image.putpixel([0, 0], value);
    assert.equal(image.getpixel([0, 0]), kept);
    assert.deepEqual(numbers(Image.new("I;16", [2, 1], value)), [kept, kept]);
  }
  image.paste(60000, [0, 0, 2, 1]);
  assert.deepEqual(numbers(image), [60000, 60000, 65535, 0]);
  const padded = functional.pad(deep(), [1, 0], 50000);
  assert.deepEqual(numbers(padded), [50000, 30000, 40000, 65535, 0, 50000]);
});

test("numbers of 16 bits are mixed as unsigned ones", () => {
  const nearest = functional.resize(deep(), [1, 7], { interpolation: "nearest" });
  assert.deepEqual(numbers(nearest), [30000, 30000, 40000, 65535, 65535, 0, 0]);
  for (const resample of ["bilinear", "bicubic"] as const) {
    const resized = deep().resize([7, 1], { resample });
    const expected = deep().convert("I").resize([7, 1], { resample });
    assert.equal(resized.mode, "I;16");
    assert.deepEqual(
      numbers(resized),
      numbers(expected).map((value) => Math.min(Math.max(value, 0), 65535)),
    );
  }
  const bright = Image.new("I;16", [9, 9], 40000);
  assert.deepEqual(functional.gaussianBlur(bright, 3).getextrema(), [40000, 40000]);
  const still = torch.zeros(1, 9, 9, 2);
  assert.deepEqual(functional.elasticTransform(bright, still).getextrema(), [40000, 40000]);
});

test("an image without pixels is resized to a black one", () => {
  for (const mode of ["L", "P", "RGB", "I", "F", "I;16"] as const)
    for (const size of [
      [0, 3],
      [3, 0],
    ] as const)
      for (const resample of ["nearest", "bilinear"] as const) {
        const resized = Image.new(mode, size, 9).resize([2, 1], { resample });
        assert.deepEqual([resized.mode, resized.size, resized.getbbox()], [mode, [2, 1], undefined]);
      }
});

test("an image of mode I is blurred as PIL's", () => {
  const image = Image.fromArray(
    torch
      .tensor([
        [300, 40000, 65535],
        [7, 50000, 1],
        [2, 3, 60000],
      ])
      .to(torch.int32),
  );
  assert.deepEqual(
    numbers(functional.gaussianBlur(image, 3)),
    [21488, 31590, 39263, 17085, 25804, 32707, 11427, 19963, 27774],
  );
});

test("colours that are out of range are bounded in bytes", () => {
  const image = Image.new("L", [2, 1], 300);
  assert.deepEqual(numbers(image), [255, 255]);
  image.putpixel([0, 0], -5);
  assert.deepEqual(numbers(image), [0, 255]);
  assert.deepEqual(numbers(functional.pad(image, [1, 0], 1000)), [255, 0, 255, 255]);
});
