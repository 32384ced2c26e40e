/** Files of several megabytes, which all threads read and write in pieces. */
import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { folderFor } from "./support.js";

/** Bytes of a piece, and sizes at, beside and far from whole pieces. */
const piece = 2 ** 20;
const sizes = [piece - 1, piece, piece + 1, 3 * piece + 12_345, 17];

/** The checksum of zip archives, bit by bit: no more of it than its definition. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function bytesOf(size: number): Tensor {
  return torch.arange(size).mul(2654435761).bitwiseAnd(255).to(torch.uint8);
}

/** What the list of an archive says of its records: checksums by names. */
function recordsOf(file: Uint8Array): Map<string, number> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found = new Map<string, number>();
  for (let at = view.getUint32(file.length - 6, true); view.getUint32(at, true) === 0x02014b50; ) {
    const [name, extra] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    found.set(Buffer.from(file.subarray(at + 46, at + 46 + name)).toString(), view.getUint32(at + 16, true));
    at += 46 + name + extra;
  }
  return found;
}

test("what is read is what was written, with the right checksums, by files and in memory", (t) => {
  const path = join(folderFor(t), "x.pt");
  const tensors = sizes.map(bytesOf);
  torch.save(tensors, path);
  const file = new Uint8Array(readFileSync(path));
  assert.deepEqual(torch.save(tensors), file);
  const records = recordsOf(file);
  tensors.forEach((tensor, i) => {
    assert.equal(records.get(`archive/data/${i}`), checksum(tensor.toTypedArray() as Uint8Array), String(sizes[i]));
  });
  for (const options of [{}, { mmap: true }]) {
    const loaded = torch.load<Tensor[]>(path, options);
    tensors.forEach((tensor, i) => {
      assert.ok(torch.equal(loaded[i] as Tensor, tensor), String(sizes[i]));
    });
  }
});

test("a view that does not begin its memory is written from where it begins", (t) => {
  const path = join(folderFor(t), "x.safetensors");
  const all = bytesOf(3 * piece);
  torch.safetensors.saveFile({ part: all.at(`${piece + 5}:`) }, path);
  assert.ok(torch.equal(torch.safetensors.loadFile(path).part as Tensor, all.at(`${piece + 5}:`)));
  torch.numpy.save(join(path, "..", "x.npy"), all.at(":-7"));
  assert.ok(torch.equal(torch.numpy.load<Tensor>(join(path, "..", "x.npy")), all.at(":-7")));
});

test("a damaged byte in any piece is an error, and so is a missing end", (t) => {
  const path = join(folderFor(t), "x.pt");
  const size = 3 * piece + 100;
  torch.save(bytesOf(size), path);
  const file = new Uint8Array(readFileSync(path));
  const start = Buffer.from(file).indexOf(bytesOf(64).toTypedArray() as Uint8Array);
  for (const at of [piece / 2, 1.5 * piece, 2.5 * piece, size - 1]) {
    const damaged = file.slice();
    damaged[start + at] = (damaged[start + at] as number) ^ 4;
    writeFileSync(path, damaged);
    assert.throws(() => torch.load(path), /checksum \(CRC\) is wrong/, String(at));
  }
  writeFileSync(path, file);
  const onDemand = torch.load<Tensor>(path, { mmap: true });
  truncateSync(path, start + 2 * piece);
  assert.throws(() => onDemand.sum(), /has become shorter while it was read/);
});

test("memory that was read can be lent to other threads and used again, as all memory of tensors", (t) => {
  const path = join(folderFor(t), "x.pt");
  torch.save(bytesOf(2 * piece), path);
  for (const options of [{}, { mmap: true }]) {
    const loaded = torch.load<Tensor>(path, options);
    assert.equal(
      loaded.sum().item(),
      bytesOf(2 * piece)
        .sum()
        .item(),
    );
    assert.equal(loaded.storage.isInArray, false);
  }
});
