/** The layers of a transformer: attention and two linear layers, each with a shortcut and a norm. */
import {
  flag,
  flagOn,
  int,
  invalid,
  number,
  optional,
  type Param,
  refusing,
  tensor,
  type ValuesOf,
} from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { handThrough } from "../../autograd/temporaries.js";
import { keepingTemporaries } from "../../core/storage.js";
import type { Tensor } from "../../core/tensor.js";
import { relu } from "../../ops/activation/rectified.js";
import { gelu } from "../../ops/activation/smooth.js";
import type { Args } from "../../ops/types.js";
import { type FactoryOptions, factoryParams, read } from "../arguments.js";
import { Module } from "../module.js";
import { MultiheadAttention } from "./attention.js";
import { Dropout } from "./dropout.js";
import { Linear } from "./linear.js";
import { LayerNorm } from "./normalization.js";

/** What stands between the two linear layers: a word, a function or a module. */
export type TransformerActivation = "relu" | "gelu" | ((input: Tensor) => Tensor);

const activations = { relu: (input: Tensor) => relu(input), gelu: (input: Tensor) => gelu(input) };

const activationParam: Param<(input: Tensor) => Tensor> = refusing(
  {
    ...(optional(int) as unknown as Param<(input: Tensor) => Tensor>),
    expected: `"relu", "gelu" or a function`,
    defaultValue: activations.relu,
    endsPositional: true,
    read: (value) => {
      if (value === "relu" || value === "gelu") return activations[value];
      return typeof value === "function" ? (value as (input: Tensor) => Tensor) : invalid;
    },
  },
  (given) => `activation should be relu/gelu, not ${given}`,
);

export interface TransformerOptions extends FactoryOptions {
  /** What stands between the two linear layers; `"relu"` by default. */
  activation?: TransformerActivation;
  layerNormEps?: number;
  /** Whether inputs and outputs are `[batch, rows, size]` rather than `[rows, batch, size]`. */
  batchFirst?: boolean;
  /** Whether norms come before attention and linear layers rather than after the shortcuts. */
  normFirst?: boolean;
  /** Whether linear layers and norms have biases; true by default. */
  bias?: boolean;
}

/** @internal */
export const transformerOptions = {
  activation: activationParam,
  layerNormEps: { ...optional(number, 1e-5), endsPositional: false },
  batchFirst: flag,
  normFirst: flag,
  bias: flagOn,
  ...factoryParams,
};

/** @internal */
export const layerParams = {
  dModel: int,
  nhead: int,
  dimFeedforward: optional(int, 2048),
  dropout: optional(number, 0.1),
  ...transformerOptions,
};

export type LayerArguments = [
  dModel: number,
  nhead: number,
  ...rest: Args<[dimFeedforward?: number, dropout?: number], ["dimFeedforward", "dropout"], TransformerOptions>,
];

/** The same function; if it is the user's, it may keep any tensor that it sees. */
function keepingWhatIsSeen(activation: (input: Tensor) => Tensor): (input: Tensor) => Tensor {
  const isOwn = Object.values(activations).includes(activation) || activation instanceof Module;
  return isOwn ? activation : (input) => keepingTemporaries(() => activation(input));
}

/** What encoder and decoder layers have in common. */
abstract class TransformerLayer extends Module {
  declare selfAttn: MultiheadAttention;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;
  declare normFirst: boolean;
  declare norm1: LayerNorm;
  declare norm2: LayerNorm;
  declare dropout1: Dropout;
  declare dropout2: Dropout;
  declare activation: (input: Tensor) => Tensor;

  /** @internal Adds what a layer of `parts` parts is made of, in PyTorch's order. */
  protected build(given: ValuesOf<typeof layerParams>, parts: 2 | 3): void {
    const { dModel, nhead, dimFeedforward, dropout, batchFirst, bias, device, dtype } = given;
    const own = this as unknown as Record<string, Module>;
    const factory = { bias, device, dtype };
    const attention = () => new MultiheadAttention(dModel, nhead, dropout, { batchFirst, ...factory });
    this.selfAttn = attention();
    if (parts === 3) own.multiheadAttn = attention();
    this.linear1 = new Linear(dModel, dimFeedforward, factory);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, factory);
    this.normFirst = given.normFirst;
    for (let i = 1; i <= parts; i++) own[`norm${i}`] = new LayerNorm(dModel, given.layerNormEps, factory);
    for (let i = 1; i <= parts; i++) own[`dropout${i}`] = new Dropout(dropout);
    this.activation = given.activation;
  }

  /** @internal Attention of a sequence to itself, without the weights. */
  protected attendToSelf(
    x: Tensor,
    attnMask: Tensor | undefined,
    keyPaddingMask: Tensor | undefined,
    isCausal: boolean,
  ): Tensor {
    const [output] = this.selfAttn(x, x, x, keyPaddingMask, { attnMask, isCausal, needWeights: false });
    return this.dropout1(output);
  }

  /** @internal The two linear layers. */
  protected feedForward(x: Tensor): Tensor {
    return handThrough(x, [this.linear1, keepingWhatIsSeen(this.activation), this.dropout, this.linear2]);
  }

  /** @internal Adds what a part gives for the input, with a norm before it or after the sum. */
  protected shortcut(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    const sum = (y: Tensor) => x.add(y);
    return handThrough(x, this.normFirst ? [norm, part, sum] : [part, sum, norm]);
  }
}

