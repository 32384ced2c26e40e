/** Files that lie, and files that were damaged: an error or the right answer, and no memory beyond the file's own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import torch, { type Tensor } from "../../src/index.js";
import { MemorySink } from "../../src/serialization/files/replaceFile.js";
import { ArchiveWriter } from "../../src/serialization/zip/writer.js";
import { readMutations } from "./mutate.js";
import { bytesOf, folderFor, recorded } from "./support.js";

/** Sums everything, so that memory is read. */
function touch(value: unknown): void {
  if (value instanceof torch.Tensor) value.isMeta || value.numel() > 1e6 || value.sum();
  else if (value instanceof Map || value instanceof Set)
    for (const item of value.values()) item !== value && touch(item);
}

for (const name of [
  "everything.pt",
  "everything.legacy.pt",
  "everything.protocol4.pt",
  "trained.pt",
  "old.tar",
  "small.pt",
  "numpy.pt",
]) {
  test(`mutations of ${name} give values or errors`, () => {
    const read = (bytes: Uint8Array) => {
      const value = torch.load<object>(bytes);
      if (value instanceof Object) Object.values(value).forEach(touch);
    };
    const { errors } = readMutations(bytesOf(name), read, 400, 1);
    assert.ok(errors > 40, `${errors}`);
  });
}

test("every shortening of a file is an error", () => {
  for (const name of ["small.pt", "everything.legacy.pt", "old.tar"]) {
    const bytes = bytesOf(name);
    const end = name === "old.tar" ? 2500 : bytes.length;
    for (let length = 0; length < end; length += name === "small.pt" ? 1 : 37) {
      assert.throws(() => torch.load(bytes.subarray(0, length)), Error, `${name} ${length}`);
    }
  }
});

/** An archive of torch.save with a pickle of our own. */
function archiveOf(pickle: Uint8Array, records: Record<string, Uint8Array> = {}): Uint8Array {
  const sink = new MemorySink();
  const archive = new ArchiveWriter(sink);
  archive.add("archive/data.pkl", pickle);
  for (const [name, content] of Object.entries(records)) archive.add(`archive/${name}`, content);
  archive.end();
  return sink.result();
}

const ascii = (text: string) => Buffer.from(text, "latin1");
const pickleOf = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat([
    ascii("\x80\x02"),
    ...parts.map((part) => (typeof part === "string" ? ascii(part) : part)),
    ascii("."),
  ]);

const uint32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);

/** A tensor whose memory is `record`, by the instructions of a pickle. */
function tensorPickle(numel: Uint8Array, sizes: Uint8Array, strides: Uint8Array): Uint8Array {
  const storage = Buffer.concat([
    ascii("(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0" + "0X\x03\0\0\0cpu"),
    numel,
    ascii("tQ"),
  ]);
  return pickleOf("ctorch._utils\n_rebuild_tensor_v2\n(", storage, "K\0", sizes, strides, "\x89NtR");
}

test("tensors that reach outside of their memory, or of all memory", () => {
  const int = (value: number) => Buffer.concat([ascii("J"), Buffer.from(Int32Array.of(value).buffer)]);
  const tuple = (...values: number[]) => Buffer.concat([ascii("("), ...values.map(int), ascii("t")]);
  const data = { "data/0": new Uint8Array(16) };
  const right = torch.load<Tensor>(archiveOf(tensorPickle(int(4), tuple(2, 2), tuple(2, 1)), data));
  assert.deepEqual(right.shape, [2, 2]);
  const wrong: [Uint8Array, Uint8Array, Uint8Array, RegExp][] = [
    [int(4), tuple(2, 3), tuple(3, 1), /reaches outside of its memory/],
    [int(4), tuple(2, 2), tuple(2, 2), /reaches outside/],
    [int(4), tuple(2 ** 30, 2 ** 30), tuple(0, 0), /reaches outside/],
    [int(4), tuple(2), tuple(-1), /cannot be/],
    [int(4), tuple(-2), tuple(1), /cannot be/],
    [int(4), tuple(2), tuple(1, 1), /cannot be/],
    [int(5), tuple(2), tuple(1), /has 16 bytes, not those of 5/],
    [int(3), tuple(2), tuple(1), /has 16 bytes, not those of 3/],
    [int(-1), tuple(2), tuple(1), /is no memory/],
    [int(2 ** 31 - 1), tuple(2 ** 31 - 1), tuple(1), /has 16 bytes/],
    [int(4), ascii("]X\x01\0\0\0aa"), tuple(1), /no numbers/],
  ];
  for (const [numel, sizes, strides, message] of wrong) {
    assert.throws(() => torch.load(archiveOf(tensorPickle(numel, sizes, strides), data)), message);
  }
  // Elements that share places take no memory.
  const expanded = torch.load<Tensor>(archiveOf(tensorPickle(int(4), tuple(2 ** 30), tuple(0)), data));
  assert.equal(expanded.numel(), 2 ** 30);
});

