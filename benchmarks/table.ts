/**
 * Makes the page for the docs of the results that a run of the suite has written.
 *
 *     npm run bench -- --json results.json
 *     node benchmarks/dist/table.js results.json > docs/benchmarks.md
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { judge, type Verdict } from "./goals.js";
import type { Row } from "./measure.js";
import {
  below,
  formatRatio,
  formatSeconds,
  formatShare,
  formatSpread,
  means,
  type Results,
  type Run,
  verdictOf,
} from "./report.js";

type Column = readonly [title: string, cell: (row: Row) => string];

const caseColumns: readonly Column[] = [
  ["case", (row) => (row.errors.length > 0 ? `${row.name} (failed: ${row.errors.join("; ")})` : row.name)],
  ["Flambeau", (row) => formatSeconds(row.seconds)],
  ["PyTorch", (row) => formatSeconds(row.pytorch?.seconds)],
  ["ratio", (row) => formatRatio(row.pytorch?.ratio)],
  ["quartiles", (row) => formatSpread(row.pytorch?.ratio)],
  ["of the limit", (row) => formatShare(row.share)],
];

const tensorflowColumns: readonly Column[] = [
  ["TensorFlow.js", (row) => formatSeconds(row.tensorflow?.seconds)],
  ["ratio", (row) => formatRatio(row.tensorflow?.ratio)],
];

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, titles.map((_, i) => (i === 0 ? "---" : "---:")), ...rows];
  return cells.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

function themeTable(theme: string, rows: readonly Row[]): string {
  const columns = rows.some((row) => row.tensorflow) ? [...caseColumns, ...tensorflowColumns] : caseColumns;
  const titles = columns.map(([title]) => title);
  return `### ${theme[0]?.toUpperCase()}${theme.slice(1)}\n\n${table(
    titles,
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  )}`;
}

function verdictRow(verdict: Verdict): string[] {
  const { says, least, worst, missing } = verdict;
  return [
    says,
    String(least),
    worst?.toFixed(2) ?? "",
    verdictOf(verdict),
    missing.length > 0 ? `${missing.length}` : "",
  ];
}

function section(run: Run): string {
  const { threads, peak, rows } = run;
  const themes = [...new Set(rows.map((row) => row.theme))];
  const peaks = peak
    ? `The multiply-add peak was ${peak.float32.toFixed(0)} GFLOP/s in float32 and ${peak.float64.toFixed(0)} in float64.\n\n`
    : "";
  return [
    `## ${threads} ${threads === 1 ? "thread" : "threads"}`,
    `${peaks}${table(
      ["geometric mean of the ratios", "", "cases"],
      means(rows).map(([theme, mean, cases]) => [theme, mean.toFixed(2), String(cases)]),
    )}`,
    table(["target", "at least", "at worst", "", "cases that miss it"], judge(rows, threads).map(verdictRow)),
    slower(rows),
    ...themes.map((theme) =>
      themeTable(
        theme,
        rows.filter((row) => row.theme === theme),
      ),
    ),
  ].join("\n\n");
}

function slower(rows: readonly Row[]): string {
  const slow = below(rows, 1);
  if (slow.length === 0) return "In no case is PyTorch faster.";
  const list = slow.map((row) => `- ${formatRatio(row.pytorch?.ratio)}: ${row.name}`);
  return [`PyTorch is faster in ${slow.length} of ${rows.length} cases:`, "", ...list].join("\n");
}

function page(results: Results, file: string): string {
  const { command, date, machine, pytorch, generatedData, runs } = results;
  const kernels = machine.blas ? `, OpenBLAS with its ${machine.blas} kernels` : "";
  return [
    "# Benchmarks",
    `Flambeau and PyTorch ${pytorch ?? "(which was not there)"} in turn in one run, both warm, with the same number of threads.
The ratio is PyTorch's time over Flambeau's: the median of the rounds' ratios, with their quartiles. *Of the limit*
is how much Flambeau reaches of what the machine can do, measured in the same run: for products its
multiply-add peak, for the rest the speed of a plain copy that moves as many bytes.`,
    `Measured on ${date}: ${machine.cores} cores, Node ${machine.node}${kernels}.${
      generatedData ? " The images were random pixels." : ""
    } The commands:`,
    `\`\`\`sh\n${command}\nnode benchmarks/dist/table.js ${basename(file)} > docs/benchmarks.md\n\`\`\``,
    ...runs.map(section),
  ].join("\n\n");
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node benchmarks/dist/table.js results.json > docs/benchmarks.md");
console.log(page(JSON.parse(readFileSync(file, "utf8")) as Results, file));
