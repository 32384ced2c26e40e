/** The results as lines of text: a row for each case, then how they stand against the targets. */
import { geometricMean, judge, type Verdict } from "./goals.js";
import type { Alone, Ratio, Row } from "./measure.js";

export interface Results {
  readonly command: string;
  readonly date: string;
  readonly machine: { cpu: string; cores: number; node: string; blas?: string };
  readonly pytorch?: string;
  readonly generatedData: boolean;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly threads: number;
  /** Multiply-add peak in GFLOP/s. */
  readonly peak?: { readonly float32: number; readonly float64: number } | undefined;
  readonly rows: readonly Row[];
}

export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(2)} ms`;
  return seconds >= 1e-6 ? `${(seconds * 1e6).toFixed(1)} µs` : `${(seconds * 1e9).toFixed(0)} ns`;
}

export function formatRatio(ratio: Ratio | undefined): string {
  return ratio ? ratio.median.toFixed(2) : "";
}

export function formatSpread(ratio: Ratio | undefined): string {
  return ratio ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : "";
}

export function formatShare(share: number | undefined): string {
  return share === undefined ? "" : `${(share * 100).toFixed(0)}%`;
}

export function formatBytes(bytes: number | undefined): string {
  return bytes === undefined ? "" : `${(bytes / 1e6).toFixed(0)} MB`;
}

const widths = [-54, 10, 10, 7, 15, 7, 10, 8];

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => ((widths[i] ?? 0) < 0 ? cell.padEnd(54) : cell.padStart(widths[i] ?? 0))).join(" ");
}

export function head(threads: number): string {
  const title = `\n${threads} ${threads === 1 ? "thread" : "threads"}`;
  const columns = ["", "Flambeau", "PyTorch", "ratio", "quartiles", "limit", "TF.js", "ratio"];
  return `${title}\n${line(columns)}`;
}

export function format(row: Row): string {
  const { name, seconds, pytorch, tensorflow, share, errors } = row;
  const cells = [
    name,
    formatSeconds(seconds),
    formatSeconds(pytorch?.seconds),
    formatRatio(pytorch?.ratio),
    formatSpread(pytorch?.ratio),
    formatShare(share),
    formatSeconds(tensorflow?.seconds),
    formatRatio(tensorflow?.ratio),
  ];
  const more = [...formatAlone(row), ...errors.map((error) => `failed: ${error}`)];
  return [line(cells).trimEnd(), ...more.map((text) => `    ${text}`)].join("\n");
}

function formatAlone({ alone }: Row): string[] {
  if (!alone) return [];
  const both = (text: (of: Alone) => string) =>
    [alone.flambeau, ...(alone.pytorch ? [alone.pytorch] : [])].map(text).join(" against ");
  const [memory, start] = [both((of) => formatBytes(of.memory)), both((of) => formatSeconds(of.startUp))];
  return [`peak memory ${memory}, start ${start}`];
}

/** The geometric mean of the ratios to PyTorch: of each theme, and of all. */
export function means(rows: readonly Row[]): [theme: string, mean: number, cases: number][] {
  const themes = [...new Set(rows.map((row) => row.theme)), "all"];
  return themes.flatMap((theme) => {
    const ratios = rows.flatMap((row) =>
      theme === "all" || row.theme === theme ? (row.pytorch?.ratio.median ?? []) : [],
    );
    const mean = geometricMean(ratios);
    return mean === undefined ? [] : [[theme, mean, ratios.length]];
  });
}

export function below(rows: readonly Row[], bound: number): Row[] {
  const ratio = (row: Row) => row.pytorch?.ratio.median ?? bound;
  return rows.filter((row) => ratio(row) < bound).sort((a, b) => ratio(a) - ratio(b));
}

export function verdictOf({ worst, least }: Verdict): "holds" | "does not hold" | "not measured" {
  if (worst === undefined) return "not measured";
  return worst >= least ? "holds" : "does not hold";
}

function formatVerdict(verdict: Verdict): string {
  const { says, least, worst, missing } = verdict;
  const count = missing.length > 0 ? `, missed by ${missing.length}` : "";
  const measured = worst === undefined ? "" : `; at worst ${worst.toFixed(2)}${count}`;
  return `${verdictOf(verdict).padEnd(14)} ${says}: at least ${least}${measured}`;
}

/** What follows the rows of a run. */
export function summary({ threads, rows }: Run): string {
  const lines = ["", "geometric mean of the ratios to PyTorch"];
  for (const [theme, mean, cases] of means(rows))
    lines.push(`  ${theme.padEnd(12)} ${mean.toFixed(2)}  (${cases} cases)`);
  const slow = below(rows, 1);
  lines.push("", `under 1: ${slow.length}, of them under 0.8: ${below(rows, 0.8).length}`);
  for (const row of slow) lines.push(`  ${formatRatio(row.pytorch?.ratio)}  ${row.name}`);
  lines.push("", "targets");
  for (const verdict of judge(rows, threads)) lines.push(`  ${formatVerdict(verdict)}`);
  return lines.join("\n");
}
