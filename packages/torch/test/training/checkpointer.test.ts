/** Training that is interrupted goes on with the numbers that it would have had. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import torch, { DataLoader, IterableDataset, nn, RandomSampler, WeightedRandomSampler } from "../../src/index.js";
import { folderFor } from "../serialization/support.js";

const { Checkpointer } = torch.utils;
const program = fileURLToPath(new URL("./program.js", import.meta.url));

function run(folder: string, steps: number, mode: string, order: string) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [program, folder, String(steps), mode, order],
    {
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  return { status, signal, lines: stdout.trim().split("\n"), stderr };
}

for (const order of ["default", "own"]) {
  test(`a run that is killed, or asked to end, in the middle of an epoch goes on as if nothing had been: ${order}`, (t) => {
    const unbroken = run(join(folderFor(t), "run"), 0, "run", order);
    assert.equal(unbroken.status, 0, unbroken.stderr);
    assert.equal(unbroken.lines.length, 31);
    for (const [mode, steps] of order === "own"
      ? ([["die", 13]] as const)
      : ([
          ["die", 3],
          ["die", 10],
          ["term", 17],
        ] as const)) {
      const folder = join(folderFor(t), "run");
      const first = run(folder, steps, mode, order);
      assert.equal(first.signal ?? first.status, mode === "die" ? "SIGKILL" : 143, first.stderr);
      const second = run(folder, 0, "run", order);
      assert.equal(second.status, 0, second.stderr);
      assert.deepEqual([...first.lines, ...second.lines], unbroken.lines, `${mode} ${steps}`);
      const others = readdirSync(folder).filter((name) => !/^checkpoint-\d+\.pt$/.test(name));
      assert.deepEqual(others, []);
    }
  });
}

/** The batches that a loader gives from its state after some batches on, and those without the interruption. */
function resumed(make: () => DataLoader<number, unknown>, batches: number): [unknown[], unknown[]] {
  torch.manualSeed(11);
  const loader = make();
  const all: unknown[] = [];
  let state = loader.stateDict();
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const batch of loader) {
      all.push(batch);
      if (all.length === batches) state = torch.load(torch.save(loader.stateDict()));
    }
  }
  torch.manualSeed(12);
  const other = make();
  other.loadStateDict(state);
  torch.manualSeed(99);
  const rest = [...other];
  // The default generator goes on as if the pass had begun elsewhere.
  assert.equal(torch.initialSeed(), 99);
  return [rest, all.slice(batches, batches + rest.length)];
}

const numbers = Array.from({ length: 20 }, (_, i) => i);
const collateFn = (samples: number[]) => samples;

test("loaders of all kinds go on with the next batch", () => {
  class Stream extends IterableDataset<number> {
    override *[Symbol.iterator]() {
      yield* numbers;
    }
  }
  const own = () => new torch.Generator().manualSeed(1);
  const makers: Record<string, () => DataLoader<number, unknown>> = {
    plain: () => new DataLoader(numbers, 3, { collateFn }),
    shuffled: () => new DataLoader(numbers, 3, { shuffle: true, collateFn }),
    "a generator of its own": () => new DataLoader(numbers, 3, { shuffle: true, generator: own(), collateFn }),
    replacement: () =>
      new DataLoader(numbers, 3, {
        sampler: new RandomSampler(numbers, { replacement: true, generator: own() }),
        collateFn,
      }),
    weighted: () =>
      new DataLoader(numbers, 3, { sampler: new WeightedRandomSampler(Array(20).fill(1), 20), collateFn }),
    "one by one": () => new DataLoader(numbers, null, { shuffle: true }) as DataLoader<number, unknown>,
    stream: () => new DataLoader(new Stream(), 3, { collateFn }) as unknown as DataLoader<number, unknown>,
  };
  for (const [name, make] of Object.entries(makers)) {
    for (const batches of [1, 2, 5]) {
      const [rest, expected] = resumed(make, batches);
      assert.ok(rest.length > 0, name);
      assert.deepEqual(rest, expected, `${name} after ${batches}`);
    }
  }
  assert.throws(() => new DataLoader(numbers).loadStateDict({} as never), /state dict of a DataLoader/);
});

test("a loader between two passes begins the next one", () => {
  const make = () =>
    new DataLoader(numbers, 20, { shuffle: true, generator: new torch.Generator().manualSeed(1), collateFn });
  const loader = make();
  assert.equal(loader.stateDict().batches, null);
  const first = [...loader];
  const state = loader.stateDict();
  assert.equal(state.batches, null);
  const other = make();
  other.loadStateDict(state);
  const second = [...loader];
  assert.deepEqual([...other], second);
  assert.notDeepEqual(first, second);
  for (const _ of loader) break;
  assert.equal(loader.stateDict().batches, null, "a pass that was left is over");
});

