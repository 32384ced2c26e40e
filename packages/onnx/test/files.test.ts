import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { create, equals } from "@bufbuild/protobuf";
import * as onnx from "@flambeau/onnx";
import torch from "flambeau";
import { ModelProtoSchema } from "onnx-buf";
import { dataTypeOf, dtypeOf } from "../src/proto/dataTypes.js";

const folder = mkdtempSync(join(tmpdir(), "flambeau-onnx-"));
after(() => rmSync(folder, { recursive: true }));

test("a message is in a file what it was", () => {
  const path = join(folder, "model.onnx");
  const model = create(ModelProtoSchema, { irVersion: 8n, graph: { name: "graph", node: [{ opType: "Relu" }] } });
  onnx.saveProto(model, path);
  assert.ok(equals(ModelProtoSchema, onnx.loadProto(path), model));
  assert.deepEqual(readdirSync(folder), ["model.onnx"]);
});

test("what is no ONNX file is an error that names it", () => {
  const path = join(folder, "text.onnx");
  writeFileSync(path, "these are no bytes of a message");
  assert.throws(() => onnx.loadProto(path), /text\.onnx is no ONNX file/);
});

test("every dtype of real numbers has its number", () => {
  const all = Object.values(torch).filter((value) => value instanceof torch.DType);
  const dtypes = all.filter(({ isComplex }) => !isComplex);
  assert.ok(dtypes.length >= 10);
  for (const dtype of dtypes) assert.equal(dtypeOf(dataTypeOf(dtype)), dtype);
  assert.equal(dtypeOf(8), undefined);
});
