/** A process that answers each line it is given with a line, and stays until it is told to end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export class LineProcess {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
    // That it has gone is seen where the next answer is missing.
    this.#process.stdin?.on("error", () => undefined);
    this.#process.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#process.stdout as Readable })[Symbol.asyncIterator]();
  }

  /** @throws Error if the process has ended. */
  async ask(line: string): Promise<string> {
    this.#process.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#process.spawnfile} has ended`);
    return value;
  }

  end(): void {
    this.#process.stdin?.end();
  }
}
