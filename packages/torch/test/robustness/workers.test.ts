/**
 * Workers that come and go, where the main thread does not have the library: with the last of them go its threads
 * and its memory, and the process lives on.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** The library as programs get it, in a few files. */
const library = new URL("../../lib/index.js", import.meta.url).href;
const onLinux = { skip: process.platform !== "linux" && "counts threads in /proc" };

/** Enough elements for all threads of the pool. */
const parallel = "torch.ones(3_000_000).add(1).sum().item()";

function start(body: string): { worker: Worker; ended: Promise<number> } {
  const source = `
    import { parentPort } from "node:worker_threads";
    import torch from ${JSON.stringify(library)};
    torch.setNumThreads(4);
    ${body}
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  return {
    worker,
    ended: new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", resolve);
    }),
  };
}

/** The kernel's flag of a thread that is ending (`PF_EXITING`). */
const exiting = 4;

/** Threads of this process that live: the kernel goes on listing one for a moment after it has been joined. */
function threads(): number {
  return readdirSync("/proc/self/task").filter((id) => !(flags(id) & exiting)).length;
}

/** The flags of a thread, as proc(5) has them in `stat`, behind its name in parentheses and six more fields. */
function flags(id: string): number {
  try {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[6]);
  } catch {
    return exiting; // gone since it was listed
  }
}

test("fifty workers in turn leave no thread and no memory", onLinux, async () => {
  const before = threads();
  const sizes: number[] = [];
  for (let i = 0; i < 50; i++) {
    assert.equal(await start(i % 4 === 3 ? "torch.zeros(3)" : parallel).ended, 0);
    assert.equal(threads(), before, `threads after worker ${i}`);
    sizes.push(process.memoryUsage.rss() / 2 ** 20);
  }
  const [early, late] = [Math.max(...sizes.slice(10, 30)), Math.max(...sizes.slice(-20))];
  assert.ok(late < early + 30, `${late} MB at the end, ${early} MB after thirty workers`);
});

test("workers that are stopped inside a kernel, or exit there", onLinux, async () => {
  const before = threads();
  const endless = `
    const a = torch.ones(700, 700);
    parentPort.postMessage("running");
    for (;;) a.matmul(a).add(1).softmax(1);
  `;
  for (let i = 0; i < 6; i++) {
    const { worker, ended } = start(endless);
    await new Promise((resolve) => worker.once("message", resolve));
    await setTimeout(5 * i);
    await worker.terminate();
    assert.equal(await ended, 1);
    assert.equal(await start(`setTimeout(() => process.exit(7)); ${parallel}`).ended, 7);
  }
  assert.equal(threads(), before);
});

test("workers and the main thread share the pool, which ends with the last of them", onLinux, async () => {
  const before = threads();
  const job = `${parallel} === 6_000_000 && torch.ones(400, 400).matmul(torch.ones(400, 400)).sum().item() === 400 ** 3`;
  const working = `for (let i = 0; i < 10; i++) if (!(${job})) throw new Error("a wrong sum");`;
  for (let round = 0; round < 2; round++) {
    const all = [1, 2, 3, 4].map(() => start(working).ended);
    assert.deepEqual(await Promise.all(all), [0, 0, 0, 0]);
    assert.equal(threads(), before);
  }
  const { default: torch } = await import("../../src/index.js");
  const all = [1, 2].map(() => start(working).ended);
  for (let i = 0; i < 10; i++) assert.equal(torch.ones(3_000_000).add(1).sum().item(), 6_000_000);
  assert.deepEqual(await Promise.all(all), [0, 0]);
  assert.equal(torch.ones(3_000_000).add(1).sum().item(), 6_000_000, "after the workers have ended");
});

test("fewer threads than before end those beyond, and one means none", onLinux, async () => {
  const { default: torch } = await import("../../src/index.js");
  const count = (limit: number) => {
    torch.setNumThreads(limit);
    torch.ones(10_000_000).add(1);
    return threads();
  };
  const alone = count(1);
  assert.deepEqual([5, 3, 1].map(count), [alone + 4, alone + 2, alone]);
});

test("a number of threads is a whole number from 1 to 1024", async () => {
  const { default: torch } = await import("../../src/index.js");
  const set = torch.setNumThreads as (count: unknown) => void;
  const before = torch.getNumThreads();
  for (const count of [0, -1, 1025, 2 ** 31, 2 ** 32 + 1, 1e300, 0n, -1n, 2n ** 64n + 1n, 10n ** 400n])
    assert.throws(() => set(count), RangeError, String(count));
  for (const count of [2.5, Number.NaN, Infinity, "3", true, null, undefined, [2], { valueOf: () => 2 }, Symbol("2")])
    assert.throws(() => set(count), /TypeError: setNumThreads expects an int/, String(typeof count));
  assert.equal(torch.getNumThreads(), before);
  for (const count of [3, 2n, 1024]) {
    set(count);
    assert.equal(torch.getNumThreads(), Number(count));
  }
  set(before);
});

test("where no thread can be started the caller works alone", onLinux, () => {
  // The limit does not bind root, so root becomes nobody first.
  const source = `
    import { spawnSync } from "node:child_process";
    import torch from ${JSON.stringify(library)};
    torch.setNumThreads(4);
    if (process.getuid() === 0) process.setuid(65534);
    const { status } = spawnSync("prlimit", ["--pid", String(process.pid), "--nproc=1:1"]);
    console.log(status, torch.ones(3_000_000).add(1).sum().item(), torch.getNumThreads());
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    encoding: "utf8",
  });
  assert.equal(stdout, "0 6000000 1\n", stderr);
});
