import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { Image, type ImageMode, io } from "../src/index.js";
import { golden } from "./support/golden.js";

const temporary = mkdtempSync(join(tmpdir(), "flambeau-test-"));
after(() => rmSync(temporary, { recursive: true }));

type Mode = keyof typeof io.ImageReadMode;
type Recorded = { readonly shape: number[]; readonly data: string } | { readonly error: string };

interface DecodeCase {
  readonly name: string;
  readonly file: string;
  readonly results: Partial<Record<Mode, Recorded>>;
  readonly pil: {
    readonly mode: ImageMode;
    readonly size: [number, number];
    readonly data: string;
    readonly rgba: string | null;
  };
  /** What a file of 16 bits holds. */
  readonly samples?: { readonly shape: number[]; readonly data: number[] };
}

interface EncodeCase {
  readonly shape: number[];
  readonly data: string;
  readonly quality: number;
  readonly file: string;
}

/** An image of mode CMYK, and the file that PIL makes of it. */
interface InkCase {
  readonly size: [number, number];
  readonly data: string;
  readonly quality: number;
  readonly file: string;
}

const recorded = golden<{ decode: DecodeCase[]; encode: EncodeCase[]; inks: InkCase[] }>("io");
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const tensorOf = (text: string): Tensor => torch.tensor(bytesOf(text));
const valuesOf = (tensor: Tensor): Uint8Array => tensor.toTypedArray() as Uint8Array;

const kinds = ["jpeg", "png", "gif", "webp"] as const;

function decodes({ name, file, results }: DecodeCase): void {
  for (const [mode, expected] of Object.entries(results) as [Mode, Recorded][]) {
    const read = (): Tensor => io.decodeImage(tensorOf(file), { mode });
    if ("error" in expected) {
      assert.throws(read, Error, `${name} as ${mode}: ${expected.error}`);
      continue;
    }
    const image = read();
    assert.equal(image.dtype, torch.uint8);
    assert.deepEqual(image.shape, expected.shape, `${name} as ${mode}`);
    assert.deepEqual(valuesOf(image), bytesOf(expected.data), `${name} as ${mode}`);
  }
}

/** The bytes of the numbers of an image, as PIL has them. */
const rawBytes = ({ data }: Image): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function opens({ name, file, pil }: DecodeCase): void {
  const image = Image.open(bytesOf(file));
  assert.deepEqual([image.mode, image.size], [pil.mode, pil.size], name);
  assert.deepEqual(rawBytes(image), bytesOf(pil.data), name);
  if (pil.rgba !== null) assert.deepEqual(image.convert("RGBA").data, bytesOf(pil.rgba), `${name} as RGBA`);
}

for (const kind of [...kinds, "bmp", "ppm"]) {
  const cases = recorded.decode.filter(({ name }) => name.startsWith(kind));
  test(`${kind} files decode as torchvision's in every mode`, () => cases.forEach(decodes));
  test(`${kind} files open as PIL's`, () => cases.forEach(opens));
}

// What torchvision 0.14 refuses, and later ones read.
function inksAs(mode: Mode, { file }: DecodeCase): Tensor {
  return io.decodeImage(tensorOf(file), { mode });
}

test("inks become colours by what they leave of the light", () => {
  const cases = recorded.decode.filter(({ pil }) => pil.mode === "CMYK");
  assert.ok(cases.length > 5);
  for (const one of cases) {
    const pixels = inksAs("UNCHANGED", one).permute(1, 2, 0);
    const inverse = new Image(pixels.bitwiseXor(255).contiguous(), ...one.pil.size, "CMYK").convert("RGB");
    const rgb = inksAs("RGB", one);
    assert.deepEqual(valuesOf(rgb.permute(1, 2, 0)), inverse.data, one.name);
    assert.deepEqual(valuesOf(inksAs("GRAY", one)), inverse.convert("L").data, one.name);
  }
});

test("png files of 16 bits give int32, in all modes", () => {
  for (const { name, file, samples } of recorded.decode) {
    if (samples === undefined) continue;
    const image = io.decodePng(tensorOf(file));
    assert.deepEqual([image.dtype, image.shape], [torch.int32, samples.shape], name);
    assert.deepEqual(image.reshape(-1).tolist(), samples.data, name);
    const [channels] = samples.shape as [number];
    const withAlpha = io.decodePng(tensorOf(file), { mode: "RGB_ALPHA" });
    assert.deepEqual(withAlpha.shape[0], 4);
    const opacity = channels % 2 === 0 ? image.at(-1) : torch.full(image.shape.slice(1), 65535, { dtype: torch.int32 });
    assert.deepEqual(withAlpha.at(3).tolist(), opacity.tolist(), name);
  }
});

test("small samples and palettes are read unchanged", () => {
  const find = (name: string): Tensor => tensorOf(recorded.decode.find((one) => one.name === name)?.file as string);
  const grey = io.decodePng(find("png grey 2 bits 9x7 interlaced 0"));
  assert.deepEqual(
    [...new Set(valuesOf(grey))].sort((a, b) => a - b),
    [0, 85, 170, 255],
  );
  const places = io.decodePng(find("png palette 4 bits 20x13 interlaced 1"));
  assert.deepEqual([places.shape, places.max().item()], [[1, 13, 20], 15]);
});

