/** ONNX Runtime, the judge of files; it is installed apart from the workspace (see tools/onnxRuntime.mjs). */
import { createRequire } from "node:module";
import torch, { type DType, type Tensor } from "flambeau";

/** What is used of `onnxruntime-node`. */
interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>>;
  release(): Promise<void>;
}

interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array | string, options?: object): Promise<Session> };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => RuntimeTensor;
}

function load(): Runtime | undefined {
  try {
    return createRequire(new URL("../../../runtime/package.json", import.meta.url))("onnxruntime-node") as Runtime;
  } catch {
    return undefined;
  }
}

const runtime = load();

/** For tests that need it: why they cannot run, or false. */
export const noRuntime = runtime === undefined && "ONNX Runtime is not installed: node tools/onnxRuntime.mjs";

const sameName = new Set(["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]);

function toRuntime(tensor: Tensor): RuntimeTensor {
  const { name } = tensor.dtype;
  if (!sameName.has(name)) throw new Error(`ONNX Runtime for Node.js has no tensors of ${name}`);
  const { Tensor: Made } = runtime as Runtime;
  return new Made(name, tensor.detach().toTypedArray(), tensor.shape);
}

function fromRuntime({ type, dims, data }: RuntimeTensor): Tensor {
  const dtype = (torch as unknown as Record<string, DType>)[type] as DType;
  const Elements = torch.empty(0, { dtype }).toTypedArray().constructor as new (buffer: ArrayBuffer) => Uint8Array;
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const elements = new Elements(bytes.buffer);
  if (dtype === torch.bool) return torch.fromTypedArray(elements, [...dims]).to(torch.bool);
  return torch.fromTypedArray(elements, [...dims], { dtype });
}

/** A file in ONNX Runtime. */
export class RunningModel {
  private constructor(readonly session: Session) {}

  /** @param model a path, or the bytes of a file. */
  static async open(model: Uint8Array | string, options: object = {}): Promise<RunningModel> {
    const settings = { logSeverityLevel: 4, intraOpNumThreads: 1, ...options };
    return new RunningModel(await (runtime as Runtime).InferenceSession.create(model, settings));
  }

  async run(...inputs: Tensor[]): Promise<Tensor[]> {
    const { session } = this;
    const feeds = Object.fromEntries(inputs.map((tensor, i) => [session.inputNames[i] as string, toRuntime(tensor)]));
    const results = await session.run(feeds);
    return session.outputNames.map((name) => fromRuntime(results[name] as RuntimeTensor));
  }

  close(): Promise<void> {
    return this.session.release();
  }
}
