// The charts of the board: lines over steps, and histograms one behind the other.
import uPlot from "/uplot.js";

const colors = ["#e8590c", "#1971c2", "#2f9e44", "#9c36b5", "#e03131", "#0c8599", "#f08c00", "#5f3dc4", "#66a80f"];

export const colorOf = (index) => colors[index % colors.length];

/** An exponential mean that does not lean to 0 at the start. */
export function smooth(values, weight) {
  let [mean, share] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return mean / share;
  });
}

const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const short = (value) => (value === null || value === undefined ? "" : Number(value.toPrecision(4)).toString());

/** Joins lines over axes of their own into one table, as uPlot wants it. */
function aligned(lines) {
  if (lines.length === 0) return [[]];
  return uPlot.join(lines.map(({ x, y }) => [x, y]));
}

const chartHeight = 220;

/**
 * A chart of lines `{ label, color, x, y, isFaint }` that can be zoomed (drag) and reset (double click).
 */
export class LineChart {
  constructor(parent) {
    this.parent = parent;
    this.key = "";
  }

  draw(lines, { isTime = false, isLog = false, axisName }) {
    const shown = lines.map(({ label, color, x }) => [label, color, x.length < 2]);
    const key = JSON.stringify([isTime, isLog, axisName, shown]);
    const width = Math.max(200, this.parent.clientWidth);
    const data = aligned(lines);
    if (this.plot === undefined || key !== this.key) {
      this.plot?.destroy();
      this.key = key;
      this.plot = new uPlot(this.#settings(lines, width, { isTime, isLog, axisName }), data, this.parent);
    } else {
      if (this.plot.width !== width) this.plot.setSize({ width, height: chartHeight });
      this.plot.setData(data, !this.isZoomed());
    }
  }

  isZoomed() {
    const { x } = this.plot.scales;
    const [xs] = this.plot.data;
    return xs.length > 1 && (x.min > xs[0] || x.max < xs.at(-1));
  }

  #settings(lines, width, { isTime, isLog, axisName }) {
    const axis = {
      stroke: styleOf("--soft"),
      grid: { stroke: styleOf("--line") },
      ticks: { stroke: styleOf("--line") },
    };
    return {
      width,
      height: chartHeight,
      scales: { x: { time: isTime }, y: isLog ? { distr: 3 } : {} },
      axes: [axis, { ...axis, size: 62, values: (_, splits) => splits.map(short) }],
      legend: { live: true },
      series: [
        { label: axisName, value: isTime ? undefined : (_, value) => short(value) },
        ...lines.map(({ label, color, isFaint, x }) => ({
          label,
          stroke: isFaint ? `${color}40` : color,
          width: isFaint ? 1 : 1.8,
          spanGaps: true,
          points: { show: x.length < 2, size: 8, fill: color },
          value: (_, value) => short(value),
        })),
      ],
    };
  }
}

/** Histograms of several steps, the newest in front, as curves of how many values lie where. */
export function drawHistograms(canvas, histograms, color) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth || 340, 220];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const shown = thinned(histograms, 12);
  const low = Math.min(...shown.map(({ value }) => value.min));
  const high = Math.max(...shown.map(({ value }) => value.max));
  const span = high > low ? high - low : 1;
  const bins = 40;
  const rows = shown.map(({ value }) => resampled(value, low, low + span, bins));
  const top = Math.max(...rows.flat(), 1e-12);
  const [left, bottom, ridge] = [8, height - 22, 90];
  const step = (bottom - ridge) / Math.max(1, rows.length - 1);
  rows.forEach((row, i) => {
    const base = rows.length === 1 ? bottom : ridge + i * step;
    context.beginPath();
    context.moveTo(left, base);
    row.forEach((count, j) => {
      const x = left + ((j + 0.5) / bins) * (width - 2 * left - 40);
      context.lineTo(x, base - (count / top) * (ridge - 12));
    });
    context.lineTo(width - left - 40, base);
    context.closePath();
    context.globalAlpha = 0.35 + (0.65 * (i + 1)) / rows.length;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = styleOf("--paper");
    context.stroke();
    context.fillStyle = styleOf("--soft");
    context.font = "10px system-ui";
    if (i === 0 || i === rows.length - 1) context.fillText(String(shown[i].step), width - 40, base);
  });
  context.fillStyle = styleOf("--soft");
  context.fillText(short(low), left, height - 6);
  context.textAlign = "right";
  context.fillText(short(low + span), width - left - 40, height - 6);
}

/** Some of many, the first and the last among them. */
function thinned(list, count) {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.round((i * (list.length - 1)) / (count - 1))]);
}

/** Counts in buckets of one width, from counts in buckets of others. */
function resampled({ bucketLimit, bucket, min, max }, low, high, bins) {
  const result = new Array(bins).fill(0);
  const width = (high - low) / bins;
  bucket.forEach((count, i) => {
    if (count === 0) return;
    const right = Math.min(bucketLimit[i], max);
    const left = Math.max(i === 0 ? min : bucketLimit[i - 1], min);
    const size = Math.max(right - left, 1e-12);
    const first = Math.min(bins - 1, Math.max(0, Math.floor((left - low) / width)));
    const last = Math.min(bins - 1, Math.max(first, Math.floor((right - low) / width)));
    for (let j = first; j <= last; j++) {
      const overlap = Math.min(right, low + (j + 1) * width) - Math.max(left, low + j * width);
      result[j] += first === last ? count : (count * Math.max(0, overlap)) / size;
    }
  });
  return result;
}
