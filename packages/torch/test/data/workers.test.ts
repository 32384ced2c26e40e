/** `DataLoader` with worker threads: order, random numbers, errors, and threads that end. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import torch, { type Tensor } from "../../src/index.js";
import {
  Broken,
  Draws,
  failToStart,
  first,
  Holder,
  Large,
  offset,
  Range,
  Secret,
  Slow,
  Squares,
  sum,
  Threads,
  Throwing,
  Unshared,
  useThreeThreads,
  Where,
} from "./support/datasets.js";
import { checkGolden } from "./support/golden.js";

const { ConcatDataset, DataLoader, Dataset, shareable, Subset, TensorDataset } = torch.utils.data;

/** What PyTorch's two workers draw in the second pass over `Draws`, by twos, at seed 7. */
const secondPass = [
  0.2734794020652771, 0.865173876285553, 0.9901598691940308, 0.11352688074111938, 0.8654797673225403,
  0.2711629271507263,
];

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const lists = (batches: Iterable<Tensor>) => Array.from(batches, (batch) => batch.tolist());

test("batches of workers come in PyTorch's order, with its random numbers", () => {
  checkGolden("workers", () => lists(new DataLoader(upTo(9), 2, { shuffle: true, numWorkers: 2 })));
  checkGolden("worker seeds", () => lists(new DataLoader(new Draws(), 2, { numWorkers: 2 })), 1e-7);
});

test("streams are shared out as in PyTorch", () => {
  checkGolden("stream", () => lists(new DataLoader(new Range(0, 11), 2, { numWorkers: 2 })));
  checkGolden("stream 3", () => lists(new DataLoader(new Range(0, 7), 2, { numWorkers: 3, dropLast: true })));
  checkGolden("stream single", () => [...new DataLoader(new Range(0, 5), { batchSize: null, numWorkers: 2 })]);
});

