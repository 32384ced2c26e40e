import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { decode } from "fast-png";
import torch, { nn } from "flambeau";
import { SummaryWriter } from "../src/index.js";
import {
  type Event,
  EventSchema,
  GraphDefSchema,
  type Histogram,
  HParamsPluginDataSchema,
  LayoutSchema,
  type SummaryValue,
} from "../src/proto/tensorboard_pb.js";
import { readRecords, recordOf } from "../src/records.js";

const root = mkdtempSync(join(tmpdir(), "flambeau-tensorboard-"));
after(() => rmSync(root, { recursive: true }));

function eventsIn(folder: string): Event[] {
  const files = readdirSync(folder).filter((name) => name.includes("tfevents"));
  return files.flatMap((name) =>
    readRecords(readFileSync(join(folder, name))).records.map((record) => fromBinary(EventSchema, record)),
  );
}

let runs = 0;

/** What a writer wrote after it was used: events, and their values by tag. */
function written(use: (writer: SummaryWriter) => void): { events: Event[]; values: Map<string, SummaryValue> } {
  const folder = join(root, `run${runs++}`);
  const writer = new SummaryWriter(folder);
  use(writer);
  writer.close();
  const events = eventsIn(folder);
  const all = events.flatMap(({ what }) => (what.case === "summary" ? what.value.value : []));
  return { events, values: new Map(all.map((value) => [value.tag, value])) };
}

/** As TensorFlow 2 writes the first record of every file, of a time that is 0. */
test("records have TensorFlow's bytes", () => {
  const data = Buffer.from("0900000000000000001a0d627261696e2e4576656e743a32", "hex");
  const hex = "18000000000000 00a37f4b22".replace(" ", "");
  const record = recordOf(data);
  assert.equal(Buffer.from(record.subarray(0, 12)).toString("hex"), hex);
  assert.deepEqual(readRecords(record), { records: [new Uint8Array(data)], length: record.length });
});

test("records that are not whole wait, and damaged ones are told", () => {
  const two = Buffer.concat([recordOf(new Uint8Array([1, 2])), recordOf(new Uint8Array(300))]);
  for (let length = 0; length < two.length; length++) {
    assert.equal(readRecords(two.subarray(0, length)).records.length, length < 18 ? 0 : 1);
  }
  for (const at of [0, 8, 12, 15]) {
    const damaged = Uint8Array.from(two);
    damaged[at] = (damaged[at] as number) ^ 1;
    assert.throws(() => readRecords(damaged), /wrong checksum/);
  }
});

test("a file begins with its version, and scalars have their step and time", () => {
  const { events } = written((writer) => {
    writer.addScalar("loss/train", 0.5, 3, { walltime: 12.5 });
    writer.addScalar("accuracy", torch.tensor(0.25));
    writer.addScalar("exact", 0.1, 1, { doublePrecision: true });
  });
  assert.deepEqual(events[0]?.what, { case: "fileVersion", value: "brain.Event:2" });
  const [, loss, accuracy, exact] = events as [Event, Event, Event, Event];
  assert.equal(loss.wallTime, 12.5);
  assert.equal(loss.step, 3n);
  assert.ok(loss.what.case === "summary" && loss.what.value.value[0]?.value.value === 0.5);
  assert.ok(accuracy.what.case === "summary" && accuracy.what.value.value[0]?.value.value === 0.25);
  assert.ok(Math.abs(accuracy.wallTime - Date.now() / 1000) < 60);
  const value = exact.what.case === "summary" && exact.what.value.value[0]?.value;
  assert.ok(value && value.case === "tensor" && value.value.doubleVal[0] === 0.1);
});

test("several scalars have a run each", () => {
  const folder = join(root, "several");
  const writer = new SummaryWriter(folder);
  writer.addScalars("loss", { train: 1, test: torch.tensor(2) }, 4);
  writer.close();
  for (const name of ["train", "test"]) {
    const event = eventsIn(join(folder, `loss_${name}`))[1];
    assert.ok(event?.what.case === "summary" && event.what.value.value[0]?.tag === "loss");
  }
});

