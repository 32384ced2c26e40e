import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import torch from "flambeau";
import { noBrowser, openBrowser } from "flambeau-testing/browser";
import { EventLog } from "../src/board/eventLog.js";
import { serveBoard } from "../src/board/server.js";
import { SummaryWriter } from "../src/index.js";

const root = mkdtempSync(join(tmpdir(), "flambeau-board-"));
after(() => rmSync(root, { recursive: true }));

function fill(folder: string): SummaryWriter {
  const writer = new SummaryWriter(folder);
  writer.addScalar("loss/train", 0.5, 1);
  writer.addText("note", "hello <b>world</b>");
  writer.addImage("picture", torch.ones(3, 4, 4));
  writer.addAudio("tone", torch.zeros(8));
  writer.addHistogram("weights", torch.randn(50));
  writer.addPrCurve("pr", torch.tensor([0, 1]), torch.tensor([0.2, 0.8]));
  writer.addHparams({ lr: 0.1 }, { accuracy: 0.9 }, { runName: "trial" });
  writer.flush();
  return writer;
}

test("a log holds what is below a folder, and what is written later", () => {
  const folder = join(root, "log");
  const log = new EventLog(folder);
  log.refresh();
  assert.equal(log.entries.length, 0);
  const writer = fill(join(folder, "run"));
  log.refresh();
  const kinds = log.entries.filter(({ run }) => run === "run").map(({ kind, tag }) => `${kind} ${tag}`);
  const wanted = ["scalar loss/train", "text note", "image picture", "audio tone", "histogram weights", "prCurve pr"];
  assert.deepEqual(kinds, wanted);
  const trial = log.entries.filter(({ run }) => run === "run/trial");
  assert.deepEqual(
    trial.map(({ kind }) => kind),
    ["hparams", "scalar"],
  );
  assert.deepEqual(trial[0]?.value, { lr: 0.1 });
  const before = log.entries.length;
  writer.addScalar("loss/train", 0.25, 2);
  log.refresh();
  assert.equal(log.entries.length, before);
  writer.close();
  log.refresh();
  assert.deepEqual(
    log.entries.slice(before).map(({ step, value }) => [step, value]),
    [[2, 0.25]],
  );
});

test("half of a record waits; a damaged file is told, and the others are read", () => {
  const folder = join(root, "damaged");
  const writer = new SummaryWriter(folder);
  const name = readdirSync(folder)[0] as string;
  writer.close();
  appendFileSync(join(folder, name), new Uint8Array(5));
  const log = new EventLog(folder);
  log.refresh();
  assert.deepEqual(log.problems, []);
  appendFileSync(join(folder, name), new Uint8Array(20).fill(9));
  writeFileSync(join(folder, "events.out.tfevents.x"), "no records at all, only words");
  const other = new SummaryWriter(join(folder, "other"));
  other.addScalar("a", 1);
  other.close();
  log.refresh();
  assert.equal(log.problems.length, 2);
  assert.match(log.problems.join("\n"), /tfevents\.x: the record at byte 0 has a wrong checksum/);
  assert.deepEqual(
    log.entries.map(({ run }) => run),
    ["other"],
  );
});

test("the board answers with entries, pictures and its page, and with nothing else", async () => {
  const folder = join(root, "answers");
  fill(folder).close();
  const board = await serveBoard(folder, { port: 0 });
  try {
    const get = (path: string) => fetch(new URL(path, board.url));
    const answer = (await (await get("/entries?from=0")).json()) as { total: number; entries: { kind: string }[] };
    assert.equal(answer.total, answer.entries.length);
    assert.equal(answer.total, 8);
    const picture = await get("/blob?id=0");
    assert.equal(picture.headers.get("content-type"), "image/png");
    assert.deepEqual([...new Uint8Array(await picture.arrayBuffer()).subarray(1, 4)], [80, 78, 71]);
    for (const path of ["/", "/board.js", "/charts.js", "/board.css", "/uplot.js", "/uplot.css"]) {
      const page = await get(path);
      assert.equal(page.status, 200, path);
      const asks = /(src|href)="https?:|import .*https?:|fetch\("https?:/.test(await page.text());
      assert.equal(asks, false, `${path} asks the net`);
    }
    for (const path of ["/blob?id=99", "/blob?id=x", "/../package.json", "/%2e%2e/%2e%2e/package.json", "/none"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get("/entries?from=-5")).status, 200);
  } finally {
    await board.close();
  }
});

test("the page follows a training that goes on", { skip: noBrowser }, async () => {
  const folder = join(root, "follow");
  const writer = fill(join(folder, "run"));
  const board = await serveBoard(folder, { port: 0 });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(board.url);
    await page.waitForSelector("[data-tag='loss/train'] canvas");
    await page.waitForSelector("body[data-seen='8']");
    writer.addScalar("accuracy/test", 0.75, 1);
    writer.flush();
    await page.waitForSelector("[data-tag='accuracy/test'] canvas");
    await page.waitForSelector("body[data-seen='9']");
    assert.equal(await page.locator("[data-tag^='note'] pre").textContent(), "hello <b>world</b>");
    assert.match(await page.locator("#section-hyperparameters table").innerText(), /run\/trial\s+0\.1\s+0\.9/);
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>("[data-tag^='picture'] img");
      return image?.complete && image.naturalWidth === 4;
    });
    await page.fill("#filter", "accuracy");
    assert.equal(await page.locator("[data-tag='loss/train']").isVisible(), false);
    assert.equal(await page.locator("[data-tag='accuracy/test']").isVisible(), true);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    await board.close();
    writer.close();
  }
});
