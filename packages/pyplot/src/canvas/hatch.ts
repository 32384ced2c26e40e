/** Patterns of lines and dots that fill a shape. */
import { Path } from "../geometry.js";

/** The side of the square that is repeated, in points: a third of matplotlib's, of which it has the same lines. */
const cell = 24;

/**
 * An SVG pattern, which begins at the bottom of the page, for a hatch: `/ \\ | - + x o O . *`, each of which may be repeated to be denser.
 *
 * @throws Error for another character.
 */
export function hatchPattern(name: string, hatch: string, color: string, bottom: string): string {
  const unknown = [...hatch].find((char) => !"/\\|-+xoO.*".includes(char));
  if (unknown !== undefined) throw new Error(`Unknown hatch symbol '${unknown}'`);
  const count = (chars: string): number => [...hatch].filter((char) => chars.includes(char)).length;
  const lines = new Path();
  for (let n = 2 * count("-+"), i = 0; i < n; i++)
    lines.moveTo(0, ((i + 0.5) * cell) / n).lineTo(cell, ((i + 0.5) * cell) / n);
  for (let n = 2 * count("|+"), i = 0; i < n; i++)
    lines.moveTo(((i + 0.5) * cell) / n, 0).lineTo(((i + 0.5) * cell) / n, cell);
  for (let n = count("/x"), i = -n; i < n; i++) lines.moveTo((i * cell) / n, cell).lineTo((i * cell) / n + cell, 0);
  for (let n = count("\\x"), i = -n; i < n; i++) lines.moveTo((i * cell) / n, 0).lineTo((i * cell) / n + cell, cell);
  const dots = (
    [
      ["o", 0.2, false],
      ["O", 0.35, false],
      [".", 0.1, true],
      ["*", 0.25, true],
    ] as const
  ).flatMap(([char, radius, isFull]) => {
    const n = 2 * count(char);
    return Array.from({ length: n * n }, (_, i) => {
      const step = cell / n;
      const dot = Path.ellipse(((i % n) + 0.5) * step, (Math.floor(i / n) + 0.5) * step, radius * step, radius * step);
      return `<path d="${dot}" ${isFull ? `fill="${color}"` : `fill="none" stroke="${color}"`}/>`;
    });
  });
  return (
    `<pattern id="${name}" width="${cell}" height="${cell}" patternUnits="userSpaceOnUse" patternTransform="translate(0 ${bottom})">` +
    `<path d="${lines}" stroke="${color}" fill="none"/>${dots.join("")}</pattern>`
  );
}
