/**
 * Runs every example and compares what it prints with examples/expected, which PyTorch printed for the same
 * program (conformance/examples).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { matplotlib } from "@flambeau/pyplot";

const folder = new URL("../../", import.meta.url);

/** What a program prints, given arguments and perhaps, before them, variables of its environment. */
function run(program: string, ...given: (string | NodeJS.ProcessEnv)[]): string {
  const args = given.filter((one) => typeof one === "string");
  const variables = Object.assign({}, ...given.filter((one) => typeof one === "object"));
  return execFileSync(process.execPath, [fileURLToPath(new URL(`dist/${program}.js`, folder)), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1", ...variables },
  });
}

function expected(name: string): string {
  return readFileSync(new URL(`expected/${name}.txt`, folder), "utf8");
}

for (const name of [
  "tensors",
  "datasets",
  "network",
  "layers",
  "autograd",
  "functions",
  "losses",
  "curves",
  "saving",
  "timeSequence",
  "reinforce",
  "actorCritic",
  "bayesianRegression",
]) {
  test(`examples/${name} prints what PyTorch prints`, () => {
    assert.equal(run(name), expected(name));
  });
}

/** The figures that a program shows, as files beside what PyTorch's version of it prints. */
for (const [name, figures] of [
  ["samples", 2],
  ["activations", 1],
  ["spectrogram", 1],
] as const) {
  test(`examples/${name} prints what PyTorch prints, and draws its figures`, () => {
    const drawn = mkdtempSync(join(tmpdir(), "flambeau-"));
    try {
      assert.equal(run(name, { FLAMBEAU_PLOT: "png", FLAMBEAU_PLOT_DIR: drawn }), expected(name));
      for (let i = 1; i <= figures; i++) {
        const stored = fileURLToPath(new URL(`expected/${name}-${i}.png`, folder));
        assert.equal(matplotlib.testing.compareImages(stored, join(drawn, `figure-${i}.png`), 0.005), undefined);
      }
    } finally {
      rmSync(drawn, { recursive: true });
    }
  });
}

/** The numbers in a text, and the text without them. */
function split(text: string): [words: string, numbers: number[]] {
  const number = /\d+\.\d+/g;
  return [text.replace(number, "#"), (text.match(number) ?? []).map(Number)];
}

/** What a program prints without the text that it makes up in the end, which the last bits of numbers decide. */
function withoutStory(text: string): string {
  return text.slice(0, text.lastIndexOf("\n", text.length - 2));
}

// After a hundred steps rounding differences between instruction sets show in the third digit, and more in what networks
// that normalize or that move fast say of new images.
for (const [name, tolerance, measured] of [
  ["training", 0.02, String],
  ["convolutional", 0.05, String],
  ["residual", 0.1, String],
  ["autoencoder", 0.02, String],
  ["dcgan", 0.02, String],
  ["oneCycle", 0.02, String],
  ["customDataset", 0.02, String],
  ["languageModel", 0.02, withoutStory],
  ["characters", 0.02, withoutStory],
] as const) {
  test(`examples/${name} learns as PyTorch does`, () => {
    const [words, numbers] = split(measured(run(name)));
    const [wordsThere, numbersThere] = split(measured(expected(name)));
    assert.equal(words, wordsThere);
    numbers.forEach((value, i) => {
      const there = numbersThere[i] as number;
      assert.ok(Math.abs(value - there) <= tolerance * there, `${value} instead of ${there}`);
    });
  });
}

test("the quickstart goes on from its checkpoint as if it had not ended", () => {
  const sample = fileURLToPath(new URL("../packages/vision/assets", folder));
  const checkpoints = mkdtempSync(join(tmpdir(), "flambeau-"));
  const losses = (...args: string[]) =>
    run("quickstart", "--data", sample, "--lr", "0.1", "--seed", "0", "--report", checkpoints, ...args).match(
      /^(loss|Test Error| Accuracy).*$/gm,
    );
  try {
    const unbroken = losses("--epochs", "2");
    const first = losses("--epochs", "1", "--resume", "--checkpoints", checkpoints) as string[];
    const second = losses("--epochs", "2", "--resume", "--checkpoints", checkpoints) as string[];
    assert.deepEqual([...first, ...second], unbroken);
  } finally {
    rmSync(checkpoints, { recursive: true });
  }
});

test("the quickstart trains, shows how well it does, tells its options, and refuses wrong ones", () => {
  const sample = fileURLToPath(new URL("../packages/vision/assets", folder));
  const report = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    const given = ["--epochs", "1", "--seed", "0", "--lr", "0.1", "--data", sample, "--report", report];
    const output = run("quickstart", ...given);
    assert.match(
      output,
      /^Learns to tell ten kinds of clothing apart, from 6,000 pictures[\s\S]*^NeuralNetwork\(\n {2}\(flatten\): Flatten\(start_dim=1, end_dim=-1\)/m,
    );
    const accuracy = /Accuracy: (\d+\.\d)%/.exec(output)?.[1];
    assert.ok(Number(accuracy) > 50, `accuracy ${accuracy}%`);
    assert.match(output, /^Done!\n\nAccuracy: .*\nPrecision: 0\.\d{4}, Recall: .*\nFNR: .*Specificity: .*FPR: /m);
    assert.match(output, /^Ankle boot( +0\.\d{4}){6} +\d+$/m);
    const page = readFileSync(join(report, "index.html"), "utf8");
    assert.ok(page.includes(`<b>${accuracy}%</b>`));
    const pictures = page.match(/<img alt="[^"]+" src="data:image\/svg\+xml;base64,/g);
    assert.equal(pictures?.length, 4);
    for (const name of ["samples", "training", "confusion", "mistakes"]) {
      assert.equal(readFileSync(join(report, `${name}.png`)).toString("latin1", 1, 4), "PNG");
    }
  } finally {
    rmSync(report, { recursive: true });
  }
  assert.match(run("quickstart", "--help"), /--batch-size N/);
  assert.throws(() => run("quickstart", "--epochs", "many"), /--epochs cannot be "many"/);
});
