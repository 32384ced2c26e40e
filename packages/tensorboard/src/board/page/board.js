// The page of the board: asks for what is new, and shows it by kind and tag.
import { colorOf, drawHistograms, LineChart, smooth } from "/charts.js";

const byId = (id) => document.getElementById(id);
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

/** Entries by kind, tag and run: kinds.get("scalar").get("loss").get("run 1"). */
const kinds = new Map();
/** Runs in the order in which they were found, each with whether it is shown. */
const runs = new Map();
let seen = 0;

function take(entry) {
  const tags = kinds.get(entry.kind) ?? kinds.set(entry.kind, new Map()).get(entry.kind);
  const ofTag = tags.get(entry.tag) ?? tags.set(entry.tag, new Map()).get(entry.tag);
  const list = ofTag.get(entry.run) ?? ofTag.set(entry.run, []).get(entry.run);
  list.push(entry);
  if (!runs.has(entry.run)) runs.set(entry.run, { isShown: true, color: colorOf(runs.size) });
}

const isShown = (run) => runs.get(run)?.isShown === true;
const settings = () => ({
  smoothing: Number(byId("smoothing").value),
  axis: byId("axis").value,
  isLog: byId("log").checked,
  filter: byId("filter").value.toLowerCase(),
});

/** Cards by kind and tag (and run), with what redraws them. */
const cards = new Map();

function sectionOf(title) {
  const id = `section-${title}`;
  let section = byId(id);
  if (section === null) {
    const grid = element("div", { className: "cards" });
    section = element("section", { id }, element("h2", { textContent: title }), grid);
    byId("main").append(section);
  }
  return section.querySelector(".cards");
}

function card(section, tag, make) {
  const key = `${section}\n${tag}`;
  let found = cards.get(key);
  if (found === undefined) {
    const root = element("div", { className: "card" }, element("h3", { textContent: tag }));
    root.dataset.tag = tag;
    sectionOf(section).append(root);
    found = { root, draw: make(root) };
    cards.set(key, found);
  }
  return found;
}

function show(section, tag, isVisible, make, data) {
  const found = card(section, tag, make);
  found.root.hidden = !isVisible;
  if (isVisible) found.draw(data);
}

function positions(list, axis) {
  if (axis === "step") return list.map(({ step }) => step);
  const start = axis === "relative" ? list[0].wallTime : 0;
  return list.map(({ wallTime }) => wallTime - start);
}

/** In the order of the axis, and of several at one place the last. */
function sorted(list, axis) {
  const places = new Map(positions(list, axis).map((x, i) => [x, list[i].value]));
  const xs = [...places.keys()].sort((a, b) => a - b);
  return { x: xs, y: xs.map((x) => places.get(x)) };
}

function scalarCard(root) {
  const chart = new LineChart(root.appendChild(element("div")));
  return ({ ofTag, smoothing, axis, isLog }) => {
    const lines = [...ofTag]
      .filter(([run]) => isShown(run))
      .flatMap(([run, list]) => {
        const { color } = runs.get(run);
        const { x, y } = sorted(list, axis);
        const main = { label: run, color, x, y: smooth(y, smoothing) };
        return smoothing > 0 && y.length > 1 ? [{ label: `${run} (raw)`, color, x, y, isFaint: true }, main] : [main];
      });
    chart.draw(lines, { isTime: axis === "wall", isLog, axisName: axis });
  };
}

/** A card with a slider over steps; it stays at the newest until it is moved. */
function steppedCard(build) {
  return (root) => {
    const label = element("small");
    const slider = element("input", { type: "range", min: 0, max: 0, value: 0 });
    const body = element("div");
    root.append(label, slider, body);
    let list = [];
    let run = "";
    const update = () => {
      const entry = list[Number(slider.value)];
      if (entry === undefined) return;
      label.textContent = `${run} · step ${entry.step} · ${new Date(entry.wallTime * 1000).toLocaleTimeString()}`;
      build(body, entry);
    };
    slider.addEventListener("input", update);
    return (data) => {
      const isNewest = Number(slider.value) >= list.length - 1;
      const hasNew = data.list.length !== list.length;
      ({ list, run } = data);
      slider.max = String(list.length - 1);
      slider.hidden = list.length < 2;
      if (isNewest) slider.value = slider.max;
      if (hasNew) update();
    };
  };
}

const imageCard = steppedCard((body, { value, tag }) => {
  body.replaceChildren(element("img", { src: `/blob?id=${value}`, alt: tag }));
});
const audioCard = steppedCard((body, { value }) => {
  body.replaceChildren(element("audio", { src: `/blob?id=${value}`, controls: true }));
});
const textCard = steppedCard((body, { value }) => body.replaceChildren(element("pre", { textContent: value })));

