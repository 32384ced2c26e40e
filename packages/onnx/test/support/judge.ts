/** Whether a recorded call gives in ONNX Runtime what it gives here. */
import * as onnx from "@flambeau/onnx";
import torch, { type DType, Tensor } from "flambeau";
import type { RecordedCall } from "./recorded.js";
import { RunningModel } from "./runtime.js";

const { bfloat16, complex64, complex128, float32, float64 } = torch;

/** What came of a call: the same, no file since ONNX has no counterpart or the call is an error here, or what is wrong. */
export type Verdict = "same" | "refused" | { readonly wrong: string };

type Program = (...inputs: Tensor[]) => Tensor[];

/** The tensors of a result, in order. */
export function flatten(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  const isIterable = typeof result === "object" && result !== null && Symbol.iterator in result;
  return isIterable ? [...(result as Iterable<unknown>)].flatMap(flatten) : [];
}

const inDtype = (from: DType, to: DType) => (tensor: Tensor) => (tensor.dtype === from ? tensor.to(to) : tensor);

/** Several calls as one program, whose results are those of all. */
function together(calls: readonly RecordedCall[]): { program: Program; inputs: Tensor[]; counts: number[] } {
  const counts: number[] = [];
  const inputs = calls.flatMap((call) => call.inputs);
  const program = (...given: Tensor[]) => {
    let at = 0;
    return calls.flatMap(({ program, inputs: own }, i) => {
      const results = flatten(program(...given.slice(at, (at += own.length))));
      counts[i] = results.length;
      return results;
    });
  };
  return { program, inputs, counts };
}

/** A complex tensor as one of its parts; a copy, for the program may change what it is given. */
const inParts = (tensor: Tensor) => (tensor.isComplex() ? torch.viewAsReal(tensor).clone() : tensor);

/** The program on tensors that ONNX Runtime takes: those of bfloat16 come and go as float32, complex ones as their parts. */
function presentable(program: Program, inputs: readonly Tensor[]): { program: Program; inputs: Tensor[] } {
  const dtypes = inputs.map(({ dtype }) => dtype);
  return {
    inputs: inputs.map(inDtype(bfloat16, float32)).map(inParts),
    program: (...given) => {
      const own = given.map((tensor, i) => {
        if (dtypes[i]?.isComplex) return torch.viewAsComplex(tensor);
        return dtypes[i] === bfloat16 ? tensor.to(bfloat16) : tensor;
      });
      return program(...own)
        .map(inDtype(bfloat16, float32))
        .map((one) => (one.isComplex() ? torch.viewAsReal(one) : one));
    },
  };
}

const missing = /NOT_IMPLEMENTED|Could not find an implementation|Failed to find kernel/;
const noCounterpart = /ONNX has no counterpart of|the program gives no tensor|no operation says how/;

/** The results here and there, one after the other. */
async function results(
  program: Program,
  inputs: readonly Tensor[],
  opsetVersion: number,
): Promise<[Tensor[], Tensor[]]> {
  const shown = presentable(program, inputs);
  const expected = torch.noGrad(() => shown.program(...shown.inputs.map((input) => input.clone())));
  const bytes = onnx.export(shown.program, shown.inputs, undefined, { opsetVersion });
  const model = await RunningModel.open(bytes);
  try {
    return [expected, await model.run(...shown.inputs)];
  } finally {
    await model.close();
  }
}

/** Sums are taken in another order; of bfloat16 there may be one bit more or less. */
function toleranceOf({ dtype }: Tensor, half: boolean): { rtol?: number; atol?: number } {
  if (half) return { rtol: 1.6e-2, atol: 1e-2 };
  return dtype === float32 ? { rtol: 2e-5, atol: 5e-5 } : {};
}

function difference(expected: Tensor, actual: Tensor, half: boolean): string | undefined {
  try {
    torch.testing.assertClose(actual, expected, { equalNan: true, ...toleranceOf(actual, half) });
    return undefined;
  } catch (error) {
    return (error as Error).message.replaceAll("\n", " ");
  }
}

function compare(expected: readonly Tensor[], actual: readonly Tensor[], half: boolean): string | undefined {
  for (const [i, one] of expected.entries()) {
    const found = difference(one, actual[i] as Tensor, half);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Judges one call. Where ONNX Runtime does not compute in float64 or bfloat16, the call is made in float32. */
export async function judge(call: RecordedCall, opset: number): Promise<Verdict> {
  const { program, inputs } = together([call]);
  const half = inputs.some(({ dtype }) => dtype === bfloat16);
  const attempt = async (given: readonly Tensor[]): Promise<Verdict> => {
    const [expected, actual] = await results(program, given, opset);
    const found = compare(expected, actual, half);
    return found === undefined ? "same" : { wrong: found };
  };
  try {
    torch.noGrad(() => program(...inputs.map((input) => input.clone())));
  } catch {
    return "refused";
  }
  const narrower = [inDtype(float64, float32), inDtype(bfloat16, float32), inDtype(complex128, complex64)];
  const single = inputs.map((input) => narrower.reduce((sofar, change) => change(sofar), input));
  for (const given of [inputs, single]) {
    try {
      return await attempt(given);
    } catch (error) {
      const { message } = error as Error;
      if (noCounterpart.test(message)) return "refused";
      if (given === single || !missing.test(message)) return { wrong: message.replaceAll("\n", " ") };
    }
  }
  return "refused";
}

/** Judges many calls in one file, and where that does not work one by one. */
export async function judgeAll(calls: readonly RecordedCall[], opset: number): Promise<Verdict[]> {
  const { program, inputs, counts } = together(calls);
  try {
    const [expected, actual] = await results(program, inputs, opset);
    let at = 0;
    return await Promise.all(
      calls.map(async (call, i): Promise<Verdict> => {
        const end = at + (counts[i] as number);
        const half = call.inputs.some(({ dtype }) => dtype === bfloat16);
        const found = compare(expected.slice(at, end), actual.slice(at, end), half);
        at = end;
        return found === undefined ? "same" : judge(call, opset);
      }),
    );
  } catch {
    const verdicts: Verdict[] = [];
    for (const call of calls) verdicts.push(await judge(call, opset));
    return verdicts;
  }
}
