/** Compares what both sides compute in one run of each case, from the same seed. */
import type { Chosen } from "./choose.js";
import type { Sides } from "./measure.js";
import { agree, type Outcome } from "./outcome.js";

/** Prints a line for each case. @returns whether no outcomes differ */
export async function check(chosen: Chosen, { flambeau, pytorch }: Sides): Promise<boolean> {
  if (!flambeau || !pytorch) throw new Error("there is no PyTorch to compare with");
  let good = true;
  for (const [theme, work] of chosen) {
    try {
      const [ours, theirs] = [await flambeau.outcome(work), await pytorch.outcome(work)];
      const same = agree(ours, theirs);
      if (same === false) good = false;
      const verdict = same === undefined ? "no values" : same ? "same" : "DIFFERENT";
      console.log(`${verdict.padEnd(9)} ${theme}: ${work.name}: ${format(ours)} and ${format(theirs)}`);
    } catch (error) {
      good = false;
      console.log(`failed    ${theme}: ${work.name}: ${(error as Error).message}`);
    }
  }
  flambeau.end();
  pytorch.end();
  return good;
}

function format(outcome: Outcome | null): string {
  return outcome ? `[${outcome.shape}] with mean ${Number(outcome.mean).toPrecision(6)}` : "nothing";
}
