/** A loader that goes on where another one was gives what that one would have given, also what is drawn in workers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { Augmented, Draws, RandomStream, Slow } from "./support/datasets.js";

const { DataLoader } = torch.utils.data;

type Loader = Iterable<Tensor> & Pick<InstanceType<typeof DataLoader>, "stateDict" | "loadStateDict">;

/** A run of several passes, during which the program draws numbers, too. */
interface Run {
  readonly loader: Loader;
  /** The generator of the data set, which without workers is the program's. */
  readonly noise: torch.Generator | undefined;
}

/** What is saved of a run, with the number of passes that are left. */
function saved({ loader, noise }: Run, left: number): Uint8Array {
  return torch.save({ loader: loader.stateDict(), rng: torch.getRngState(), noise: noise?.getState() ?? null, left });
}

/** Adds what passes give, and what is drawn beside, up to a number of batches; with a half, up to the end of the pass. */
function goOn(run: Run, passes: number, batches: unknown[], until: number): Uint8Array {
  for (let left = passes; left > 0; left--) {
    for (const batch of run.loader) {
      batches.push([batch.tolist(), torch.rand([]).item()]);
      if (batches.length === until) return saved(run, left);
    }
    if (batches.length === Math.floor(until)) return saved(run, left - 1);
  }
  return saved(run, 0);
}

function restored(make: () => Run, bytes: Uint8Array): { run: Run; left: number } {
  const { loader, rng, noise, left } = torch.load(bytes);
  torch.manualSeed(99);
  const run = make();
  run.loader.loadStateDict(loader);
  if (noise !== null) run.noise?.setState(noise);
  torch.setRngState(rng);
  return { run, left };
}

/** A run that is broken off at some places, each time to go on elsewhere, gives what an unbroken one gives. */
function check(make: () => Run, stops: readonly number[]): void {
  const expected: unknown[] = [];
  torch.manualSeed(5);
  goOn(make(), 3, expected, Number.POSITIVE_INFINITY);
  assert.equal(new Set(expected.map((batch) => JSON.stringify(batch))).size, expected.length);
  const batches: unknown[] = [];
  torch.manualSeed(5);
  let state = saved(make(), 3);
  for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
    const { run, left } = restored(make, state);
    state = goOn(run, left, batches, stop);
    assert.deepEqual(batches, expected.slice(0, batches.length), `up to ${stop}`);
  }
  assert.equal(batches.length, expected.length);
}

const kinds = [
  { numWorkers: 0 },
  { numWorkers: 1 },
  { numWorkers: 2, persistentWorkers: true },
  { numWorkers: 3, prefetchFactor: 1 },
];

for (const [i, options] of kinds.entries()) {
  const name = Object.entries(options).join(", ");

  test(`random changes of samples: ${name}`, () => {
    const make = (): Run => {
      const data = new Augmented();
      const generator = i % 2 === 0 ? undefined : new torch.Generator().manualSeed(1);
      const loader = new DataLoader(data, 3, { ...options, generator, shuffle: true });
      return { loader, noise: options.numWorkers > 0 ? undefined : data.noise };
    };
    // Each stop starts workers anew, which takes long.
    check(make, options.numWorkers < 3 ? [2, 8, 16.5] : [13]);
  });

  if (options.numWorkers < 3)
    test(`a stream of random numbers: ${name}`, () => {
      check(() => ({ loader: new DataLoader(new RandomStream(), 2, options), noise: undefined }), [3, 9]);
    });
}

test("batches that came before their turn do not come again, and none is missing", () => {
  const make = (numWorkers: number) => new DataLoader(new Slow(), 1, { numWorkers, inOrder: false });
  const numbers = (batches: Iterable<Tensor>) => Array.from(batches, (batch) => batch.item());
  for (const stop of [1, 4]) {
    const loader = make(2);
    const seen: number[] = [];
    let state = loader.stateDict();
    for (const batch of loader) {
      seen.push(batch.item());
      state = torch.load(torch.save(loader.stateDict()));
      if (seen.length === stop) break;
    }
    for (const numWorkers of [0, 2]) {
      const other = make(numWorkers);
      other.loadStateDict(state);
      assert.deepEqual([...seen, ...numbers(other)].sort(), [0, 1, 2, 3, 4, 5], `${seen}, ${numWorkers} workers`);
    }
  }
  const { generators } = make(0).stateDict();
  for (const numWorkers of [0, 2]) {
    const loader = make(numWorkers);
    loader.loadStateDict({ batches: 3, ahead: [2, 4], generators });
    const rest: number[] = [];
    const states: unknown[] = [];
    for (const batch of loader) {
      rest.push(batch.item());
      const { batches, ahead } = loader.stateDict();
      states.push([batches, ahead]);
    }
    assert.deepEqual(rest.sort(), [1, 3, 5]);
    if (numWorkers === 0)
      assert.deepEqual(states, [
        [4, [2, 4]],
        [5, [4]],
        [6, []],
      ]);
  }
});

test("with another number of workers the batches are the same, with random numbers of their own", () => {
  torch.manualSeed(5);
  const loader = new DataLoader(new Draws(), 1, { numWorkers: 2 });
  let state = loader.stateDict();
  for (const _ of loader) {
    state = loader.stateDict();
    break;
  }
  const other = new DataLoader(new Draws(), 1, { numWorkers: 1 });
  other.loadStateDict(state);
  assert.equal([...other].length, 5);
});

test("what is no state is refused, and changes nothing", () => {
  const loader = new DataLoader([1, 2, 3], 1);
  const state = loader.stateDict();
  const bad = torch.zeros(5056, { dtype: torch.uint8 });
  for (const wrong of [
    { ...state, generators: [bad] },
    { ...state, ahead: 3 },
    { ...state, batches: 1, ahead: [-1] },
    { ...state, workers: { seed: 0.5, generators: [] } },
    { ...state, workers: { seed: 1, generators: [[bad]] } },
    { ...state, workers: 3 },
  ])
    assert.throws(() => loader.loadStateDict(wrong as never), /expected the state dict of a DataLoader/);
  assert.deepEqual(loader.stateDict().batches, null);
});
