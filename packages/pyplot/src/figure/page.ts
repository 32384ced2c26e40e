/** Figures as an HTML page that stands alone, and the parts of it that a program draws anew. */
import { readText } from "../assets.js";
import type { Axes } from "../axes/axes.js";
import { escapeXml } from "../canvas/svg.js";
import type { Figure } from "./figure.js";

const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)));

/** The least data that a page needs to say what is under the pointer. */
function describeAxes(axes: Axes, index: number) {
  const { box } = axes;
  const details = axes.artists.filter((artist) => artist.visible).map((artist) => artist.details());
  return {
    index,
    box: [box.left, box.top, box.right, box.bottom].map(rounded),
    xlim: axes.getXlim(),
    ylim: axes.getYlim(),
    xscale: axes.getXscale(),
    yscale: axes.getYscale(),
    xnames: axes.xaxis.view.names,
    ynames: axes.yaxis.view.names,
    series: details.flatMap((one) =>
      one?.points
        ? [{ ...one.points, x: Array.from(one.points.x, rounded), y: Array.from(one.points.y, rounded) }]
        : [],
    ),
    images: details.flatMap((one) =>
      one?.image ? [{ ...one.image, values: Array.from(one.image.values, rounded) }] : [],
    ),
  };
}

/** A figure as SVG, with what is known of its data. */
export function figurePart(figure: Figure, options: { transparent?: boolean } = {}): string {
  const zoom = figure.dpi / 72;
  const svg = figure.draw({ ...options, prefix: `f${figure.number}-` }).toString({ unit: "px", zoom });
  const about = { axes: figure.axes.map(describeAxes).filter((_, i) => figure.axes[i]?.isVisible) };
  // A closing tag inside of a string would end the script.
  const json = JSON.stringify(about, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? null : value,
  ).replaceAll("<", "\\u003c");
  return `${svg}<script type="application/json">${json}</script>`;
}

/** A page with figures; `isLive` if a program is there that draws them anew when they are zoomed. */
export function figurePage(
  figures: readonly Figure[],
  options: { transparent?: boolean } = {},
  isLive = false,
): string {
  const parts = figures.map(
    (figure) => `<div class="figure" data-figure="${figure.number}">${figurePart(figure, options)}</div>`,
  );
  const title = figures.map((figure) => figure.label || `Figure ${figure.number || 1}`).join(", ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>${escapeXml(title)}</title>
<style>
${readText("page.css")}</style>
</head>
<body data-live="${isLive}">
<header><button id="home">Home</button><button id="svg">Save SVG</button><span id="readout"></span></header>
<main>
${parts.join("\n")}
</main>
<div id="tip" hidden></div>
<script>
${readText("page.js")}</script>
</body>
</html>
`;
}
