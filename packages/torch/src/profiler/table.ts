/** The table of a profile, in PyTorch's layout. */
import type { EventAverage } from "./averages.js";

const sortKeys = {
  count: "count",
  cpu_time: "cpuTime",
  cpu_time_total: "cpuTimeTotal",
  self_cpu_time_total: "selfCpuTimeTotal",
  cpu_memory_usage: "cpuMemoryUsage",
  self_cpu_memory_usage: "selfCpuMemoryUsage",
  flops: "flops",
} as const satisfies Record<string, keyof EventAverage>;

/** The fields by which a table can be sorted, the largest first. */
export type SortKey = keyof typeof sortKeys;

const columnWidth = 12;
const widestName = 55;
const widestShapes = 80;
const gap = "  ";

/** Microseconds in the unit that suits them. */
function formatTime(microseconds: number): string {
  if (microseconds >= 1e6) return `${(microseconds / 1e6).toFixed(3)}s`;
  return microseconds >= 1e3 ? `${(microseconds / 1e3).toFixed(3)}ms` : `${microseconds.toFixed(3)}us`;
}

/** Bytes in the unit that suits them. */
function formatMemory(bytes: number): string {
  const size = Math.abs(bytes);
  if (size >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(2)} Gb`;
  if (size >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(2)} Mb`;
  return size >= 2 ** 10 ? `${(bytes / 2 ** 10).toFixed(2)} Kb` : `${bytes} b`;
}

interface Column {
  readonly head: string;
  readonly width: number;
  readonly cell: (row: EventAverage) => string;
}

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}

function formatShapes(shapes: EventAverage["inputShapes"]): string {
  return `[${(shapes ?? []).map((shape) => `[${shape.join(", ")}]`).join(", ")}]`;
}

function columnsFor(rows: readonly EventAverage[], total: number): Column[] {
  const share = (time: number) => `${total === 0 ? "NaN" : ((100 * time) / total).toFixed(2)}%`;
  const plain = (head: string, cell: Column["cell"]): Column => ({ head, width: columnWidth, cell });
  const fitted = (head: string, widest: number, cell: Column["cell"]): Column => {
    const width = Math.min(widest, Math.max(...rows.map((row) => cell(row).length)) + 4);
    return { head, width, cell: (row) => shorten(cell(row), width) };
  };
  const columns = [
    fitted("Name", widestName, ({ key }) => key),
    plain("Self CPU %", (row) => share(row.selfCpuTimeTotal)),
    plain("Self CPU", (row) => formatTime(row.selfCpuTimeTotal)),
    plain("CPU total %", (row) => share(row.cpuTimeTotal)),
    plain("CPU total", (row) => formatTime(row.cpuTimeTotal)),
    plain("CPU time avg", (row) => formatTime(row.cpuTime)),
  ];
  if (rows.some((row) => row.cpuMemoryUsage !== 0)) {
    columns.push(plain("CPU Mem", (row) => formatMemory(row.cpuMemoryUsage)));
    columns.push(plain("Self CPU Mem", (row) => formatMemory(row.selfCpuMemoryUsage)));
  }
  columns.push(plain("# of Calls", ({ count }) => String(count)));
  if (rows.some(({ inputShapes }) => inputShapes !== undefined))
    columns.push(fitted("Input Shapes", widestShapes, ({ inputShapes }) => formatShapes(inputShapes)));
  if (rows.some(({ flops }) => flops > 0))
    columns.push(plain("Total FLOPs", ({ flops }) => (flops ? String(flops) : "--")));
  return columns;
}

/** @throws TypeError for a field by which nothing can be sorted. */
export function formatTable(averages: readonly EventAverage[], sortBy: SortKey | undefined, rowLimit: number): string {
  if (sortBy !== undefined && !(sortBy in sortKeys)) {
    throw new TypeError(`table(): sortBy must be one of ${Object.keys(sortKeys).join(", ")}, got "${String(sortBy)}"`);
  }
  if (averages.length === 0) return "";
  const field = sortBy && sortKeys[sortBy];
  const rows = field ? [...averages].sort((a, b) => b[field] - a[field]) : averages;
  const total = averages.reduce((time, row) => time + row.selfCpuTimeTotal, 0);
  const columns = columnsFor(averages, total);
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padStart(columns[i]?.width ?? 0) + gap).join("");
  const rule = columns.map(({ width }) => "-".repeat(width) + gap).join("");
  const body = rows.slice(0, Math.max(0, rowLimit)).map((row) => line(columns.map(({ cell }) => cell(row))));
  const head = line(columns.map((column) => column.head));
  return [rule, head, rule, ...body, rule, `Self CPU time total: ${formatTime(total)}`, ""].join("\n");
}