test("pickles that name what is not on the list", () => {
  for (const name of [
    "os\nsystem",
    "builtins\neval",
    "__builtin__\nexec",
    "torch\nload",
    "torch.hub\nload",
    "numpy\nload",
  ]) {
    const call = pickleOf(`c${name}\n(X\x04\0\0\0echotR`);
    assert.throws(() => torch.load(archiveOf(call)), /Python class or function/, name);
  }
  for (const name of ["__proto__", "constructor", "toString", "builtins.__proto__", "hasOwnProperty"]) {
    assert.throws(() => torch.load(archiveOf(pickleOf(`c${name.replace(".", "\n")}\n\n)R`))), Error, name);
    assert.throws(
      () => torch.load(archiveOf(pickleOf(`X\0\0\0\0X${String.fromCharCode(name.length)}\0\0\0${name}\x93)R`))),
      Error,
    );
  }
});

test("pickles that grow are stopped", () => {
  const list = Buffer.concat([ascii("]("), Buffer.alloc(100_000, "K\x01"), ascii("eq\0")]);
  // A set of the same list, again and again.
  const sets = Buffer.concat([ascii("("), ...Array(2000).fill(ascii("cbuiltins\nset\nh\0\x85R")), ascii("l")]);
  assert.throws(() => torch.load(archiveOf(pickleOf(list, sets))), /makes more of its bytes than they can say/);
  const text = Buffer.concat([ascii("X"), uint32(100_000), Buffer.alloc(100_000, "a"), ascii("q\0")]);
  const bytes = Buffer.concat(Array(2000).fill(ascii("c_codecs\nencode\nh\0X\x06\0\0\0latin1\x86R")));
  assert.throws(() => torch.load(archiveOf(pickleOf(text, bytes))), /makes more of its bytes/);
  // Texts and integers longer than the file.
  assert.throws(() => torch.load(archiveOf(pickleOf("X", uint32(2 ** 32 - 1), "a"))), /cut off/);
  assert.throws(() => torch.load(archiveOf(pickleOf("\x8b", uint32(2 ** 30), Buffer.alloc(2000)))), /integer of/);
  assert.throws(() => torch.load(archiveOf(pickleOf("B", uint32(2 ** 32 - 1)))), /cut off/);
  for (const op of ["\x8d", "\x8e", "\x96"]) {
    const negative = pickleOf("]0", op, Buffer.alloc(8, 0xff));
    assert.throws(() => torch.load(archiveOf(negative)), /cut off or damaged: a value of -1 bytes/, op);
  }
});

test("what is nested a million deep is read without recursion", () => {
  const depth = 1_000_000;
  const pickle = pickleOf(Buffer.alloc(depth, "]"), Buffer.alloc(depth - 1, "a"));
  let value: unknown = torch.load(archiveOf(pickle));
  let levels = 0;
  for (; Array.isArray(value); value = value[0]) levels++;
  assert.equal(levels, depth);
});

test("objects beyond the heap end the reading, not the process", (t) => {
  const path = join(folderFor(t), "x.pt");
  writeFileSync(path, archiveOf(pickleOf(Buffer.alloc(20_000_000, "}"))));
  const library = new URL("../../src/index.js", import.meta.url).href;
  const program = `
    import torch from ${JSON.stringify(library)};
    try { torch.load(${JSON.stringify(path)}); } catch (error) { console.log(error.message); }
  `;
  const args = ["--max-old-space-size=256", "--input-type=module", "-e", program];
  assert.match(execFileSync(process.execPath, args, { encoding: "utf8" }), /more objects than there is memory for/);
});

