/**
 * Makes the page for the docs, with its pictures, of the results that runs of the suite have written.
 *
 *     npm run bench -- --json results.json
 *     node benchmarks/dist/table.js docs results.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join as joinPath } from "node:path";
import { judge, type Verdict } from "./goals.js";
import { type Joined, join } from "./join.js";
import type { Row } from "./measure.js";
import { drawPictures } from "./pictures.js";
import {
  below,
  formatBytes,
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

const aloneColumns: readonly Column[] = [
  ["peak memory", (row) => formatBytes(row.alone?.flambeau.memory)],
  ["PyTorch", (row) => formatBytes(row.alone?.pytorch?.memory)],
  ["start", (row) => formatSeconds(row.alone?.flambeau.startUp)],
  ["PyTorch", (row) => formatSeconds(row.alone?.pytorch?.startUp)],
];

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, titles.map((_, i) => (i === 0 ? "---" : "---:")), ...rows];
  return cells.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

function themeTable(theme: string, rows: readonly Row[]): string {
  const columns = [
    ...caseColumns,
    ...(rows.some((row) => row.alone) ? aloneColumns : []),
    ...(rows.some((row) => row.tensorflow) ? tensorflowColumns : []),
  ];
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
  const why = "[how-it-is-made.md](how-it-is-made.md#where-pytorch-is-faster-and-why) tells why";
  return [`PyTorch is faster in ${slow.length} of ${rows.length} cases; ${why}:`, "", ...list].join("\n");
}

function page({ commands, dates, machine, pytorch, generatedData, runs }: Joined, folder: string): string {
  const kernels = machine.blas ? `, OpenBLAS with its ${machine.blas} kernels` : "";
  const make = `node benchmarks/dist/table.js ${basename(folder)} ${files.map((file) => basename(file)).join(" ")}`;
  return [
    "# Benchmarks",
    `Flambeau and PyTorch ${pytorch ?? "(which was not there)"} in turn in one run, both warm, with the same number of threads.
The ratio is PyTorch's time over Flambeau's: the median of the rounds' ratios, with their quartiles. *Of the limit*
is how much Flambeau reaches of what the machine can do, measured in the same run: for products its
multiply-add peak, for whole programs that too, with the products and convolutions in them counted, and for the rest the
speed of a plain copy that moves as many bytes. A program that did nothing but its products, at the peak, would have a ratio
of its own divided by that share; convolutions of 3×3 and 4×4 take fewer multiplications than are counted. *Peak memory* is the most that a
process of its own had resident, beyond what the loaded libraries take; *start* is from the start of that process until
the case is prepared.`,
    `Measured on ${dates.join(" and ")}: ${machine.cores} cores, Node ${machine.node}${kernels}.${
      generatedData ? " The images were random pixels." : ""
    } The commands:`,
    `\`\`\`sh\n${[...commands, make].join("\n")}\n\`\`\``,
    "`npm run bench -- --check` compares what both sides compute from one seed.",
    ...drawPictures(runs, folder),
    ...runs.map(section),
  ].join("\n\n");
}

const [folder, ...files] = process.argv.slice(2);
if (folder === undefined || files.length === 0) {
  throw new Error("usage: node benchmarks/dist/table.js docs results.json [more.json]");
}
const results = join(files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Results));
writeFileSync(joinPath(folder, "benchmarks.md"), `${page(results, folder)}\n`);
