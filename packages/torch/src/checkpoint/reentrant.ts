/** A checkpoint as PyTorch first had it: a custom function whose backward pass starts another one. */
import { backward } from "../autograd/backward.js";
import { isPassPartial } from "../autograd/engine.js";
import { Function, type FunctionContext } from "../autograd/function.js";
import { Tensor } from "../core/tensor.js";
import { type Computation, leafOf, wantsGradient } from "./computation.js";

/** A checkpoint with a backward pass of its own, which adds to the `grad` of leaves by itself. */
export class ReentrantCheckpoint extends Function {
  static override forward(ctx: FunctionContext, computation: Computation, ...args: unknown[]): unknown {
    ctx.computation = computation;
    ctx.args = args;
    ctx.saveForBackward(...args.filter((arg) => arg instanceof Tensor));
    return computation.body(...args);
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): (Tensor | null)[] {
    if (isPassPartial()) {
      throw new Error(
        "Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward(). Please use .backward() and do not pass its `inputs` argument.",
      );
    }
    // Looks whether they were changed since.
    ctx.savedTensors;
    const args = (ctx.args as readonly unknown[]).map(leafOf);
    const result = (ctx.computation as Computation).again(args);
    const outputs = Array.isArray(result) ? result : [result];
    const known = outputs.flatMap((output, i) => (wantsGradient(output) ? [[output, grads[i]] as const] : []));
    if (known.length === 0) {
      throw new Error("none of output has requires_grad=True, this checkpoint() is not necessary");
    }
    backward(
      known.map(([output]) => output),
      known.map(([, grad]) => grad as Tensor),
    );
    return [null, ...args.map((arg) => (arg instanceof Tensor ? arg.grad : null))];
  }
}
