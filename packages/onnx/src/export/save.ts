/** Writes a model, with the numbers of large tensors in a file of their own where one file cannot hold them. */
import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Tensor } from "flambeau";
import { type Path, pathOf, replaceFile } from "flambeau/files";
import {
  TensorProto_DataLocation as Location,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../proto/dataTypes.js";
import { saveProto } from "../proto/files.js";
import { bytesOf, tensorProto } from "../proto/tensors.js";
import { withTensors } from "./model.js";

/** The most that tensors in one file may take: a message has at most 2 GB, some of it for the graph. */
const mostInside = 2 ** 31 - 2 ** 25;

/** Tensors below this many bytes stay in the file of the graph. */
const small = 1024;

/** Where tensors begin in their file: at multiples of this, so that they can be mapped. */
const alignment = 4096;

function sizeOf(tensors: ReadonlyMap<string, Tensor>): number {
  let bytes = 0;
  for (const { nbytes } of tensors.values()) bytes += nbytes;
  return bytes;
}

/** The model in memory. */
export function toBytes(model: ModelProto, tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  if (sizeOf(tensors) > mostInside)
    throw new RangeError("onnx.export(): a model of more than 2 GB needs a path, beside which its numbers are written");
  return toBinary(ModelProtoSchema, withTensors(model, tensors));
}

export function save(path: Path, model: ModelProto, tensors: ReadonlyMap<string, Tensor>, external?: boolean): void {
  if (external ?? sizeOf(tensors) > mostInside) saveApart(path, model, tensors);
  else saveProto(withTensors(model, tensors), path);
}

/**
 * The numbers go into a file whose name says what is in it: whenever the writing ends, a model has the numbers that
 * belong to it. Those of a model that was there before are removed at last.
 */
function saveApart(path: Path, model: ModelProto, tensors: ReadonlyMap<string, Tensor>): void {
  const target = pathOf(path);
  const hash = createHash("sha256");
  for (const tensor of tensors.values()) hash.update(bytesOf(tensor));
  const name = `${basename(target)}.${hash.digest("hex").slice(0, 12)}.data`;
  const initializer: TensorProto[] = [];
  replaceFile(join(dirname(target), name), (sink) => {
    let offset = 0;
    for (const [key, tensor] of tensors) {
      const length = tensor.nbytes;
      if (length < small) {
        initializer.push(tensorProto(tensor, key));
        continue;
      }
      sink.write(offset, bytesOf(tensor));
      const entries = { location: name, offset, length };
      initializer.push(
        create(TensorProtoSchema, {
          name: key,
          dataType: dataTypeOf(tensor.dtype),
          dims: tensor.shape.map(BigInt),
          dataLocation: Location.EXTERNAL,
          externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
        }),
      );
      offset = Math.ceil((offset + length) / alignment) * alignment;
    }
  });
  if (model.graph) model.graph.initializer = initializer;
  saveProto(model, target);
  removeOthers(target, name);
}

function removeOthers(target: string, name: string): void {
  const own = new RegExp(`^${basename(target).replace(/[^\w]/g, "\\$&")}\\.[0-9a-f]{12}\\.data$`);
  for (const file of readdirSync(dirname(target))) {
    if (own.test(file) && file !== name) rmSync(join(dirname(target), file), { force: true });
  }
}
