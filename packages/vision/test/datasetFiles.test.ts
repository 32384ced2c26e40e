/** Data sets read small files in the forms in which the real ones are published, as torchvision does. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import torch from "flambeau";
import { unpackBzip2 } from "../src/datasets/files/bzip2.js";
import { readMat } from "../src/datasets/files/mat.js";
import { readPickle } from "../src/datasets/files/pickle.js";
import { parseXml } from "../src/datasets/files/xml.js";
import { datasets, Image, transforms } from "../src/index.js";
import { golden } from "./support/golden.js";
import { type Served, serve } from "./support/server.js";

const { DataLoader } = torch.utils.data;

const temporary = mkdtempSync(join(tmpdir(), "flambeau-test-"));
after(() => rmSync(temporary, { recursive: true }));

const root = join(temporary, "data");
mkdirSync(root);
const archive = fileURLToPath(new URL("../../test/golden/datasets.tar.gz", import.meta.url));
datasets.utils.extractArchive(archive, root);

interface Case {
  readonly name: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly repr: string;
  readonly known: Record<string, unknown>;
  readonly samples: [unknown, unknown][];
}

interface Recorded {
  readonly lists: Record<string, Record<string, string>>;
  readonly cases: Case[];
  readonly bzip: Record<string, { readonly packed: string; readonly md5: string; readonly size: number }>;
  readonly archives: Record<string, string>;
  readonly content: Record<string, string>;
}

const recorded = golden<Recorded>("datasets");
const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** The files of a data set with their checksums. */
const files = (name: string, ...names: string[]): [string, string][] =>
  names.map((file) => [file, recorded.lists[name]?.[file] as string]);
const meta = (name: string, filename: string, key: string) => ({
  filename,
  key,
  md5: files(name, filename)[0]?.[1] as string,
});

// The classes with the checksums of the small files, under the names of the real ones.
const small = {
  CIFAR10: class CIFAR10 extends datasets.CIFAR10 {
    static override readonly trainList = files("CIFAR10", "data_batch_1", "data_batch_2");
    static override readonly testList = files("CIFAR10", "test_batch");
    static override readonly meta = meta("CIFAR10", "batches.meta", "label_names");
  },
  CIFAR100: class CIFAR100 extends datasets.CIFAR100 {
    static override readonly trainList = files("CIFAR100", "train");
    static override readonly testList = files("CIFAR100", "test");
    static override readonly meta = meta("CIFAR100", "meta", "fine_label_names");
  },
  SVHN: class SVHN extends datasets.SVHN {
    static override readonly splitList = Object.fromEntries(
      ["train", "test", "extra"].map((split) => [
        split,
        ["", ...(files("SVHN", `${split}_32x32.mat`)[0] as [string, string])],
      ]),
    ) as unknown as typeof datasets.SVHN.splitList;
  },
  STL10: class STL10 extends datasets.STL10 {
    static override readonly trainList = files("STL10", "train_X.bin", "train_y.bin", "unlabeled_X.bin");
    static override readonly testList = files("STL10", "test_X.bin", "test_y.bin");
  },
  Flowers102: class Flowers102 extends datasets.Flowers102 {
    static override readonly fileDict = {
      image: ["", ""] as const,
      label: files("Flowers102", "imagelabels.mat")[0] as [string, string],
      setid: files("Flowers102", "setid.mat")[0] as [string, string],
    };
  },
  CelebA: class CelebA extends datasets.CelebA {
    static override readonly fileList = Object.entries(recorded.lists.CelebA as object).map(
      ([name, sum]) => ["", sum as string, name] as const,
    );
  },
};

interface AnyDataset {
  readonly length: number;
  at(index: number): [unknown, unknown];
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function open({ name, args, kwargs }: Pick<Case, "name" | "args" | "kwargs">): AnyDataset {
  const all = { ...datasets, ...small } as unknown as Record<string, new (...args: unknown[]) => AnyDataset>;
  const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), value]));
  const places = args.map((arg) => (typeof arg === "string" && arg.startsWith("@") ? join(root, arg.slice(1)) : arg));
  return new (all[name] as new (...args: unknown[]) => AnyDataset)(...places, options);
}

