/** Stochastic gradient descent. */
import { flag, keyword, number, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { borrowGrad } from "../autograd/meta.js";
import { sgdStep } from "../backend/cpu/optimizer.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { updateFused } from "./fused.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { checkAtLeast, checkExecution, type ExecutionOptions, executionFlags } from "./options.js";

export interface SGDOptions extends ExecutionOptions {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

const signature = new Signature("SGD", {
  lr: optional(number, 1e-3),
  momentum: optional(number, 0),
  dampening: optional(number, 0),
  weightDecay: optional(number, 0),
  nesterov: flag,
  maximize: keyword(flag),
  ...executionFlags,
});

type SGDArguments = Args<
  [lr?: number, momentum?: number, dampening?: number, weightDecay?: number],
  ["lr", "momentum", "dampening", "weightDecay"],
  Partial<Pick<SGDOptions, "nesterov" | "maximize"> & ExecutionOptions>
>;

/**
 * Stochastic gradient descent, with momentum if wanted:
 *
 * `b = momentum * b + (1 - dampening) * g`, `p = p - lr * b`, where `g` is the gradient plus `weightDecay * p`.
 *
 * @example const optimizer = new optim.SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 });
 * @throws RangeError for a negative rate; Error for Nesterov momentum without momentum.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: ParamsInput<SGDOptions>, ...args: SGDArguments) {
    const options = signature.parse(args);
    checkAtLeast("learning rate", options.lr, 0);
    checkAtLeast("momentum value", options.momentum, 0);
    checkAtLeast("weight_decay value", options.weightDecay, 0);
    checkExecution(options);
    if (options.nesterov && (options.momentum <= 0 || options.dampening !== 0)) {
      throw new Error("Nesterov momentum requires a momentum and zero dampening");
    }
    super(params, options);
  }

  /** @internal */
  protected override stateToUpdate(param: Tensor, { momentum }: ParamGroup<SGDOptions>): Record<string, unknown> {
    const buffer = momentum === 0 ? undefined : this.state.get(param)?.momentumBuffer;
    return buffer === undefined || buffer === null ? {} : { momentum_buffer: buffer };
  }

  protected override update(group: ParamGroup<SGDOptions>): void {
    for (const param of group.params) {
      const grad = borrowGrad(param);
      if (grad === null) continue;
      if (group.differentiable) this.updateRecorded(param, param.grad as Tensor, group);
      else this.updateOne(param, grad, group);
    }
  }

  private updateOne(param: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>): void {
    if (group.momentum === 0) {
      updateFused(param, grad, [], (p, g) => sgdStep(p, g, undefined, { ...group, firstStep: false }));
      return;
    }
    const known = this.state.get(param)?.momentumBuffer as Tensor | null | undefined;
    const firstStep = !known;
    const momentumBuffer = known ?? param.detach().newEmpty(param.sizes);
    updateFused(param, grad, [momentumBuffer], (p, g, [buffer]) => sgdStep(p, g, buffer, { ...group, firstStep }));
    if (firstStep) this.state.set(param, { momentumBuffer });
  }

  /** The same in operations that autograd can record. */
  private updateRecorded(param: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    let direction = maximize ? grad.neg() : grad;
    if (weightDecay !== 0) direction = direction.add(param, { alpha: weightDecay });
    if (momentum !== 0) {
      const buffer = this.state.get(param)?.momentumBuffer as Tensor | null | undefined;
      const moved = buffer ? buffer.mul(momentum).add(direction, { alpha: 1 - dampening }) : direction.detach().clone();
      this.state.set(param, { momentumBuffer: moved });
      direction = nesterov ? direction.add(moved, { alpha: momentum }) : moved;
    }
    param.add_(direction, { alpha: -lr });
  }
}
