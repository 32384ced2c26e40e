/** One of the libraries that are compared: a process of its own, which stays for all cases. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "./case.js";
import { LineProcess } from "./lineProcess.js";
import { pytorchEnvironment } from "./machine.js";
import type { Outcome } from "./outcome.js";

/** What a side is asked, one line of JSON each; PyTorch's is told its statements too. */
export interface Request {
  readonly task: keyof Answers;
  readonly name: string;
  readonly times: number;
}

/** What it answers to each task: `{ answer }`, or `{ error }`. */
export interface Answers {
  /** The seconds of so many runs, the case prepared before. */
  readonly time: number;
  /** The most bytes of memory since the libraries were loaded, beyond what they take. */
  readonly memory: number;
  /** The floating point operations of the products and convolutions in one run. */
  readonly flops: number;
  /** Of one run from a seed. */
  readonly outcome: Outcome | null;
}

export type Library = "flambeau" | "pytorch" | "tensorflow";

/**
 * Work shorter than a round is repeated until it is as long, so that the clock and the scheduler do not count. Warming up
 * takes so many runs, as a compiler needs them, or so many seconds; and then until it gains nothing more.
 */
const operations = { round: 0.02, warmUp: { seconds: 0.1, runs: 10_000, enough: 0.3, most: 2 } };
/** A program goes over more memory: the first run after one of the other side finds nothing of it in the caches. */
const programs = { round: 0.25, warmUp: { ...operations.warmUp, enough: 1, most: 3 } };

export class Side {
  readonly #process: LineProcess;
  readonly #started = performance.now();

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  /** A process of this suite, or of the one compiled to another folder. */
  static node(library: "flambeau" | "tensorflow", threads: number, data: string, folder = import.meta.dirname): Side {
    const worker = join(folder, "worker.js");
    return new Side(new LineProcess(process.execPath, [worker, library, String(threads), data]));
  }

  static pytorch(python: string, threads: number, data: string): Side {
    const worker = fileURLToPath(new URL("../worker.py", import.meta.url));
    return new Side(new LineProcess(python, [worker, String(threads), data], pytorchEnvironment(threads)));
  }

  async #ask<T extends keyof Answers>(task: T, { name, pytorch }: Case, times = 1): Promise<Answers[T]> {
    const line = JSON.stringify({ task, name, times, ...pytorch });
    const result = JSON.parse(await this.#process.ask(line)) as { answer: Answers[T] } | { error: string };
    if ("error" in result) throw new Error(result.error);
    return result.answer;
  }

  /** The seconds of so many runs. */
  time(work: Case, times: number): Promise<number> {
    return this.#ask("time", work, times);
  }

  memory(work: Case): Promise<number> {
    return this.#ask("memory", work);
  }

  flops(work: Case): Promise<number> {
    return this.#ask("flops", work);
  }

  outcome(work: Case): Promise<Outcome | null> {
    return this.#ask("outcome", work);
  }

  /** The seconds from the start of the process until the case is prepared. */
  async startUp(work: Case): Promise<number> {
    await this.time(work, 0);
    return (performance.now() - this.#started) / 1000;
  }

  /** Warms the case up, as compilers and allocators need it, and finds how many runs make a round. */
  async calibrate(work: Case): Promise<number> {
    const { round, warmUp } = work.alone ? programs : operations;
    let times = 1;
    let runs = 0;
    let spent = 0;
    let best = Number.POSITIVE_INFINITY;
    let roundsWithoutGain = 0;
    for (;;) {
      const seconds = await this.time(work, times);
      const one = seconds / times;
      roundsWithoutGain = one < 0.97 * best ? 0 : roundsWithoutGain + 1;
      best = Math.min(best, one);
      runs += times;
      spent += seconds;
      const warm = (spent >= warmUp.seconds && runs >= warmUp.runs) || spent >= warmUp.enough;
      const settled = (warm && roundsWithoutGain >= 3) || spent >= warmUp.most;
      if (seconds >= round && settled) return times;
      const factor = (1.2 * round) / Math.max(seconds, 1e-6);
      if (factor > 1) times = Math.ceil(times * Math.min(factor, 10));
    }
  }

  end(): void {
    this.#process.end();
  }
}
