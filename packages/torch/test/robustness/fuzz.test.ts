/**
 * Calls the public API with random and often wrong arguments: whatever is called, the process must survive, no
 * call may take long or much memory, and every failure must be an error that a check of ours raised.
 *
 * `FLAMBEAU_FUZZ_CALLS` sets the number of calls, `FLAMBEAU_FUZZ_SEED` which ones. With `FLAMBEAU_FUZZ_GO_ON` a
 * failure does not end the run, and all are reported at the end.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const calls = Number(process.env.FLAMBEAU_FUZZ_CALLS ?? 20_000);
const seed = Number(process.env.FLAMBEAU_FUZZ_SEED ?? 1);
const goesOn = process.env.FLAMBEAU_FUZZ_GO_ON !== undefined;

/** Seconds after which a call that does not come back is taken for one that never will. */
const patience = 120;

const program = fileURLToPath(new URL("./fuzzProcess.js", import.meta.url));

interface Outcome {
  /** What was found. */
  reports: string[];
  /** Where a call ended the process, the number of the next one. */
  next: number | undefined;
  successes: number;
  functions: number;
}

/** The calls that the threads were making, as the trace tells them. */
function tracedCalls(trace: string): string[] {
  return readFileSync(trace, "utf8").split(/\0+/).filter(Boolean);
}

/** The beginning and the end of a text: a report of a sanitizer begins with what it found. */
function ends(text: string): string {
  return text.length <= 8000 ? text : `${text.slice(0, 4000)}\n…\n${text.slice(-4000)}`;
}

function callNumber(call: string | undefined): number {
  return Number.parseInt(call ?? "", 10);
}

/** Makes the calls of the numbers from `from` up to but not with `to` in another process. */
async function run(from: number, to: number, folder: string): Promise<Outcome> {
  const trace = join(folder, "trace");
  writeFileSync(trace, "");
  const env = {
    ...process.env,
    FLAMBEAU_FUZZ_SEED: String(seed),
    FLAMBEAU_FUZZ_FROM: String(from),
    FLAMBEAU_FUZZ_CALLS: String(to - from),
    FLAMBEAU_FUZZ_TRACE: trace,
  };
  const child = spawn(process.execPath, ["--max-old-space-size=2048", program], { env });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  let last = "";
  const watch = setInterval(() => {
    const current = tracedCalls(trace)[0] ?? "";
    if (current === last) child.kill("SIGKILL");
    last = current;
  }, patience * 1000);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...ended) => resolve(ended));
  });
  clearInterval(watch);
  const lines = output.stdout.trimEnd().split("\n");
  const summary = /^\{"successes":(\d+),"functions":(\d+)\}$/.exec(lines.pop() ?? "");
  if (summary !== null) {
    const [successes, functions] = [Number(summary[1]), Number(summary[2])];
    return { reports: lines.length > 0 ? [lines.join("\n")] : [], next: undefined, successes, functions };
  }
  const making = tracedCalls(trace);
  const end = `the process ended with ${signal ?? code} in\n${making.join("\n")}\n${ends(output.stderr)}`;
  return { reports: [output.stdout + end], next: callNumber(making[0]) + 1, successes: 0, functions: 0 };
}

test(`${calls} random calls with seed ${seed} leave the process alive`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-fuzz-"));
  const reports: string[] = [];
  let from = Number(process.env.FLAMBEAU_FUZZ_FROM ?? 0);
  const end = from + calls;
  while (from < end) {
    const outcome = await run(from, end, folder);
    reports.push(...outcome.reports);
    if (goesOn) for (const report of outcome.reports) t.diagnostic(report);
    t.diagnostic(`${outcome.successes} calls succeeded, of ${outcome.functions} functions`);
    if (outcome.next === undefined)
      assert.ok(outcome.functions > Math.min(200, (end - from) / 50), `of ${outcome.functions} functions only`);
    from = goesOn && outcome.next !== undefined ? outcome.next : end;
  }
  rmSync(folder, { recursive: true });
  const repeat = `to repeat call N: FLAMBEAU_FUZZ_SEED=${seed} FLAMBEAU_FUZZ_FROM=N FLAMBEAU_FUZZ_CALLS=1 node ${program}`;
  assert.equal(reports.length, 0, `${reports.join("\n\n")}\n${repeat}`);
});
