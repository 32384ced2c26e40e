/**
 * Replays test cases that ONNX publishes, such as those of Debian's package `libonnx-testdata`, and prints the share that
 * passes. Run by hand:
 *
 *     node packages/onnx/dist/test/replay.js [--failures] [folder]
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as onnx from "@flambeau/onnx";
import torch from "flambeau";
import { type Case, difference, readCase } from "./support/cases.js";

const [folder = "/usr/share/libonnx-testdata/data"] = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const showsFailures = process.argv.includes("--failures");

/** What went wrong, or undefined. */
function failureOf({ path, sets }: Case): string | undefined {
  try {
    const model = onnx.load<unknown>(path);
    for (const { inputs, outputs } of sets) {
      const result = torch.noGrad(() => model(...inputs));
      const results = outputs.length === 1 ? [result] : [...(result as onnx.OnnxOutputs)];
      for (const [i, output] of outputs.entries()) {
        const found = difference(results[i] as never, output);
        if (found !== undefined) return `output ${i} ${found}`;
      }
    }
  } catch (error) {
    return (error as Error).message.split("\n")[0]?.replace(path, "");
  }
  return undefined;
}

const byOperator = new Map<string, { passed: number; all: number }>();
const failures: string[] = [];
let [passed, all] = [0, 0];
for (const kind of readdirSync(folder).sort()) {
  for (const name of readdirSync(join(folder, kind)).sort()) {
    let failure: string | undefined;
    let operators = ["(unreadable)"];
    try {
      const found = readCase(join(folder, kind, name));
      if (found === undefined) continue;
      operators = [
        ...new Set(found.graph.node.map(({ domain, opType }) => (domain === "" ? opType : `${domain}.${opType}`))),
      ];
      failure = failureOf(found);
    } catch (error) {
      failure = (error as Error).message;
    }
    all++;
    if (failure === undefined) passed++;
    else failures.push(`${kind}/${name}: ${failure}`);
    for (const operator of operators) {
      const count = byOperator.get(operator) ?? { passed: 0, all: 0 };
      byOperator.set(operator, { passed: count.passed + (failure === undefined ? 1 : 0), all: count.all + 1 });
    }
  }
}
const rows = [...byOperator].sort(([a], [b]) => (a < b ? -1 : 1));
const complete = rows.filter(([, count]) => count.passed === count.all).map(([operator]) => operator);
console.log(`${passed} of ${all} cases pass (${((100 * passed) / all).toFixed(1)} %).`);
console.log(`All cases of ${complete.length} operators pass: ${complete.join(", ")}.`);
for (const [operator, count] of rows) {
  if (count.passed < count.all) console.log(`${operator}: ${count.passed} of ${count.all}`);
}
if (showsFailures) console.log(failures.join("\n"));
