/** The iterators of a data loader, for `for … of` and for `for await`. */

import { warn } from "../arguments/warn.js";
import { endStep } from "../backend/memory.js";
import type { Pass } from "./iteration.js";
import type { Position } from "./position.js";

/** Gives up the passes of iterators that were left without an end. */
const closeWithIterator = new FinalizationRegistry<Pass>((pass) => pass.close());

type Step = IteratorResult<unknown, undefined>;

abstract class BaseIterator<B> {
  #count = 0;
  #open = true;

  constructor(
    /** Held so that its workers stay as long as they are used here. */
    protected readonly loader: object,
    protected readonly pass: Pass,
    private readonly position: Position,
    /** How many batches a stream was said to have, if anyone asked. */
    private readonly reported: number | undefined,
  ) {
    closeWithIterator.register(this, pass, this);
  }

  protected get isOpen(): boolean {
    return this.#open;
  }

  /** The next batch or the end, if it is there. Whoever asks for it is done with most of what came of the last one. */
  protected step(): Step | undefined {
    endStep();
    return this.pass.step();
  }

  /** Notes a batch or the end. */
  protected note(step: Step): IteratorResult<B, never> {
    if (step.done) return this.finish();
    this.#count++;
    this.position.batches++;
    if (this.reported !== undefined && this.#count === this.reported + 1)
      warn(lengthWarning(this.reported, this.#count));
    return step as IteratorResult<B, never>;
  }

  /** Ends the iteration: at its end, at an error, or where the loop was left. */
  protected finish(): IteratorResult<B, never> {
    if (this.#open) {
      this.#open = false;
      this.position.isOver = true;
      closeWithIterator.unregister(this);
      this.pass.close();
    }
    return { done: true, value: undefined as never };
  }
}

function lengthWarning(reported: number, count: number): string {
  return (
    `Length of IterableDataset was reported to be ${reported} (when accessing the loader's length), but ${count} ` +
    "samples have been fetched. With workers, this could be caused by each of them going through the whole stream; " +
    "see getWorkerInfo()."
  );
}

/** Goes through the batches; `next` blocks the thread while it waits for a worker. */
export class LoaderIterator<B> extends BaseIterator<B> implements IterableIterator<B, never> {
  next(): IteratorResult<B, never> {
    while (this.isOpen) {
      try {
        const step = this.step();
        if (step !== undefined) return this.note(step);
        this.pass.waitSync();
      } catch (error) {
        this.finish();
        throw error;
      }
    }
    return this.finish();
  }

  return(): IteratorResult<B, never> {
    return this.finish();
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Goes through the batches while the event loop goes on. */
export class AsyncLoaderIterator<B> extends BaseIterator<B> implements AsyncIterableIterator<B, never> {
  #turn: Promise<unknown> = Promise.resolve();

  /** Calls that do not wait for each other are served one after the other. */
  next(): Promise<IteratorResult<B, never>> {
    const step = this.#turn.then(() => this.#next());
    this.#turn = step.catch(() => {});
    return step;
  }

  async #next(): Promise<IteratorResult<B, never>> {
    // Also where the batch is there already, others get their turn.
    await new Promise(setImmediate);
    while (this.isOpen) {
      try {
        const step = this.step();
        if (step !== undefined) return this.note(step);
        await this.pass.wait();
      } catch (error) {
        this.finish();
        throw error;
      }
    }
    return this.finish();
  }

  async return(): Promise<IteratorResult<B, never>> {
    return this.finish();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