const encoderCall = new Signature("TransformerEncoderLayer", {
  src: tensor,
  srcMask: optional(tensor),
  srcKeyPaddingMask: optional(tensor),
  isCausal: flag,
});

/**
 * Attention of a sequence to itself, and a feed-forward network, each with a shortcut and a norm.
 *
 * Takes a source `[S, N, dModel]` (`[N, S, …]` with `batchFirst`, `[S, …]` for one sample) and masks as
 * `MultiheadAttention` does.
 *
 * @example const output = new nn.TransformerEncoderLayer(512, 8)(torch.rand(10, 32, 512));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(...args: LayerArguments) {
    super();
    this.build(read(this, layerParams, args), 2);
  }

  override forward(
    ...args: [
      src: Tensor,
      ...rest: Args<
        [srcMask?: Tensor | null, srcKeyPaddingMask?: Tensor | null],
        ["srcMask", "srcKeyPaddingMask"],
        { isCausal?: boolean }
      >,
    ]
  ): Tensor {
    const { src, srcMask, srcKeyPaddingMask, isCausal } = encoderCall.parse(args);
    const x = this.shortcut(src, this.norm1, (x) => this.attendToSelf(x, srcMask, srcKeyPaddingMask, isCausal));
    return this.shortcut(x, this.norm2, (x) => this.dropout2(this.feedForward(x)));
  }
}

/** The sequences that a decoder takes, and masks for either. */
export const decoderInputs = {
  tgt: tensor,
  memory: tensor,
  tgtMask: optional(tensor),
  memoryMask: optional(tensor),
  tgtKeyPaddingMask: optional(tensor),
  memoryKeyPaddingMask: optional(tensor),
};

/** How they are given. */
export type DecoderInputs<O> = [
  tgt: Tensor,
  memory: Tensor,
  ...rest: Args<
    [
      tgtMask?: Tensor | null,
      memoryMask?: Tensor | null,
      tgtKeyPaddingMask?: Tensor | null,
      memoryKeyPaddingMask?: Tensor | null,
    ],
    ["tgtMask", "memoryMask", "tgtKeyPaddingMask", "memoryKeyPaddingMask"],
    O
  >,
];

const decoderCall = new Signature("TransformerDecoderLayer", {
  ...decoderInputs,
  tgtIsCausal: flag,
  memoryIsCausal: flag,
});

/**
 * Attention of a sequence to itself and to what an encoder made, and a feed-forward network, each with a shortcut and a norm.
 *
 * Takes a target `[T, N, dModel]`, a memory `[S, N, dModel]` and masks for either, as `MultiheadAttention` does.
 *
 * @example const output = new nn.TransformerDecoderLayer(512, 8)(torch.rand(20, 32, 512), torch.rand(10, 32, 512));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
export class TransformerDecoderLayer extends TransformerLayer {
  declare multiheadAttn: MultiheadAttention;
  declare norm3: LayerNorm;
  declare dropout3: Dropout;

  constructor(...args: LayerArguments) {
    super();
    this.build(read(this, layerParams, args), 3);
  }

  override forward(...args: DecoderInputs<{ tgtIsCausal?: boolean; memoryIsCausal?: boolean }>): Tensor {
    const { tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, ...causal } =
      decoderCall.parse(args);
    const toMemory = (x: Tensor) => {
      const options = { attnMask: memoryMask, isCausal: causal.memoryIsCausal, needWeights: false };
      const [output] = this.multiheadAttn(x, memory, memory, memoryKeyPaddingMask, options);
      return this.dropout2(output);
    };
    let x = this.shortcut(tgt, this.norm1, (x) => this.attendToSelf(x, tgtMask, tgtKeyPaddingMask, causal.tgtIsCausal));
    x = this.shortcut(x, this.norm2, toMemory);
    return this.shortcut(x, this.norm3, (x) => this.dropout3(this.feedForward(x)));
  }
}