/** A value as it was recorded. */
function plain(value: unknown): unknown {
  if (value instanceof Image) return { image: [value.mode, ...value.size, md5(value.data as Uint8Array)] };
  if (value instanceof torch.Tensor) return value.tolist();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** A value without the place of the folder, and without what is undefined. */
const withRoot = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value).replaceAll(root, "ROOT"));

for (const one of recorded.cases) {
  test(`${one.name} ${JSON.stringify([one.args, one.kwargs])} reads as torchvision's`, () => {
    const data = open(one);
    assert.equal(
      String(data)
        .replaceAll(root, "ROOT")
        .replace(/ROOT\/(?=\n|$)/, "ROOT"),
      one.repr.replace(/ROOT\/(?=\n|$)/, "ROOT"),
    );
    assert.equal(data.length, one.samples.length);
    assert.deepEqual(withRoot(Array.from({ length: data.length }, (_, i) => plain(data.at(i)))), one.samples);
    for (const [name, expected] of Object.entries(one.known)) {
      const actual = (data as unknown as Record<string, unknown>)[camel(name)];
      assert.deepEqual(withRoot(plain(actual)), expected, name);
    }
  });
}

test("batches have int64 labels, with and without workers", () => {
  const transform = new transforms.ToTensor();
  const folder = new datasets.ImageFolder<torch.Tensor>(join(root, "folder"), transform);
  const noise = new datasets.FakeData<torch.Tensor>(6, [3, 4, 4], 3, transform);
  for (const [data, size] of [
    [folder, 4],
    [noise, 3],
  ] as const) {
    const batches = (numWorkers: number) =>
      Array.from(new DataLoader(data, size, { numWorkers }), ([x, y]) => [
        x.shape,
        x.sum().item(),
        y.dtype.name,
        y.tolist(),
      ]);
    assert.deepEqual(batches(1), batches(0));
    assert.equal(batches(0)[0]?.[2], "int64");
  }
  const [[images, labels] = []] = [...new DataLoader(folder, 7)];
  assert.deepEqual([images?.shape, labels?.dtype, labels?.tolist()], [[7, 3, 9, 12], torch.int64, folder.targets]);
  const svhn = new small.SVHN(root, { transform: transform as never }) as unknown as datasets.SVHN<torch.Tensor>;
  const [batch, digits] = svhn.getBatch([1, 0]) as [torch.Tensor, torch.Tensor];
  assert.deepEqual([digits.dtype, digits.tolist()], [torch.int64, [0, 9]]);
  assert.ok(torch.equal(batch.at(0), svhn.at(1)[0]));
});

test("transforms see images and targets, each or both together", () => {
  const folder = join(root, "folder");
  const data = new datasets.ImageFolder(
    folder,
    (image) => image.size,
    (label) => label + 10,
  );
  assert.deepEqual(data.at(0), [[12, 9], 10]);
  const named = new datasets.ImageFolder(folder, { targetTransform: (label) => `class ${label}` });
  assert.equal(named.at(-1)[1], "class 2");
  const together = new datasets.VOCSegmentation(root, { transforms: (image, mask) => [mask.mode, image.mode] });
  assert.deepEqual(together.at(0), ["P", "RGB"]);
  assert.throws(
    () => new datasets.VOCSegmentation(root, { transforms: (a, b) => [a, b], transform: (image) => image }),
    /Only transforms or transform\/target_transform can be passed/,
  );
});

