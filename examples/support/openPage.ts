/** Offers to open a page, where there is somebody to ask and a browser to open it in. */
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { matplotlib } from "@flambeau/pyplot";
import open from "open";

/** Asks whether to open the page of a path; no answer within half a minute is no. */
export async function offerToOpen(path: string): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY || matplotlib.getBackend() !== "browser" || process.env.CI !== undefined) return;
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    const answer = await lines.question("Open it now? [y/N] ", { signal: AbortSignal.timeout(30_000) });
    if (/^y(es)?$/i.test(answer.trim())) await open(resolve(path));
  } catch {
    // Nobody answered.
    stdout.write("\n");
  } finally {
    lines.close();
  }
}
