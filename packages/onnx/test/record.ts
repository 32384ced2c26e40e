/**
 * Records what ONNX Runtime answers to the calls of `support/definitions.ts`. Run by hand, where it is installed:
 *
 *     npm install --no-save --ignore-scripts onnxruntime-node
 *     node packages/onnx/dist/test/record.js
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Tensor } from "flambeau";
import { all } from "./support/definitions.js";
import { goldenPath, type Recorded } from "./support/golden.js";

interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView<ArrayBuffer>;
}

interface Runtime {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => RuntimeTensor;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>>;
    }>;
  };
}

const from = process.env.ONNXRUNTIME ?? join(process.cwd(), "program.js");
const runtime = createRequire(from)("onnxruntime-node") as Runtime;

function given(x: Tensor): RuntimeTensor {
  const data = x.contiguous().toTypedArray();
  return new runtime.Tensor(x.dtype.name, x.dtype.name === "bool" ? Uint8Array.from(data as Uint8Array) : data, [
    ...x.shape,
  ]);
}

function kept({ type, dims, data }: RuntimeTensor): Recorded {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: type, shape: [...dims], data: Buffer.from(bytes).toString("base64") };
}

const golden: Record<string, readonly Recorded[]> = {};
for (const { name, bytes, inputs } of all) {
  try {
    const session = await runtime.InferenceSession.create(bytes, {
      logSeverityLevel: 4,
      graphOptimizationLevel: "disabled",
    });
    const feeds = Object.fromEntries(inputs.map((x, i) => [session.inputNames[i] as string, given(x)]));
    const results = await session.run(feeds);
    golden[name] = session.outputNames.map((output) => kept(results[output] as RuntimeTensor));
  } catch (error) {
    console.log(`${name}: ${(error as Error).message.split("\n")[0]}`);
  }
}
writeFileSync(goldenPath, `${JSON.stringify(golden)}\n`);
console.log(`${Object.keys(golden).length} of ${all.length} calls recorded`);
