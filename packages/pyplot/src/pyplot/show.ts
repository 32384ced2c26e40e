/** `show`: how figures come before people's eyes. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "../figure/figure.js";

/** Shows figures. */
export function showFigures(figures: readonly Figure[]): void {
  for (const figure of figures) {
    const path = join(tmpdir(), `figure-${process.pid}-${figure.number}.png`);
    figure.savefig(path);
    process.stderr.write(`Figure written to ${path}\n`);
  }
}
