/**
 * A part of TeX's mathematics, between dollar signs: powers and indices, Greek letters and symbols, fractions, roots,
 * upright words.
 */
import { Box } from "../geometry.js";
import { ascent, type Face } from "./fonts.js";
import { layoutRun, type PlacedGlyph, type Rule, type TextLine } from "./layout.js";
import { functionNames, symbols } from "./symbols.js";

/** Whether a line has mathematics: an even number of dollar signs that are not escaped. */
export function isMath(text: string): boolean {
  const signs = text.replaceAll("\\$", "").split("$").length - 1;
  return signs > 0 && signs % 2 === 0;
}

/** Lays out a line in which every second part between dollar signs is mathematics. */
export function layoutMath(text: string, face: Face, size: number): TextLine {
  const parts = text.replaceAll("\\$", "\u0000").split("$");
  const lines = parts.map((part, i) => {
    const source = part.replaceAll("\u0000", "$");
    return i % 2 === 0 ? layoutRun(source, face, size) : new MathParser(source, size).line();
  });
  return sideBySide(lines);
}

interface Shift {
  readonly dx: number;
  readonly dy: number;
}

function moved(line: TextLine, { dx, dy }: Shift): TextLine {
  return {
    ...line,
    glyphs: line.glyphs.map((g) => ({ ...g, x: g.x + dx, y: g.y + dy })),
    rules: line.rules.map(({ box: b }) => ({ box: new Box(b.left + dx, b.top + dy, b.right + dx, b.bottom + dy) })),
    ascent: line.ascent - dy,
    descent: line.descent + dy,
  };
}

function sideBySide(lines: readonly TextLine[]): TextLine {
  const glyphs: PlacedGlyph[] = [];
  const rules: Rule[] = [];
  let [width, above, below] = [0, 0, 0];
  for (const line of lines) {
    const placed = moved(line, { dx: width, dy: 0 });
    glyphs.push(...placed.glyphs);
    rules.push(...placed.rules);
    width += line.width;
    above = Math.max(above, line.ascent);
    below = Math.max(below, line.descent);
  }
  return { glyphs, rules, width, ascent: above, descent: below };
}

const space = (width: number): TextLine => ({ glyphs: [], rules: [], width, ascent: 0, descent: 0 });

/** How much smaller powers and indices are. */
const shrink = 0.7;
const spaced = new Set([..."=<>≤≥≈≠∼≡∝→←↔⇒⇐⇔∈∉⊂⊃"]);
const operators = new Set([..."+−×±∓⋅÷∗"]);
const spaces: Record<string, number> = { ",": 1 / 6, ":": 2 / 9, ";": 5 / 18, " ": 1 / 3, "!": -1 / 6 };
const upright = new Set([
  "mathrm",
  "mathdefault",
  "text",
  "mathregular",
  "mathsf",
  "operatorname",
  "mathbf",
  "mathit",
  "mathtt",
  "rm",
]);

class MathParser {
  readonly #tokens: string[];
  #at = 0;

  constructor(
    source: string,
    readonly size: number,
  ) {
    this.#tokens = source.match(/\\[a-zA-Z]+|\\.|./gsu) ?? [];
  }

  /** The whole source as a line. */
  line(): TextLine {
    return this.#until(undefined, this.size, "italic");
  }

