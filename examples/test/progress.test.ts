/** The progress of an epoch on terminals of all widths. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const module = new URL("../support/progress.js", import.meta.url).href;

/** What is written for 7 of 10 samples on a terminal of so many columns; 0 where it does not tell. */
function shown(columns: number): string {
  const program = `
import { Progress } from ${JSON.stringify(module)};
Object.assign(process.stdout, { isTTY: true, columns: ${columns} });
const progress = new Progress(10);
progress.report(0.5, 7);
process.exit();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout;
}

test("on a narrow terminal there is a number in place of the bar", () => {
  for (const columns of [14, 20, 35, 49]) assert.match(shown(columns), /70% 0\.500000/, String(columns));
});

test("on a wide one, and where the width is not known, there is a bar", () => {
  for (const columns of [0, 50, 200]) assert.match(shown(columns), /={5,}-+ 7\/10 {2}loss: 0\.500000/, String(columns));
});
