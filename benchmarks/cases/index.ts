/** All cases, by theme. */
import type { Case } from "../case.js";
import type { Goal } from "../goals.js";
import { convolutions } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { fft } from "./fft.js";
import { growth } from "./growth.js";
import { linearAlgebra } from "./linalg.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { normalization } from "./normalization.js";
import { optimizerSteps } from "./optimizers.js";
import { overhead } from "./overhead.js";
import { pooling } from "./pooling.js";
import { programs } from "./programs/index.js";
import { quickstart } from "./quickstart.js";
import { reductions } from "./reductions.js";
import { sequences } from "./sequences.js";
import { vision } from "./vision.js";

function heldTo(goal: Goal, cases: readonly Case[]): readonly Case[] {
  return cases.map((work) => ({ ...work, goals: [...(work.goals ?? []), goal] }));
}

export const themes: Readonly<Record<string, readonly Case[]>> = {
  quickstart,
  programs,
  overhead,
  matmul,
  linalg: linearAlgebra,
  elementwise,
  reductions,
  movement,
  convolution: heldTo("convolution", convolutions),
  pooling: heldTo("passing", pooling),
  normalization: heldTo("passing", normalization),
  optimizers: optimizerSteps,
  sequences,
  fft,
  vision,
  growth,
};

const byName = new Map<string, Case>();
for (const work of Object.values(themes).flat()) {
  if (byName.has(work.name)) throw new Error(`two cases are called "${work.name}"`);
  byName.set(work.name, work);
}

export function findCase(name: string): Case {
  const found = byName.get(name);
  if (!found) throw new Error(`there is no case "${name}"`);
  return found;
}
