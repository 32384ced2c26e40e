// Shows the chapters of data.js as cards; a slider picks another of the curves that were computed for it.
(() => {
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colors = ["#1971c2", "#e8590c", "#2f9e44"];

  const sentences = (list) => list.map((text) => `${text}.`).join(" ");

  /** The number of the choice that sliders stand at: the last argument changes fastest. */
  const choiceOf = (args, positions) => args.reduce((index, { values }, i) => index * values.length + positions[i], 0);

  function lineChart(parent, entry, axisName) {
    let plot;
    return (curves) => {
      const { axes } = entry;
      const data = [axes[curves[0].x], ...curves.map(({ y }) => y)];
      if (plot !== undefined) return plot.setData(data);
      const axis = { stroke: styleOf("--soft"), grid: { stroke: styleOf("--line") }, ticks: { show: false } };
      plot = new uPlot(
        {
          width: Math.max(260, parent.clientWidth),
          height: 230,
          pxAlign: 0,
          scales: { x: { time: false } },
          axes: [axis, { ...axis, size: 46 }],
          series: [
            { label: axisName, value: (_, value) => value?.toPrecision(3) ?? "" },
            ...curves.map(({ label }, i) => ({
              label,
              stroke: colors[i % colors.length],
              width: 2,
              dash: i === 1 && curves.length === 2 ? [6, 4] : undefined,
              points: { show: false },
              value: (_, value) => value?.toPrecision(3) ?? "",
            })),
          ],
        },
        data,
        parent,
      );
      addEventListener("resize", () => plot.setSize({ width: Math.max(260, parent.clientWidth), height: 230 }));
    };
  }

  /** A path over the heights of the valley, from above. */
  function pathChart(parent, entry, { reach, count, values }) {
    const canvas = element("canvas", { className: "valley", width: 480, height: 480 });
    const below = element("div", { className: "about" });
    parent.append(canvas, below);
    const context = canvas.getContext("2d");
    const place = (value) => ((value + reach) / (2 * reach)) * canvas.width;
    return ([{ label, x, y }]) => {
      const cell = canvas.width / (count - 1);
      values.forEach((height, i) => {
        const level = Math.min(11, Math.floor(2.4 * Math.log2(1 + 6 * height)));
        context.fillStyle = `hsl(212 60% ${92 - 5 * level}%)`;
        context.fillRect(
          ((i % count) - 0.5) * cell,
          canvas.height - (Math.floor(i / count) + 0.5) * cell,
          cell + 1,
          cell + 1,
        );
      });
      context.strokeStyle = "#d9480f";
      context.lineWidth = 2.5;
      context.beginPath();
      const xs = entry.axes[x];
      xs.forEach((a, i) => context.lineTo(place(a), canvas.height - place(y[i])));
      context.stroke();
      context.fillStyle = "#d9480f";
      for (const [i, radius] of [
        [0, 6],
        [xs.length - 1, 5],
      ]) {
        context.beginPath();
        context.arc(place(xs[i]), canvas.height - place(y[i]), radius, 0, 7);
        context.fill();
      }
      context.strokeStyle = "#fff";
      context.lineWidth = 1.5;
      context.strokeRect(place(0) - 4, place(0) - 4, 8, 8);
      below.textContent = label;
    };
  }

  function sliders(parent, entry, draw) {
    const args = entry.args ?? [];
    const positions = args.map(({ values, usual }) => values.indexOf(usual));
    args.forEach(({ name, meaning, values }, i) => {
      const output = element("output", { textContent: String(values[positions[i]]) });
      const input = element("input", { type: "range", min: 0, max: values.length - 1, value: positions[i] });
      input.setAttribute("aria-label", `${entry.name}: ${name}`);
      input.addEventListener("input", () => {
        positions[i] = Number(input.value);
        output.textContent = String(values[positions[i]]);
        draw(entry.curves[choiceOf(args, positions)]);
      });
      parent.append(element("label", { className: "slider", title: meaning }, name, input, output));
    });
    draw(entry.curves[choiceOf(args, positions)]);
  }

  function facts(entry) {
    const list = element("dl");
    const add = (name, text) => {
      if (text) list.append(element("dt", { textContent: name }), element("dd", { textContent: text }));
    };
    add("derivative", entry.differentiable);
    add("for it", sentences(entry.pros));
    add("against it", sentences(entry.cons));
    add("use", sentences(entry.use));
    add("cost", entry.cost && `${entry.cost} times that of ReLU, measured`);
    for (const { name, meaning } of entry.args ?? []) add(name, meaning);
    return list;
  }

  function card(entry, chapter) {
    const title = element("h4", { textContent: entry.name });
    if (entry.alias) title.append(element("small", { textContent: entry.alias }));
    const graph = element("div");
    const text = element("div");
    text.append(element("div", { className: "formula", innerHTML: entry.formula }));
    text.append(
      element("div", { className: "tags" }, ...entry.type.map((tag) => element("span", { textContent: tag }))),
    );
    text.append(facts(entry), element("code", { textContent: entry.code }));
    const root = element("article", { className: "card", id: entry.name }, title, graph, text);
    // Drawn when it comes into sight.
    const start = () => {
      const draw = chapter.valley
        ? pathChart(graph, entry, chapter.valley)
        : lineChart(graph.appendChild(element("div")), entry, chapter.axis);
      sliders(graph, entry, draw);
    };
    return { root, start };
  }

  const waiting = new Map();
  const observer = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        waiting.get(target)();
      }
    },
    { rootMargin: "400px" },
  );
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  for (const chapter of chapters) {
    const link = element("a", { href: `#${chapter.id}`, textContent: chapter.title });
    document.getElementById("chapters").append(link);
    main.append(element("h2", { id: chapter.id, textContent: chapter.title }));
    for (const { title, about, entries } of chapter.groups) {
      contents.append(element("b", { textContent: title }));
      main.append(element("h3", { textContent: title }), element("p", { className: "about", textContent: about }));
      for (const entry of entries) {
        contents.append(element("a", { href: `#${entry.name}`, textContent: entry.name }));
        const { root, start } = card(entry, chapter);
        main.append(root);
        waiting.set(root, start);
        observer.observe(root);
      }
    }
  }
})();
