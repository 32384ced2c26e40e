/** The gallery is that of today's library, holds all that it promises, and works in a browser. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nn, optim } from "flambeau";
import { noBrowser, openBrowser } from "flambeau-testing/browser";

interface Card {
  readonly name: string;
  readonly cost?: number;
  readonly args?: readonly { readonly values: readonly number[]; readonly usual: number }[];
  readonly curves: readonly (readonly { readonly y: readonly (number | null)[] }[])[];
}

interface Chapter {
  readonly id: string;
  readonly groups: readonly { readonly entries: readonly Card[] }[];
}

const made = mkdtempSync(join(tmpdir(), "flambeau-gallery-"));
after(() => rmSync(made, { recursive: true }));
const stored = fileURLToPath(new URL("../../../docs/activations/", import.meta.url));

execFileSync(process.execPath, [fileURLToPath(new URL("../generate.js", import.meta.url)), made]);

function chaptersIn(folder: string): Chapter[] {
  return JSON.parse(readFileSync(join(folder, "data.js"), "utf8").replace(/^const chapters = |;\n$/g, "")) as Chapter[];
}

const cardsIn = (chapters: readonly Chapter[]) =>
  chapters.flatMap(({ groups }) => groups.flatMap(({ entries }) => entries));
const namesOf = (id: string) =>
  cardsIn(chaptersIn(made).filter((chapter) => chapter.id === id)).map(({ name }) => name);

test("what is in docs/activations is what npm run gallery makes", () => {
  for (const name of readdirSync(made)) assert.ok(existsSync(join(stored, name)), name);
  assert.equal(readFileSync(join(made, "README.md"), "utf8"), readFileSync(join(stored, "README.md"), "utf8"));
  const [now, then] = [cardsIn(chaptersIn(made)), cardsIn(chaptersIn(stored))];
  assert.deepEqual(
    now.map(({ name }) => name),
    then.map(({ name }) => name),
  );
  now.forEach(({ curves, name }, i) => {
    const flat = (card: readonly (readonly { readonly y: readonly (number | null)[] }[])[]) =>
      card.flatMap((choice) => choice.flatMap(({ y }) => y.map((value) => value ?? Number.NaN)));
    const [here, there] = [flat(curves), flat((then[i] as Card).curves)];
    assert.equal(here.length, there.length, name);
    const off = here.filter((value, j) => Math.abs(value - (there[j] as number)) > 2e-3 * Math.max(1, Math.abs(value)));
    assert.deepEqual(off, [], name);
  });
});

test("every activation function, optimizer and schedule has a card", () => {
  const activations = [
    ...["ReLU", "LeakyReLU", "PReLU", "RReLU", "ReLU6", "Hardtanh", "Hardshrink", "Softshrink", "Threshold"],
    ...["Hardsigmoid", "Hardswish", "ELU", "SELU", "CELU", "Sigmoid", "Tanh", "Softplus", "Tanhshrink", "SiLU"],
    ...["GELU", "Mish", "Softsign", "LogSigmoid", "Softmax", "LogSoftmax", "Softmin", "MultiheadAttention"],
  ];
  assert.deepEqual(namesOf("activations"), activations);
  for (const name of activations) assert.ok(name in nn, name);
  // SparseAdam takes sparse gradients, and all are dense here.
  const others = new Set(["Optimizer", "SparseAdam"]);
  const classes = Object.keys(optim).filter((name) => /^[A-Z]/.test(name) && !others.has(name));
  assert.deepEqual(namesOf("optimizers").sort(), classes.sort());
  for (const name of namesOf("schedules")) assert.ok(name in optim.lrScheduler, name);
  for (const name of namesOf("losses")) assert.ok(name in nn, name);
});

test("there are curves for every position of the sliders", () => {
  for (const { name, args = [], curves } of cardsIn(chaptersIn(made))) {
    assert.equal(
      curves.length,
      args.reduce((count, { values }) => count * values.length, 1),
      name,
    );
    for (const { values, usual } of args) assert.ok(values.includes(usual), name);
    assert.ok(
      curves.some((choice) => choice.some(({ y }) => new Set(y).size > 1)),
      name,
    );
  }
});

test("a slider draws another curve", { skip: noBrowser }, async () => {
  const opened = await openBrowser();
  try {
    const page = await opened.newPage();
    const problems: string[] = [];
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("requestfailed", (request) => problems.push(request.url()));
    await page.goto(pathToFileURL(join(made, "index.html")).href);
    const picture = async () => (await page.locator("#LeakyReLU canvas").screenshot()).toString("base64");
    const before = await picture();
    await page.locator("#LeakyReLU input").fill("6");
    assert.equal(await page.locator("#LeakyReLU output").textContent(), "0.5");
    assert.notEqual(await picture(), before);
    await page.locator("#SGD").scrollIntoViewIfNeeded();
    await page.locator("#SGD canvas.valley").waitFor();
    assert.match((await page.locator("#SGD .about").textContent()) ?? "", /^after 150 steps at \(/);
    assert.deepEqual(problems, []);
  } finally {
    await opened.close();
  }
});
