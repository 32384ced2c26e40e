/**
 * Whatever the library throws in a program begins with the program's own line, plain functions and constructors too:
 * the bundle that programs get sees to that (tools/bundle.mjs).
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const calls = [
  'torch.manualSeed("x")',
  "torch.setDefaultDtype(3)",
  "torch.setNumThreads(-1)",
  'new torch.Generator("q")',
  "new torch.utils.data.DataLoader([], { batchSize: -1 })",
  "torch.utils.data.randomSplit([1, 2, 3], [5, 5])",
  "new nn.Sequential([1])",
  "new nn.Linear(2, 2).loadStateDict({ a: 1 })",
  "new nn.ModuleDict({ a: 3 })",
  'new torch.optim.lrScheduler.StepLR("optimizer", 3)',
  "torch.utils.data.defaultCollate([Symbol()])",
  "torch.zeros(2).backward()",
  "torch.ones(2, 3).matmul(torch.ones(2, 3))",
  "new nn.Conv2d(3, 4)",
  "torch.load(3)",
];

for (const [kind, begin] of [
  ["module", 'import torch, { nn } from "flambeau";'],
  ["commonjs", 'const { default: torch, nn } = require("flambeau");'],
] as const) {
  test(`errors begin with the line of the program, a ${kind}`, () => {
    const lines = calls.map((call) => `try { ${call}; } catch (error) { report(error); }`);
    const report = `const report = (error) => console.log(error.stack.split("\\n").find((line) => /^\\s+at /.test(line)));`;
    const program = [begin, report, ...lines].join("\n");
    const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${kind}`, "--eval", program], {
      cwd: fileURLToPath(new URL("../../../", import.meta.url)),
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    const places = stdout.trimEnd().split("\n");
    assert.equal(places.length, calls.length, stdout);
    for (const [i, call] of calls.entries())
      assert.match(places[i] as string, new RegExp(`\\[eval1?\\]:${i + 3}:`), call);
  });
}

test("what a program throws itself keeps its stack", () => {
  const program = `
    import torch, { nn } from "flambeau";
    class Net extends nn.Module { forward(x) { throw new RangeError("mine"); } }
    try { new Net()(torch.ones(2)); } catch (error) { console.log(error.stack.split("\\n")[1]); }
    try { torch.ones(2).apply_(function own() { throw new Error("mine"); }); }
    catch (error) { console.log(error.stack.split("\\n")[1]); }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("../../../", import.meta.url)),
    encoding: "utf8",
  });
  assert.match(stdout, /^ +at \w+\.forward \(.*\[eval1\]:3:.*\n +at own \(.*\[eval1\]:5:.*\n$/);
});
