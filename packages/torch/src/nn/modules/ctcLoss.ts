/** The loss of connectionist temporal classification. */
import { flag, int, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { ctcLoss, type LengthList } from "../../ops/loss/ctc.js";
import { type ReductionOption, reductionParam } from "../../ops/loss/reduction.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Loss } from "./lossBase.js";

/**
 * How unlikely target sequences are under all alignments of them with longer inputs; see `nn.functional.ctcLoss`.
 *
 * @param blank the class that stands for no label; 0 by default.
 * @param options.zeroInfinity whether infinite losses count as 0.
 * @example
 * const loss = new nn.CTCLoss()(logits.logSoftmax(2), targets, inputLengths, targetLengths); // logits are [T, N, C]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 */
export class CTCLoss extends Loss {
  blank: number;
  zeroInfinity: boolean;

  constructor(...args: Args<[blank?: number], ["blank"], ReductionOption & { zeroInfinity?: boolean }>) {
    super();
    const params = { blank: optional(int, 0), reduction: reductionParam, zeroInfinity: flag };
    const { blank, reduction, zeroInfinity } = read(this, params, args);
    this.reduction = reduction;
    this.blank = blank;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: LengthList, targetLengths: LengthList): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, blank, { reduction, zeroInfinity });
  }
}
