/** Files that are broken, cut off, or say of themselves what is not so. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import torch, { DataLoader } from "flambeau";
import { datasets, Image, io } from "../src/index.js";
import { golden } from "./support/golden.js";

interface DecodeCase {
  readonly name: string;
  readonly file: string;
}

const files = golden<{ decode: DecodeCase[] }>("io").decode.map(({ name, file }) => ({
  name,
  bytes: new Uint8Array(Buffer.from(file, "base64")),
}));

const decode = (bytes: Uint8Array, mode: io.ImageReadMode = "UNCHANGED"): torch.Tensor =>
  io.decodeImage(torch.tensor(bytes), { mode });

/** A few files of each kind. */
const samples = files.filter(({ name }, i) => i % 9 === 0 || /webp|gif|palette with opacity|restarts|ycck/.test(name));

test("a file that is cut off anywhere is an error", () => {
  for (const { name, bytes } of samples) {
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let size = 1; size < bytes.length; size += step) {
      const cut = bytes.slice(0, size);
      assert.throws(() => decode(cut), Error, `${name}, ${size} of ${bytes.length} bytes`);
      if (!name.startsWith("gif")) assert.throws(() => Image.open(cut), Error, `${name}, ${size} bytes`);
    }
  }
});

/** Numbers from 0 to a limit, the same ones each time. */
function draws(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

test("bytes that are wrong give an image or an error", () => {
  const draw = draws(5);
  const outcomes = { image: 0, error: 0 };
  for (const { bytes } of samples) {
    for (let trial = 0; trial < 40; trial++) {
      const changed = bytes.slice();
      for (let i = draw(4); i >= 0; i--) changed[draw(changed.length)] = draw(256);
      try {
        const image = decode(changed, trial % 2 === 0 ? "UNCHANGED" : "RGB");
        assert.ok(image instanceof torch.Tensor && image.numel() > 0);
        outcomes.image++;
      } catch (error) {
        assert.ok(error instanceof Error && !/^(invariant|internal)/i.test(error.message), String(error));
        outcomes.error++;
      }
    }
  }
  assert.ok(outcomes.image > 100 && outcomes.error > 100, JSON.stringify(outcomes));
});

function chunk(kind: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind), content]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}

function png(width: number, height: number, packed: Uint8Array, type = 2): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, type], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  return new Uint8Array(
    Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", packed), chunk("IEND", new Uint8Array())]),
  );
}

/** A file of a kind in which the size stands at a place, with another size. */
function resized(name: string, write: (bytes: Buffer) => void): Uint8Array {
  const found = files.find((file) => file.name.startsWith(name));
  assert.ok(found, name);
  const bytes = Buffer.from(found.bytes);
  write(bytes);
  return new Uint8Array(bytes);
}

const frameOf = (bytes: Buffer): number => bytes.indexOf(Buffer.from([0xff, 0xc0]));

test("a few bytes that stand for many are refused before they are unpacked", () => {
  const zeros = deflateSync(new Uint8Array(1000));
  const bombs: Record<string, [Uint8Array, RegExp]> = {
    "png beyond the limit": [png(50000, 50000, zeros), /exceeds limit of 178956970 pixels/],
    "png of less than it says": [png(13000, 13000, zeros), /corrupted/],
    "png of more than it says": [png(4, 4, deflateSync(new Uint8Array(1e7))), /Too much image data/],
    "jpeg beyond the limit": [
      resized("jpeg 420 baseline 33x31", (bytes) => bytes.writeUInt32BE(0xffdcffdc, frameOf(bytes) + 5)),
      /decompression bomb/,
    ],
    "jpeg of less than it says": [
      resized("jpeg 420 baseline 33x31", (bytes) => bytes.writeUInt32BE(0x30003000, frameOf(bytes) + 5)),
      /incomplete or truncated/,
    ],
    "gif beyond the limit": [
      resized("gif noise", (bytes) => bytes.writeUInt32LE(0xffffffff, bytes.indexOf(0x2c, 781) + 5)),
      /decompression bomb/,
    ],
    "gif of less than it says": [
      resized("gif noise", (bytes) => bytes.writeUInt32LE(0x2fff2fff, bytes.indexOf(0x2c, 781) + 5)),
      /truncated/,
    ],
    "webp beyond the limit": [
      new Uint8Array(
        Buffer.concat([Buffer.from("RIFF\xff\0\0\0WEBPVP8X\n\0\0\0", "latin1"), new Uint8Array(10).fill(255, 4)]),
      ),
      /decompression bomb/,
    ],
  };
  const before = process.memoryUsage().rss;
  for (const [name, [bytes, message]] of Object.entries(bombs)) {
    assert.throws(() => decode(bytes), message, name);
    assert.throws(() => Image.open(bytes), message, name);
  }
  assert.ok(process.memoryUsage().rss - before < 2 ** 27, "no memory was filled");
});

/** A GIF file of one pixel, at a place on a screen. */
function onePixelGif(screen: readonly [number, number], place: readonly [number, number]): Uint8Array {
  const u16 = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8]);
  const palette = [0, 0, 0, 255, 255, 255];
  const image = [0x2c, ...u16(...place, 1, 1), 0, 2, 2, 0x44, 0x01, 0, 0x3b];
  return Uint8Array.from([...Buffer.from("GIF89a"), ...u16(...screen), 0x80, 0, 0, ...palette, ...image]);
}

