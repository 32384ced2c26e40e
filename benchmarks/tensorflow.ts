/**
 * TensorFlow.js with its WebAssembly backend, as far as the cases use it. It is no dependency (a hundred megabytes for
 * a comparison that few need), so its types are stated here and it is loaded where it is installed.
 */
const packages = ["tfjs-core", "tfjs-backend-wasm", "tfjs-layers"].map((name) => `@tensorflow/${name}`);
export const installTensorFlow = `npm install --no-save ${packages.map((name) => `${name}@4.22.0`).join(" ")}`;

export interface TfTensor {
  readonly shape: readonly number[];
}

/** A tensor's place for new values: what an optimizer trains. */
export interface TfVariable extends TfTensor {
  assign(value: TfTensor): void;
}

export interface TfOptimizer {
  minimize(loss: () => TfTensor): null;
}

type Unary = (x: TfTensor) => TfTensor;
type Operand = TfTensor | number;
type Binary = (a: Operand, b: Operand) => TfTensor;

export interface TensorFlow {
  tidy<T>(work: () => T): T;
  dispose(tensor: TfTensor): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  variable(value: TfTensor): TfVariable;
  randomNormal(shape: readonly number[]): TfTensor;
  randomUniform(shape: readonly number[], low?: number, high?: number, dtype?: "int32"): TfTensor;
  zeros(shape: readonly number[]): TfTensor;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  oneHot(indices: TfTensor, depth: number): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose: Unary;
  cast(x: TfTensor, dtype: "int32"): TfTensor;
  where(condition: TfTensor, a: TfTensor, b: TfTensor): TfTensor;
  readonly add: Binary;
  readonly pow: Binary;
  readonly less: Binary;
  readonly greater: Binary;
  readonly exp: Unary;
  readonly tanh: Unary;
  readonly sigmoid: Unary;
  readonly relu: Unary;
  readonly losses: { softmaxCrossEntropy(labels: TfTensor, logits: TfTensor): TfTensor };
  readonly train: { sgd(rate: number): TfOptimizer; adam(rate: number): TfOptimizer };
}

/** Loads it. Its WebAssembly has one thread in Node; the package of layers is what brings the gradients. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const [core] = await Promise.all(packages.map((name) => import(name)));
  const tf = core.default as TensorFlow;
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}

export function hasTensorFlow(): boolean {
  try {
    for (const name of packages) import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
