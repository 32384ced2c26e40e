/** Offers to open a page, where there is somebody to ask and a browser to open it in. */
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import open from "open";

function hasDesktop(): boolean {
  if (process.platform === "darwin" || process.platform === "win32") return true;
  return process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;
}

/** Asks whether to open the page of a path; no answer within half a minute is no. */
export async function offerToOpen(path: string): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY || !hasDesktop() || process.env.CI !== undefined) return;
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