test("a folder's samples are found by extensions, or by a function", () => {
  const folder = join(root, "folder");
  const names = (data: { samples: [string, number][] }) =>
    data.samples.map(([path, label]) => [path.slice(folder.length + 1), label]);
  const read = (path: string): string => readFileSync(path, "latin1");
  const texts = new datasets.DatasetFolder(folder, read, { extensions: [".txt"], allowEmpty: true });
  assert.deepEqual([names(texts), texts.at(0)], [[["cat/notes.txt", 1]], ["no image", 1]]);
  const chosen = new datasets.ImageFolder(folder, { isValidFile: (path) => path.endsWith("a.png"), allowEmpty: true });
  assert.deepEqual(names(chosen), [
    ["cat/a.png", 1],
    ["cat/deep/a.png", 1],
  ]);
  assert.throws(
    () => new datasets.DatasetFolder(folder, read, [".txt"]),
    /Found no valid file for the classes ant, dog. Supported extensions are: .txt/,
  );
  assert.throws(() => new datasets.ImageFolder(join(root, "empty")), /Found no valid file for the classes nothing/);
  assert.throws(() => new datasets.ImageFolder(join(root, "empty", "some")), /Couldn't find any class folder/);
  assert.throws(() => new datasets.DatasetFolder(folder, read, {}), /Both extensions and is_valid_file cannot be None/);
  assert.throws(() => new datasets.ImageFolder(join(root, "nowhere")), /ENOENT/);
  assert.throws(() => new datasets.ImageFolder(folder, { transfrom: null } as never), {
    name: "TypeError",
    message: /transfrom/,
  });
  // A link back to the folder is not followed for ever.
  const looped = join(temporary, "looped");
  mkdirSync(join(looped, "cat"), { recursive: true });
  writeFileSync(join(looped, "cat", "a.png"), readFileSync(join(folder, "ant", "1.png")));
  symlinkSync(looped, join(looped, "cat", "again"));
  assert.equal(new datasets.ImageFolder(looped).length, 1);
});

test("files that are not there or are changed are errors", () => {
  for (const make of [
    () => new datasets.CIFAR10(root),
    () => new datasets.SVHN(root),
    () => new datasets.STL10(root),
    () => new datasets.Flowers102(root),
    () => new datasets.CelebA(root),
    () => new datasets.USPS(join(root, "folder")),
    () => new datasets.EMNIST(root, "mnist"),
    () => new datasets.Food101(join(root, "folder")),
    () => new datasets.OxfordIIITPet(join(root, "folder")),
    () => new datasets.Caltech101(join(root, "folder")),
    () => new datasets.VOCDetection(root, { year: "2009" }),
  ])
    assert.throws(make, /Dataset not found.*You can use { download: true } to download it/);
  assert.throws(() => new small.STL10(root, { folds: 10 }), /folds should be in the range \[0, 10\), but got 10/);
  assert.throws(() => new datasets.SVHN(root, { split: "all" as never }), { name: "TypeError", message: /"extra"/ });
  assert.throws(() => new datasets.VOCDetection(root, { imageSet: "test" }), /for the year 2007 alone/);
  assert.throws(() => new small.CelebA(root, { targetType: "names" as never }), TypeError);
  assert.throws(() => new small.CelebA(root, { targetType: [], targetTransform: (x) => x }), /target_type is empty/);
});

test("bzip2 files unpack to what was packed, and broken ones are errors", () => {
  for (const [name, { packed, md5: sum, size }] of Object.entries(recorded.bzip)) {
    const bytes = new Uint8Array(Buffer.from(packed, "hex"));
    assert.equal(md5(unpackBzip2(bytes, name, 1e6)), sum, name);
    if (size > 0) assert.throws(() => unpackBzip2(bytes, name, size - 1), /more bytes than it may/);
    // Of two files the first one is whole by itself, and some bits between them mean nothing.
    if (name === "two files") continue;
    const step = 1 + Math.floor(bytes.length / 20);
    for (let at = 0; at < bytes.length - 1; at += step) {
      assert.throws(() => unpackBzip2(bytes.slice(0, at), name, 1e6), /is no whole bzip2 file/, `${name} up to ${at}`);
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      // Some bits mean nothing; whatever is read is right.
      try {
        assert.equal(md5(unpackBzip2(changed, name, 1e6)), sum, `${name} at ${at}`);
      } catch (error) {
        assert.match((error as Error).message, /is no whole bzip2 file/, `${name} at ${at}`);
      }
    }
  }
});

test("pickles are plain data, or an error", () => {
  const read = (text: string) => () => readPickle(new Uint8Array(Buffer.from(text, "latin1")), "a file");
  assert.deepEqual(read("\x80\x02]q\x00(K\x01M\x01\x02J\xff\xff\xff\xff\x8a\x01\x80U\x02\xe9bNI01\ne.")(), [
    1,
    513,
    -1,
    -128,
    "éb",
    null,
    true,
  ]);
  assert.throws(read("cos\nsystem\n(U\x02lstR."), /names os.system, and only arrays are read/);
  assert.throws(read("\x80\x02c__builtin__\neval\nU\x011\x85R."), /names __builtin__.eval/);
  assert.throws(read("\x80\x02K\x01"), /truncated/);
  assert.throws(read("."), /empty stack/);
  assert.throws(read("e."), /a mark that it did not set/);
  assert.throws(read("K\x01K\x02a."), /adds to what is no Array/);
  assert.throws(read("h\x05."), /has not remembered/);
  assert.throws(read("\xff."), /unknown instruction 0xff/);
  const array = "cnumpy\nndarray\nK\x00\x85U\x01b\x87R";
  assert.throws(read(array), /calls numpy.ndarray in an unknown way|truncated|empty stack/);
});

test("mat files are arrays of numbers, or an error", () => {
  const bytes = new Uint8Array(readFileSync(join(root, "test_32x32.mat")));
  const { shape } = readMat(bytes, "a file").get("X") as { shape: readonly number[] };
  assert.deepEqual(shape, [32, 32, 3, 2]);
  assert.throws(() => readMat(bytes.slice(0, 100), "a file"), /no MAT file of version 5/);
  assert.throws(() => readMat(bytes.slice(0, 3000), "a file"), /truncated/);
  assert.throws(() => readMat(new Uint8Array(200), "a file"), /no such header/);
  const packed = new Uint8Array(readFileSync(join(root, "train_32x32.mat")));
  const changed = packed.slice();
  changed.fill(7, 400, 420);
  assert.throws(() => readMat(changed, "a file"), /broken|truncated|type that is not known/);
});

test("annotations are elements, or an error", () => {
  const { children, text } = parseXml(
    "<?xml?><a>x &lt; <!-- <b> --><c k='1'>&#65;&#x42;<![CDATA[<]]></c> tail</a>",
    "a file",
  );
  assert.deepEqual([text, children], ["x < ", [{ tag: "c", children: [], text: "AB<" }]]);
  assert.throws(() => parseXml("<a><b></a>", "a file"), /<\/a> ends what did not begin/);
  assert.throws(() => parseXml("<a>", "a file"), /<a> does not end/);
  assert.throws(() => parseXml("text", "a file"), /no element/);
  assert.throws(() => parseXml("<a>".repeat(5000), "a file"), /nested too deep/);
});

test("archives of all common kinds are extracted", () => {
  for (const [name, hex] of Object.entries(recorded.archives)) {
    const folder = mkdtempSync(join(temporary, "archive-"));
    const path = join(folder, name);
    writeFileSync(path, Buffer.from(hex, "hex"));
    datasets.utils.extractArchive(path, join(folder, "out"));
    for (const [file, sum] of Object.entries(recorded.content)) {
      assert.ok(datasets.utils.checkIntegrity(join(folder, "out", file), sum), `${name}: ${file}`);
    }
    assert.deepEqual(readdirSync(join(folder, "out")).sort(), ["a.txt", "folder"]);
    const cut = join(folder, `cut-${name}`);
    writeFileSync(cut, Buffer.from(hex, "hex").subarray(0, hex.length / 4));
    assert.throws(() => datasets.utils.extractArchive(cut, join(folder, "cut")), /could not be extracted: .+/, name);
    assert.deepEqual(readdirSync(join(folder, "cut")), [], name);
  }
});

/** A tar archive with one member. */
function tar(path: string, content: string, kind = "0", link = ""): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(content.length.toString(8).padStart(11, "0"), 124);
  header.write(kind, 156);
  header.write(link, 157);
  header.fill(" ", 148, 156);
  header.write(
    header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0"),
    148,
  );
  const padding = Buffer.alloc(-content.length & 511);
  return Buffer.concat([header, Buffer.from(content, "latin1"), padding, Buffer.alloc(1024)]);
}

