import assert from "node:assert/strict";
import { test } from "node:test";
import * as onnx from "@flambeau/onnx";
import { difference } from "./support/cases.js";
import { all } from "./support/definitions.js";
import { golden, tensorOf } from "./support/golden.js";

const recorded = golden();

test("every call was recorded", () => {
  assert.deepEqual(
    Object.keys(recorded),
    all.map(({ name }) => name),
  );
});

for (const { name, bytes, inputs } of all) {
  test(`${name} is what ONNX Runtime has`, () => {
    const model = onnx.load<unknown>(bytes);
    const expected = recorded[name]?.map(tensorOf) ?? [];
    const result = model(...inputs);
    const outputs = expected.length === 1 ? [result] : [...(result as onnx.OnnxOutputs)];
    const problems = expected.map((tensor, i) => difference(outputs[i] as never, tensor, 1e-4, 1e-5));
    assert.deepEqual(
      problems,
      problems.map(() => undefined),
    );
  });
}