test("gif and webp files become colours", () => {
  for (const { name, file, pil } of recorded.decode) {
    if (!/^(gif|webp)/.test(name)) continue;
    const [width, height] = pil.size;
    const rgba = torch
      .tensor(bytesOf(pil.rgba as string))
      .view(height, width, 4)
      .permute(2, 0, 1);
    const hasAlpha = pil.mode === "RGBA";
    const expected = hasAlpha ? rgba : rgba.narrow(0, 0, 3);
    assert.deepEqual(io.decodeImage(tensorOf(file)).tolist(), expected.tolist(), name);
    if (name.startsWith("gif")) continue;
    assert.deepEqual(io.decodeWebp(tensorOf(file), { mode: "RGB_ALPHA" }).tolist(), rgba.tolist(), name);
    assert.deepEqual(io.decodeWebp(tensorOf(file), { mode: "RGB" }).shape, [3, height, width]);
    assert.throws(() => io.decodeWebp(tensorOf(file), { mode: "GRAY" }), /not supported for WEBP files/);
  }
});

test("jpeg files are written byte for byte as torchvision writes them", () => {
  for (const { shape, data, quality, file } of recorded.encode) {
    const image = tensorOf(data).view(shape);
    assert.deepEqual(valuesOf(io.encodeJpeg(image, quality)), bytesOf(file), `${shape} at ${quality}`);
  }
  assert.equal(recorded.encode.length, 72);
});

test("images of inks are written byte for byte as PIL writes them, and read again", () => {
  const path = join(temporary, "inks.jpg");
  for (const { size, data, quality, file } of recorded.inks) {
    const image = new Image(bytesOf(data), ...size, "CMYK");
    image.save(path, { quality });
    assert.deepEqual(new Uint8Array(readFileSync(path)), bytesOf(file), `${size} at ${quality}`);
    const again = Image.open(path);
    assert.deepEqual([again.mode, again.size], ["CMYK", size]);
    if (quality < 100) continue;
    const apart = again.pixels.float().sub(image.pixels.float()).abs().max().item();
    assert.ok(apart <= 3, `${apart} apart at the best quality`);
  }
  assert.equal(recorded.inks.length, 27);
});

test("what is written as png is read again", () => {
  for (const shape of [
    [3, 7, 5],
    [1, 6, 9],
    [3, 1, 1],
  ]) {
    const image = torch.randint(0, 256, shape, { dtype: torch.uint8 });
    for (const level of [0, 6, 9]) assert.ok(torch.equal(io.decodePng(io.encodePng(image, level)), image));
  }
  const smooth = torch.arange(0, 64).to(torch.uint8).expand(3, 64, 64);
  assert.ok(io.encodePng(smooth).length < 300, "rows that differ by little are packed well");
  assert.ok(io.encodePng(smooth, 0).length > 3 * 64 * 64);
});

test("files are written whole, and nothing else is left in the folder", () => {
  const folder = mkdtempSync(join(temporary, "write-"));
  const image = torch.randint(0, 256, [3, 20, 30], { dtype: torch.uint8 });
  io.writePng(image, join(folder, "a.png"));
  io.writeJpeg(image, join(folder, "b.jpg"), 90);
  io.writeJpeg(image, join(folder, "b.jpg"), { quality: 40 });
  io.writeFile(join(folder, "c.bin"), torch.tensor(new Uint8Array([1, 2, 3])));
  assert.deepEqual(readdirSync(folder).sort(), ["a.png", "b.jpg", "c.bin"]);
  assert.ok(torch.equal(io.readImage(join(folder, "a.png")), image));
  assert.deepEqual(valuesOf(io.readFile(join(folder, "b.jpg"))), valuesOf(io.encodeJpeg(image, 40)));
  assert.deepEqual(io.readFile(join(folder, "c.bin")).tolist(), [1, 2, 3]);
  assert.throws(() => io.writePng(image, join(folder, "none", "a.png")), /ENOENT/);
  assert.throws(() => io.writePng(image.to(torch.float32), join(folder, "a.png")), TypeError);
  assert.ok(torch.equal(io.readImage(join(folder, "a.png")), image));
  assert.deepEqual(readdirSync(folder).sort(), ["a.png", "b.jpg", "c.bin"]);
});

