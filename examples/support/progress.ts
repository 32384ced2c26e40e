/** Progress of an epoch: a bar on a terminal, plain lines elsewhere. */
import { SingleBar } from "cli-progress";

export class Progress {
  readonly #bar: SingleBar | undefined;

  constructor(readonly total: number) {
    if (!process.stdout.isTTY) return;
    const columns = process.stdout.columns || 80;
    const isWide = columns >= 50;
    this.#bar = new SingleBar({
      format: isWide ? "{bar} {value}/{total}  loss: {loss}" : "{percentage}% {loss}",
      barsize: Math.max(0, Math.min(40, columns - 35)),
      // Training leaves no time to undo these two when somebody presses Ctrl-C.
      hideCursor: false,
      linewrap: true,
      stream: process.stdout,
    });
    this.#bar.start(total, 0, { loss: "" });
  }

  /** Shows the loss after so many samples. */
  report(loss: number, samples: number): void {
    const text = loss.toFixed(6);
    if (this.#bar) {
      this.#bar.update(samples, { loss: text });
      this.#bar.render();
    } else {
      console.log(`loss: ${text.padStart(8)}  [${String(samples).padStart(5)}/${String(this.total).padStart(5)}]`);
    }
  }

  end(): void {
    this.#bar?.update(this.total);
    this.#bar?.stop();
  }
}
