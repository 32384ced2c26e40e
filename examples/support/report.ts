/** How well a classifier of pictures does, as a page with figures: what it sees, how it learnt, where it errs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClassificationSummary } from "@flambeau/metrics";
import plt, { type Figure } from "@flambeau/pyplot";
import torch, { nn, type Tensor } from "flambeau";

type Result = ReturnType<ClassificationSummary["compute"]>;

/** What happened in a training. */
export interface History {
  /** The loss of a batch after so many samples, in all epochs together. */
  readonly losses: (readonly [samples: number, loss: number])[];
  /** The share of right predictions on the test data after so many samples. */
  readonly accuracies: (readonly [samples: number, accuracy: number])[];
}

/** Pictures `[n, height, width]`, with what they show and what the network makes of them. */
export interface Judged {
  readonly images: Tensor;
  readonly labels: Tensor;
  readonly logits: Tensor;
}

interface Report extends Judged {
  readonly title: string;
  readonly classes: readonly string[];
  readonly result: Result;
  readonly history: History;
}

const [good, bad] = ["#2f9e44", "#c92a2a"];

/** Pictures in a grid, each with its prediction, and the label where that is another one. */
function drawPictures(
  { images, labels, logits, classes }: Report,
  indices: readonly number[],
  columns: number,
): Figure {
  const rows = Math.ceil(indices.length / columns);
  const figure = plt.figure({ figsize: [1.7 * columns, 2.05 * rows] });
  const [certainties, predictions] = logits.softmax(1).max(1);
  indices.forEach((index, i) => {
    const [label, prediction] = [labels.at(index).item(), predictions.at(index).item()];
    const axes = figure.addSubplot(rows, columns, i + 1);
    const certainty = `${(100 * certainties.at(index).item()).toFixed(0)}%`;
    const isRight = label === prediction;
    const text = `${classes[prediction]} ${certainty}${isRight ? "" : `\nis ${classes[label]}`}`;
    axes.setTitle(text, { fontsize: 8, color: isRight ? good : bad });
    axes.axis("off");
    axes.imshow(images.at(index), { cmap: "gray" });
  });
  figure.tightLayout();
  return figure;
}

function drawHistory({ history: { losses, accuracies } }: Report): Figure {
  const [figure, axes] = plt.subplots({ figsize: [7, 3.6] });
  const column = (list: readonly (readonly [number, number])[], i: 0 | 1) => list.map((pair) => pair[i]);
  axes.plot(column(losses, 0), column(losses, 1), { color: "C0", label: "loss of a batch", linewidth: 1 });
  axes.setXlabel("samples seen");
  axes.setYlabel("training loss");
  axes.grid(true, { alpha: 0.3 });
  const right = axes.twinx();
  const percents = column(accuracies, 1).map((share) => 100 * share);
  right.plot(column(accuracies, 0), percents, "o-", { color: "C1", label: "accuracy" });
  right.setYlabel("test accuracy (%)");
  figure.legend({ loc: "upper center", ncols: 2, fontsize: 8 });
  figure.tightLayout({ rect: [0, 0, 1, 0.93] });
  return figure;
}

function drawConfusion({ result: { confusionMatrix }, classes }: Report): Figure {
  const [figure, axes] = plt.subplots({ figsize: [7, 6] });
  const places = [...classes.keys()];
  const picture = axes.imshow(confusionMatrix, { cmap: "Blues" });
  axes.setXticks(places, classes, { rotation: 45, ha: "right" });
  axes.setYticks(places, classes);
  axes.setXlabel("predicted");
  axes.setYlabel("is");
  const half = confusionMatrix.max().item() / 2;
  (confusionMatrix.tolist() as number[][]).forEach((row, i) => {
    row.forEach((count, j) => {
      const color = count > half ? "white" : "black";
      if (count > 0) axes.text(j, i, String(count), { ha: "center", va: "center", fontsize: 7, color });
    });
  });
  figure.colorbar(picture);
  figure.tightLayout();
  return figure;
}

