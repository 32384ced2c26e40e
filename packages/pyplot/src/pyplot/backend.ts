/** Where figures are shown: in the browser, in the terminal, or as files. */

/** The ways to show figures. */
export type Backend = "browser" | "terminal" | "png" | "svg" | "html";

const backends: Record<string, Backend> = {
  browser: "browser",
  webagg: "browser",
  tkagg: "browser",
  qtagg: "browser",
  qt5agg: "browser",
  gtk3agg: "browser",
  gtk4agg: "browser",
  wxagg: "browser",
  macosx: "browser",
  terminal: "terminal",
  agg: "png",
  png: "png",
  svg: "svg",
  html: "html",
};

let chosen: Backend | undefined;

/** @throws Error for a name that does not exist. */
function named(name: string): Backend {
  const backend = backends[name.toLowerCase()];
  if (!backend)
    throw new Error(
      `'${name}' is not a valid value for backend; supported values are ${Object.keys(backends).join(", ")}`,
    );
  return backend;
}

/**
 * Chooses how `plt.show()` shows figures: `"Agg"` writes PNGs; `"TkAgg"` and the names of other windows open the
 * browser; `"svg"`, `"html"` and `"terminal"` say it themselves. The variable `FLAMBEAU_PLOT` wins over it, so that a
 * program can be run elsewhere as it is.
 *
 * @throws Error for another name.
 */
export function use(backend: string): void {
  chosen = named(backend);
}

/** Whether there is a desktop on which a window can open. */
function hasDisplay(): boolean {
  if (process.platform === "darwin" || process.platform === "win32") return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.env.WSL_DISTRO_NAME);
}

/** The way in which figures are shown now. */
export function getBackend(): Backend {
  const asked = process.env.FLAMBEAU_PLOT;
  if (asked) return named(asked);
  if (chosen && chosen !== "browser") return chosen;
  return hasDisplay() ? "browser" : "png";
}
