/** Tensors as text, as PyTorch writes them (recorded by conformance/printing/generate.py). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { inspect } from "node:util";
import torch, { type PrintSettings, type Tensor } from "../../src/index.js";

type Dtype = "float32" | "float64" | "int8" | "uint8" | "int16" | "int32" | "int64" | "bool";

interface Recorded {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Each element; a string is a number that JSON has not. */
  readonly values?: readonly (number | boolean | string)[];
  /** Or: element k is ((k * factor) % 1009 + offset) / divisor. */
  readonly rule?: readonly [factor: number, offset: number, divisor: number];
  readonly settings?: PrintSettings;
  readonly text: string;
}

const file = new URL("../../../test/printing/golden.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];

function elementsOf({ values, rule, shape, dtype }: Recorded): Tensor {
  if (rule !== undefined) {
    const [factor, offset, divisor] = rule;
    const length = shape.reduce((a, b) => a * b, 1);
    const numbers = Float64Array.from({ length }, (_, k) => (((k * factor) % 1009) + offset) / divisor);
    return torch.tensor(numbers, { dtype: torch[dtype] });
  }
  const given = values ?? [];
  if (dtype === "int64") return torch.tensor(BigInt64Array.from(given, (value) => BigInt(value)));
  return torch.tensor(Float64Array.from(given, Number), { dtype: torch[dtype] });
}

afterEach(() => torch.setPrintoptions({ profile: "default" }));

golden.forEach((recorded, i) => {
  const { dtype, shape, settings = {} } = recorded;
  test(`${i}: ${dtype} of size [${shape}] ${JSON.stringify(settings)}`, () => {
    const tensor = elementsOf(recorded).reshape([...shape]);
    torch.setPrintoptions(settings);
    assert.equal(tensor.toString(), recorded.text);
    assert.equal(inspect(tensor), recorded.text);
    // The same elements in memory with gaps, last dim first.
    const reversed = [...shape.keys()].reverse();
    const scattered = torch.stack([tensor, tensor]).select(0, 1).permute(reversed).contiguous().permute(reversed);
    assert.equal(scattered.toString(), recorded.text);
  });
});
