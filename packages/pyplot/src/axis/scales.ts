/** How values are spread along an axis. */

import {
  type Formatter,
  LogFormatterSciNotation,
  LogitFormatter,
  NullFormatter,
  ScalarFormatter,
} from "./formatters.js";
import { AutoLocator, type Locator, LogitLocator, LogLocator, NullLocator, SymmetricalLogLocator } from "./locators.js";

/** A scale: where a value stands, and the ticks that suit it. */
export interface Scale {
  readonly name: "linear" | "log" | "symlog" | "logit" | "function";
  forward(value: number): number;
  inverse(place: number): number;
  readonly base?: number;
  readonly linthresh?: number;
  makeLocator(): Locator;
  makeFormatter(): Formatter;
  makeMinorLocator(): Locator;
  makeMinorFormatter(): Formatter;
  /** Whether values must be positive. */
  readonly needsPositive: boolean;
}

const linear: Scale = {
  name: "linear",
  forward: (value) => value,
  inverse: (place) => place,
  makeLocator: () => new AutoLocator(),
  makeFormatter: () => new ScalarFormatter(),
  makeMinorLocator: () => new NullLocator(),
  makeMinorFormatter: () => new NullFormatter(),
  needsPositive: false,
};

const log = (base: number): Scale => ({
  name: "log",
  base,
  forward: (value) => (value > 0 ? Math.log(value) / Math.log(base) : Number.NaN),
  inverse: (place) => base ** place,
  makeLocator: () => new LogLocator({ base }),
  makeFormatter: () => new LogFormatterSciNotation({ base }),
  makeMinorLocator: () => new LogLocator({ base, subs: "auto" }),
  makeMinorFormatter: () => new LogFormatterSciNotation({ base }),
  needsPositive: true,
});

function symlog(base: number, linthresh: number, linscale: number): Scale {
  const adjusted = linscale / (1 - 1 / base);
  const limit = linthresh * adjusted;
  return {
    name: "symlog",
    base,
    linthresh,
    forward: (value) => {
      const size = Math.abs(value);
      if (size <= linthresh) return value * adjusted;
      return Math.sign(value) * linthresh * (adjusted + Math.log(size / linthresh) / Math.log(base));
    },
    inverse: (place) => {
      const size = Math.abs(place);
      if (size <= limit) return place / adjusted;
      return Math.sign(place) * linthresh * base ** (size / linthresh - adjusted);
    },
    makeLocator: () => new SymmetricalLogLocator(base, linthresh),
    makeFormatter: () => new LogFormatterSciNotation({ base, linthresh }),
    makeMinorLocator: () => new NullLocator(),
    makeMinorFormatter: () => new NullFormatter(),
    needsPositive: false,
  };
}

const logit: Scale = {
  name: "logit",
  forward: (value) => (value > 0 && value < 1 ? Math.log10(value / (1 - value)) : Number.NaN),
  inverse: (place) => 1 / (1 + 10 ** -place),
  makeLocator: () => new LogitLocator(),
  makeFormatter: () => new LogitFormatter(),
  makeMinorLocator: () => new LogitLocator(true),
  makeMinorFormatter: () => new NullFormatter(),
  needsPositive: true,
};

/** The names of the scales. */
export const scaleNames = ["linear", "log", "symlog", "logit", "function"] as const;
export type ScaleName = (typeof scaleNames)[number];

/** What `setXscale` takes beside the name. */
export interface ScaleOptions {
  base?: number | undefined;
  linthresh?: number | undefined;
  linscale?: number | undefined;
  functions?: readonly [(value: number) => number, (place: number) => number] | undefined;
}

/** @throws Error for a name that does not exist. */
export function makeScale(
  name: string,
  { base = 10, linthresh = 2, linscale = 1, functions }: ScaleOptions = {},
): Scale {
  switch (name) {
    case "linear":
      return linear;
    case "log":
      return log(base);
    case "symlog":
      return symlog(base, linthresh, linscale);
    case "logit":
      return logit;
    case "function": {
      if (!functions) throw new TypeError("the scale 'function' needs the option 'functions': [forward, inverse]");
      return { ...linear, name, forward: functions[0], inverse: functions[1] };
    }
    default:
      throw new Error(`Unknown scale type '${name}'; supported are ${scaleNames.map((one) => `'${one}'`).join(", ")}`);
  }
}