test("for await gives the same, and lets the event loop go on", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const seen: unknown[] = [];
  for await (const batch of new DataLoader(new Slow(), 2, { numWorkers: 2 })) seen.push(batch.tolist());
  clearInterval(timer);
  assert.deepEqual(seen, [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  assert.ok(turns > 5, `the event loop went round ${turns} times`);
});

test("order is given up on request only", () => {
  const batches = lists(new DataLoader(new Slow(), 1, { numWorkers: 2, prefetchFactor: 3 })).flat();
  assert.deepEqual(batches, [0, 1, 2, 3, 4, 5]);
  const loose = lists(new DataLoader(new Slow(), 1, { numWorkers: 2, prefetchFactor: 3, inOrder: false })).flat();
  assert.deepEqual([...loose].sort(), [0, 1, 2, 3, 4, 5]);
});

test("workers know who they are", () => {
  torch.manualSeed(1);
  const loader = new DataLoader(new Where(), 1, { numWorkers: 2, collateFn: first });
  const infos = [...loader] as Record<string, unknown>[];
  assert.deepEqual(
    infos.map(({ index, id }) => [index, id]),
    [
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ],
  );
  assert.ok(infos.every(({ numWorkers, isOwn }) => numWorkers === 2 && isOwn === true));
  assert.equal((infos[1]?.seed as bigint) - (infos[0]?.seed as bigint), 1n);
  assert.notEqual(infos[0]?.thread, infos[1]?.thread);
  assert.equal(torch.utils.data.getWorkerInfo(), undefined);
});

test("workerInitFn and collateFn run in the worker", () => {
  assert.deepEqual([...new DataLoader(new Squares(4), 2, { numWorkers: 1, collateFn: sum })], [1, 13]);
  const loader = new DataLoader(new Range(0, 102), { batchSize: null, numWorkers: 2, workerInitFn: offset });
  assert.deepEqual(
    [...loader].filter((n) => n >= 100),
    [101, 100],
  );
});

test("kernels in a worker have one thread, or as many as the worker asks for", () => {
  const before = torch.getNumThreads();
  const threadsIn = (options: object) => [...new DataLoader(new Threads(), { batchSize: null, ...options })];
  assert.deepEqual(threadsIn({ numWorkers: 2 }), [1, 1]);
  assert.deepEqual(threadsIn({ numWorkers: 2, workerInitFn: useThreeThreads }), [3, 3]);
  assert.deepEqual(threadsIn({ numWorkers: 0 }), [before, before]);
});

test("batches that the loop has left go back while it goes on", () => {
  torch.memory.resetPeakMemoryStats();
  const { alive } = torch.memory.stats();
  for (const batch of new DataLoader(new Large(), { batchSize: null, numWorkers: 2 })) assert.equal(batch.numel(), 1e6);
  const most = torch.memory.stats().peak - alive;
  assert.ok(most < 150e6, `${most} bytes more were in use, of 960 MB in all`);
});

test("large tensors are shared, not copied", () => {
  const rows = torch.arange(4000).view(4, 1000);
  const loader = new DataLoader(new TensorDataset(rows), { batchSize: null, sampler: [3], numWorkers: 1 });
  for (const [row] of loader) {
    assert.equal(row?.dataPtr(), rows.at(3).dataPtr());
    row?.fill_(7);
  }
  assert.deepEqual(rows.at(3, 0).item(), 7);
});

test("any data goes to a worker and back", () => {
  const shared = torch.ones(3000);
  const loop: Record<string, unknown> = { name: "loop" };
  loop.self = loop;
  const held = {
    words: ["a", null, undefined, 1n, true],
    map: new Map<unknown, unknown>([
      ["t", torch.tensor([1, 2])],
      [{ key: 1 }, new Set([1])],
    ]),
    date: new Date(5),
    bytes: new Uint8Array([1, 2]),
    views: [shared, shared.view(3, 1000)],
    small: torch
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .t(),
    shareable: torch.fromTypedArray(new Float32Array(1000).fill(3)),
    dtype: torch.int16,
    squares: new Squares(3),
    function: sum,
    loop,
  };
  const loader = new DataLoader(new Holder(held), {
    batchSize: null,
    numWorkers: 1,
    collateFn: (sample) => sample as typeof held,
  });
  assert.throws(() => [...loader], /loader.collateFn cannot be sent between threads: it is the function collateFn/);
  const [back] = [...new DataLoader(new Holder(held), 1, { numWorkers: 1, collateFn: first as () => typeof held })];
  assert.ok(back);
  assert.deepEqual([back.words, back.date, back.bytes], [held.words, held.date, held.bytes]);
  assert.deepEqual((back.map.get("t") as Tensor).tolist(), [1, 2]);
  assert.deepEqual([...back.map][1], [{ key: 1 }, new Set([1])]);
  back.views[0]?.fill_(5);
  assert.deepEqual([back.views[1]?.at(2, 99).item(), shared.at(0).item()], [5, 5]);
  assert.deepEqual(back.small.tolist(), [
    [1, 3],
    [2, 4],
  ]);
  assert.deepEqual([back.shareable.sum().item(), back.dtype, back.function], [3000, torch.int16, sum]);
  assert.ok(back.squares instanceof Squares && back.squares.length === 3);
  assert.equal(back.loop.self, back.loop);
});

test("built-in data sets, and classes with a state of their own, go to workers", () => {
  const part = new Subset(new ConcatDataset([new Secret(2), new Secret(10)]), [5, 1, 4]);
  assert.deepEqual(lists(new DataLoader(part, 3, { numWorkers: 1 })), [[20, 2, 10]]);
});

test("what cannot be sent is named", () => {
  const load = (dataset: torch.utils.data.MapDataset<unknown>) => [...new DataLoader(dataset, 1, { numWorkers: 1 })];
  assert.throws(
    () => load(new Unshared()),
    /loader.dataset cannot be sent between threads: it is a Unshared. .*shareable/,
  );
  assert.throws(
    () => load(new Subset([new Date(), { f: [Symbol("s")] }], [0])),
    /loader.dataset.dataset\[1\].f\[0\] .*a symbol/,
  );
  assert.throws(() => load(new Holder({ fetch: () => 1 })), /loader.dataset.held.fetch .*the function fetch/);
  assert.throws(() => load(new Holder(Promise.resolve())), /loader.dataset.held .*a Promise/);
  assert.throws(
    () => load(new Holder(torch.ones(2, { requiresGrad: true }).mul(2))),
    /non-leaf tensor which requires grad/,
  );
  const loader = new DataLoader(new Holder(torch.ones(2, { requiresGrad: true })), 1, { numWorkers: 1 });
  assert.throws(() => [...loader], /batch cannot be sent .*non-leaf/);
});

test("an error in a worker reaches the loop, with its stack", async () => {
  const loader = new DataLoader(new Broken(3, "throw"), 2, { numWorkers: 2 });
  const seen: unknown[] = [];
  const check = (error: unknown) => {
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, "Caught RangeError in DataLoader worker 1: no sample 3");
    assert.match((error.cause as Error).stack ?? "", /Broken.act .*datasets/);
    return true;
  };
  assert.throws(() => {
    for (const batch of loader) seen.push(batch.tolist());
  }, check);
  assert.deepEqual(seen, [[0, 1]]);
  await assert.rejects(async () => {
    for await (const _ of loader);
  }, check);
  const failing = new DataLoader(new Squares(3), 1, { numWorkers: 1, workerInitFn: failToStart });
  assert.throws(() => [...failing], /Caught TypeError in DataLoader worker 0: this worker does not want to start/);
});

