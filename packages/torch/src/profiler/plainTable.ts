/** Tables of text: a head, a rule, and rows. */

/** The cells of a row. */
export type Cells = readonly string[];

const gap = "  ";

/** The first column stands left, the others right. */
export function plainTable(head: Cells, rows: readonly Cells[]): string {
  const widths = head.map((title, i) => Math.max(title.length + 2, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: Cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(gap);
  return [line(head), widths.map((width) => "-".repeat(width)).join(gap), ...rows.map(line)].join("\n");
}
