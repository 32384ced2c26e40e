/** Where bars are shown: lines that are written over on a terminal, plain lines now and then elsewhere. */
import { MultiBar, type SingleBar } from "cli-progress";

/** Where a bar writes; `process.stderr` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** One line of a display. */
export interface Line {
  /** Shows the text that it has now. */
  refresh(): void;
  /** Leaves the line as it is, or takes it away. */
  end(leave: boolean): void;
}

/** Bars on a terminal, one below the other; they go together when the last of them ends. */
class Terminal {
  readonly #bars: MultiBar;
  #open = 0;

  constructor(output: Output) {
    this.#bars = new MultiBar({
      stream: output as NodeJS.WritableStream,
      format: (_options, _params, { text }) => text(),
      // A synchronous loop leaves no time to undo these two when somebody presses Ctrl-C.
      hideCursor: false,
      linewrap: true,
      gracefulExit: false,
      emptyOnZero: true,
    });
  }

  line(text: () => string): Line {
    this.#open++;
    const bar = this.#bars.create(1, 0, { text });
    this.#refresh();
    return { refresh: () => this.#refresh(), end: (leave) => this.#end(bar, leave) };
  }

  /** Bars are drawn when the loop says so: timers do not run while it does. */
  #refresh(): void {
    this.#bars.update();
    // A bar that nobody closes does not keep the process alive.
    (this.#bars as unknown as { timer: NodeJS.Timeout | null }).timer?.unref();
  }

  #end(bar: SingleBar, leave: boolean): void {
    if (!leave) this.#bars.remove(bar);
    else this.#refresh();
    if (--this.#open === 0) {
      terminals.clear();
      this.#bars.stop();
    }
  }

  /** Writes a line above the bars. */
  log(text: string): void {
    this.#bars.log(`${text}\n`);
    this.#refresh();
  }
}

const terminals = new Map<Output, Terminal>();

/** A line of its own for a text that changes. */
export function openLine(output: Output, text: () => string): Line {
  if (!output.isTTY) return plainLine(output, text);
  let terminal = terminals.get(output);
  if (terminal === undefined) terminals.set(output, (terminal = new Terminal(output)));
  return terminal.line(text);
}

function plainLine(output: Output, text: () => string): Line {
  const show = () => output.write(`${text()}\n`);
  return { refresh: show, end: (leave) => leave && show() };
}

/** Writes a line where bars are shown, without breaking them. */
export function writeLine(output: Output, text: string): void {
  const terminal = terminals.get(output);
  if (terminal === undefined) output.write(`${text}\n`);
  else terminal.log(text);
}
