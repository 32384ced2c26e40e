/**
 * Records what ONNX Runtime answers to the calls of `support/definitions.ts`. Run by hand, where it is installed:
 *
 *     node tools/onnxRuntime.mjs
 *     node packages/onnx/dist/test/record.js
 */
import { writeFileSync } from "node:fs";
import type { Tensor } from "flambeau";
import { bytesOf } from "../src/proto/tensors.js";
import { all } from "./support/definitions.js";
import { goldenPath, type Recorded } from "./support/golden.js";
import { RunningModel } from "./support/runtime.js";

function kept(tensor: Tensor): Recorded {
  return { dtype: tensor.dtype.name, shape: tensor.shape, data: Buffer.from(bytesOf(tensor)).toString("base64") };
}

const golden: Record<string, readonly Recorded[]> = {};
for (const { name, bytes, inputs } of all) {
  try {
    const model = await RunningModel.open(bytes, { graphOptimizationLevel: "disabled" });
    golden[name] = (await model.run(...inputs)).map(kept);
    await model.close();
  } catch (error) {
    console.log(`${name}: ${(error as Error).message.split("\n")[0]}`);
  }
}
writeFileSync(goldenPath, `${JSON.stringify(golden)}\n`);
console.log(`${Object.keys(golden).length} of ${all.length} calls recorded`);