/** What torch.utils.tensorboard.summary.make_histogram gives for these values. */
test("histograms have PyTorch's buckets", () => {
  const of = (values: torch.Tensor, bins?: Parameters<SummaryWriter["addHistogram"]>[3]) => {
    const { values: all } = written((writer) => writer.addHistogram("h", values, 0, bins));
    return all.get("h")?.value.value as Histogram;
  };
  const tens = of(torch.arange(100).to(torch.float32), { bins: 10 });
  assert.deepEqual(tens.bucket, [0, ...Array(10).fill(10)]);
  assert.equal(tens.bucketLimit.length, 11);
  assert.equal(tens.bucketLimit.at(-1), 99);
  const { min, max, num, sum, sumSquares } = tens;
  assert.deepEqual([min, max, num, sum, sumSquares], [0, 99, 100, 4950, 328350]);
  assert.equal(of(torch.arange(100).to(torch.float32), { bins: "auto" }).bucket.length, 9);
  const own = of(torch.tensor([0, 1, 1, 2, 5]), { bins: [0, 1, 2, 3] });
  assert.deepEqual(own.bucket, [0, 1, 2, 1]);
  assert.deepEqual(own.bucketLimit, [0, 1, 2, 3]);
  const exponential = of(torch.tensor([-1, 0.5, 0.5, 2]));
  assert.equal(
    exponential.bucket.reduce((total, count) => total + count, 0),
    4,
  );
  assert.equal(exponential.bucket[0], 0);
  assert.equal(exponential.bucket.length, exponential.bucketLimit.length);
  assert.ok((exponential.bucketLimit.at(-1) as number) >= 2 && (exponential.bucketLimit.at(-1) as number) < 2.2);
  assert.throws(() => of(torch.empty(0)), /no element/);
  assert.throws(() => of(torch.tensor([Number.NaN])), /finite/);
});

function pixelsOf(value: SummaryValue | undefined) {
  assert.ok(value?.value.case === "image");
  const { width, height, encodedImageString } = value.value.value;
  const image = decode(encodedImageString);
  assert.deepEqual([image.width, image.height], [width, height]);
  return image;
}

test("images are PNG files in every order of axes", () => {
  const image = torch.tensor([
    [
      [0, 1],
      [0.5, 2],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [1, 1],
      [1, -1],
    ],
  ]);
  const { values } = written((writer) => {
    writer.addImage("chw", image);
    writer.addImage("hwc", image.permute(1, 2, 0), 0, { dataformats: "HWC" });
    writer.addImage("grey", image.at("0:1"));
    writer.addImage("hw", torch.tensor([[7, 255]], { dtype: torch.uint8 }), null, { dataformats: "HW" });
    writer.addImages("grid", torch.ones(9, 1, 2, 2));
  });
  const bytes = [0, 0, 255, 255, 0, 255, 127, 0, 255, 255, 0, 0];
  assert.deepEqual([...pixelsOf(values.get("chw")).data], bytes);
  assert.deepEqual([...pixelsOf(values.get("hwc")).data], bytes);
  assert.deepEqual([...pixelsOf(values.get("grey")).data], [0, 0, 0, 255, 255, 255, 127, 127, 127, 255, 255, 255]);
  assert.deepEqual([...pixelsOf(values.get("hw")).data], [7, 7, 7, 255, 255, 255]);
  const grid = pixelsOf(values.get("grid"));
  assert.deepEqual([grid.width, grid.height], [16, 4]);
  assert.equal([...grid.data].filter((value) => value > 0).length, 9 * 4 * 3);
  const writer = new SummaryWriter(join(root, "wrong"));
  assert.throws(() => writer.addImage("x", torch.ones(3, 2)), /dataformats "CHW" do not fit .* \[3,2\]/);
  writer.close();
});

