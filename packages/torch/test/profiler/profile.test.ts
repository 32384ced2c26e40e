/** `torch.profiler`: times, calls, shapes and memory by operation, forward and backward apart. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import torch, { nn } from "../../src/index.js";
import { NeuralNetwork } from "../support/quickstartNetwork.js";

const { profiler } = torch;

const model = new NeuralNetwork();
const images = torch.rand(4, 1, 28, 28);
const labels = torch.tensor([1, 2, 3, 4], { dtype: torch.long });
const step = () => new nn.CrossEntropyLoss()(model(images), labels).backward();

test("calls are counted by name; those of the backward pass stand apart, under their nodes", () => {
  const sums = profiler.profile(step).keyAverages();
  const counts = Object.fromEntries(sums.map(({ key, count }) => [key, count]));
  assert.equal(counts.linear, 3);
  assert.equal(counts.relu, 2);
  assert.equal(counts.crossEntropy, 1);
  assert.equal(counts.AddmmBackward0, 3);
  assert.equal(counts.ReluBackward0, 2);
  assert.equal(counts["crossEntropyBackward (backward)"], 1);
  assert.equal(counts["reluBackward (backward)"], 2);
});

test("times nest: an event lasts as long as what is in it and itself, and the sum of all is that of the outermost", () => {
  const profile = profiler.profile(step);
  const events = profile.events();
  for (const event of events) {
    assert.ok(event.selfCpuTimeTotal >= -1e-6, event.name);
    for (const child of event.children) assert.ok(child.start >= event.start && child.end <= event.end, child.name);
  }
  const outermost = events.filter(({ parent }) => parent === undefined);
  const total = outermost.reduce((time, event) => time + event.cpuTimeTotal, 0);
  const self = profile.keyAverages().reduce((time, { selfCpuTimeTotal }) => time + selfCpuTimeTotal, 0);
  assert.ok(Math.abs(self - total) < 1e-3 * total + 1e-3, `${self} ${total}`);
});

test("an operation inside of one of its own name counts its time once", () => {
  const profile = profiler.profile(() =>
    profiler.recordFunction("outer", () => profiler.recordFunction("outer", () => torch.ones(3))),
  );
  const outer = profile.keyAverages().find(({ key }) => key === "outer");
  assert.equal(outer?.count, 2);
  assert.equal(outer?.cpuTimeTotal, profile.events()[0]?.cpuTimeTotal);
});

test("shapes of the inputs group the sums where that is asked for", () => {
  const profile = profiler.profile(step, { recordShapes: true });
  const shapes = profile
    .keyAverages({ groupByInputShape: true })
    .filter(({ key }) => key === "linear")
    .map(({ inputShapes, count }) => [inputShapes, count]);
  assert.deepEqual(shapes, [
    [[[4, 784], [512, 784], [512]], 1],
    [[[4, 512], [512, 512], [512]], 1],
    [[[4, 512], [10, 512], [10]], 1],
  ]);
});

test("memory that an operation sets aside, and floating-point operations of products", () => {
  const a = torch.rand(256, 512);
  const b = torch.rand(512, 128);
  const profile = profiler.profile(() => a.mm(b), { profileMemory: true, withFlops: true });
  const [mm] = profile.keyAverages();
  assert.ok((mm?.cpuMemoryUsage ?? 0) >= 256 * 128 * 4, `${mm?.cpuMemoryUsage}`);
  assert.equal(mm?.flops, 2 * 256 * 512 * 128);
});

test("the table has PyTorch's layout, sorts by a field, and ends after so many rows", () => {
  const sums = profiler.profile(step, { recordShapes: true, profileMemory: true }).keyAverages();
  const lines = sums.table({ sortBy: "count", rowLimit: 3 }).split("\n");
  assert.equal(lines.length, 3 + 3 + 3);
  assert.match(
    lines[1] ?? "",
    /^ +Name +Self CPU % +Self CPU +CPU total % +CPU total +CPU time avg +CPU Mem +Self CPU Mem +# of Calls/,
  );
  assert.match(lines.at(-2) ?? "", /^Self CPU time total: [\d.]+(us|ms|s)$/);
  const counts = lines.slice(3, 6).map((line) => Number(line.trim().split(/\s{2,}/)[8]));
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  );
  assert.throws(() => sums.table({ sortBy: "time" as "count" }), /sortBy must be one of count, cpu_time/);
  assert.equal(
    profiler
      .profile(() => undefined)
      .keyAverages()
      .table(),
    "",
  );
});

test("a trace file has an event for each call, and no unfinished file stays beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const profile = profiler.profile(step, { recordShapes: true });
    profile.exportChromeTrace(join(folder, "trace.json"));
    assert.deepEqual(readdirSync(folder), ["trace.json"]);
    const { traceEvents } = JSON.parse(readFileSync(join(folder, "trace.json"), "utf8"));
    assert.equal(traceEvents.length, profile.events().length);
    const linear = traceEvents.find(({ name }: { name: string }) => name === "linear");
    assert.deepEqual(linear.args["Input Dims"][0], [4, 784]);
    assert.equal(linear.ph, "X");
    assert.ok(linear.dur >= 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a profile ends with its block, also by an error, and profiles nest", () => {
  let inner: torch.profiler.Profile | undefined;
  const outer = profiler.profile(() => {
    assert.throws(() => {
      using running = profiler.profile();
      inner = running;
      torch.ones(2).add(torch.ones(3));
    });
    torch.zeros(2);
  });
  torch.zeros(3);
  const names = (profile: torch.profiler.Profile | undefined) => profile?.events().map(({ name }) => name);
  assert.deepEqual(names(inner), ["ones", "ones", "add"]);
  assert.deepEqual(names(outer), ["ones", "ones", "add", "zeros"]);
});

test("the same gradients with and without a profile", () => {
  const gradients = (run: () => void) => {
    model.zeroGrad();
    run();
    return [...model.parameters()].map((parameter) => parameter.grad?.clone() as torch.Tensor);
  };
  const plain = gradients(step);
  const profiled = gradients(() => profiler.profile(step));
  plain.forEach((grad, i) => {
    assert.ok(grad.equal(profiled[i] as torch.Tensor));
  });
});