test("images are saved and opened in every mode that files have", () => {
  const folder = mkdtempSync(join(temporary, "save-"));
  const path = join(folder, "image.png");
  for (const mode of ["1", "L", "LA", "P", "RGB", "RGBA", "I"] as const) {
    const image = Image.new(mode, [11, 5]);
    const numbers = torch.randint(0, 2, image.pixels.shape, { dtype: image.pixels.dtype });
    image.pixels.copy_(numbers.mul(mode === "I" ? 40000 : 255));
    image.save(path);
    const again = Image.open(path);
    assert.deepEqual([again.mode, again.format], [mode, "PNG"]);
    assert.deepEqual(again.data, image.data, mode);
  }
  const photo = Image.fromArray(torch.full([8, 8, 3], 77, { dtype: torch.uint8 }));
  photo.save(join(folder, "photo.JPG"), { quality: 95 });
  assert.deepEqual(Image.open(join(folder, "photo.JPG")).getpixel([3, 3]), [77, 77, 77]);
  photo.save(join(folder, "photo"), { format: "png" });
  assert.equal(Image.open(join(folder, "photo")).format, "PNG");
  assert.throws(() => Image.new("RGBA", [2, 2]).save(join(folder, "a.jpg")), /cannot write mode RGBA as JPEG/);
  assert.throws(() => Image.new("F", [2, 2]).save(path), /cannot write mode F as PNG/);
  assert.throws(() => photo.save(join(folder, "a.xyz")), /unknown file extension: .xyz/);
  writeFileSync(join(folder, "text.png"), "no image at all");
  assert.throws(() => Image.open(join(folder, "text.png")), /cannot identify image file/);
});

/** A JPEG file with an EXIF record that tells of an orientation. */
function turned(image: Tensor, orientation: number, littleEndian: boolean): Tensor {
  const record = Buffer.alloc(26);
  const put16 = (value: number, at: number) =>
    littleEndian ? record.writeUInt16LE(value, at) : record.writeUInt16BE(value, at);
  record.write(littleEndian ? "II" : "MM");
  put16(42, 2);
  if (littleEndian) record.writeUInt32LE(8, 4);
  else record.writeUInt32BE(8, 4);
  [1, 0x112, 3].forEach((value, i) => put16(value, 8 + 2 * i));
  if (littleEndian) record.writeUInt32LE(1, 14);
  else record.writeUInt32BE(1, 14);
  put16(orientation, 18);
  const content = Buffer.concat([Buffer.from("Exif\0\0"), record]);
  const head = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
  const file = Buffer.from(valuesOf(io.encodeJpeg(image, 100)));
  return torch.tensor(new Uint8Array(Buffer.concat([file.subarray(0, 2), head, content, file.subarray(2)])));
}

test("an image is turned as the camera was held", () => {
  const rows = (turn: Tensor): number[][] => turn.at(0).ge(128).tolist() as number[][];
  const image = torch.tensor(new Uint8Array([255, 255, 0, 255, 0, 0])).view(1, 2, 3);
  const big = image.repeatInterleave(8, 1).repeatInterleave(8, 2);
  // The letter as a camera stores it that was held in each way.
  const expected: Record<number, string> = {
    1: "110/100",
    2: "011/001",
    3: "001/011",
    4: "100/110",
    5: "11/10/00",
    6: "11/01/00",
    7: "00/01/11",
    8: "00/10/11",
  };
  for (const littleEndian of [true, false]) {
    for (const [orientation, letter] of Object.entries(expected)) {
      const file = turned(big, Number(orientation), littleEndian);
      const seen = io.decodeImage(file, { applyExifOrientation: true });
      const small = rows(seen.at(":", "::8", "::8"));
      assert.equal(small.map((row) => row.map(Number).join("")).join("/"), letter, orientation);
      assert.deepEqual(io.decodeJpeg(file).shape, [1, 16, 24]);
    }
    assert.deepEqual(io.decodeImage(turned(big, 9, littleEndian), { applyExifOrientation: true }).shape, [1, 16, 24]);
  }
});

test("wrong calls throw", () => {
  const jpeg = tensorOf(recorded.decode[0]?.file as string);
  assert.throws(() => io.decodeImage(jpeg.to(torch.float32)), { name: "TypeError", message: /torch.uint8/ });
  assert.throws(() => io.decodeImage(jpeg.view(1, -1)), /1-dimensional/);
  assert.throws(() => io.decodeJpeg(torch.zeros(0, { dtype: torch.uint8 })), /non empty/);
  assert.throws(() => io.decodeJpeg([]), /at least one element/);
  assert.throws(() => io.decodeJpeg([jpeg, 3 as never]), TypeError);
  assert.throws(() => io.decodeImage(jpeg, { mode: "BGR" as never }), { name: "TypeError", message: /"GRAY_ALPHA"/ });
  assert.throws(() => io.decodeJpeg(jpeg, { mode: "RGB_ALPHA" }), /not supported for JPEG files/);
  assert.equal(io.decodeJpeg([jpeg, jpeg]).length, 2);
  const image = torch.zeros(3, 4, 4, { dtype: torch.uint8 });
  assert.throws(() => io.encodeJpeg(image, 101), RangeError);
  assert.throws(() => io.encodeJpeg(image.at(":2")), /channels should be 1 or 3, got: 2/);
  assert.throws(() => io.encodeJpeg(image.at(0)), /3-dimensional/);
  assert.throws(() => io.encodeJpeg(torch.zeros(3, 0, 4, { dtype: torch.uint8 })), /has pixels/);
  assert.throws(() => io.encodePng(image, 10), RangeError);
  assert.throws(() => io.encodePng(image, { level: 3 } as never), TypeError);
  assert.throws(() => io.readImage("/there/is/none.png"), /ENOENT/);
  assert.throws(() => io.readImage(3 as never), TypeError);
});
