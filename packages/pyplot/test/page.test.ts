import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openBrowser } from "flambeau-testing/browser";
import plt from "../src/index.js";
import { FigureServer } from "../src/pyplot/server.js";

test("the page in a browser shows values under the pointer and zooms", { skip: noBrowser }, async () => {
  const ax = plt.figure({ figsize: [4, 3] }).gca();
  ax.plot([0, 5, 10], [0, 1, 0], { label: "hill" });
  const image = plt.figure({ figsize: [4, 3] }).gca();
  image.imshow([
    [1, 2],
    [3, 4],
  ]);
  const server = new FigureServer([ax.figure, image.figure], () => {});
  const address = await server.listen();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 900, height: 500 } });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(address);
    const boxes = await page
      .locator(".figure svg")
      .evaluateAll((all) =>
        all.map(
          (one) => one.getBoundingClientRect().toJSON() as { x: number; y: number; width: number; height: number },
        ),
      );
    const pointAt = async (figure: number, x: number, y: number): Promise<void> => {
      const { left, top, right, bottom } = (figure === 0 ? ax : image).box;
      const box = boxes[figure] as (typeof boxes)[number];
      const scale = box.width / 288;
      await page.mouse.move(box.x + (left + x * (right - left)) * scale, box.y + (bottom - y * (bottom - top)) * scale);
    };
    await pointAt(0, 0.5, 1 - 0.05 / 1.1);
    assert.equal(await page.textContent("#tip"), "hill: (5, 1)");
    await pointAt(1, 0.75, 0.25);
    assert.match((await page.textContent("#readout")) as string, /\[4\]$/);
    await pointAt(0, 0.5, 0.5);
    await page.mouse.wheel(0, -500);
    await page.waitForSelector('[data-figure="1"] [aria-label="10"]', { state: "detached" });
    const [low, high] = ax.getXlim();
    assert.ok(high - low < 10 && Math.abs((low + high) / 2 - 5) < 0.2, `limits are ${low} and ${high}`);
    await page.click("#home");
    await page.waitForSelector('[data-figure="1"] [aria-label="10"]', { state: "attached" });
    assert.deepEqual(ax.getXlim(), [-0.5, 10.5]);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    server.close();
    plt.close("all");
  }
});