test("the last and the best are kept", (t) => {
  const folder = join(folderFor(t), "deep", "run");
  const model = new nn.Linear(1, 1);
  using checkpointer = new Checkpointer(folder, { model }, { keepLast: 2, keepBest: 1, background: false });
  assert.equal(checkpointer.latest, undefined);
  assert.deepEqual(checkpointer.restore({ epoch: 0 }), { epoch: 0 });
  for (const [epoch, metric] of [3, 0.5, 1e-7, NaN, 2, 0.25].entries()) {
    model.weight.data.fill_(epoch);
    assert.ok(existsSync(checkpointer.save({ epoch }, { metric })));
  }
  assert.deepEqual(readdirSync(folder).sort(), [
    "checkpoint-3-metric-1e-7.pt",
    "checkpoint-5-metric-2.pt",
    "checkpoint-6-metric-0.25.pt",
  ]);
  assert.equal(checkpointer.best, join(folder, "checkpoint-3-metric-1e-7.pt"));
  assert.equal(checkpointer.latest, join(folder, "checkpoint-6-metric-0.25.pt"));
  assert.deepEqual(checkpointer.restore(), { epoch: 5 });
  assert.equal(model.weight.item(), 5);
  assert.equal(torch.load(checkpointer.best as string).parts.model.weight.item(), 2);
  const largest = new Checkpointer(folder, { model }, { mode: "max" });
  assert.equal(largest.best, join(folder, "checkpoint-5-metric-2.pt"));
});

test("in the background training does not wait, and what is saved is what was there", (t) => {
  const folder = folderFor(t);
  const model = new nn.Linear(300, 300);
  using checkpointer = new Checkpointer(folder, { model }, { keepLast: 10 });
  for (let i = 0; i < 4; i++) {
    model.weight.data.fill_(i);
    checkpointer.save(i);
    model.weight.data.fill_(-1);
  }
  checkpointer.flush();
  for (let i = 0; i < 4; i++) {
    const { parts, progress } = torch.load(join(folder, `checkpoint-${i + 1}.pt`));
    assert.equal(progress, i);
    assert.equal(parts.model.weight.min().item(), i);
    assert.equal(parts.model.weight.max().item(), i);
  }
});

test("a checkpoint that cannot be read gives way to the one before it", (t) => {
  const folder = folderFor(t);
  const model = new nn.Linear(1, 1);
  const checkpointer = new Checkpointer(folder, { model }, { background: false });
  checkpointer.save("first");
  const second = checkpointer.save("second");
  writeFileSync(second, "torn");
  const warned: string[] = [];
  const listen = (warning: Error) => warned.push(warning.message);
  process.on("warning", listen);
  t.after(() => process.off("warning", listen));
  assert.equal(checkpointer.restore("none"), "first");
  const other = new Checkpointer(folder, { model, more: model }, { background: false });
  assert.throws(() => other.restore(), /has no state of 'more'/);
});

test("a folder that cannot be written to is an error that says so, and what was there stays", (t) => {
  const folder = folderFor(t);
  const model = new nn.Linear(1, 1);
  for (const background of [false, true]) {
    using checkpointer = new Checkpointer(folder, { model }, { background });
    checkpointer.save("whole");
    checkpointer.flush();
    const kept = readdirSync(folder);
    // A folder in the place of the file: also who may write everywhere cannot replace that.
    const next = join(folder, `checkpoint-${kept.length + 1}.pt`);
    spawnSync("mkdir", [next]);
    const save = () => {
      checkpointer.save("lost");
      checkpointer.flush();
    };
    assert.throws(save, /could not be written.*it is a folder/);
    rmSync(next, { recursive: true });
    assert.deepEqual(readdirSync(folder), kept);
    assert.equal(checkpointer.restore(), "whole");
  }
  chmodSync(folder, 0o700);
});

test("an error has the system's code, also where another thread met it", (t) => {
  for (const background of [false, true]) {
    for (const end of ["flush", "close"] as const) {
      const folder = folderFor(t);
      const checkpointer = new Checkpointer(folder, {}, { background });
      rmSync(folder, { recursive: true });
      const save = () => {
        checkpointer.save();
        checkpointer[end]();
      };
      assert.throws(save, (error: NodeJS.ErrnoException) => error instanceof Error && error.code === "ENOENT");
      mkdirSync(folder);
      checkpointer.close();
    }
  }
});

test("signals are watched as long as there is a checkpointer", (t) => {
  const library = JSON.stringify(new URL("../../src/index.js", import.meta.url).href);
  const text = (close: string) => `
    import torch from ${library};
    const checkpointer = new torch.utils.Checkpointer(${JSON.stringify(folderFor(t))}, {});
    ${close}
    process.kill(process.pid, "SIGTERM");
    console.log("alive");
    process.kill(process.pid, "SIGTERM");
    console.log("still alive");
  `;
  const run = (close: string) =>
    spawnSync(process.execPath, ["--input-type=module", "--eval", text(close)], { encoding: "utf8" });
  const [open, closed] = [run(""), run("checkpointer.close();")];
  assert.deepEqual([open.stdout, open.signal], ["alive\n", "SIGTERM"], "a second signal ends the process");
  assert.deepEqual([closed.stdout, closed.signal], ["", "SIGTERM"]);
});

test("wrong calls", (t) => {
  const folder = folderFor(t);
  assert.throws(() => new Checkpointer(folder, { x: 3 } as never), /'x' has no state/);
  assert.throws(() => new Checkpointer(folder, [] as never), /must be an object/);
  assert.throws(() => new Checkpointer(folder, {}, { keepLast: 0 }), RangeError);
  assert.throws(() => new Checkpointer(folder, {}, { signals: ["SIGNONE" as never] }), /no signal SIGNONE/);
  const checkpointer = new Checkpointer(folder, {}, { background: false });
  assert.throws(() => checkpointer.save(() => 1), /progress is function/);
  assert.throws(() => checkpointer.save(1, { metric: "good" as never }), TypeError);
  assert.deepEqual(readdirSync(folder), []);
});
