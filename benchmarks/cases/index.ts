/** All cases, by theme. */
import type { Case } from "../case.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { overhead } from "./overhead.js";
import { quickstart } from "./quickstart.js";
import { reductions } from "./reductions.js";

export const themes: Readonly<Record<string, readonly Case[]>> = {
  quickstart,
  overhead,
  matmul,
  elementwise,
  reductions,
  movement,
};

export function findCase(name: string): Case {
  for (const cases of Object.values(themes)) {
    const found = cases.find((one) => one.name === name);
    if (found) return found;
  }
  throw new Error(`there is no case "${name}"`);
}
