/** An axis as it is drawn: ticks, their labels, grid lines, the name of the axis. */

import { dashesOf, type Frame, type LineStyle } from "../artists/artist.js";
import { Text } from "../artists/text.js";
import type { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import { Box, Path, type Point } from "../geometry.js";
import { fontSize, rcParams } from "../rc/rcParams.js";
import type { PlacedText } from "../text/layout.js";
import type { Formatter } from "./formatters.js";
import { AutoMinorLocator, type AxisView, type Locator, LogLocator, NullLocator } from "./locators.js";
import type { View } from "./view.js";

type Side = "bottom" | "top" | "left" | "right";

/** How ticks of one kind (major or minor) look. */
export interface TickStyle {
  size: number;
  width: number;
  pad: number;
  direction: "in" | "out" | "inout";
  color: Color;
  labelsize: number | string;
  labelcolor: Color;
  labelrotation: number;
  /** On the first side (bottom or left) and on the second. */
  ticks: [boolean, boolean];
  labels: [boolean, boolean];
}

/** How grid lines look, where there are any. */
export interface GridStyle {
  isOn: boolean;
  color: Color;
  linestyle: LineStyle;
  linewidth: number;
  alpha: number;
}

interface Tick {
  readonly value: number;
  readonly label: string;
}

function tickStyle(name: "x" | "y", which: "major" | "minor"): TickStyle {
  const rc = rcParams;
  const labelcolor = rc[`${name}tick.labelcolor`];
  return {
    size: rc[`${name}tick.${which}.size`],
    width: rc[`${name}tick.${which}.width`],
    pad: rc[`${name}tick.${which}.pad`],
    direction: rc[`${name}tick.direction`],
    color: rc[`${name}tick.color`],
    labelsize: rc[`${name}tick.labelsize`],
    labelcolor: labelcolor === "inherit" ? rc[`${name}tick.color`] : labelcolor,
    labelrotation: 0,
    ticks: name === "x" ? [rc["xtick.bottom"], rc["xtick.top"]] : [rc["ytick.left"], rc["ytick.right"]],
    labels:
      name === "x" ? [rc["xtick.labelbottom"], rc["xtick.labeltop"]] : [rc["ytick.labelleft"], rc["ytick.labelright"]],
  };
}

const gridStyle = (isOn: boolean): GridStyle => ({
  isOn,
  color: rcParams["grid.color"],
  linestyle: rcParams["grid.linestyle"],
  linewidth: rcParams["grid.linewidth"],
  alpha: rcParams["grid.alpha"],
});

const outward: Record<Side, Point> = { bottom: [0, 1], top: [0, -1], left: [-1, 0], right: [1, 0] };

/** One axis of one set of axes. */
export class Axis {
  view: View;
  visible = true;
  readonly major: TickStyle;
  readonly minor: TickStyle;
  readonly grids: { major: GridStyle; minor: GridStyle };
  readonly label: Text;
  labelpad: number;
  /** On which side the name of the axis and the offset stand. */
  labelSide: Side;
  /** The words of the labels, with their style, if they were given. */
  labelProperties: Record<string, unknown> = {};

  constructor(
    readonly direction: "x" | "y",
    view: View,
  ) {
    this.view = view;
    this.major = tickStyle(direction, "major");
    this.minor = tickStyle(direction, "minor");
    const { "axes.grid": on, "axes.grid.axis": axis, "axes.grid.which": which } = rcParams;
    const isMine = on && (axis === "both" || axis === direction);
    this.grids = { major: gridStyle(isMine && which !== "minor"), minor: gridStyle(isMine && which !== "major") };
    this.labelpad = rcParams["axes.labelpad"];
    this.labelSide = direction === "x" ? "bottom" : "left";
    this.label = new Text(0, 0, "", {
      fontsize: rcParams["axes.labelsize"],
      fontweight: rcParams["axes.labelweight"],
      color: rcParams["axes.labelcolor"],
      rotation: direction === "x" ? 0 : 90,
      rotationMode: direction === "x" ? "default" : "anchor",
    });
    if (rcParams[`${direction}tick.minor.visible`]) this.minorTicksOn();
  }

  get #sides(): readonly [Side, Side] {
    return this.direction === "x" ? ["bottom", "top"] : ["left", "right"];
  }

  /** Sets what finds the places of the ticks. */
  setMajorLocator(locator: Locator): void {
    this.view.locator = locator;
  }

  /** Sets what finds the places of the small ticks. */
  setMinorLocator(locator: Locator): void {
    this.view.minorLocator = locator;
  }

  /** Sets what writes the labels of the ticks. */
  setMajorFormatter(formatter: Formatter): void {
    this.view.formatter = formatter;
  }

  /** Sets what writes the labels of the small ticks. */
  setMinorFormatter(formatter: Formatter): void {
    this.view.minorFormatter = formatter;
  }

  /** What writes the labels of the ticks. */
  getMajorFormatter(): Formatter {
    return this.view.formatter;
  }

  /** Shows it or hides it. */
  setVisible(visible: boolean): void {
    this.visible = visible;
  }

  /** Sets the direction: whether values grow to the left or downwards. */
  setInverted(isInverted: boolean): void {
    const [low, high] = this.view.sorted;
    if (this.view.autoscale) this.view.isInverted = isInverted;
    else this.view.setLimits(isInverted ? high : low, isInverted ? low : high);
  }

  /** Minor ticks between the major ones. */
  minorTicksOn(): void {
    const { view } = this;
    const { base } = view.scale;
    view.minorLocator = view.scale.name === "log" ? new LogLocator({ base, subs: "auto" }) : new AutoMinorLocator();
  }

  /** No minor ticks. */
  minorTicksOff(): void {
    this.view.minorLocator = new NullLocator();
  }

  /** Takes the labels at the ticks away, but not the ticks. */
  hideLabels(): void {
    this.major.labels = [false, false];
    this.minor.labels = [false, false];
  }

  /** Puts ticks, labels and the name of the axis on one side. */
  moveTo(side: Side): void {
    const isFirst = side === this.#sides[0];
    for (const style of [this.major, this.minor]) {
      style.ticks = [isFirst, !isFirst];
      style.labels = [isFirst, !isFirst];
    }
    this.labelSide = side;
  }

  /** Ticks and labels at the top. */
  tickTop(): void {
    this.moveTo("top");
  }

  /** Ticks and labels at the bottom. */
  tickBottom(): void {
    this.moveTo("bottom");
  }

  /** Ticks and labels on the left. */
  tickLeft(): void {
    this.moveTo("left");
  }

  /** Ticks and labels on the right. */
  tickRight(): void {
    this.moveTo("right");
  }

  /** The side on which the name of the axis stands. */
  setLabelPosition(side: Side): void {
    this.labelSide = side;
  }

  /** The side on which ticks and labels stand. */
  setTicksPosition(side: Side): void {
    this.moveTo(side);
  }

  /** What locators and formatters look at. */
  #axisView(length: number): AxisView {
    const size = fontSize(this.major.labelsize) * (this.direction === "x" ? 3 : 2);
    const { view } = this;
    return {
      limits: view.sorted,
      tickSpace: Math.floor(length / size),
      get leastPositive() {
        return view.leastPositive;
      },
      scaleName: view.scale.name,
      majorTicks: () => this.#values(view.locator, length),
    };
  }

  #values(locator: Locator, length: number): number[] {
    return locator.ticks(this.#axisView(length));
  }

  /** The ticks within the limits, with their labels. */
  ticks(which: "major" | "minor", length: number): Tick[] {
    const { view } = this;
    const [locator, formatter] =
      which === "major" ? [view.locator, view.formatter] : [view.minorLocator, view.minorFormatter];
    let values = this.#values(locator, length);
    if (which === "minor" && values.length > 0) {
      const majors = this.#values(view.locator, length).map((value) => view.share(value));
      values = values.filter((value) => !majors.some((m) => Math.abs(view.share(value) - m) < 1e-8));
    }
    formatter.setTicks(values, this.#axisView(length));
    const ticks = values.map((value, i) => ({ value, label: formatter.format(value, i) }));
    return ticks.filter(({ value }) => {
      const share = view.share(value);
      return share >= -1e-9 && share <= 1 + 1e-9;
    });
  }

  /** The places of all major ticks. */
  tickLocations(length: number): number[] {
    return this.#values(this.view.locator, length);
  }

  #length({ box }: Frame): number {
    return this.direction === "x" ? box.width : box.height;
  }

  #at(value: number, across: number, frame: Frame): Point {
    const share = this.view.share(value);
    return this.direction === "x" ? frame.box.at(share, across) : frame.box.at(across, share);
  }

  /** Draws the grid lines. */
  drawGrid(canvas: Canvas, frame: Frame): void {
    if (!this.visible) return;
    for (const which of ["minor", "major"] as const) {
      const { isOn, color, linestyle, linewidth, alpha } = this.grids[which];
      if (!isOn) continue;
      for (const { value } of this.ticks(which, this.#length(frame))) {
        canvas.path(Path.polyline([this.#at(value, 0, frame), this.#at(value, 1, frame)]), {
          stroke: toRgba(color, alpha),
          width: linewidth,
          dashes: dashesOf(linestyle, linewidth) ?? [],
          cap: "projecting",
        });
      }
    }
  }

  /** Draws ticks and labels; `spines` are where the first and second side are, as shares of the box. */
  drawTicks(canvas: Canvas, frame: Frame, spines: readonly [number, number]): void {
    if (!this.visible) return;
    for (const which of ["minor", "major"] as const) {
      const style = this[which];
      const ticks = this.ticks(which, this.#length(frame));
      for (const [k, side] of this.#sides.entries()) {
        if (!style.ticks[k as 0 | 1]) continue;
        const [from, to] = { out: [0, 1], in: [-1, 0], inout: [-0.5, 0.5] }[style.direction] as [number, number];
        const [dx, dy] = outward[side];
        for (const { value } of ticks) {
          const [x, y] = this.#at(value, spines[k as 0 | 1], frame);
          canvas.path(
            Path.polyline([
              [x + dx * from * style.size, y + dy * from * style.size],
              [x + dx * to * style.size, y + dy * to * style.size],
            ]),
            { stroke: toRgba(style.color), width: style.width },
          );
        }
      }
    }
    for (const { text, placed } of this.#labels(frame, spines)) text.drawPlaced(canvas, placed);
    const name = this.placedLabel(frame, spines);
    if (name) this.label.drawPlaced(canvas, name);
    const offset = this.#offset(frame, spines);
    if (offset) offset.text.drawPlaced(canvas, offset.placed);
  }

  /** The labels of the ticks at their places. */
  #labels(frame: Frame, spines: readonly [number, number]): { text: Text; placed: PlacedText; side: Side }[] {
    const labels: { text: Text; placed: PlacedText; side: Side }[] = [];
    for (const which of ["major", "minor"] as const) {
      const style = this[which];
      if (!style.labels[0] && !style.labels[1]) continue;
      const ticks = this.ticks(which, this.#length(frame));
      const out = { out: 1, in: 0, inout: 0.5 }[style.direction];
      for (const [k, side] of this.#sides.entries()) {
        if (!style.labels[k as 0 | 1]) continue;
        const away = style.pad + out * style.size;
        const [dx, dy] = outward[side];
        for (const { value, label } of ticks) {
          if (label === "") continue;
          const text = this.#tickLabel(label, style, side);
          const [x, y] = this.#at(value, spines[k as 0 | 1], frame);
          labels.push({ text, placed: text.placeAt([x + dx * away, y + dy * away]), side });
        }
      }
    }
    return labels;
  }

  #tickLabel(label: string, style: TickStyle, side: Side): Text {
    const text = new Text(0, 0, label, {
      fontsize: style.labelsize,
      color: style.labelcolor,
      rotation: style.labelrotation,
      horizontalalignment: side === "left" ? "right" : side === "right" ? "left" : "center",
      verticalalignment: side === "bottom" ? "top" : side === "top" ? "bottom" : "center_baseline",
    });
    return text.set(this.labelProperties);
  }

  /** The box around the labels on a side and the spine there. */
  #labelledEdge(frame: Frame, spines: readonly [number, number], side: Side): Box {
    const across = spines[this.#sides.indexOf(side)] as number;
    const [a, b] = [0, 1].map((share) =>
      this.direction === "x" ? frame.box.at(share, across) : frame.box.at(across, share),
    ) as [Point, Point];
    const edge = new Box(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]));
    const labels = this.#labels(frame, spines).filter((label) => label.side === side);
    return Box.union([edge, this.#outer(frame, side), ...labels.map(({ placed }) => placed.box)]) as Box;
  }

  /** The side of the box itself, at which names stand also where the spine has moved inside. */
  #outer({ box }: Frame, side: Side): Box {
    if (side === "bottom") return new Box(box.left, box.bottom, box.right, box.bottom);
    if (side === "top") return new Box(box.left, box.top, box.right, box.top);
    return side === "left"
      ? new Box(box.left, box.top, box.left, box.bottom)
      : new Box(box.right, box.top, box.right, box.bottom);
  }

  /** The name of the axis at its place, next to the labels of the ticks. */
  placedLabel(frame: Frame, spines: readonly [number, number]): PlacedText | undefined {
    if (this.label.text === "" || !this.visible) return undefined;
    const { box } = frame;
    const edge = this.#labelledEdge(frame, spines, this.labelSide);
    const pad = this.labelpad;
    const ha = ({ left: "left", bottom: "left", center: "center", right: "right", top: "right" } as const)[
      this.labelPlace
    ];
    const share = { left: 0, center: 0.5, right: 1 }[ha];
    const [x, y] = box.at(share, share);
    if (this.labelSide === "top") return this.label.placeAt([x, edge.top - pad], ha, "bottom");
    if (this.labelSide === "bottom") return this.label.placeAt([x, edge.bottom + pad], ha, "top");
    if (this.labelSide === "right") return this.label.placeAt([edge.right + pad, y], ha, "top");
    return this.label.placeAt([edge.left - pad, y], ha, "bottom");
  }

  /** Where along the axis its name stands. */
  labelPlace: "left" | "center" | "right" | "bottom" | "top" = "center";

  #offset(frame: Frame, spines: readonly [number, number]): { text: Text; placed: PlacedText } | undefined {
    const style = this.major;
    if (!style.labels[0] && !style.labels[1]) return undefined;
    this.ticks("major", this.#length(frame));
    const source = this.view.formatter.offsetText();
    if (source === "") return undefined;
    const text = new Text(0, 0, source, { fontsize: style.labelsize, color: style.labelcolor });
    const { box } = frame;
    if (this.direction === "y") {
      const isRight = !style.labels[0];
      return {
        text,
        placed: text.placeAt([isRight ? box.right : box.left, box.top - 3], isRight ? "right" : "left", "baseline"),
      };
    }
    const side = style.labels[0] ? "bottom" : "top";
    const edge = this.#labelledEdge(frame, spines, side);
    const y = side === "bottom" ? edge.bottom + 3 : edge.top - 3;
    return { text, placed: text.placeAt([box.right, y], "right", side === "bottom" ? "top" : "bottom") };
  }

  /** Boxes around all text that belongs to the axis. */
  *textBoxes(frame: Frame, spines: readonly [number, number]): Generator<Box> {
    if (!this.visible) return;
    for (const { placed } of this.#labels(frame, spines)) yield placed.box;
    const name = this.placedLabel(frame, spines);
    if (name) yield name.box;
    const offset = this.#offset(frame, spines);
    if (offset) yield offset.placed.box;
  }

  /** How far ticks stick out on a side. */
  tickLength(k: 0 | 1): number {
    const { major } = this;
    if (!this.visible || !major.ticks[k]) return 0;
    return major.size * { out: 1, in: 0, inout: 0.5 }[major.direction];
  }
}
