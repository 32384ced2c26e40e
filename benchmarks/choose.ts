/** Picks cases by their names. */
import type { Case } from "./case.js";
import { themes } from "./cases/index.js";

export type Chosen = readonly (readonly [theme: string, work: Case])[];

/** The cases whose theme and name contain a text, or where there are none match it as a regular expression. */
export function choose(only: string): Chosen {
  const all = Object.entries(themes).flatMap(([theme, cases]) => cases.map((work) => [theme, work] as const));
  const text = ([theme, { name }]: Chosen[number]) => `${theme}: ${name}`;
  const containing = all.filter((one) => text(one).includes(only));
  const chosen = containing.length > 0 ? containing : all.filter((one) => new RegExp(only).test(text(one)));
  if (chosen.length === 0) throw new Error(`no case matches "${only}"; --list prints their names`);
  return chosen;
}
