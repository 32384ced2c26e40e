import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFormat } from "../src/artists/formatString.js";

test("a format string gives colour, marker and line style in any order", () => {
  assert.deepEqual(parseFormat("r--"), { color: "r", linestyle: "--", marker: "None" });
  assert.deepEqual(parseFormat("--r"), { color: "r", linestyle: "--", marker: "None" });
  assert.deepEqual(parseFormat("o"), { marker: "o", linestyle: "None" });
  assert.deepEqual(parseFormat("C1o-"), { color: "C1", marker: "o", linestyle: "-" });
  assert.deepEqual(parseFormat("k-.s"), { color: "k", linestyle: "-.", marker: "s" });
  assert.deepEqual(parseFormat(":"), { linestyle: ":", marker: "None" });
  assert.deepEqual(parseFormat("tomato"), { color: "tomato" });
  assert.deepEqual(parseFormat("#ff0000"), { color: "#ff0000" });
  assert.deepEqual(parseFormat("1"), { marker: "1", linestyle: "None" });
  assert.deepEqual(parseFormat("0.5"), { color: "0.5" });
  assert.deepEqual(parseFormat(""), {});
});

test("a format string that says a thing twice or nothing known throws", () => {
  assert.throws(() => parseFormat("rb"), /'rb' is not a valid format string \(two color symbols\)/);
  assert.throws(() => parseFormat("-.--"), /two linestyle symbols/);
  assert.throws(() => parseFormat("ox"), /two marker symbols/);
  assert.throws(() => parseFormat("rq"), /unrecognized character 'q'/);
});