test("texts, sounds and curves are for their plugins", () => {
  const { values } = written((writer) => {
    writer.addText("note", "**hello**");
    writer.addAudio("tone", torch.tensor([0, 0.5, -2]), 0, { sampleRate: 8000 });
    const labels = torch.tensor([0, 1, 1, 0]);
    writer.addPrCurve("pr", labels, torch.tensor([0.1, 0.4, 0.9, 0.6]), 0, { numThresholds: 5 });
  });
  const text = values.get("note/text_summary");
  assert.equal(text?.metadata?.pluginData?.pluginName, "text");
  assert.ok(text?.value.case === "tensor");
  assert.equal(new TextDecoder().decode(text.value.value.stringVal[0]), "**hello**");
  const tone = values.get("tone")?.value;
  assert.ok(tone?.case === "audio");
  const wav = Buffer.from(tone.value.encodedAudioString);
  assert.equal(wav.toString("latin1", 0, 4) + wav.toString("latin1", 8, 12), "RIFFWAVE");
  assert.deepEqual(
    [44, 46, 48].map((at) => wav.readInt16LE(at)),
    [0, 16383, -32767],
  );
  const curve = values.get("pr")?.value;
  assert.ok(curve?.case === "tensor");
  // Rows of tensorboard.plugins.pr_curve.summary.raw_data_op for the same data.
  const rows = Array.from({ length: 6 }, (_, i) => [...curve.value.floatVal.slice(5 * i, 5 * i + 5)]);
  assert.deepEqual(rows.slice(0, 4), [
    [2, 2, 1, 1, 0],
    [2, 1, 1, 0, 0],
    [0, 1, 1, 2, 2],
    [0, 0, 1, 1, 2],
  ]);
  assert.deepEqual(
    rows[4]?.map((value) => Number(value.toFixed(4))),
    [0.5, 0.6667, 0.5, 1, 0],
  );
});

test("a graph has the nodes of the program in the folders of its modules", () => {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
  const { events } = written((writer) => writer.addGraph(model, torch.randn(3, 4)));
  const what = events[1]?.what;
  assert.ok(what?.case === "graphDef");
  const { node } = fromBinary(GraphDefSchema, what.value);
  const wires = node.map(({ name, op, input }) => `${name} = ${op}(${input})`);
  assert.deepEqual(wires, [
    "input/input0 = IO Node()",
    ...["0/weight", "0/bias", "2/weight", "2/bias"].map((name) => `${name} = Parameter()`),
    "0/linear_0 = linear(input/input0,0/weight,0/bias)",
    "0/relu_1 = relu(0/linear_0)",
    "2/linear_2 = linear(0/relu_1,2/weight,2/bias)",
    "output/0 = IO Node(2/linear_2)",
  ]);
});

test("hyperparameters have a run of their own, with their metrics", () => {
  const folder = join(root, "hparams");
  const writer = new SummaryWriter(folder);
  writer.addHparams({ lr: 0.1, bias: true, optimizer: "sgd" }, { accuracy: 0.9 }, { runName: "first" });
  assert.throws(() => writer.addHparams({ lr: null as never }, {}), /'lr' must be a number, boolean or string/);
  writer.close();
  const all = eventsIn(join(folder, "first")).flatMap(({ what }) => (what.case === "summary" ? what.value.value : []));
  const [experiment, start, end, accuracy] = all as [SummaryValue, SummaryValue, SummaryValue, SummaryValue];
  assert.deepEqual(
    [experiment, start, end].map(({ tag }) => tag.split("/")[1]),
    ["experiment", "session_start_info", "session_end_info"],
  );
  const { data } = fromBinary(HParamsPluginDataSchema, start.metadata?.pluginData?.content as Uint8Array);
  assert.ok(data.case === "sessionStartInfo");
  const values = Object.entries(data.value.hparams).map(([name, { kind }]) => [name, kind.value]);
  assert.deepEqual(Object.fromEntries(values), { lr: 0.1, bias: true, optimizer: "sgd" });
  assert.equal(accuracy.tag, "accuracy");
});