/** The error of a worker whose data set throws something. */
function errorOf(what: ConstructorParameters<typeof Throwing>[0]): Error & Record<string, unknown> {
  try {
    for (const _ of new DataLoader(new Throwing(what), 1, { numWorkers: 1 }));
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("nothing was thrown");
}

test("an error in a worker keeps its code, its cause and its errors", () => {
  const coded = errorOf("coded");
  assert.ok(coded instanceof TypeError && coded.cause instanceof TypeError);
  assert.deepEqual([coded.code, (coded.cause as unknown as typeof coded).code], ["ENOENT", "ENOENT"]);
  const caused = errorOf("caused").cause as Error;
  assert.equal(caused.message, "not read");
  const inner = caused.cause as Error;
  assert.deepEqual([inner.message, (inner.cause as typeof coded).code], ["not opened", "ENOENT"]);
  const several = errorOf("several");
  assert.equal(several.message, "Caught AggregateError in DataLoader worker 0: nothing worked");
  for (const error of [several, several.cause]) {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual([error.errors.length, error.errors[0].code, error.errors[1]], [2, "ENOENT", { status: 404 }]);
  }
  let cyclic = errorOf("cyclic");
  for (let depth = 0; depth < 5; depth++) cyclic = cyclic.cause as typeof cyclic;
  assert.equal(cyclic.message, "again");
});

test("what a worker throws that is no error is shown, and is the cause", () => {
  const object = errorOf("object");
  assert.equal(object.message, "Caught Error in DataLoader worker 0: { status: 404 }");
  assert.deepEqual(object.cause, { status: 404 });
  const word = errorOf("word");
  assert.equal(word.message, "Caught Error in DataLoader worker 0: a word");
  assert.equal(word.cause, "a word");
  assert.match(errorOf("function").message, /worker 0: \{ retry: \[Function: retry\] \}/);
});

for (const [deed, message] of [
  ["exit", /DataLoader worker 0 exited unexpectedly with exit code 3/],
  ["memory", /DataLoader worker 0 exited unexpectedly with exit code 1: .*memory limit/],
  ["later", /DataLoader worker 0 exited unexpectedly with exit code 1: an error that nobody catches/],
] as const) {
  test(`a worker that dies does not hang the loop: ${deed}`, async () => {
    const execArgv = ["--max-old-space-size=64"];
    const script = `
      import torch from ${JSON.stringify(new URL("../../src/index.js", import.meta.url).href)};
      import { Broken } from ${JSON.stringify(new URL("./support/datasets.js", import.meta.url).href)};
      const loader = new torch.utils.data.DataLoader(new Broken(0, ${JSON.stringify(deed)}), 1, { numWorkers: 2 });
      const report = (error) => console.log(error.message);
      try { for (const batch of loader); } catch (error) { report(error); }
      try { for await (const batch of loader); } catch (error) { report(error); }`;
    const { stdout } = await promisify(execFile)(process.execPath, [...execArgv, "--input-type=module", "-e", script], {
      timeout: 60_000,
    });
    const lines = stdout.trim().split("\n");
    assert.equal(lines.length, 2, stdout);
    for (const line of lines) assert.match(line, message);
  });
}

test("a batch that takes too long is an error", async () => {
  const loader = new DataLoader(new Broken(0, "sleep"), 1, { numWorkers: 1, timeout: 0.2 });
  assert.throws(() => [...loader], /DataLoader timed out after 0.2 seconds/);
  await assert.rejects(async () => {
    for await (const _ of loader);
  }, /DataLoader timed out after 0.2 seconds/);
});

test("persistent workers stay for the next pass, also after a loop that was left", async () => {
  const loader = new DataLoader(new Where(), 1, { numWorkers: 1, collateFn: first, persistentWorkers: true });
  const threads = () => [...new Set(Array.from(loader, (sample) => (sample as { thread: number }).thread))];
  const once = threads();
  assert.deepEqual(threads(), once);
  const left = loader[Symbol.iterator]();
  left.next();
  assert.deepEqual(threads(), once);
  assert.throws(() => left.next(), /another pass over this DataLoader has begun/);
  for (const _ of loader) break;
  const seen: unknown[] = [];
  for await (const sample of loader) seen.push((sample as { index: number }).index);
  assert.deepEqual(seen, [0, 1, 2, 3]);
  const stream = new DataLoader(new Range(0, 4), 2, { numWorkers: 2, persistentWorkers: true });
  assert.deepEqual(lists(stream), lists(stream));
});

test("workers of a pass begin the next one anew: other random numbers, as PyTorch draws them, and today's data", () => {
  const loader = new DataLoader(new Draws(), 2, { numWorkers: 2 });
  torch.manualSeed(7);
  const drawn = [lists(loader), lists(loader)].flat(2) as number[];
  for (const [i, value] of secondPass.entries()) assert.ok(Math.abs((drawn[6 + i] as number) - value) < 1e-7);

  const where = new DataLoader(new Where(), 1, { numWorkers: 2, collateFn: first });
  const threads = () => new Set(Array.from(where, (sample) => (sample as { thread: number }).thread));
  const before = threads();
  assert.equal(before.size, 2);
  assert.deepEqual(threads(), before);
  for (const _ of where) break;
  assert.deepEqual(threads(), before, "a loop that was left lets its workers rest, too");

  const numbers = [1, 2, 3];
  const growing = new DataLoader(numbers, 3, { numWorkers: 1 });
  assert.deepEqual(lists(growing), [[1, 2, 3]]);
  numbers.reverse();
  assert.deepEqual(lists(growing), [[3, 2, 1]]);
});

test("two passes at once have workers of their own", () => {
  const loader = new DataLoader(new Where(), 1, { numWorkers: 1, collateFn: first });
  const threadOf = (sample: unknown) => (sample as { thread: number }).thread;
  const [outer, inner] = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
  const [a, b] = [threadOf(outer.next().value), threadOf(inner.next().value)];
  assert.notEqual(a, b);
  assert.deepEqual([...inner].map(threadOf), [b, b, b]);
  assert.deepEqual([...loader].map(threadOf), [b, b, b, b]);
  assert.deepEqual([...outer].map(threadOf), [a, a, a]);
});

test("workers that died, or do not come to rest, serve no other pass", () => {
  const sleeping = new DataLoader(new Broken(0, "sleep"), 1, { numWorkers: 1, timeout: 0.1 });
  for (let i = 0; i < 2; i++) assert.throws(() => [...sleeping], /timed out after 0\.1 seconds/);
  const exiting = new DataLoader(new Broken(1, "exit"), 1, { numWorkers: 2 });
  for (let i = 0; i < 2; i++) assert.throws(() => [...exiting], /worker 1 exited unexpectedly/);
});

test("memory on its way is let go when a loop is left", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const rows = torch.ones(64, 100_000);
  const loader = new DataLoader(new TensorDataset(rows), 4, { numWorkers: 2 });
  const { alive } = torch.memory.stats();
  /** Bytes in use beyond those before; threads take a while to end. */
  const more = async () => {
    let bytes = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 400 && bytes >= 10e6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      collectGarbage();
      bytes = torch.memory.stats().alive - alive;
    }
    return bytes;
  };
  for (let i = 0; i < 6; i++) for (const _ of loader) break;
  const left = await more();
  assert.ok(left < 10e6, `${left} bytes more are in use`);
});

