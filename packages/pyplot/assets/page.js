// The life of a page with figures: values under the pointer, zoom and pan. It talks to nobody but the program that
// shows the page, and to that one only if there is one (`live`).

const live = document.body.dataset.live === "true";
const readout = document.getElementById("readout");
const tip = document.getElementById("tip");

const scales = {
  linear: [(v) => v, (p) => p],
  log: [(v) => Math.log10(v), (p) => 10 ** p],
};

/** As many digits as tell neighbouring pixels apart. */
function show(value, step) {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.max(1, Math.min(12, Math.ceil(Math.log10(Math.abs(value) / (Math.abs(step) || 1) || 1)) + 1));
  return String(Number(value.toPrecision(digits)));
}

class FigureView {
  constructor(element) {
    this.element = element;
    this.index = Number(element.dataset.figure);
    this.load();
    element.addEventListener("pointermove", (event) => this.move(event));
    element.addEventListener("pointerleave", () => this.leave());
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("pointerup", (event) => this.release(event));
    element.addEventListener("dblclick", () => this.home());
  }

  load() {
    this.svg = this.element.querySelector("svg");
    this.about = JSON.parse(this.element.querySelector("script").textContent);
    const { x, y, width, height } = this.svg.viewBox.baseVal;
    this.whole = [x, y, width, height];
    this.view = [...this.whole];
  }

