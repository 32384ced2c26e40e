/** The words of a figure that belong to none of its axes. */
import { Text, type TextOptions, textTable } from "../artists/text.js";
import type { Point } from "../geometry.js";
import { number, readOptions } from "../options.js";
import { fontSize, rcParams } from "../rc/rcParams.js";
import type { PlacedText } from "../text/layout.js";

/** A text at fractions of the figure. */
interface Word {
  readonly text: Text;
  readonly at: Point;
}

/** The titles and texts of a figure. */
export class FigureWords {
  #title: Word | undefined;
  #below: Word | undefined;
  #beside: Word | undefined;
  readonly #others: Word[] = [];

  /** Sets the title over all axes. */
  setTitle(t: string, options: TextOptions & { x?: number; y?: number }): Text {
    const { x = 0.5, y = 0.98, ...style } = readOptions("suptitle", { ...textTable, x: number, y: number }, options);
    const look = { fontsize: rcParams["figure.titlesize"], fontweight: rcParams["figure.titleweight"] };
    const text = new Text(0, 0, t, { ...look, horizontalalignment: "center", verticalalignment: "top", ...style });
    this.#title = { text, at: [x, y] };
    return text;
  }

  /** Sets the name of all x. */
  setBelow(t: string, options: TextOptions): Text {
    const style = readOptions("supxlabel", textTable, options);
    const text = new Text(0, 0, t, {
      fontsize: fontSize("large"),
      horizontalalignment: "center",
      verticalalignment: "bottom",
      ...style,
    });
    this.#below = { text, at: [0.5, 0.01] };
    return text;
  }

  /** Sets the name of all y. */
  setBeside(t: string, options: TextOptions): Text {
    const style = readOptions("supylabel", textTable, options);
    const look = { fontsize: fontSize("large"), rotation: 90 };
    const text = new Text(0, 0, t, { ...look, horizontalalignment: "left", verticalalignment: "center", ...style });
    this.#beside = { text, at: [0.02, 0.5] };
    return text;
  }

  /** Adds a text at fractions of the figure. */
  add(x: number, y: number, s: string, options: TextOptions): Text {
    const text = new Text(0, 0, s, readOptions("text", textTable, options));
    this.#others.push({ text, at: [x, y] });
    return text;
  }

  /** Takes all away. */
  clear(): void {
    this.#title = this.#below = this.#beside = undefined;
    this.#others.length = 0;
  }

  /** All of them at their places; `map` gives the point on the canvas for fractions of the figure. */
  *placed(map: (x: number, y: number) => Point): Generator<{ text: Text; placed: PlacedText }> {
    for (const word of [this.#title, this.#below, this.#beside, ...this.#others]) {
      if (word) yield { text: word.text, placed: word.text.placeAt(map(...word.at)) };
    }
  }

  /** How high and wide the words over all axes are, in points. */
  get reserved(): { top: number; bottom: number; left: number } {
    const box = (word: Word | undefined) => word?.text.placeAt([0, 0]).box;
    return {
      top: box(this.#title)?.height ?? 0,
      bottom: box(this.#below)?.height ?? 0,
      left: box(this.#beside)?.width ?? 0,
    };
  }
}
