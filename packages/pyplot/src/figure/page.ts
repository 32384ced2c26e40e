/** Figures as an HTML page that stands alone. */
import type { Figure } from "./figure.js";

/** A page with figures. */
export function figurePage(figures: readonly Figure[], options: { transparent?: boolean } = {}): string {
  const parts = figures.map((figure, i) =>
    figure.draw({ ...options, prefix: `f${i}` }).toString({ unit: "px", zoom: figure.dpi / 72 }),
  );
  return `<!doctype html>\n<html>\n<head><meta charset="utf-8"><title>Figure</title></head>\n<body>\n${parts.join("\n")}\n</body>\n</html>\n`;
}