  #until(end: string | undefined, size: number, face: Face): TextLine {
    const parts: TextLine[] = [];
    while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== end) {
      const atom = this.#atom(size, face, parts.length > 0);
      parts.push(this.#scripts(atom, size, face));
    }
    this.#at++;
    return sideBySide(parts);
  }

  /** A group in braces, or one atom. */
  #argument(size: number, face: Face): TextLine {
    while (this.#tokens[this.#at] === " ") this.#at++;
    if (this.#tokens[this.#at] !== "{") return this.#atom(size, face, false);
    this.#at++;
    return this.#until("}", size, face);
  }

  #atom(size: number, face: Face, isInner: boolean): TextLine {
    const token = this.#tokens[this.#at++] ?? "";
    if (token === "{") return this.#until("}", size, face);
    if (token === " ") return space(face === "italic" ? 0 : size * 0.3);
    if (token === "'") return layoutRun("′", "normal", size);
    if (token === "-") return this.#character("−", size, face, isInner);
    if (!token.startsWith("\\")) return this.#character(token, size, face, isInner);
    const name = token.slice(1);
    if (name in spaces) return space((spaces[name] as number) * size);
    if (name === "quad") return space(size);
    if (upright.has(name)) {
      const faces: Record<string, Face> = { mathbf: "bold", mathit: "italic", mathtt: "monospace" };
      return this.#argument(size, faces[name] ?? "normal");
    }
    if (name === "frac" || name === "dfrac") return this.#fraction(size, face);
    if (name === "sqrt") return this.#root(size, face);
    if (name === "hat" || name === "bar" || name === "tilde" || name === "vec" || name === "dot")
      return this.#accent(name, size, face);
    if (name === "left" || name === "right") return this.#atom(size, face, isInner);
    if (functionNames.has(name)) {
      const word = layoutRun(name, "normal", size);
      return "([^_{".includes(this.#tokens[this.#at] ?? "(") ? word : sideBySide([word, space(size / 6)]);
    }
    const symbol = symbols[name];
    if (symbol) return this.#character(symbol, size, face, isInner);
    return this.#character(name.length === 1 ? name : token, size, "normal", isInner);
  }

  #character(char: string, size: number, face: Face, isInner: boolean): TextLine {
    const isLetter = /^[a-zA-Zα-ω]$/u.test(char);
    const line = layoutRun(char, isLetter || face !== "italic" ? face : "normal", size);
    if (!isInner) return line;
    if (char === "," && face === "italic") return sideBySide([line, space(size * 0.2)]);
    if (!spaced.has(char) && !operators.has(char)) return line;
    const gap = space(size * 0.2);
    return sideBySide([gap, line, gap]);
  }

  #scripts(base: TextLine, size: number, face: Face): TextLine {
    let power: TextLine | undefined;
    let index: TextLine | undefined;
    for (let token = this.#tokens[this.#at]; token === "^" || token === "_"; token = this.#tokens[this.#at]) {
      this.#at++;
      const script = this.#argument(size * shrink, face);
      if (token === "^") power = script;
      else index = script;
    }
    if (!power && !index) return base;
    const small = size * shrink;
    const parts: TextLine[] = [];
    if (power) parts.push(moved(power, { dx: base.width, dy: -(base.ascent - 0.5 * ascent * small) }));
    if (index) parts.push(moved(index, { dx: base.width, dy: 0.25 * size }));
    return {
      glyphs: [...base.glyphs, ...parts.flatMap((part) => part.glyphs)],
      rules: [...base.rules, ...parts.flatMap((part) => part.rules)],
      width: base.width + Math.max(...parts.map((part) => part.width)) + 0.05 * size,
      ascent: Math.max(base.ascent, ...parts.map((part) => part.ascent)),
      descent: Math.max(base.descent, ...parts.map((part) => part.descent)),
    };
  }

  #fraction(size: number, face: Face): TextLine {
    const over = this.#argument(size * shrink, face);
    const under = this.#argument(size * shrink, face);
    const width = Math.max(over.width, under.width) + 0.1 * size;
    const axis = 0.3 * size;
    const top = moved(over, { dx: (width - over.width) / 2, dy: -axis - over.descent - 0.08 * size });
    const bottom = moved(under, { dx: (width - under.width) / 2, dy: -axis + under.ascent + 0.12 * size });
    const rule = { box: new Box(0, -axis - 0.03 * size, width, -axis + 0.03 * size) };
    return {
      glyphs: [...top.glyphs, ...bottom.glyphs],
      rules: [...top.rules, ...bottom.rules, rule],
      width: width + 0.1 * size,
      ascent: top.ascent,
      descent: bottom.descent,
    };
  }

  #root(size: number, face: Face): TextLine {
    const inner = this.#argument(size, face);
    const sign = layoutRun("√", "normal", size);
    const top = -inner.ascent - 0.06 * size;
    const rule = { box: new Box(sign.width * 0.95, top - 0.03 * size, sign.width + inner.width, top + 0.03 * size) };
    const line = sideBySide([sign, inner]);
    return { ...line, rules: [...line.rules, rule], ascent: line.ascent + 0.12 * size };
  }

  #accent(name: string, size: number, face: Face): TextLine {
    const inner = this.#argument(size, face);
    if (name === "bar") {
      const top = -inner.ascent - 0.02 * size;
      const rule = { box: new Box(0.08 * size, top - 0.03 * size, inner.width, top + 0.03 * size) };
      return { ...inner, rules: [...inner.rules, rule], ascent: inner.ascent + 0.08 * size };
    }
    const mark = layoutRun(
      { hat: "ˆ", tilde: "˜", vec: "→", dot: "˙" }[name] as string,
      "normal",
      size * (name === "vec" ? 0.6 : 1),
    );
    const raised = moved(mark, {
      dx: (inner.width - mark.width) / 2 + 0.05 * size,
      dy: -0.08 * size - (name === "vec" ? 0.45 * size : 0),
    });
    return { ...inner, glyphs: [...inner.glyphs, ...raised.glyphs], ascent: Math.max(inner.ascent, raised.ascent) };
  }
}