test("calls of an async iterator that do not wait for each other are all answered", async () => {
  const iterator = new DataLoader(upTo(4), 2, { numWorkers: 1 })[Symbol.asyncIterator]();
  const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
  assert.deepEqual(
    steps.map(({ done, value }) => (done ? "end" : value.tolist())),
    [[0, 1], [2, 3], "end"],
  );
});

test("an iterator that is left without an end does not keep the process", async () => {
  const script = `
    import torch from ${JSON.stringify(new URL("../../src/index.js", import.meta.url).href)};
    const { DataLoader } = torch.utils.data;
    console.log(new DataLoader([1, 2, 3], 1, { numWorkers: 1 })[Symbol.iterator]().next().value.item());
    const { value } = await new DataLoader([4, 5], 1, { numWorkers: 1, persistentWorkers: true })[Symbol.asyncIterator]().next();
    console.log(value.item());`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
  assert.equal((await run).stdout, "1\n4\n");
});

test("a module that workers would run again is told so", async () => {
  const module = new URL("./support/selfLoading.js", import.meta.url).href;
  const args = ["--input-type=module", "--eval", `import ${JSON.stringify(module)};`];
  await assert.rejects(
    promisify(execFile)(process.execPath, args, { timeout: 60_000 }),
    (error: { stderr: string }) => {
      assert.match(
        error.stderr,
        /Caught Error in DataLoader worker 0: .*while one of its workers was still importing modules/,
      );
      return true;
    },
  );
});