test("custom charts are a layout", () => {
  const { values } = written((writer) => {
    writer.addCustomScalars({ all: { losses: ["Multiline", ["a", "b"]], band: ["Margin", ["m", "l", "u"]] } });
  });
  const tensor = values.get("custom_scalars__config__")?.value;
  assert.ok(tensor?.case === "tensor");
  const layout = fromBinary(LayoutSchema, tensor.value.stringVal[0] as Uint8Array);
  assert.deepEqual(
    layout.category[0]?.chart.map(({ title, content }) => [title, content.case]),
    [
      ["losses", "multiline"],
      ["band", "margin"],
    ],
  );
});

test("an embedding is files for the projector", () => {
  const folder = join(root, "embedding");
  const writer = new SummaryWriter(folder);
  const labels = ["a", "b\tc", "d"];
  writer.addEmbedding(torch.eye(3), { metadata: labels, labelImg: torch.ones(3, 1, 2, 2), globalStep: 7, tag: "x" });
  assert.throws(() => writer.addEmbedding(torch.eye(3), { metadata: ["a"] }), /#labels should equal/);
  writer.close();
  const read = (name: string) => readFileSync(join(folder, "00007", "x", name), "utf8");
  assert.equal(read("metadata.tsv"), "a\nb c\nd\n");
  assert.equal(read("tensors.tsv").split("\n")[1], "0\t1\t0");
  const sprite = decode(readFileSync(join(folder, "00007", "x", "sprite.png")));
  assert.deepEqual([sprite.width, sprite.height], [4, 4]);
  const config = readFileSync(join(folder, "projector_config.pbtxt"), "utf8");
  assert.match(config, /tensor_name: "x:00007"\n {2}tensor_path: "00007\/x\/tensors.tsv"/);
});

test("what waits is written at the end of the process, and by flush", () => {
  const folder = join(root, "exit");
  const program = `
    import { SummaryWriter } from ${JSON.stringify(new URL("../src/index.js", import.meta.url).href)};
    new SummaryWriter(${JSON.stringify(folder)}).addScalar("a", 1);`;
  execFileSync(process.execPath, ["--input-type=module", "-e", program]);
  assert.equal(eventsIn(folder).length, 2);
  const writer = new SummaryWriter(join(root, "flush"));
  writer.addScalar("a", 1);
  assert.equal(eventsIn(writer.logDir).length, 1);
  writer.flush();
  assert.equal(eventsIn(writer.logDir).length, 2);
  for (let i = 0; i < 12; i++) writer.addScalar("a", i, i);
  assert.ok(eventsIn(writer.logDir).length >= 13);
  writer.close();
  writer.addScalar("a", 1);
  writer.close();
  assert.equal(readdirSync(writer.logDir).length, 2);
});

test("steps from one on do not count after a crash", () => {
  const folder = join(root, "purge");
  new SummaryWriter(folder, { purgeStep: 5 }).close();
  const [, purge] = eventsIn(folder);
  assert.equal(purge?.step, 5n);
  assert.equal(purge?.what.case, "sessionLog");
});

test("wrong calls are told", () => {
  const writer = new SummaryWriter(join(root, "calls"));
  assert.throws(() => writer.addScalar("a", torch.ones(2)), /a number or a tensor with one element/);
  assert.throws(() => writer.addScalar("a", "x" as never), TypeError);
  assert.throws(() => writer.addHistogram("a", [1, 2] as never), /must be a Tensor, not object/);
  assert.throws(() => writer.addPrCurve("a", torch.ones(1), torch.tensor([2])), /from 0 to 1/);
  writer.close();
});
