/**
 * The command `flambeau`: looks into files of tensors, converts them, and shows trainings.
 *
 *     npx flambeau inspect model.pt
 *     npx flambeau convert model.pt model.safetensors
 *     npx flambeau board runs
 */
import { parseArgs } from "node:util";
import { isMap, isPlainObject } from "../core/kinds.js";
import { board } from "./board.js";
import { describeCount, describeValue, tensorsOf } from "./describe.js";
import { readFile, writeFile } from "./formats.js";
import { inspectOnnx } from "./onnx.js";

const usage = `Usage:
  flambeau inspect FILE                 lists what is in a file
  flambeau convert FROM TO [--key KEY]  writes the same tensors as a file of another kind
  flambeau board FOLDER [--port N]      shows in the browser what trainings write into a folder

Kinds: PyTorch (.pt .pth .bin .ckpt), safetensors (.safetensors, and the index of several), NumPy (.npy .npz).
Models of ONNX (.onnx) can be inspected, with the package @flambeau/onnx.
--key KEY   a part of the file: "model", or "model.layer.weight" for one inside of another
--port N    where the page is (6006); 0 takes a port that is free
--host NAME who may see it: localhost alone unless told otherwise`;

/** Part of a value: the keys that lead to it are joined by dots. A key may have dots itself. */
function partOf(value: unknown, key: string): unknown {
  const get = (name: string) =>
    isMap(value) ? value.get(name) : isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  const whole = get(key);
  if (whole !== undefined) return whole;
  for (let at = key.indexOf("."); at > 0; at = key.indexOf(".", at + 1)) {
    const outer = get(key.slice(0, at));
    if (outer !== undefined) return partOf(outer, key.slice(at + 1));
  }
  throw new Error(`there is no '${key}' in the file`);
}

async function inspect(path: string): Promise<void> {
  if (path.endsWith(".onnx")) return console.log((await inspectOnnx(path)).join("\n"));
  const { format, value, metadata } = readFile(path);
  const kind = { torch: "PyTorch", safetensors: "safetensors", npy: "NumPy", npz: "NumPy" }[format];
  console.log(`${path}: ${kind}, ${describeCount(tensorsOf(value))}`);
  if (metadata !== null) console.log(`metadata: ${JSON.stringify(metadata)}`);
  console.log(describeValue(value).join("\n"));
}

function convert(from: string, to: string, key: string | undefined): void {
  const { value, metadata } = readFile(from);
  writeFile(to, key === undefined ? value : partOf(value, key), metadata);
}

const options = {
  key: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command, first, second, ...others] = positionals;
  if (values.help) console.log(usage);
  else if (command === "inspect" && first !== undefined && second === undefined) await inspect(first);
  else if (command === "convert" && second !== undefined && first !== undefined && others.length === 0) {
    convert(first, second, values.key);
  } else if (command === "board" && second === undefined) await board(first ?? "runs", values.port, values.host);
  else throw new Error(usage);
}

/** Runs the command, and returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}
