/**
 * Every recorded call of an operation that ONNX has gives in ONNX Runtime what it gives here. Of each operation and dtype a
 * few calls are made; all of them with FLAMBEAU_ONNX_CALLS=all, and in another opset with FLAMBEAU_ONNX_OPSET.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeAll } from "./support/judge.js";
import { type RecordedCall, recordedCalls } from "./support/recorded.js";
import { noRuntime } from "./support/runtime.js";

const most = process.env.FLAMBEAU_ONNX_CALLS === "all" ? Number.POSITIVE_INFINITY : 3;
const opset = Number(process.env.FLAMBEAU_ONNX_OPSET ?? 17);

/** How many calls go into one file. */
const together = 200;

interface Exception {
  readonly operation: RegExp;
  readonly wrong: RegExp;
  readonly reason: string;
}

/** What ONNX Runtime does in its own way. */
const exceptions: readonly Exception[] = [
  {
    operation: /axPool|^F\.interpolate|convTranspose/,
    wrong: /nan at index/,
    reason: "what is no number, or infinite, has or has no part in a window of which it is outside, or the maximum",
  },
  {
    operation: /logSoftmax|^F\.crossEntropy/,
    wrong: /nan at index/,
    reason: "infinite numbers give numbers that are none",
  },
  {
    operation: /sort|topk|kthvalue|edian|uantile|unique/i,
    wrong: /not (close|equal)|do not match/,
    reason: "what is no number has another place in the order",
  },
  {
    operation: /^F\.(layerNorm|groupNorm)$/,
    wrong: /^Tensor-likes are not close/,
    reason: "numbers that differ in the last places alone: the variance is lost in float32",
  },
  {
    operation: /^F\.interpolate$/,
    wrong: /float32|Mismatched elements: 13 \/ 5000/,
    reason: "places in a long signal are rounded in another order",
  },
  {
    operation: /^(fft\.|i?stft)/,
    wrong: /^Tensor-likes are not close/,
    reason: "its transforms of sizes that are no powers of two are less exact",
  },
  { operation: /^cumsum$/, wrong: /9 \/ 5003/, reason: "thousands of numbers are added up one by one" },
  { operation: /^F\.convTranspose2d$/, wrong: /output_padding .* may be too large/, reason: "it is refused" },
  { operation: /^(F\.)?instanceNorm$/, wrong: /changed in place/, reason: "running statistics are in a view" },
  {
    operation: /^(matmul|mv|F\.adaptiveAvgPool)/,
    wrong: /cannot broadcast on dim 0/,
    reason: "no products of nothing",
  },
  {
    operation: /^linalg\.choleskyEx$/,
    wrong: /nan at index/,
    reason: "what stands in the factor of a matrix that has none is not said",
  },
  {
    operation: /^(cov|corrcoef)$/,
    wrong: /must be finite/,
    reason: "it fuses a product with a factor that is infinite",
  },
];

const isException = (operation: string, wrong: string) =>
  exceptions.some((exception) => exception.operation.test(operation) && exception.wrong.test(wrong));

/** The calls by operation. */
function byOperation(): Map<string, RecordedCall[]> {
  const operations = new Map<string, RecordedCall[]>();
  const counts = new Map<string, number>();
  for (const call of recordedCalls()) {
    const key = `${call.operation} ${call.inputs.map(({ dtype }) => dtype.name)}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > most) continue;
    const calls = operations.get(call.operation) ?? [];
    operations.set(call.operation, calls);
    calls.push(call);
  }
  return operations;
}

describe("recorded calls in ONNX Runtime", { skip: noRuntime }, () => {
  let same = 0;
  for (const [operation, calls] of noRuntime ? [] : byOperation()) {
    test(operation, async () => {
      for (let at = 0; at < calls.length; at += together) {
        const part = calls.slice(at, at + together);
        const verdicts = await judgeAll(part, opset);
        for (const [i, verdict] of verdicts.entries()) {
          if (verdict === "same") same++;
          if (typeof verdict === "string" || isException(operation, verdict.wrong)) continue;
          assert.fail(`${part[i]?.title}: ${verdict.wrong}`);
        }
      }
    });
  }
  test("most calls are made", () => {
    assert.ok(same > 5000, `${same} calls gave the same`);
  });
});