test("a class of the test's own file cannot be sent", () => {
  class Local extends Dataset<number> {
    readonly length = 1;
    at = () => 1;
  }
  assert.throws(() => [...new DataLoader(new Local(), 1, { numWorkers: 1 })], /it is a Local/);
});

test("many workers give a warning", async () => {
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  new DataLoader([1], 1, { numWorkers: 1000 });
  assert.match((await warned).message, /This DataLoader will create 1000 worker threads in total/);
});

test("a module is named by its URL or its path", () => {
  for (const wrong of ["rows.js", "./rows.js", undefined, 3]) {
    assert.throws(() => shareable(wrong as string, {}), {
      name: "TypeError",
      message: "shareable(): expected the URL of a module, `import.meta.url`, or its path, `__filename`",
    });
  }
  shareable("/somewhere/rows.cjs", {});
});

test("a class that is written in the script that was started is refused, with the cure", () => {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-"));
  const script = join(folder, "train.mjs");
  const index = new URL("../../src/index.js", import.meta.url).href;
  writeFileSync(
    script,
    `import { DataLoader, Dataset, shareable } from "${index}";
console.log("running");
class Own extends Dataset { at(index) { return index; } get length() { return 4; } }
shareable(import.meta.url, { Own });
console.log([...new DataLoader(new Own())].length);
for (const batch of new DataLoader(new Own(), { numWorkers: 1 })) console.log(batch);`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.equal(stdout, "running\n4\n");
  assert.match(
    stderr,
    /Own is written in .*train\.mjs, the script that was started: .*Write it in a module of its own/,
  );
});
