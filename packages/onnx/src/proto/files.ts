/** ONNX files as the messages that they are made of. */
import { readFileSync, statSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Path, replaceFile } from "flambeau/files";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { checkHeap } from "./heap.js";

/** Messages of protobuf cannot be larger. */
const largestMessage = 2 ** 31 - 1;

/**
 * Reads an ONNX file as the message that it holds: what `onnx.load` gives in Python.
 *
 * @throws Error for what is no ONNX file.
 * @example onnx.loadProto("model.onnx").graph?.node.map((node) => node.opType)
 */
export function loadProto(path: Path): ModelProto {
  // A pipe would wait for somebody to write into it.
  if (!statSync(path).isFile()) throw new Error(`${path} is not a file`);
  return parseProto(readFileSync(path), String(path));
}

/** The message of an ONNX file whose bytes are in memory; `name` is what errors call it. */
export function parseProto(bytes: Uint8Array, name: string): ModelProto {
  try {
    checkHeap(bytes);
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new Error(`${name} is no ONNX file: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Writes a message as an ONNX file, whole or not at all: what `onnx.save` does in Python.
 *
 * @throws RangeError for more than the 2 GB that a message can have.
 */
export function saveProto(model: ModelProto, path: Path): void {
  const bytes = toBinary(ModelProtoSchema, model);
  if (bytes.length > largestMessage) throw new RangeError("an ONNX file cannot be larger than 2 GB");
  replaceFile(path, (sink) => sink.write(0, bytes));
}
