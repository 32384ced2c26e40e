import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import torch, { type Tensor } from "flambeau";
import { parseIdx } from "../src/datasets/files/idx.js";
import { datasets, Image, transforms } from "../src/index.js";
import { type Served, serve } from "./support/server.js";

const { ConcatDataset, DataLoader, Subset } = torch.utils.data;
const { FashionMNIST, MNIST } = datasets;
const { Compose, Lambda, Normalize, ToTensor } = transforms;

const temporary = mkdtempSync(join(tmpdir(), "flambeau-test-"));
after(() => rmSync(temporary, { recursive: true }));

function idx(sizes: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  for (const [dim, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * dim);
  return Buffer.concat([header, data]);
}

const images = idx([3, 2, 2], new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]));
const labels = idx([3], new Uint8Array([2, 0, 1]));

/** A folder with a small data set, in which some files may be replaced. */
function folderWith(name: string, files: Record<string, Uint8Array>): string {
  const root = join(temporary, name);
  const raw = join(root, "MNIST", "raw");
  mkdirSync(raw, { recursive: true });
  const all = { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels, ...files };
  for (const [file, bytes] of Object.entries(all)) writeFileSync(join(raw, file), bytes);
  return root;
}

test("the sample reads as the published files begin", () => {
  const data = new FashionMNIST(datasets.sampleRoot);
  assert.equal(data.length, 6000);
  assert.deepEqual(data.data.shape, [6000, 28, 28]);
  assert.deepEqual(data.targets.at("0:12").tolist(), [9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 0, 9]);
  assert.equal(data.targets.dtype, torch.int64);
  const row = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 102, 204, 176, 134, 144, 123, 23, 0, 0, 0, 0, 12, 10, 0];
  assert.deepEqual(data.data.at(0, 5).tolist(), row);
  const counts = new Array(10).fill(0);
  for (const label of data.targets.tolist() as number[]) counts[label]++;
  assert.deepEqual(counts, new Array(10).fill(600));
  const held = new FashionMNIST(datasets.sampleRoot, { train: false });
  assert.equal(held.length, 1000);
  assert.deepEqual(held.targets.at("0:9").tolist(), [9, 2, 1, 1, 6, 1, 4, 6, 5]);
});

test("a sample is an image and a number, unless transforms say otherwise", () => {
  const root = folderWith("plain", {});
  const data = new MNIST(root);
  const [image, label] = data.at(1);
  assert.ok(image instanceof Image);
  assert.deepEqual([image.size, image.mode, [...image.data], label], [[2, 2], "L", [4, 5, 6, 7], 0]);
  assert.equal(inspect(image), "<Image mode=L size=2x2>");
  assert.equal(data.at(-1)[1], 1);
  assert.throws(() => data.at(3), RangeError);
  const changed = new MNIST(root, { transform: new ToTensor(), targetTransform: (label) => `class ${label}` });
  assert.deepEqual([changed.at(2)[0].shape, changed.at(2)[1]], [[1, 2, 2], "class 1"]);
  assert.equal(data.classes[2], "2 - two");
  assert.equal(data.classToIdx["2 - two"], 2);
});

test("batches have int64 labels, and the bits of single samples", () => {
  const data = new FashionMNIST(datasets.sampleRoot, {
    transform: new Compose([new ToTensor(), new Normalize([0.286], [0.353])]),
  });
  const indices = [17, 3, 5999, 3, -1];
  const [batch, targets] = data.getBatch(indices) as [Tensor, Tensor];
  assert.deepEqual(batch.shape, [5, 1, 28, 28]);
  assert.deepEqual([targets.dtype, targets.tolist()], [torch.int64, indices.map((i) => data.at(i)[1])]);
  indices.forEach((index, i) => {
    assert.deepEqual(batch.at(i).toTypedArray(), data.at(index)[0].toTypedArray());
  });
  const oneByOne = new FashionMNIST(datasets.sampleRoot, { transform: (image) => new ToTensor()(image).sum() });
  for (const [sums, labels] of new DataLoader(new Subset(new ConcatDataset([oneByOne, oneByOne]), [0, 6001]), 2)) {
    assert.deepEqual([sums.shape, labels.dtype, labels.tolist()], [[2], torch.int64, [9, 0]]);
  }
});