test("an archive writes nothing outside of its folder", () => {
  const folder = mkdtempSync(join(temporary, "escape-"));
  for (const path of [
    "../out.txt",
    "/tmp/flambeau-escape.txt",
    "a/../../out.txt",
    "..\\out.txt",
    "C:\\out.txt",
    "c:out.txt",
  ]) {
    const file = join(folder, "evil.tar");
    writeFileSync(file, tar(path, "evil"));
    assert.throws(
      () => datasets.utils.extractArchive(file, join(folder, "in")),
      /would write outside of its folder/,
      path,
    );
    assert.deepEqual([readdirSync(folder), readdirSync(join(folder, "in"))], [["evil.tar", "in"], []]);
  }
  const file = join(folder, "link.tar");
  writeFileSync(file, Buffer.concat([tar("a", "", "2", "/tmp").subarray(0, 512), tar("a/b.txt", "inside")]));
  datasets.utils.extractArchive(file, join(folder, "linked"));
  assert.equal(readFileSync(join(folder, "linked", "a", "b.txt"), "utf8"), "inside");
  assert.throws(
    () => datasets.utils.extractArchive(join(folder, "a.rar")),
    /Unknown compression or archive type: 'a.rar'/,
  );
  assert.throws(() => datasets.utils.extractArchive(join(folder, "none.zip")), /could not be extracted: ENOENT/);
});

