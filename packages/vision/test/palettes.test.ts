/** Images in few colours: bytes are those of PIL. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import torch from "flambeau";
import { Palette } from "../src/image/palette.js";
import { Image, type ImageMode } from "../src/index.js";
import { golden } from "./support/golden.js";

type Method = "mediancut" | "maxcoverage" | "fastoctree";

interface PaletteCase {
  readonly image: string;
  readonly colors?: number;
  readonly method?: Method;
  readonly kmeans?: number;
  readonly dither?: boolean;
  readonly places: string;
  readonly bands: number;
  readonly palette: string;
}

interface Recorded {
  readonly images: Record<string, { mode: ImageMode; size: [number, number]; data: string; palette: string | null }>;
  readonly cases: PaletteCase[];
  /** The palette of those cases that are given one. */
  readonly colours: string;
  readonly large: { method: Method; places: string; palette: string }[];
}

const recorded = golden<Recorded>("palettes");
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

function imageOf(name: string): Image {
  const { mode, size, data, palette } = recorded.images[name] as Recorded["images"][string];
  const image = new Image(bytesOf(data), ...size, mode);
  if (palette !== null) image.palette = Palette.fromRgb(bytesOf(palette));
  return image;
}

function imageIn(colours: Uint8Array): Image {
  const image = new Image(new Uint8Array(1), 1, 1, "P");
  image.palette = Palette.fromRgb(colours);
  return image;
}

/** PIL fills a palette up with black. */
function checkPalette({ palette }: Image, expected: Uint8Array, bands: number, words: string): void {
  assert.ok(palette !== undefined);
  const actual = bands === 4 ? palette.colours : palette.rgb;
  assert.deepEqual(actual, expected.subarray(0, actual.length), words);
}

test("few colours are chosen as PIL does, in every way", () => {
  const given = imageIn(bytesOf(recorded.colours));
  for (const { image, colors, method, kmeans, dither, places, bands, palette } of recorded.cases) {
    const words = `${image} ${JSON.stringify({ colors, method, kmeans, dither })}`;
    const one = imageOf(image);
    const result =
      dither === undefined
        ? one.quantize(colors, { method: method as Method, kmeans: kmeans as number })
        : one.quantize({ palette: given, dither });
    assert.deepEqual([result.mode, result.size], ["P", one.size], words);
    assert.deepEqual(result.data, bytesOf(places), words);
    checkPalette(result, bytesOf(palette), bands, words);
  }
  assert.equal(recorded.cases.length, 364);
});

test("of very many colours the lower bits are left out", () => {
  const pixels = new Uint8Array(330 * 260 * 3);
  for (let i = 0; i < pixels.length / 3; i++) {
    const value = (i * 40503) % 16777259;
    pixels.set([(value >> 16) & 255, (value >> 8) & 255, value & 255], 3 * i);
  }
  const image = new Image(pixels, 330, 260, "RGB");
  for (const { method, places, palette } of recorded.large) {
    const result = image.quantize(64, { method });
    checkPalette(result, bytesOf(palette), 3, method);
    assert.equal(
      createHash("sha256")
        .update(result.data as Uint8Array)
        .digest("hex"),
      places,
      method,
    );
  }
});

test("convert makes an adaptive palette, and always one for colours with opacity", () => {
  const photo = imageOf("photo");
  const adaptive = photo.convert("P", { palette: "adaptive", colors: 9 });
  assert.deepEqual(adaptive.data, photo.quantize(9).data);
  assert.equal(adaptive.palette?.colours.length, 36);
  assert.deepEqual(photo.convert("P", { palette: "web" }).data, photo.convert("P").data);
  const glass = imageOf("glass");
  assert.deepEqual(glass.convert("P").data, glass.quantize().data);
  assert.deepEqual(glass.convert("P", { colors: 7 }).data, glass.quantize({ colors: 7, method: "fastoctree" }).data);
  const clear = imageOf("clear").convert("P").convert("RGBA");
  assert.deepEqual(clear.getpixel([1, 1]), [9, 8, 7, 0]);
});

test("the colour that is transparent stays so", () => {
  const image = new Image(Uint8Array.from([10, 20, 30, 200, 100, 50]), 2, 1, "RGB");
  image.info.transparency = [10, 20, 30];
  for (const small of [image.quantize(4), image.convert("P", { palette: "adaptive" })]) {
    assert.equal(small.info.transparency, undefined);
    assert.deepEqual([...small.convert("RGBA").data], [10, 20, 30, 0, 200, 100, 50, 255]);
  }
  const grey = new Image(Uint8Array.from([7, 8]), 2, 1, "L");
  grey.info.transparency = 8;
  assert.deepEqual([...grey.convert("P").convert("RGBA").data], [7, 7, 7, 255, 8, 8, 8, 0]);
});

test("an image in few colours is written and read again", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-palettes-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["photo", "glass", "grey"]) {
    const small = imageOf(name).quantize(20);
    small.save(join(folder, "small.png"));
    const again = Image.open(join(folder, "small.png"));
    assert.equal(again.mode, "P");
    assert.deepEqual(again.convert("RGBA").data, small.convert("RGBA").data, name);
  }
});

test("an image without pixels has no colours, and its numbers are its own", () => {
  for (const mode of ["L", "RGB", "RGBA"] as const) {
    const empty = new Image(new Uint8Array(0), 0, 5, mode);
    assert.deepEqual([empty.quantize().size, empty.convert("P").mode], [[0, 5], "P"]);
  }
  const grey = imageOf("grey");
  const placed = grey.quantize({ palette: imageIn(bytesOf(recorded.colours)) });
  placed.putpixel([0, 0], 3);
  assert.notEqual(grey.getpixel([0, 0]), 3);
});

test("what cannot be quantized is refused", () => {
  const [photo, glass, given] = [imageOf("photo"), imageOf("glass"), imageIn(new Uint8Array(6))];
  for (const colors of [0, -3, 257]) {
    assert.throws(() => photo.quantize(colors), { name: "RangeError", message: /bad number of colors/ });
    assert.throws(() => photo.convert("P", { palette: "adaptive", colors }), RangeError);
  }
  assert.throws(() => photo.quantize(5, { kmeans: -1 }), /kmeans must not be negative/);
  assert.throws(() => photo.quantize(5, { method: "octree" as never }), TypeError);
  assert.throws(() => photo.convert("P", { palette: "ADAPTIVE" as never }), /"web", "adaptive"/);
  assert.throws(() => glass.quantize(5, { method: "mediancut" }), /only method for images of mode RGBA/);
  assert.throws(() => glass.quantize({ palette: given }), /only RGB or L mode images/);
  assert.throws(() => photo.quantize({ palette: photo }), /bad mode for palette image/);
  assert.throws(() => photo.quantize({ palette: 3 as never }), TypeError);
  for (const mode of ["1", "LA", "CMYK", "HSV", "I", "F", "I;16"] as const)
    assert.throws(() => Image.new(mode, [2, 2]).quantize(), /image has wrong mode/);
  const { torchvision } = torch.ops;
  const { pixels } = photo;
  assert.throws(() => torchvision.quantizeBytes(glass.pixels, 4, "mediancut", 0), /\[H, W, 3\]/);
  assert.throws(() => torchvision.quantizeBytes(pixels.float(), 4, "mediancut", 0), TypeError);
  assert.throws(
    () => torchvision.nearestColours(pixels, torch.zeros(0, 4, { dtype: torch.uint8 })),
    /palette of shape/,
  );
  assert.throws(
    () => torchvision.nearestColours(pixels, torch.zeros(9, 3, { dtype: torch.uint8 })),
    /palette of shape/,
  );
});