test("a data set without transforms cannot be collated", () => {
  const loader = new DataLoader(new MNIST(folderWith("untransformed", {})), 2);
  assert.throws(() => [...loader], /batch must contain tensors.*found Image/);
});

test("workers give the same batches, with transforms and labels", () => {
  const transform = new Compose([new ToTensor(), new Normalize([0.5], [0.5])]);
  const data = new FashionMNIST(datasets.sampleRoot, { train: false, transform });
  const batches = (numWorkers: number) => {
    torch.manualSeed(0);
    const loader = new DataLoader(data, 300, { shuffle: true, numWorkers });
    return Array.from(loader, ([x, y]) => [x.shape, x.sum().item(), y.tolist()]);
  };
  assert.deepEqual(batches(2), batches(0));
  const targetTransform = new Lambda(Math.sqrt);
  const loader = new DataLoader(new FashionMNIST(datasets.sampleRoot, { transform, targetTransform }), {
    numWorkers: 1,
  });
  assert.throws(() => [...loader], /loader.dataset.targetTransform.getState\(\).lambd cannot be sent/);
});

test("prints as torchvision does", () => {
  const transform = new Compose([new ToTensor(), new Normalize([0.5], [0.25])]);
  const data = new FashionMNIST(datasets.sampleRoot, { transform, targetTransform: new Lambda((y: number) => y) });
  const expected = [
    "Dataset FashionMNIST",
    "    Number of datapoints: 6000",
    `    Root location: ${datasets.sampleRoot}`,
    "    Split: Train",
    "    StandardTransform",
    "Transform: Compose(",
    "               ToTensor()",
    "               Normalize(mean=[0.5], std=[0.25])",
    "           )",
    "Target transform: Lambda()",
  ];
  assert.equal(inspect(data), expected.join("\n"));
  assert.equal(
    inspect(new FashionMNIST(datasets.sampleRoot, { train: false }))
      .split("\n")
      .at(-1),
    "    Split: Test",
  );
});

test("broken files are errors that say what is wrong", () => {
  const parse = (bytes: Uint8Array) => () => parseIdx(bytes, 3, "a file");
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(images);
    copy[at] = value;
    return copy;
  };
  assert.deepEqual(parse(images)().sizes, [3, 2, 2]);
  assert.throws(parse(images.subarray(0, -1)), /sizes 3x2x2 make 28 bytes, but it has 27/);
  assert.throws(parse(Buffer.concat([images, Buffer.alloc(1)])), /but it has 29/);
  assert.throws(parse(images.subarray(0, 3)), /it has 3 bytes/);
  assert.throws(parse(images.subarray(0, 9)), /ends within its header/);
  assert.throws(parse(changed(0, 1)), /two zero bytes/);
  assert.throws(parse(changed(2, 13)), /elements have type 13/);
  assert.throws(parse(changed(3, 1)), /it has 1 dims/);
  assert.throws(parse(changed(4, 255)), /sizes 4278190083x2x2/);
  assert.throws(
    () => new MNIST(folderWith("few", { "train-labels-idx1-ubyte": idx([2], new Uint8Array(2)) })),
    /3 images, but 2 labels/,
  );
  assert.throws(() => new MNIST(join(temporary, "nowhere")), /Dataset not found.*download: true/);
  // @ts-expect-error an option that does not exist
  assert.throws(() => new MNIST(temporary, { split: "train" }), /unexpected option 'split'/);
  // @ts-expect-error a flag in a place of its own
  assert.throws(() => new MNIST(temporary, false), /'train' is a named option; write MNIST\(".*", { train: false }\)/);
  // @ts-expect-error something that cannot be called
  assert.throws(() => new MNIST(temporary, { transform: 3 }), /'transform' must be function, not int/);
  assert.equal(new MNIST(folderWith("none", {}), { transform: null }).transform, undefined);
});

test("packed files are read, and broken ones are errors", () => {
  const root = folderWith("packed", {
    "t10k-images-idx3-ubyte.gz": gzipSync(images),
    "t10k-labels-idx1-ubyte.gz": gzipSync(labels),
  });
  assert.equal(new MNIST(root, { train: false }).length, 3);
  const cut = folderWith("cut", {
    "t10k-images-idx3-ubyte.gz": gzipSync(images).subarray(0, -9),
    "t10k-labels-idx1-ubyte.gz": gzipSync(labels),
  });
  assert.throws(() => new MNIST(cut, { train: false }), /t10k-images-idx3-ubyte.gz is not a whole gzip file/);
});