function histogramCard(root) {
  const label = element("small");
  const canvas = element("canvas", { style: "width: 100%; height: 220px" });
  root.append(label, canvas);
  return ({ list, run }) => {
    const { step, value } = list.at(-1);
    label.textContent = `${run} · step ${step} · ${value.num} values from ${value.min.toPrecision(4)} to ${value.max.toPrecision(4)}`;
    drawHistograms(canvas, list, runs.get(run).color);
  };
}

function curveCard(root) {
  const chart = new LineChart(root.appendChild(element("div")));
  return ({ ofTag }) => {
    const lines = [...ofTag]
      .filter(([run]) => isShown(run))
      .map(([run, list]) => {
        const [precision, recall] = list.at(-1).value;
        const points = new Map(recall.map((x, i) => [x, precision[i]]));
        const x = [...points.keys()].sort((a, b) => a - b);
        return { label: run, color: runs.get(run).color, x, y: x.map((place) => points.get(place)) };
      });
    chart.draw(lines, { axisName: "recall" });
  };
}

/** Kinds of which a card shows all runs together, and those with a card for each run. */
const together = { scalar: scalarCard, prCurve: curveCard };
const apart = { image: imageCard, histogram: histogramCard, text: textCard, audio: audioCard };
const titles = {
  prCurve: "precision over recall",
  image: "images",
  histogram: "histograms",
  text: "texts",
  audio: "sounds",
};

function drawHparams() {
  const tags = kinds.get("hparams");
  if (tags === undefined) return;
  const rows = [...tags.values()].flatMap((ofTag) => [...ofTag]).filter(([run]) => isShown(run));
  const names = [...new Set(rows.flatMap(([, list]) => Object.keys(list.at(-1).value)))];
  const scalars = [...(kinds.get("scalar") ?? [])];
  const metrics = scalars.filter(([, ofTag]) => rows.some(([run]) => ofTag.has(run))).map(([tag]) => tag);
  const grid = sectionOf("hyperparameters");
  const head = ["run", ...names, ...metrics].map((name) => element("th", { textContent: name }));
  const body = rows.map(([run, list]) => {
    const own = names.map((name) => list.at(-1).value[name] ?? "");
    const reached = metrics.map((tag) => kinds.get("scalar").get(tag).get(run)?.at(-1).value ?? "");
    const shown = [run, ...own, ...reached].map((value) => (typeof value === "number" ? +value.toPrecision(5) : value));
    return element("tr", {}, ...shown.map((value) => element("td", { textContent: String(value) })));
  });
  grid.style.display = "block";
  grid.replaceChildren(element("table", {}, element("tr", {}, ...head), ...body));
}

function draw() {
  const chosen = settings();
  byId("smoothed").textContent = chosen.smoothing.toFixed(2);
  for (const [kind, tags] of kinds) {
    for (const [tag, ofTag] of tags) {
      const isWanted = tag.toLowerCase().includes(chosen.filter);
      if (kind in together) {
        const section = titles[kind] ?? (tag.includes("/") ? tag.split("/")[0] : "scalars");
        const isVisible = isWanted && [...ofTag.keys()].some(isShown);
        show(section, tag, isVisible, together[kind], { ofTag, ...chosen });
      }
      if (kind in apart) {
        for (const [run, list] of ofTag) {
          const name = runs.size > 1 ? `${tag} (${run})` : tag;
          show(titles[kind], name, isWanted && isShown(run), apart[kind], { list, run });
        }
      }
    }
  }
  drawHparams();
}

function drawRuns() {
  const nav = byId("runs");
  for (const [run, state] of runs) {
    if (state.label !== undefined) continue;
    const box = element("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      state.isShown = box.checked;
      draw();
    });
    const dot = element("i", { style: `background: ${state.color}` });
    state.label = element("label", {}, box, dot, element("span", { textContent: run }));
    nav.append(state.label);
  }
}

async function follow() {
  try {
    const answer = await (await fetch(`/entries?from=${seen}`)).json();
    byId("folder").textContent = answer.folder;
    byId("problems").textContent = answer.problems.join("\n");
    for (const entry of answer.entries) take(entry);
    seen += answer.entries.length;
    if (answer.entries.length > 0) {
      byId("empty").hidden = true;
      drawRuns();
      draw();
    }
    document.body.dataset.seen = String(seen);
    setTimeout(follow, seen < answer.total ? 0 : 1000);
  } catch {
    byId("problems").textContent = "The board does not answer; it may have been stopped.";
    setTimeout(follow, 3000);
  }
}

for (const id of ["smoothing", "axis", "log", "filter"]) byId(id).addEventListener("input", draw);
addEventListener("resize", draw);
follow();