  /** The place of the pointer on the figure, in points. */
  place(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  /** The topmost axes at a place. */
  axesAt([x, y]) {
    return this.about.axes.findLast(({ box: [l, t, r, b] }) => x >= l && x <= r && y >= t && y <= b);
  }

  /** The data at a place. */
  dataAt(axes, [x, y]) {
    const [l, t, r, b] = axes.box;
    const at = (share, [from, to], scale) => {
      const [forward, inverse] = scales[scale] ?? scales.linear;
      return inverse(forward(from) + share * (forward(to) - forward(from)));
    };
    return [at((x - l) / (r - l), axes.xlim, axes.xscale), at((b - y) / (b - t), axes.ylim, axes.yscale)];
  }

  /** The place of data. */
  placeOf(axes, x, y) {
    const [l, t, r, b] = axes.box;
    const share = (v, [from, to], scale) => {
      const [forward] = scales[scale] ?? scales.linear;
      return (forward(v) - forward(from)) / (forward(to) - forward(from));
    };
    return [l + share(x, axes.xlim, axes.xscale) * (r - l), b - share(y, axes.ylim, axes.yscale) * (b - t)];
  }

  move(event) {
    const at = this.place(event);
    if (this.drag) return this.pan(event, at);
    const axes = this.axesAt(at);
    if (!axes) return this.leave();
    const [x, y] = this.dataAt(axes, at);
    const step = [(axes.xlim[1] - axes.xlim[0]) / 1000, (axes.ylim[1] - axes.ylim[0]) / 1000];
    const name = (v, names, d) => names?.[Math.round(v)] ?? show(v, d);
    let text = `x=${name(x, axes.xnames, step[0])}  y=${name(y, axes.ynames, step[1])}`;
    const value = this.pixelAt(axes, x, y);
    if (value !== undefined) text += `  [${value}]`;
    readout.textContent = text;
    const near = this.nearest(axes, at);
    this.point(event, near ?? (value === undefined ? undefined : { text: value }));
  }

  /** The value of the image under the pointer. */
  pixelAt(axes, x, y) {
    for (const { extent, rows, columns, values, isUpper } of axes.images) {
      const c = Math.floor(((x - extent[0]) / (extent[1] - extent[0])) * columns);
      const up = (y - extent[2]) / (extent[3] - extent[2]);
      const r = Math.floor((isUpper ? 1 - up : up) * rows);
      if (c >= 0 && c < columns && r >= 0 && r < rows) return String(values[r * columns + c]);
    }
    return undefined;
  }

  /** The nearest point of a line or mark within reach. */
  nearest(axes, [px, py]) {
    let best;
    for (const { label, color, x, y } of axes.series) {
      for (let i = 0; i < x.length; i++) {
        const [qx, qy] = this.placeOf(axes, x[i], y[i]);
        const distance = Math.hypot(qx - px, qy - py);
        if (distance < (best?.distance ?? 10))
          best = {
            distance,
            at: [qx, qy],
            color,
            text: `${label ? `${label}: ` : ""}(${axes.xnames?.[x[i]] ?? x[i]}, ${axes.ynames?.[y[i]] ?? y[i]})`,
          };
      }
    }
    return best;
  }

  point(event, found) {
    this.svg.querySelector(".pointed")?.remove();
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = found.text;
    tip.style.left = `${event.clientX + 14}px`;
    tip.style.top = `${event.clientY + 14}px`;
    if (!found.at) return;
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    const attributes = {
      class: "pointed",
      cx: found.at[0],
      cy: found.at[1],
      r: 5,
      fill: "none",
      stroke: found.color,
      "stroke-width": 2,
    };
    for (const [name, value] of Object.entries(attributes)) ring.setAttribute(name, value);
    this.svg.append(ring);
  }

  leave() {
    readout.textContent = "";
    tip.hidden = true;
    this.svg.querySelector(".pointed")?.remove();
  }

  wheel(event) {
    event.preventDefault();
    const factor = Math.exp(Math.max(-200, Math.min(200, event.deltaY)) / 500);
    const at = this.place(event);
    const axes = this.axesAt(at);
    if (live && axes) {
      this.zoomAxes(axes, at, factor);
      return;
    }
    const [x, y, width, height] = this.view;
    this.setView([at[0] - (at[0] - x) * factor, at[1] - (at[1] - y) * factor, width * factor, height * factor]);
  }

  setView(view) {
    this.view = view[2] >= this.whole[2] ? [...this.whole] : view;
    this.svg.setAttribute("viewBox", this.view.join(" "));
  }

  /** Limits such that what is under the pointer stays there. */
  zoomAxes(axes, [x, y], factor) {
    const [l, t, r, b] = axes.box;
    this.shift(axes, [x - (x - l) * factor, y - (y - t) * factor], [x + (r - x) * factor, y + (b - y) * factor]);
  }

  /** Takes the data between two places as the new limits. */
  shift(axes, upperLeft, lowerRight) {
    const [left, top] = this.dataAt(axes, upperLeft);
    const [right, bottom] = this.dataAt(axes, lowerRight);
    if (![left, right, top, bottom].every(Number.isFinite)) return;
    [axes.xlim, axes.ylim] = [
      [left, right],
      [bottom, top],
    ];
    this.ask({ figure: this.index, axes: axes.index, xlim: axes.xlim, ylim: axes.ylim });
  }

  press(event) {
    if (event.button !== 0) return;
    const at = this.place(event);
    const axes = this.axesAt(at);
    this.drag = { at, axes, client: [event.clientX, event.clientY], view: [...this.view] };
    this.element.setPointerCapture(event.pointerId);
  }

  pan(event, at) {
    const { drag } = this;
    if (live && drag.axes) {
      const [dx, dy] = [at[0] - drag.at[0], at[1] - drag.at[1]];
      if (Math.hypot(dx, dy) < 1) return;
      const [l, t, r, b] = drag.axes.box;
      drag.at = at;
      this.shift(drag.axes, [l - dx, t - dy], [r - dx, b - dy]);
      return;
    }
    const scale = this.svg.getScreenCTM().a;
    const [x, y, width, height] = drag.view;
    this.setView([
      x - (event.clientX - drag.client[0]) / scale,
      y - (event.clientY - drag.client[1]) / scale,
      width,
      height,
    ]);
  }

  release(event) {
    this.drag = undefined;
    this.element.releasePointerCapture(event.pointerId);
  }

  home() {
    if (live) this.ask({ figure: this.index, home: true });
    else this.setView([...this.whole]);
  }

  /** Asks the program to draw the figure anew; of what is asked meanwhile only the last counts. */
  async ask(what) {
    this.wanted = what;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.wanted) {
      const next = this.wanted;
      this.wanted = undefined;
      const answer = await fetch("draw", { method: "POST", body: JSON.stringify(next) }).catch(() => undefined);
      if (answer?.ok) this.replace(await answer.text());
    }
    this.isBusy = false;
  }

  replace(html) {
    this.element.innerHTML = html;
    this.load();
    if (this.drag?.axes) this.drag.axes = this.about.axes.find(({ index }) => index === this.drag.axes.index);
  }
}

const views = [...document.querySelectorAll(".figure")].map((element) => new FigureView(element));
document.getElementById("home").addEventListener("click", () => {
  for (const view of views) view.home();
});
document.getElementById("svg").addEventListener("click", () => {
  for (const { svg, index } of views) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([svg.outerHTML], { type: "image/svg+xml" }));
    link.download = `figure-${index}.svg`;
    link.click();
  }
});

if (live) {
  const events = new EventSource("events");
  events.addEventListener("draw", () => {
    for (const view of views) view.ask({ figure: view.index });
  });
  events.addEventListener("reload", () => location.reload());
}