test("downloads take their names only when they are whole", async () => {
  const packed: Record<string, Buffer> = {};
  for (const prefix of ["train", "t10k"]) {
    packed[`${prefix}-images-idx3-ubyte.gz`] = gzipSync(images);
    packed[`${prefix}-labels-idx1-ubyte.gz`] = gzipSync(labels);
  }
  const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
  const published = Object.entries(packed).map(([file, bytes]) => ({ file, md5: md5(bytes) }));
  const served: Record<string, Served> = {};
  for (const [file, body] of Object.entries(packed)) {
    served[`good/${file}`] = { body };
    served[`cut/${file}`] = { body, cutAt: 10 };
    served[`wrong/${file}`] = { body: gzipSync(Buffer.concat([images, labels])) };
  }
  const { address, stop } = await serve(served);
  try {
    class Mirrored extends MNIST {
      static override readonly resources = published;
      static override readonly mirrors = ["missing/", "cut/", "wrong/"].map((folder) => address + folder);
    }
    const root = join(temporary, "downloaded");
    assert.throws(
      () => new Mirrored(root, { download: true }),
      (error: Error) => {
        assert.match(error.message, /Error downloading train-images-idx3-ubyte.gz/);
        assert.match(error.message, /missing\/train-images-idx3-ubyte.gz could not be fetched: HTTP Error 404/);
        assert.match(error.message, /cut\/train-images-idx3-ubyte.gz could not be fetched: the connection broke/);
        assert.match(
          error.message,
          /wrong\/train-images-idx3-ubyte.gz is not the file that was published: its checksum is/,
        );
        return true;
      },
    );
    assert.deepEqual(readdirSync(join(root, "Mirrored", "raw")), []);
    Object.assign(Mirrored, { mirrors: [`${address}cut/`, `${address}good/`] });
    assert.equal(new Mirrored(root, { download: true }).length, 3);
    const raw = join(root, "Mirrored", "raw");
    assert.deepEqual(
      readdirSync(raw).sort(),
      Object.keys(packed)
        .map((file) => file.slice(0, -3))
        .sort(),
    );
    assert.deepEqual(readFileSync(join(raw, "train-images-idx3-ubyte")), images);
    Object.assign(Mirrored, { mirrors: [] });
    assert.equal(new Mirrored(root, { train: false, download: true }).length, 3);
  } finally {
    await stop();
  }
});

test("indices are checked as those of every data set are", () => {
  const data = new MNIST(folderWith("indices", {}));
  const label = (index: torch.utils.data.Index) => data.at(index)[1];
  assert.deepEqual([1, -2, 1n, torch.tensor(1)].map(label), [0, 0, 0, 0]);
  const loader = (sampler: unknown) =>
    new DataLoader(data, 2, { sampler: sampler as number[], collateFn: (samples) => samples });
  const transformed = (sampler: unknown) =>
    new DataLoader(new MNIST(folderWith("indices", {}), { transform: new ToTensor() }), 2, {
      sampler: sampler as number[],
    });
  const [[[, labels] = []] = []] = [[...transformed(torch.tensor([2n, 0n]))]];
  assert.deepEqual((labels as Tensor).tolist(), [1, 2]);
  for (const [index, name, message] of [
    [Number.NaN, "TypeError", /got NaN$/],
    [0.5, "TypeError", /got 0\.5$/],
    [undefined, "TypeError", /got undefined$/],
    ["1", "TypeError", /got "1"$/],
    [3, "RangeError", /index 3 is out of range for a data set of length 3/],
    [-4n, "RangeError", /index -4 is out of range for a data set of length 3/],
  ] as const) {
    assert.throws(() => data.at(index as number), { name, message });
    assert.throws(() => data.getBatch([0, index as number]), { name, message });
    assert.throws(() => [...loader([0, index])], { name, message });
    assert.throws(() => [...transformed([0, index])], { name, message });
  }
});
