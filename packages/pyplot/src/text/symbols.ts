/** TeX's names of symbols. */

const greek =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon phi chi psi omega";
const capitals =
  "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho _ Sigma Tau Upsilon Phi Chi Psi Omega";

const numbered = (names: string, first: number): [string, string][] =>
  names.split(" ").map((name, i) => [name, String.fromCodePoint(first + i)]);

/** The character of each symbol. */
export const symbols: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...numbered(greek, 0x3b1), ...numbered(capitals, 0x391)]),
  varepsilon: "ε",
  vartheta: "ϑ",
  varphi: "ϕ",
  partial: "∂",
  nabla: "∇",
  infty: "∞",
  times: "×",
  cdot: "⋅",
  div: "÷",
  pm: "±",
  mp: "∓",
  ast: "∗",
  leq: "≤",
  le: "≤",
  geq: "≥",
  ge: "≥",
  neq: "≠",
  ne: "≠",
  approx: "≈",
  sim: "∼",
  equiv: "≡",
  propto: "∝",
  to: "→",
  rightarrow: "→",
  leftarrow: "←",
  leftrightarrow: "↔",
  Rightarrow: "⇒",
  Leftarrow: "⇐",
  Leftrightarrow: "⇔",
  uparrow: "↑",
  downarrow: "↓",
  in: "∈",
  notin: "∉",
  subset: "⊂",
  supset: "⊃",
  cup: "∪",
  cap: "∩",
  forall: "∀",
  exists: "∃",
  emptyset: "∅",
  sum: "∑",
  prod: "∏",
  int: "∫",
  ldots: "…",
  dots: "…",
  cdots: "⋯",
  circ: "∘",
  degree: "°",
  prime: "′",
  ell: "ℓ",
  hbar: "ℏ",
  Re: "ℜ",
  Im: "ℑ",
  langle: "⟨",
  rangle: "⟩",
  lfloor: "⌊",
  rfloor: "⌋",
  lceil: "⌈",
  rceil: "⌉",
  odot: "⊙",
  oplus: "⊕",
  otimes: "⊗",
  star: "⋆",
  bullet: "∙",
};

/** Functions that are written upright. */
export const functionNames: ReadonlySet<string> = new Set(
  "arccos arcsin arctan cos cosh cot det dim erf exp gcd inf lim ln log max min sin sinh sup tan tanh".split(" "),
);
