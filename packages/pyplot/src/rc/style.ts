/** Style sheets: settings that go together. */
import { readJson } from "../assets.js";
import { type RcParams, rcContext, rcdefaults, updateRcParams } from "./rcParams.js";

let sheets: Record<string, Partial<RcParams>> | undefined;

function library(): Record<string, Partial<RcParams>> {
  sheets ??= readJson<Record<string, Partial<RcParams>>>("styles.json.gz");
  return sheets;
}

type Style = string | Partial<RcParams>;

/** The names that today's sheets had before. */
const modern = (name: string): string =>
  /^seaborn(?!-v0_8)/.test(name) ? name.replace("seaborn", "seaborn-v0_8") : name;

/** @throws Error for a style that does not exist. */
function settingsOf(style: Style): Partial<RcParams> {
  if (typeof style !== "string") return style;
  const settings = library()[modern(style)];
  if (!settings)
    throw new Error(`'${style}' is not a valid package style; known are default, ${Object.keys(library()).join(", ")}`);
  return settings;
}

const listOf = (styles: Style | readonly Style[]): readonly Style[] =>
  Array.isArray(styles) ? styles : [styles as Style];

/** `plt.style`. */
export const style = {
  /**
   * Takes the settings of a style sheet, or of several in turn; `"default"` puts all back.
   *
   * @example plt.style.use("ggplot")
   */
  use(styles: Style | readonly Style[]): void {
    const all = listOf(styles).map((one) => (one === "default" ? one : settingsOf(one)));
    for (const one of all) {
      if (typeof one === "string") rcdefaults();
      else updateRcParams(one);
    }
  },

  /** Runs a function with the settings of style sheets. */
  context<T>(styles: Style | readonly Style[], run: () => T): T {
    return rcContext(Object.assign({}, ...listOf(styles).map(settingsOf)) as Partial<RcParams>, run);
  },

  /** The names of the style sheets. */
  get available(): string[] {
    return Object.keys(library());
  },
};
