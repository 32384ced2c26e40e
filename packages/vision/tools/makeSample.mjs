/**
 * Makes the sample in assets/ of the whole FashionMNIST: for each class the first images, in the order of the files.
 *
 *     node tools/makeSample.mjs FOLDER    # the folder with the four published .gz files
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

const [, , from] = process.argv;
const to = new URL("../assets/FashionMNIST/raw/", import.meta.url);
const classes = 10;

function sample(prefix, count) {
  const images = gunzipSync(readFileSync(join(from, `${prefix}-images-idx3-ubyte.gz`)));
  const labels = gunzipSync(readFileSync(join(from, `${prefix}-labels-idx1-ubyte.gz`))).subarray(8);
  const taken = new Array(classes).fill(0);
  const chosen = [...labels.keys()].filter((i) => ++taken[labels[i]] <= count / classes);
  const imageOf = (i) => images.subarray(16 + 784 * i, 16 + 784 * (i + 1));
  write(`${prefix}-images-idx3-ubyte.gz`, [count, 28, 28], chosen.map(imageOf));
  write(`${prefix}-labels-idx1-ubyte.gz`, [count], [Buffer.from(chosen.map((i) => labels[i]))]);
}

function write(name, sizes, parts) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  for (const [dim, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * dim);
  writeFileSync(new URL(name, to), gzipSync(Buffer.concat([header, ...parts]), { level: 9 }));
}

mkdirSync(to, { recursive: true });
sample("train", 6000);
sample("t10k", 1000);
