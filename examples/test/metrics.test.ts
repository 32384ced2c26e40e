/** The example of metrics: what it prints fits together, and the picture is there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../metrics.js", import.meta.url));

test("examples/metrics trains, and tells and shows how well", () => {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-metrics-"));
  try {
    const picture = join(folder, "confusion.png");
    const output = execFileSync(process.execPath, [program, picture], { encoding: "utf8" });
    const numbers = (pattern: RegExp) => [...output.matchAll(pattern)].map(([, number]) => Number(number));
    const [losses, accuracies] = [numbers(/: loss (\d\.\d{4})/g), numbers(/train_accuracy (\d\.\d{4})/g)];
    assert.equal(losses.length, 3);
    assert.ok((losses[2] as number) < (losses[0] as number), `losses ${losses}`);
    assert.ok((accuracies[2] as number) > (accuracies[0] as number), `accuracies ${accuracies}`);
    assert.match(output, /^Best: f1 0\.\d{4} in epoch \d$/m);
    const [accuracy = 0] = numbers(/^Accuracy: (\d+\.\d)%/gm);
    const [recall = 0] = numbers(/Recall: (\d\.\d{4})/g);
    // Recall weighted by the sizes of the classes is accuracy.
    assert.ok(Math.abs(accuracy / 100 - recall) < 6e-4, `${accuracy}% and ${recall}`);
    assert.ok(accuracy > 60, `${accuracy}%`);
    const rows = output.split("\n").filter((line) => / 1\d\d$| \d\d$/.test(line) && !line.includes("in epoch"));
    assert.equal(rows.length, 10, output);
    assert.equal(readFileSync(picture).subarray(1, 4).toString(), "PNG");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
