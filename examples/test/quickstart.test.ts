/**
 * The quickstart with seed 0 gives PyTorch's losses and accuracies, which conformance/examples/quickstart.py recorded.
 *
 * It always runs on the sample that ships with the library, and on all of FashionMNIST where that is in the folder
 * that FLAMBEAU_DATA names (`data` by default).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Epoch {
  losses: number[];
  accuracy: number;
  averageLoss: number;
}

interface Run {
  batchSize: number;
  epochs: Epoch[];
}

const root = new URL("../../../", import.meta.url);
const recorded = JSON.parse(readFileSync(new URL("conformance/examples/quickstart.json", root), "utf8")) as Record<
  "sample" | "full",
  Run
>;
const program = fileURLToPath(new URL("examples/dist/quickstart.js", root));
const sample = fileURLToPath(new URL("packages/vision/assets", root));
const full = process.env.FLAMBEAU_DATA ?? fileURLToPath(new URL("data", root));

const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, number]) => Number(number));

/** Compares two numbers in four significant digits. */
function agree(actual: number | undefined, expected: number, what: string): void {
  assert.ok(Math.abs((actual ?? NaN) - expected) <= 5e-5 * expected, `${what} is ${actual} instead of ${expected}`);
}

function check({ batchSize, epochs }: Run, data: string): void {
  const args = ["--seed", "0", "--epochs", `${epochs.length}`, "--batch-size", `${batchSize}`, "--data", data];
  const report = mkdtempSync(join(tmpdir(), "flambeau-"));
  args.push("--report", report);
  const output = execFileSync(process.execPath, [program, ...args], { encoding: "utf8" });
  rmSync(report, { recursive: true });
  const parts = output.split(/^Epoch \d+$/m).slice(1);
  assert.equal(parts.length, epochs.length);
  epochs.forEach(({ losses, accuracy, averageLoss }, i) => {
    const part = parts[i] as string;
    const printed = numbers(part, /^loss: +(\d+\.\d+)/gm);
    assert.equal(printed.length, losses.length);
    for (const [at, loss] of losses.entries()) agree(printed[at], loss, `loss ${at} of epoch ${i}`);
    agree(numbers(part, /Avg loss: (\d+\.\d+)/g)[0], averageLoss, `the average loss after epoch ${i}`);
    // One sample in a thousand may lie between two classes.
    const [percent = NaN] = numbers(part, /Accuracy: (\d+\.\d)%/g);
    assert.ok(Math.abs(percent - accuracy) <= 0.11, `the accuracy is ${percent}% instead of ${accuracy}%`);
  });
}

test("two epochs on the sample give PyTorch's losses", () => check(recorded.sample, sample));

const isThere = ["", ".gz"].some((end) => existsSync(`${full}/FashionMNIST/raw/train-images-idx3-ubyte${end}`));
test("two epochs on all of FashionMNIST give PyTorch's losses", { skip: !isThere && "no such data" }, () =>
  check(recorded.full, full),
);
