/** Training that survives: checkpoints of all that training consists of, from which it goes on with the same numbers. */
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { anything, flagOn, int, keyword, listOf, number, optional, text, word } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { defaultGenerator, Generator } from "../backend/generator.js";
import { receivedSignal, unwatchSignal, watchSignal } from "../backend/signals.js";
import { isPlainObject } from "../core/kinds.js";
import type { Tensor } from "../core/tensor.js";
import { type Path, pathOf } from "../serialization/files/source.js";
import { load } from "../serialization/load.js";
import { writablePath } from "../serialization/paths.js";
import { SaveDraft } from "../serialization/save.js";
import { BackgroundWriter } from "./backgroundWriter.js";
import { bestFirst, listCheckpoints, nameOf, type Retention, writeCheckpoint } from "./folder.js";

/** Part of a training: a module, an optimizer, a schedule, a scaler, a loader, or anything else with a state. */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): unknown;
}

export interface CheckpointerOptions {
  /** How many of the latest checkpoints are kept; 3 by default. */
  keepLast?: number;
  /** How many of the best are kept beside them, by the metric given to `save`; 1 by default. */
  keepBest?: number;
  /** Whether a small metric or a large one is good: `"min"`, which is the default, or `"max"`. */
  mode?: "min" | "max";
  /** After how many calls `step` saves. */
  everySteps?: number;
  /** After how many seconds `step` saves; 600 by default, unless `everySteps` is given. */
  everySeconds?: number;
  /** Whether the files are written while training goes on; true unless said. */
  background?: boolean;
  /** Signals on which `step` saves and ends the process; SIGTERM by default. */
  signals?: readonly NodeJS.Signals[];
}

const signature = new Signature("Checkpointer", {
  folder: writablePath,
  parts: anything,
  keepLast: optional(int, 3),
  keepBest: optional(int, 1),
  mode: optional(word("min", "max"), "min"),
  everySteps: optional(int),
  everySeconds: optional(number),
  background: flagOn,
  signals: optional(listOf("list of str", text), ["SIGTERM"]),
});

const saveSignature = new Signature("save", { metric: keyword(optional(number)) });

/** Leaves the signals alone that somebody watched who is not there any more. */
const unwatchWithCheckpointer = new FinalizationRegistry<readonly number[]>((signals) =>
  signals.forEach(unwatchSignal),
);

/** What a file holds. */
interface Saved {
  readonly parts: Record<string, unknown>;
  readonly rng: Tensor;
  readonly progress: unknown;
}

/**
 * Saves a training to a folder, and goes on from there.
 *
 * A checkpoint has the states of all parts, that of the random numbers, and what the program says of how far it is. It
 * is whole or not there, whatever happens while it is written. With a data loader among the parts, training goes on in
 * the middle of an epoch, with the numbers that an unbroken run has.
 *
 * @example
 * const checkpointer = new torch.utils.Checkpointer("run", { model, optimizer, scheduler, loader });
 * let { epoch } = checkpointer.restore({ epoch: 0 });
 * for (; epoch < 10; epoch++) {
 *   for (const [x, y] of loader) {
 *     trainOn(x, y);
 *     checkpointer.step({ epoch });
 *   }
 *   checkpointer.save({ epoch: epoch + 1 }, { metric: evaluate() });
 * }
 * checkpointer.close();
 */
export class Checkpointer implements Disposable {
  readonly folder: string;
  readonly #parts: ReadonlyMap<string, Stateful | Generator>;
  readonly #retention: Retention;
  readonly #everySteps: number;
  readonly #everySeconds: number;
  readonly #writer: BackgroundWriter | undefined;
  #signals: readonly number[];
  #number: number;
  /** The path of the last one that was saved. */
  #path = "";
  #steps = 0;
  #savedAt = performance.now();

