/** `show`: how figures come before people's eyes. */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Figure } from "../figure/figure.js";
import { getBackend } from "./backend.js";
import { FigureServer } from "./server.js";
import { terminalPicture } from "./terminal.js";

let server: FigureServer | undefined;

/** Shows figures, and returns at once. */
export function showFigures(figures: readonly Figure[]): void {
  if (figures.length === 0) return;
  const backend = getBackend();
  if (backend === "browser") openPage(figures);
  else if (backend === "terminal") for (const figure of figures) process.stdout.write(terminalPicture(figure));
  else for (const figure of figures) writeFile(figure, backend);
}

/** Writes a figure where files of one run go, and says where that is. */
function writeFile(figure: Figure, format: "png" | "svg" | "html"): void {
  const folder = resolve(process.env.FLAMBEAU_PLOT_DIR ?? join(tmpdir(), `flambeau-plots-${process.pid}`));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `figure-${figure.number}.${format}`);
  figure.savefig(path, { format });
  process.stderr.write(`Figure ${figure.number}: ${path}\n`);
}

function openPage(figures: readonly Figure[]): void {
  if (server) {
    server.update(figures);
    return;
  }
  const started = new FigureServer(figures, () => (server = undefined));
  server = started;
  const start = async (): Promise<void> => {
    const address = await started.listen();
    const { default: open } = await import("open");
    const browser = await open(address);
    browser.once("error", () => process.stderr.write(`The figures are at ${address}\n`));
  };
  start().catch((error: unknown) => {
    started.close();
    process.stderr.write(`No browser could be opened (${String(error)}).\n`);
    for (const figure of figures) writeFile(figure, "png");
  });
}

/** Draws the figures that are shown in a page anew. */
export function refreshFigures(figures: readonly Figure[]): void {
  server?.update(figures);
}

/** Ends the page once none of its figures is left. */
export function closePage(figures: readonly Figure[]): void {
  if (figures.length === 0) server?.close();
}