/** Archives that a server has, and classes that fetch from there. */
async function withServer<T>(files: Record<string, Served>, body: (address: string) => T): Promise<T> {
  const { address, stop } = await serve(files);
  try {
    return body(address);
  } finally {
    await stop();
  }
}

/** The files of some folders of the small data sets, as a tar.gz archive. */
function packed(folder: string): Buffer {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  const members = paths.filter((path) => statSync(join(root, folder, path)).isFile()).sort();
  const parts = members.map((path) =>
    tar(`${folder}/${path}`, readFileSync(join(root, folder, path), "latin1")).subarray(0, -1024),
  );
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

test("what is asked for is fetched, checked and extracted, and fetched once", async () => {
  const body = packed("cifar-10-batches-py");
  const files = {
    "broken/a.tar.gz": { body, cutAt: 100 },
    "wrong/a.tar.gz": { body: gzipSync("other") },
    "good/a.tar.gz": { body },
  };
  await withServer(files, (address) => {
    class Fetched extends small.CIFAR10 {
      static override readonly filename = "a.tar.gz";
      static override readonly tgzMd5 = md5(body);
      static override url: string | string[] = ["broken", "missing", "wrong"].map(
        (folder) => `${address}${folder}/a.tar.gz`,
      );
    }
    const target = join(temporary, "fetched");
    assert.throws(
      () => new Fetched(target, { download: true }),
      (error: Error) => {
        assert.match(error.message, /Error downloading a.tar.gz:/);
        assert.match(error.message, /broken\/a.tar.gz could not be fetched: the connection broke after/);
        assert.match(error.message, /missing\/a.tar.gz could not be fetched: HTTP Error 404/);
        assert.match(error.message, /wrong\/a.tar.gz is not the file that was published: its checksum is/);
        return true;
      },
    );
    assert.throws(() => new Fetched(target), /Dataset not found or corrupted/);
    Fetched.url = [`${address}missing/a.tar.gz`, `${address}good/a.tar.gz`];
    const data = new Fetched(target, { download: true });
    assert.deepEqual(data.targets, new small.CIFAR10(root).targets);
    Fetched.url = `${address}missing/a.tar.gz`;
    assert.equal(new Fetched(target, { download: true, train: false }).length, 4);
    assert.deepEqual(readdirSync(target).sort(), ["a.tar.gz", "cifar-10-batches-py"]);
  });
});

test("single files are fetched with their checksums", async () => {
  const name = "test_32x32.mat";
  const body = readFileSync(join(root, name));
  await withServer({ [name]: { body } }, (address) => {
    class Fetched extends small.SVHN {
      static override readonly splitList = {
        ...small.SVHN.splitList,
        test: [address + name, name, md5(body)] as const,
        extra: [address + name, "extra.mat", "0".repeat(32)] as const,
      };
    }
    const target = join(temporary, "svhn");
    assert.deepEqual(new Fetched(target, { split: "test", download: true }).labels.tolist(), [9, 0]);
    assert.throws(() => new Fetched(target, { split: "extra", download: true }), /is not the file that was published/);
    assert.deepEqual(readdirSync(target), [name]);
  });
});