/** The places of the largest losses among wrong predictions, the worst first. */
function worstMistakes({ logits, labels }: Judged, count: number): number[] {
  const losses = nn.functional.crossEntropy(logits, labels, { reduction: "none" });
  const wrong = logits.argmax(1).ne(labels);
  const found = Math.min(count, wrong.sum().item());
  return losses.where(wrong, torch.tensor(-1)).topk(found).indices.tolist() as number[];
}

const escape = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The metrics as a table: a row for all classes together, and one for each. */
function table({ result: { classes, weighted } }: Report): string {
  const shown = ["precision", "recall", "f1Score", "falseNegativeRate", "specificity", "falsePositiveRate"] as const;
  const heads = ["", "precision", "recall", "F1", "FNR", "specificity", "FPR", "samples"];
  const cells = (name: string, rates: typeof weighted, support: number) =>
    [escape(name), ...shown.map((key) => rates[key].toFixed(4)), String(support)]
      .map((cell) => `<td>${cell}</td>`)
      .join("");
  const total = classes.reduce((sum, { support }) => sum + support, 0);
  const rows = [
    `<tr class="all">${cells("all, weighted", weighted, total)}</tr>`,
    ...classes.map((one) => `<tr>${cells(one.name, one, one.support)}</tr>`),
  ];
  return `<table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>${rows.join("")}</table>`;
}

const style = `body{margin:0 auto;max-width:900px;padding:16px 20px 60px;font:15px/1.5 system-ui,sans-serif;color:#1c2733;background:#fff}
h1{font-size:22px}h2{font-size:17px;margin:28px 0 6px}img{max-width:100%;height:auto}
.tiles{display:flex;flex-wrap:wrap;gap:12px}.tiles div{border:1px solid #dde3ea;border-radius:8px;padding:8px 16px}
.tiles b{display:block;font-size:22px}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:3px 10px;border-bottom:1px solid #e6ebf0;text-align:right}td:first-child{text-align:left}.all{font-weight:600}
p{color:#5b6b7d;margin:2px 0 8px}`;

function page(report: Report, figures: Readonly<Record<string, Figure>>): string {
  const { title, result } = report;
  const tile = (name: string, value: string) => `<div>${name}<b>${value}</b></div>`;
  const tiles = [
    tile("accuracy", `${(100 * result.accuracy).toFixed(1)}%`),
    ...(result.loss === undefined ? [] : [tile("average loss", result.loss.toFixed(4))]),
    tile("F1, weighted", result.weighted.f1Score.toFixed(4)),
  ];
  const about: Readonly<Record<string, readonly [title: string, text: string]>> = {
    samples: ["What it sees", "Some test pictures with what the network takes them for, and how sure it is."],
    training: ["How it learnt", "The loss of batches on the way, and the accuracy on the test data after each epoch."],
    confusion: ["What it mixes up", "How often pictures of each kind (rows) were taken for each kind (columns)."],
    mistakes: ["Its worst mistakes", "Where it was wrong and most sure of it."],
  };
  const sections = Object.entries(figures).map(([name, figure]) => {
    const [heading, text] = about[name] as readonly [string, string];
    const picture = Buffer.from(figure.toSvg()).toString("base64");
    return `<h2>${heading}</h2><p>${text}</p><img alt="${heading}" src="data:image/svg+xml;base64,${picture}">`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${style}</style></head><body><h1>${escape(title)}</h1>
<div class="tiles">${tiles.join("")}</div>
${sections.join("\n")}
<h2>Each kind</h2>${table(report)}</body></html>
`;
}

/**
 * Writes the page and its figures, as PNG files, into a folder.
 *
 * @returns the path of the page.
 */
export function writeReport(folder: string, report: Report): string {
  const some = Array.from({ length: Math.min(18, report.labels.length) }, (_, i) => i);
  const wrong = worstMistakes(report, 12);
  const figures = {
    samples: drawPictures(report, some, 6),
    training: drawHistory(report),
    confusion: drawConfusion(report),
    ...(wrong.length > 0 && { mistakes: drawPictures(report, wrong, 6) }),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, figure] of Object.entries(figures)) figure.savefig(join(folder, `${name}.png`), { dpi: 120 });
  const path = join(folder, "index.html");
  writeFileSync(path, page(report, figures));
  plt.close("all");
  return path;
}
