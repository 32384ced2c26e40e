/** The published colour tables: viridis, plasma, gray, jet, tab10 and their kin, and the reversed ones (`_r`). */
import { readJson } from "../assets.js";
import { rcParams } from "../rc/rcParams.js";
import { type Color, type Rgba, toRgba } from "./colors.js";

/** A table of colours for values from 0 to 1. */
export class Colormap {
  /** The colours of values below 0, above 1, and of those that are not finite. */
  under: Rgba | undefined;
  over: Rgba | undefined;
  bad: Rgba = [0, 0, 0, 0];

  constructor(
    readonly name: string,
    readonly colors: readonly Rgba[],
  ) {}

  /** How many colours there are. */
  get N(): number {
    return this.colors.length;
  }

  /** The colour of a value from 0 to 1. */
  at(value: number): Rgba {
    if (Number.isNaN(value)) return this.bad;
    if (value < 0) return this.under ?? (this.colors[0] as Rgba);
    if (value > 1) return this.over ?? (this.colors[this.N - 1] as Rgba);
    return this.colors[Math.min(this.N - 1, Math.floor(value * this.N))] as Rgba;
  }

  /** The same colours the other way round. */
  reversed(name = this.name.endsWith("_r") ? this.name.slice(0, -2) : `${this.name}_r`): Colormap {
    return new Colormap(name, this.colors.toReversed());
  }

  /** A table of `count` colours that are taken at even distances. */
  resampled(count: number): Colormap {
    const colors = Array.from({ length: count }, (_, i) => this.at(count === 1 ? 0 : i / (count - 1)));
    return new Colormap(this.name, colors);
  }

  /** Sets the colour of what is no number. */
  setBad(color: Color): this {
    this.bad = toRgba(color);
    return this;
  }

  /** Sets the colour of values below all others. */
  setUnder(color: Color): this {
    this.under = toRgba(color);
    return this;
  }

  /** Sets the colour of values above all others. */
  setOver(color: Color): this {
    this.over = toRgba(color);
    return this;
  }

  toString(): string {
    return `Colormap('${this.name}', N=${this.N})`;
  }
}

/** A colormap from a list of colours, as they are. */
export class ListedColormap extends Colormap {
  constructor(colors: readonly Color[], name = "from_list") {
    super(
      name,
      colors.map((one) => toRgba(one)),
    );
  }
}

/** Colormaps between colours. */
export const LinearSegmentedColormap = {
  /**
   * A colormap that goes evenly from one colour to the next.
   *
   * @example LinearSegmentedColormap.fromList("fire", ["black", "red", "yellow"])
   */
  fromList(name: string, colors: readonly Color[], N = 256): Colormap {
    const stops = colors.map((one) => toRgba(one));
    const mixed = Array.from({ length: N }, (_, i): Rgba => {
      const at = (i / (N - 1)) * (stops.length - 1);
      const k = Math.min(stops.length - 2, Math.floor(at));
      const [a, b] = [stops[k] as Rgba, stops[k + 1] as Rgba];
      const mix = (c: 0 | 1 | 2 | 3): number => a[c] + (b[c] - a[c]) * (at - k);
      return [mix(0), mix(1), mix(2), mix(3)];
    });
    return new Colormap(name, mixed);
  },
};

let published: Record<string, string> | undefined;
const made = new Map<string, Colormap>();

function tables(): Record<string, string> {
  published ??= readJson<Record<string, string>>("colormaps.json.gz");
  return published;
}

function load(name: string): Colormap | undefined {
  const isReversed = name.endsWith("_r");
  const table = tables()[isReversed ? name.slice(0, -2) : name];
  if (table === undefined) return undefined;
  const bytes = Buffer.from(table, "base64");
  const colors: Rgba[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    colors.push([(bytes[i] as number) / 255, (bytes[i + 1] as number) / 255, (bytes[i + 2] as number) / 255, 1]);
  }
  if (isReversed) colors.reverse();
  return new Colormap(name, colors);
}

/** The colormaps by name, as `matplotlib.colormaps`. */
export const colormaps = {
  /** @throws Error for a name that does not exist. */
  get(name: string): Colormap {
    const map = made.get(name) ?? load(name);
    if (!map) throw new Error(`'${name}' is not a known colormap name; known are ${Object.keys(tables()).join(", ")}`);
    made.set(name, map);
    return map;
  },
  /** Adds a colormap under its name or another. */
  register(cmap: Colormap, { name = cmap.name, force = false }: { name?: string; force?: boolean } = {}): void {
    if (!force && (made.has(name) || load(name))) throw new Error(`A colormap named "${name}" is already registered.`);
    made.set(name, cmap);
  },
  /** Whether a colormap has this name. */
  has(name: string): boolean {
    return made.has(name) || load(name) !== undefined;
  },
  *[Symbol.iterator](): Generator<string> {
    for (const name of Object.keys(tables())) yield* [name, `${name}_r`];
    for (const name of made.keys()) if (!load(name)) yield name;
  },
};

/** A colormap, by name or as it is; the default one if nothing is given. */
export function getCmap(cmap: Colormap | string = rcParams["image.cmap"], lut?: number): Colormap {
  const map = typeof cmap === "string" ? colormaps.get(cmap) : cmap;
  return lut === undefined ? map : map.resampled(lut);
}
