/** One of the libraries that are compared: a process of its own, which stays for all cases. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "./case.js";
import { LineProcess } from "./lineProcess.js";
import { pytorchEnvironment } from "./machine.js";

export interface Request {
  readonly name: string;
  readonly times: number;
}

export type Answer = { readonly seconds: number } | { readonly error: string };

/** Work shorter than this is repeated until it is as long, so that the clock and the scheduler do not count. */
const roundSeconds = 0.02;
/** Warming up takes so many runs, as a compiler needs them, or so many seconds; and then until it gains nothing more. */
const warmUp = { seconds: 0.1, runs: 10_000, enough: 0.5, most: 2 };

export class Side {
  readonly #process: LineProcess;

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

  /** The seconds of so many runs. */
  async time({ name, pytorch }: Case, times: number): Promise<number> {
    const answer = JSON.parse(await this.#process.ask(JSON.stringify({ name, times, ...pytorch }))) as Answer;
    if ("error" in answer) throw new Error(answer.error);
    return answer.seconds;
  }

  /** Warms the case up, as compilers and allocators need it, and finds how many runs make a round. */
  async calibrate(work: Case): Promise<number> {
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
      if (seconds >= roundSeconds && settled) return times;
      const factor = (1.2 * roundSeconds) / Math.max(seconds, 1e-6);
      if (factor > 1) times = Math.ceil(times * Math.min(factor, 10));
    }
  }

  end(): void {
    this.#process.end();
  }
}