test("archives whose records overlap, repeat, or claim too much", () => {
  const file = Buffer.from(bytesOf("small.pt"));
  const directory = file.readUInt32LE(file.length - 6);
  const entries: number[] = [];
  for (let at = directory; file.readUInt32LE(at) === 0x02014b50; ) {
    entries.push(at);
    at += 46 + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30);
  }
  const changed = (change: (copy: Buffer) => void) => {
    const copy = Buffer.from(file);
    change(copy);
    return copy;
  };
  const data = entries[1] as number;
  const cases: [string, (copy: Buffer) => void, RegExp][] = [
    ["a size beyond the file", (copy) => copy.writeUInt32LE(2 ** 31, data + 24), /cannot be|reaches|has/],
    [
      "both sizes beyond it",
      (copy) => [20, 24].forEach((at) => copy.writeUInt32LE(2 ** 31, data + at)),
      /reaches into/,
    ],
    ["another checksum", (copy) => copy.writeUInt32LE(1, data + 16), /record 'small\/data\/0'.*CRC/],
    ["a method that is not known", (copy) => copy.writeUInt16LE(99, data + 10), /method 99/],
    ["a record in another", (copy) => copy.writeUInt32LE(0, data + 42), /begin at 0/],
    ["encryption", (copy) => copy.writeUInt16LE(1, data + 8), /encrypted/],
    [
      "more records than there are",
      (copy) => copy.writeUInt16LE(500, file.length - 12),
      /cannot name 500 records|no list/,
    ],
    ["a list outside", (copy) => copy.writeUInt32LE(2 ** 31, file.length - 6), /behind its end/],
  ];
  for (const [name, change, message] of cases) assert.throws(() => torch.load(changed(change)), message, name);
});

test("two records of one name", () => {
  const sink = new MemorySink();
  const archive = new ArchiveWriter(sink);
  for (const value of ["K\x01", "K\x02"]) archive.add("archive/data.pkl", pickleOf(value));
  archive.end();
  assert.throws(() => torch.load(sink.result()), /two records named 'archive\/data\.pkl'/);
});

test("two values of one key", () => {
  const twice = pickleOf("}(X\x01\0\0\0aK\x01X\x01\0\0\0aK\x02u");
  assert.throws(() => torch.load(archiveOf(twice)), /the key "a" twice/);
});

test("a compressed record that unpacks to more than it says", () => {
  const bomb = deflateRawSync(Buffer.alloc(50_000_000));
  const sink = new MemorySink();
  const archive = new ArchiveWriter(sink);
  archive.addCompressed("archive/data.pkl", pickleOf("N"));
  archive.end();
  assert.equal(torch.load(sink.result()), null);
  const file = Buffer.from(sink.result());
  // The content is the bomb; sizes are left as they were.
  const directory = file.readUInt32LE(file.length - 6);
  const start = file.indexOf("archive/data.pkl") + 16 + file.readUInt16LE(28);
  const forged = Buffer.concat([file.subarray(0, start), bomb, file.subarray(directory)]);
  const moved = start + bomb.length;
  forged.writeUInt32LE(bomb.length, moved + 20);
  forged.writeUInt32LE(moved, forged.length - 6);
  assert.throws(() => torch.load(forged), /cannot be unpacked to 4 bytes/);
});

test("what is no file of torch.save says so", (t) => {
  const folder = folderFor(t);
  assert.throws(() => torch.load(join(folder, "missing.pt")), { code: "ENOENT" });
  assert.throws(() => torch.load(folder), /is not a file/);
  for (const content of ["", "hello", "PK", "PK\x03\x04", "\x80\x02N.", "\x93NUMPY\x01\0", "{}"]) {
    writeFileSync(join(folder, "x"), ascii(content));
    assert.throws(() => torch.load(join(folder, "x")), /x (is|holds)/, JSON.stringify(content));
  }
  assert.throws(() => torch.load(3 as never), TypeError);
  assert.throws(() => torch.load(recorded("small.pt"), { mapLocaton: "cpu" } as never), /Did you mean 'mapLocation'/);
});