test("a pixel on a screen beyond the limit is refused before the screen is made", () => {
  const files = {
    "a large screen": onePixelGif([65535, 65535], [0, 0]),
    "a high screen": onePixelGif([10000, 20000], [0, 0]),
    "a place far outside of the screen": onePixelGif([1, 1], [65534, 65534]),
    "a place below a wide screen": onePixelGif([65535, 1], [0, 20000]),
  };
  const before = process.memoryUsage().rss;
  for (const [name, bytes] of Object.entries(files)) {
    assert.ok(bytes.length < 50);
    assert.throws(() => Image.open(bytes), /pixels\) exceeds limit of 178956970 pixels/, name);
    assert.deepEqual(decode(bytes).shape, [3, 1, 1]);
  }
  assert.ok(process.memoryUsage().rss - before < 2 ** 27, "no memory was filled");
  assert.deepEqual(Image.open(onePixelGif([5, 2], [6, 7])).size, [7, 8]);
});

const temporary = mkdtempSync(join(tmpdir(), "flambeau-test-"));
after(() => rmSync(temporary, { recursive: true }));

test("an error of a file names the file", () => {
  const whole = io.encodePng(torch.zeros(3, 20, 20, { dtype: torch.uint8 })).toTypedArray() as Uint8Array;
  const jpeg = io.encodeJpeg(torch.zeros(3, 20, 20, { dtype: torch.uint8 })).toTypedArray() as Uint8Array;
  const folder = join(temporary, "class");
  mkdirSync(folder);
  const broken: Record<string, [Uint8Array, RegExp]> = {
    "a.jpg": [jpeg.slice(0, jpeg.length / 2), /truncated/],
    "b.png": [whole.slice(0, 40), /truncated/],
    "c.png": [new TextEncoder().encode("no image at all"), /Unsupported image file|cannot identify image file/],
    "d.png": [onePixelGif([65535, 65535], [3, 3]).slice(0, 30), /truncated/],
  };
  for (const [name, [bytes]] of Object.entries(broken)) writeFileSync(join(folder, name), bytes);
  const data = new datasets.ImageFolder(temporary);
  Object.entries(broken).forEach(([name, [bytes, message]], i) => {
    const path = join(folder, name);
    for (const read of [() => io.readImage(path), () => Image.open(path), () => data.at(i), () => data.getBatch([i])])
      assert.throws(
        read,
        (error: Error) => error.message.split(path).length === 2 && message.test(error.message),
        name,
      );
    assert.throws(
      () => Image.open(bytes),
      (error: Error) => !error.message.includes(folder) && message.test(error.message),
    );
  });
  const loader = new DataLoader(data, 1, { numWorkers: 1 });
  assert.throws(
    () => [...loader],
    (error: Error) => error.message.includes(`${join(folder, "a.jpg")}: `),
  );
  for (const read of [() => io.readImage(folder), () => Image.open(folder)])
    assert.throws(read, (error: Error) => error.message.startsWith(`${folder}: EISDIR`));
  const missing = join(temporary, "none.png");
  for (const read of [() => io.readImage(missing), () => Image.open(missing)])
    assert.throws(read, (error: NodeJS.ErrnoException) => error.code === "ENOENT" && error.message.includes(missing));
});

test("the limit on pixels can be raised and lowered", () => {
  const image = torch.zeros(3, 10, 10, { dtype: torch.uint8 });
  const file = io.encodePng(image);
  const limit = io.getMaxPixels();
  try {
    io.setMaxPixels(99);
    assert.throws(() => io.decodeImage(file), /100 pixels\) exceeds limit of 99 pixels/);
    assert.throws(() => io.decodeImage(io.encodeJpeg(image)), /io.setMaxPixels raises the limit/);
    io.setMaxPixels(100);
    assert.deepEqual(io.decodeImage(file).shape, [3, 10, 10]);
    io.setMaxPixels(Number.POSITIVE_INFINITY);
    assert.deepEqual(io.decodeImage(file).shape, [3, 10, 10]);
    assert.throws(() => io.setMaxPixels(0), RangeError);
    assert.throws(() => io.setMaxPixels("many" as never), TypeError);
  } finally {
    io.setMaxPixels(limit);
  }
});

test("what is no image, or one of a kind that is not read, says so", () => {
  const messages: [Uint8Array, RegExp][] = [
    [new Uint8Array(Buffer.from("BM not an image at all")), /Only jpeg, png, webp and gif/],
    [resized("jpeg 420 baseline 33x31", (b) => (b[frameOf(b) + 1] = 0xc9)), /Unsupported JPEG process/],
    [resized("jpeg 420 baseline 33x31", (b) => (b[frameOf(b) + 4] = 12)), /Unsupported JPEG data precision/],
    [resized("jpeg 420 baseline 33x31", (b) => (b[frameOf(b) + 11] = 0x51)), /sampling factors/],
    [resized("jpeg 420 baseline 33x31", (b) => b.writeUInt16BE(0, frameOf(b) + 5)), /contains no image/],
    [resized("png RGB 13x9", (b) => (b[30] = 1)), /IHDR: CRC error/],
    [png(4, 4, deflateSync(new Uint8Array(52)), 3), /no palette/],
    [png(4, 4, deflateSync(new Uint8Array(52).fill(9))), /bad adaptive filter value 9/],
    [png(4, 4, new Uint8Array(9)), /IDAT/],
    [png(0, 4, new Uint8Array(9)), /Invalid image size/],
  ];
  for (const [bytes, message] of messages) assert.throws(() => decode(bytes), message);
  const [jpeg, image] = [files[0]?.bytes as Uint8Array, torch.zeros(3, 2, 2, { dtype: torch.uint8 })];
  assert.throws(() => io.decodePng(torch.tensor(jpeg)), /Content is not png!/);
  assert.throws(() => io.decodeJpeg(io.encodePng(image)), /Not a JPEG file/);
  assert.throws(() => io.decodeGif(io.encodePng(image)), /Content is not gif!/);
  assert.throws(() => io.decodeWebp(io.encodePng(image)), /Content is not webp!/);
});