  /**
   * @param folder where the checkpoints are; it is made if it is not there.
   * @param parts what is saved, by names: all with `stateDict` and `loadStateDict`, and generators.
   * @throws TypeError for a part without a state; RangeError for options that keep nothing.
   */
  constructor(folder: Path, parts: Record<string, Stateful | Generator>, options: CheckpointerOptions = {}) {
    const given = signature.parse([folder, parts, options]);
    const { keepLast, keepBest, mode, everySteps, everySeconds } = given;
    if (keepLast < 1 || keepBest < 0)
      throw new RangeError(`cannot keep ${keepLast} last and ${keepBest} best checkpoints`);
    this.#parts = new Map(Object.entries(checkParts(parts)));
    this.#retention = { keepLast, keepBest, mode };
    this.#everySteps = everySteps ?? Number.POSITIVE_INFINITY;
    this.#everySeconds = everySeconds ?? (everySteps === undefined ? 600 : Number.POSITIVE_INFINITY);
    this.folder = resolve(pathOf(given.folder));
    mkdirSync(this.folder, { recursive: true });
    this.#number = listCheckpoints(this.folder).at(-1)?.number ?? 0;
    if (given.background) this.#writer = new BackgroundWriter();
    this.#signals = given.signals.map(signalNumber);
    for (const signal of this.#signals) watchSignal(signal);
    unwatchWithCheckpointer.register(this, this.#signals, this);
  }

  /** The path of the latest checkpoint; undefined if there is none. */
  get latest(): string | undefined {
    return this.#pathOf(listCheckpoints(this.folder).at(-1)?.name);
  }

  /** The path of the one with the best metric; undefined if none has one. */
  get best(): string | undefined {
    return this.#pathOf(bestFirst(listCheckpoints(this.folder), this.#retention.mode)[0]?.name);
  }

  #pathOf(name: string | undefined): string | undefined {
    return name === undefined ? undefined : join(this.folder, name);
  }

  /**
   * Loads the latest checkpoint that can be read into all parts.
   *
   * @param progress what is returned where there is no checkpoint.
   * @returns what was given to `save` or `step` beside it.
   * @throws Error if it does not fit the parts.
   */
  restore<P = unknown>(progress?: P): P {
    for (const { name } of listCheckpoints(this.folder).reverse()) {
      const saved = readCheckpoint(join(this.folder, name));
      if (saved === undefined) continue;
      this.#take(saved, name);
      return saved.progress as P;
    }
    return progress as P;
  }

  #take({ parts, rng }: Saved, name: string): void {
    const missing = [...this.#parts.keys()].filter((part) => !Object.hasOwn(parts, part));
    if (missing.length > 0) throw new Error(`${name} has no state of '${missing.join("', '")}'`);
    for (const [key, part] of this.#parts) {
      if (part instanceof Generator) part.setState(parts[key] as Tensor);
      else part.loadStateDict(parts[key] as never);
    }
    defaultGenerator.setState(rng);
  }

  /**
   * Saves a checkpoint now. The call returns when all was copied; the file is written while the program goes on, unless
   * `background` is false.
   *
   * @param progress how far training is; plain values, as `torch.save` takes them.
   * @param options.metric how good it is.
   * @returns the path of the file.
   * @throws Error if this one, or the one before it, could not be written.
   */
  save(progress?: unknown, options: { metric?: number } = {}): string {
    const { metric } = saveSignature.parse([options]);
    const failure = this.#save(progress, Number.isNaN(metric) ? undefined : metric);
    if (failure !== undefined) throw failure;
    return this.#path;
  }

  #save(progress: unknown, metric: number | undefined): Error | undefined {
    const states = [...this.#parts].map(([name, part]) => [
      name,
      part instanceof Generator ? part.getState() : part.stateDict(),
    ]);
    const saved: Saved = { parts: Object.fromEntries(states), rng: defaultGenerator.getState(), progress };
    const draft = new SaveDraft(saved);
    const path = join(this.folder, nameOf(++this.#number, metric));
    this.#path = path;
    this.#steps = 0;
    this.#savedAt = performance.now();
    if (this.#writer !== undefined) return this.#writer.write(path, draft, this.#retention);
    writeCheckpoint(path, (sink) => draft.write(sink), this.#retention);
    return undefined;
  }

  /**
   * To be called after each step of training: saves if it is time, and where the process was asked to end (SIGTERM)
   * saves and ends it. A checkpoint that cannot be written gives a warning, and training goes on.
   *
   * @returns whether a checkpoint was saved.
   */
  step(progress?: unknown): boolean {
    const signal = receivedSignal();
    if (signal !== 0) this.#end(signal, progress);
    const isDue = ++this.#steps >= this.#everySteps || performance.now() - this.#savedAt >= 1000 * this.#everySeconds;
    if (!isDue) return false;
    try {
      const failure = this.#save(progress, undefined);
      if (failure !== undefined) warn(failure.message);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      warn(error.message);
    }
    return true;
  }

  #end(signal: number, progress: unknown): never {
    this.save(progress);
    this.flush();
    process.exit(128 + signal);
  }

  /**
   * Waits until the last checkpoint is on the disk.
   *
   * @throws Error if it could not be written.
   */
  flush(): void {
    const failure = this.#writer?.wait();
    if (failure !== undefined) throw failure;
  }

  /** Waits, ends the thread that writes, and leaves signals alone: when training is over. */
  close(): void {
    for (const signal of this.#signals) unwatchSignal(signal);
    this.#signals = [];
    unwatchWithCheckpointer.unregister(this);
    const failure = this.#writer?.close();
    if (failure !== undefined) throw failure;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function checkParts(parts: unknown): Record<string, Stateful | Generator> {
  if (!isPlainObject(parts))
    throw new TypeError(`Checkpointer(): argument 'parts' must be an object, not ${describe(parts)}`);
  for (const [name, part] of Object.entries(parts)) {
    const { stateDict, loadStateDict } = (part ?? {}) as Partial<Stateful>;
    if (part instanceof Generator || (typeof stateDict === "function" && typeof loadStateDict === "function")) continue;
    throw new TypeError(
      `Checkpointer(): '${name}' has no state: it needs stateDict() and loadStateDict(), or is a generator`,
    );
  }
  return parts as Record<string, Stateful | Generator>;
}

function signalNumber(name: string): number {
  const found = (constants.signals as Record<string, number>)[name];
  if (found === undefined) throw new RangeError(`Checkpointer(): there is no signal ${name}`);
  return found;
}

/** What a checkpoint holds; one that is damaged gives a warning, and the one before it has to do. */
function readCheckpoint(path: string): Saved | undefined {
  try {
    const saved = load<Saved>(path);
    if (isPlainObject(saved) && isPlainObject(saved.parts)) return saved;
    throw new Error(`${path} is no checkpoint of a Checkpointer`);
  } catch (error) {
    warn(`a checkpoint cannot be read, and an older one is taken: ${(error as Error).message}`);
    return undefined;
  }
}
