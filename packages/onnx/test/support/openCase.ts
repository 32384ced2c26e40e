/** Programs that are exported with open sizes, and run with others. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as onnx from "@flambeau/onnx";
import torch, { nn, type Tensor } from "flambeau";
import { flatten } from "./judge.js";
import { noRuntime, RunningModel } from "./runtime.js";

/** A program that is exported with open sizes, and run with others. */
export interface OpenCase {
  readonly program: nn.Module | ((...inputs: never[]) => unknown);
  readonly inputs: readonly Tensor[];
  readonly others: readonly (readonly Tensor[])[];
  readonly dynamicAxes: onnx.DynamicAxes;
}

/** How a file is run. */
type Run = (bytes: Uint8Array) => Promise<(...inputs: Tensor[]) => Tensor[] | Promise<Tensor[]>>;

async function check(
  { program, inputs, others, dynamicAxes }: OpenCase,
  opsetVersion: number,
  run: Run,
): Promise<void> {
  const bytes = onnx.export(program, inputs, undefined, { dynamicAxes, opsetVersion });
  const model = await run(bytes);
  if (program instanceof nn.Module) program.eval();
  const call = program as unknown as (...inputs: readonly Tensor[]) => unknown;
  for (const given of [inputs, ...others]) {
    const expected = torch.noGrad(() => flatten(call(...given)));
    const results = await model(...given);
    assert.equal(results.length, expected.length);
    for (const [i, result] of results.entries())
      torch.testing.assertClose(result, expected[i] as Tensor, { rtol: 1e-5, atol: 1e-5 });
  }
}

/** Tests that files with open sizes compute what the programs compute, in ONNX Runtime and loaded again. */
export function checkOpen(title: string, cases: Readonly<Record<string, OpenCase>>, opsets: readonly number[]): void {
  describe(title, () => {
    for (const [name, given] of Object.entries(cases)) {
      for (const opset of opsets) {
        test(`${name}, opset ${opset}, in ONNX Runtime`, { skip: noRuntime }, () =>
          check(given, opset, async (bytes) => {
            const model = await RunningModel.open(bytes);
            return (...inputs) => model.run(...inputs);
          }),
        );
        test(`${name}, opset ${opset}, loaded again`, () =>
          check(given, opset, async (bytes) => {
            const model = onnx.load<onnx.OnnxOutputs>(bytes);
            return (...inputs) => torch.noGrad(() => flatten(model(...inputs)));
          }));
      }
    }
  });
}
