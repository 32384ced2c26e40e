/**
 * Makes the gallery in docs/activations: a page with a card for each activation function, loss, optimizer and schedule,
 * whose graphs follow sliders, and a page of Markdown with the graphs of the activation functions.
 *
 *     npm run gallery
 *
 * All curves are computed by the library, for every position of the sliders.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import plt from "@flambeau/pyplot";
import torch, { type Tensor } from "flambeau";
import katex from "katex";
import { activations } from "./content/activations.js";
import type { Curve, Entry, Group } from "./content/entry.js";
import { losses } from "./content/losses.js";
import { optimizers, valley } from "./content/optimizers.js";
import { schedules } from "./content/schedules.js";

const here = fileURLToPath(new URL("../", import.meta.url));
const target = process.argv[2] ?? join(here, "..", "docs", "activations");

/** A chapter of the page; `axis` is what its graphs run along. */
interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly groups: readonly Group[];
  readonly axis: string;
}

const chapters: Chapter[] = [
  { id: "activations", title: "Activation functions", groups: activations, axis: "x" },
  { id: "losses", title: "Losses", groups: losses, axis: "prediction" },
  { id: "optimizers", title: "Optimizers", groups: optimizers, axis: "x" },
  { id: "schedules", title: "Schedules", groups: schedules, axis: "step" },
];

/** Every choice of a value for each argument, the last one changing fastest. */
function choices(entry: Entry): number[][] {
  const lists = (entry.args ?? []).map(({ values }) => values);
  return lists.reduce<number[][]>(
    (all, values) => all.flatMap((chosen) => values.map((value) => [...chosen, value])),
    [[]],
  );
}

const short = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

/** The curves of all choices; axes that are the same are written once. */
function curvesOf(entry: Entry) {
  const axes = new Map<string, number>();
  const place = (x: readonly number[]) => {
    const key = JSON.stringify(x.map(short));
    if (!axes.has(key)) axes.set(key, axes.size);
    return axes.get(key);
  };
  const curves = choices(entry).map((values) =>
    entry.curves(values).map(({ label, x, y }) => ({ label, x: place(x), y: y.map(short) })),
  );
  return { axes: [...axes.keys()].map((key) => JSON.parse(key) as number[]), curves };
}

/** Seconds that a function takes for a million numbers, the fastest of several runs. */
function seconds(run: (x: Tensor) => Tensor): number {
  const x = torch.randn(1_000_000);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    torch.noGrad(() => run(x));
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

/** What functions cost, measured against the first of them. */
function costs(groups: readonly Group[]): Map<Entry, number> {
  const all = groups.flatMap(({ entries }) => entries).filter(({ run }) => run !== undefined);
  const times = all.map(({ run }) => seconds(run as (x: Tensor) => Tensor));
  return new Map(all.map((entry, i) => [entry, (times[i] as number) / (times[0] as number)]));
}

function formula(tex: string): string {
  return katex.renderToString(tex, { displayMode: true, output: "html", strict: "error" });
}

/** The heights of the valley over a square, row after row from below. */
function heights(count = 60, reach = 2.2) {
  const line = torch.linspace(-reach, reach, count);
  const z = valley(line.view(1, -1), line.view(-1, 1));
  return { reach, count, values: (z.reshape([-1]).tolist() as number[]).map(short) };
}

function pageData() {
  return chapters.map(({ id, title, groups, axis }) => {
    const cost = costs(groups);
    return {
      ...{ id, title, axis },
      ...(id === "optimizers" && { valley: heights() }),
      groups: groups.map(({ title, about, entries }) => ({
        ...{ title, about },
        entries: entries.map((entry) => {
          const { name, alias, type, differentiable, pros, cons, use, args, code } = entry;
          const relative = cost.get(entry);
          return {
            ...{ name, alias, type, differentiable, pros, cons, use, args, code },
            formula: formula(entry.formula),
            ...(relative !== undefined && { cost: Number(relative.toPrecision(2)) }),
            ...curvesOf(entry),
          };
        }),
      })),
    };
  });
}

/** Draws the usual form of a function into a small picture. */
function drawThumbnail(entry: Entry, file: string): void {
  const curves = entry.curves((entry.args ?? []).map(({ usual }) => usual));
  const [figure, ax] = plt.subplots({ figsize: [3, 2.2], dpi: 80 });
  curves.forEach(({ label, x, y }: Curve, i: number) => {
    ax.plot([...x], [...y], { label, color: `C${i}`, linestyle: i === 0 || curves.length > 2 ? "-" : "--" });
  });
  ax.grid(true, { alpha: 0.3 });
  ax.legend({ fontsize: 7 });
  figure.tightLayout();
  figure.savefig(file);
  plt.close(figure);
}

function markdown(): string {
  const list = (items: readonly string[]) => items.join("; ");
  const sections = activations.map(({ title, about, entries }) => {
    const rows = entries.map(
      ({ name, alias, type, differentiable, pros, cons, use }) =>
        `| **${name}**${alias === undefined ? "" : `<br>${alias}`} | ${list(type)}; differentiable ${differentiable} | ![${name}](img/${name}.png) | ${list(pros)} | ${list(cons)} | ${list(use)} |`,
    );
    const head = "| Function | Type | Graph (and derivative) | For it | Against it | Use |\n|---|---|---|---|---|---|";
    return `## ${title}\n\n${about}\n\n${head}\n${rows.join("\n")}`;
  });
  return `# Activation functions

Every function with its graph and that of its derivative. The page [index.html](index.html), opened in a browser, has the
formulas, what each function costs, and sliders for their arguments; and the same for losses, optimizers and schedules.
\`npm run gallery\` makes it anew.

${sections.join("\n\n")}
`;
}

/** The fonts that these formulas are set in. */
const formulaFonts = [
  "Main-Regular",
  "Math-Italic",
  "Size1-Regular",
  "Size2-Regular",
  "Size3-Regular",
  "Size4-Regular",
  "AMS-Regular",
].map((name) => `KaTeX_${name}.woff2`);

function copyPage(): void {
  const page = join(here, "page");
  for (const name of readdirSync(page)) copyFileSync(join(page, name), join(target, name));
  const { resolve } = createRequire(import.meta.url);
  const uplot = dirname(resolve("uplot/dist/uPlot.min.css"));
  for (const name of ["uPlot.iife.min.js", "uPlot.min.css"]) copyFileSync(join(uplot, name), join(target, name));
  const math = dirname(resolve("katex/dist/katex.min.css"));
  copyFileSync(join(math, "katex.min.css"), join(target, "katex.min.css"));
  mkdirSync(join(target, "fonts"));
  for (const font of formulaFonts) copyFileSync(join(math, "fonts", font), join(target, "fonts", font));
}

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "img"), { recursive: true });
copyPage();
writeFileSync(join(target, "data.js"), `const chapters = ${JSON.stringify(pageData())};\n`);
writeFileSync(join(target, "README.md"), markdown());
for (const { entries } of activations) {
  for (const entry of entries) drawThumbnail(entry, join(target, "img", `${entry.name}.png`));
}
const count = chapters.flatMap(({ groups }) => groups).flatMap(({ entries }) => entries).length;
console.log(`${count} cards in ${join(target, "index.html")}`);
