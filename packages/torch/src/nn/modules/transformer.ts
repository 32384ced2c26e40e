/** Transformers: stacks of encoder and decoder layers. */
import { flag, flagOn, instanceOf, int, nullable, number, openFlag, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { handThrough } from "../../autograd/temporaries.js";
import type { Device } from "../../core/devices.js";
import type { DType } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { deepcopy } from "../../ops/creation/deepcopy.js";
import { full } from "../../ops/creation/filled.js";
import { triu } from "../../ops/shape/diagonals.js";
import type { Args } from "../../ops/types.js";
import { factoryParams, read } from "../arguments.js";
import { ModuleList } from "../containers/list.js";
import { xavierUniform_ } from "../init.js";
import { Module } from "../module.js";
import { LayerNorm } from "./normalization.js";
import {
  type DecoderInputs,
  decoderInputs,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerOptions,
  transformerOptions,
} from "./transformerLayer.js";

const moduleParam = instanceOf("Module", Module);

/** Hands an input through the layers of a stack, and its norm. */
function throughLayers(
  input: Tensor,
  { layers, norm }: { readonly layers: ModuleList; readonly norm: Module | null },
  run: (x: Tensor, layer: Module) => Tensor,
): Tensor {
  const steps = [...layers].map((layer) => (x: Tensor) => run(x, layer));
  return handThrough(input, norm === null ? steps : [...steps, norm]);
}

function copies(layer: Module, count: number): ModuleList {
  return new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));
}

const encoderParams = {
  encoderLayer: moduleParam,
  numLayers: int,
  norm: optional(moduleParam),
  enableNestedTensor: flagOn,
  maskCheck: flagOn,
};

const encoderCall = new Signature("TransformerEncoder", {
  src: tensor,
  mask: optional(tensor),
  srcKeyPaddingMask: optional(tensor),
  isCausal: openFlag,
});

/**
 * `numLayers` copies of an encoder layer, one after another, and a norm at the end if there is one. The options about
 * nested tensors and the check of masks have no effect.
 *
 * @example
 * const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(512, 8), 6);
 * const output = encoder(torch.rand(10, 32, 512));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 */
export class TransformerEncoder extends Module {
  layers: ModuleList;
  numLayers: number;
  declare norm: Module | null;

  constructor(
    ...args: [
      encoderLayer: Module,
      numLayers: number,
      ...rest: Args<[norm?: Module | null], ["norm"], { enableNestedTensor?: boolean; maskCheck?: boolean }>,
    ]
  ) {
    super();
    const { encoderLayer, numLayers, norm } = read(this, encoderParams, args);
    this.layers = copies(encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.registerModule("norm", norm ?? null);
  }

  override forward(
    ...args: [
      src: Tensor,
      ...rest: Args<
        [mask?: Tensor | null, srcKeyPaddingMask?: Tensor | null],
        ["mask", "srcKeyPaddingMask"],
        { isCausal?: boolean | null }
      >,
    ]
  ): Tensor {
    const { src, mask, srcKeyPaddingMask, isCausal } = encoderCall.parse(args);
    const options = isCausal ? { isCausal } : {};
    return throughLayers(src, this, (x, layer) => layer(x, mask, srcKeyPaddingMask, options));
  }
}

const decoderParams = { decoderLayer: moduleParam, numLayers: int, norm: optional(moduleParam) };

const decoderCall = new Signature("TransformerDecoder", {
  ...decoderInputs,
  tgtIsCausal: openFlag,
  memoryIsCausal: flag,
});

/**
 * `numLayers` copies of a decoder layer, one after another, and a norm at the end if there is one.
 *
 * @example
 * const decoder = new nn.TransformerDecoder(new nn.TransformerDecoderLayer(512, 8), 6);
 * const output = decoder(torch.rand(20, 32, 512), torch.rand(10, 32, 512));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 */
export class TransformerDecoder extends Module {
  layers: ModuleList;
  numLayers: number;
  declare norm: Module | null;

  constructor(...args: [decoderLayer: Module, numLayers: number, ...rest: Args<[norm?: Module | null], ["norm"]>]) {
    super();
    const { decoderLayer, numLayers, norm } = read(this, decoderParams, args);
    this.layers = copies(decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.registerModule("norm", norm ?? null);
  }

  override forward(...args: DecoderInputs<{ tgtIsCausal?: boolean | null; memoryIsCausal?: boolean }>): Tensor {
    const { tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, ...causal } =
      decoderCall.parse(args);
    const options = {
      ...(causal.tgtIsCausal ? { tgtIsCausal: true } : {}),
      ...(causal.memoryIsCausal ? { memoryIsCausal: true } : {}),
    };
    return throughLayers(tgt, this, (x, layer) =>
      layer(x, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, options),
    );
  }
}

const { activation, ...otherOptions } = transformerOptions;
const transformerParams = {
  dModel: optional(int, 512),
  nhead: optional(int, 8),
  numEncoderLayers: optional(int, 6),
  numDecoderLayers: optional(int, 6),
  dimFeedforward: optional(int, 2048),
  dropout: optional(number, 0.1),
  activation,
  customEncoder: optional(nullable(moduleParam)),
  customDecoder: optional(nullable(moduleParam)),
  ...otherOptions,
};

const transformerCall = new Signature("Transformer", {
  src: tensor,
  tgt: tensor,
  srcMask: optional(tensor),
  tgtMask: optional(tensor),
  memoryMask: optional(tensor),
  srcKeyPaddingMask: optional(tensor),
  tgtKeyPaddingMask: optional(tensor),
  memoryKeyPaddingMask: optional(tensor),
  srcIsCausal: openFlag,
  tgtIsCausal: openFlag,
  memoryIsCausal: flag,
});

const maskSignature = new Signature("generateSquareSubsequentMask", { sz: int, ...factoryParams });

/**
 * An encoder and a decoder: reads a source `[S, N, dModel]`, and gives for a target `[T, N, dModel]` an output like it.
 *
 * @example const output = new nn.Transformer({ nhead: 16 })(torch.rand(10, 32, 512), torch.rand(20, 32, 512));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 */
export class Transformer extends Module {
  encoder: Module;
  decoder: Module;
  dModel: number;
  nhead: number;
  batchFirst: boolean;

  constructor(
    ...args: Args<
      [
        dModel?: number,
        nhead?: number,
        numEncoderLayers?: number,
        numDecoderLayers?: number,
        dimFeedforward?: number,
        dropout?: number,
      ],
      ["dModel", "nhead", "numEncoderLayers", "numDecoderLayers", "dimFeedforward", "dropout"],
      TransformerOptions & { customEncoder?: Module | null; customDecoder?: Module | null }
    >
  ) {
    super();
    const given = read(this, transformerParams, args);
    const {
      dModel,
      nhead,
      dimFeedforward,
      dropout,
      activation,
      layerNormEps,
      batchFirst,
      normFirst,
      bias,
      device,
      dtype,
    } = given;
    const options = { activation, layerNormEps, batchFirst, normFirst, bias, device, dtype };
    const norm = () => new LayerNorm(dModel, layerNormEps, { bias, device, dtype });
    this.encoder =
      given.customEncoder ??
      new TransformerEncoder(
        new TransformerEncoderLayer(dModel, nhead, dimFeedforward, dropout, options),
        given.numEncoderLayers,
        norm(),
      );
    this.decoder =
      given.customDecoder ??
      new TransformerDecoder(
        new TransformerDecoderLayer(dModel, nhead, dimFeedforward, dropout, options),
        given.numDecoderLayers,
        norm(),
      );
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
    this.resetParameters();
  }

  /** Draws all weights of more than one dim anew. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.sizes.length > 1) xavierUniform_(parameter);
  }

  /**
   * A mask `[sz, sz]` for `attnMask` by which a row sees only those up to its own place: -Infinity above the diagonal, and
   * 0 elsewhere.
   */
  static generateSquareSubsequentMask(sz: number, options: { device?: Device; dtype?: DType } = {}): Tensor {
    const given = maskSignature.parse([sz, options]);
    return triu(full([given.sz, given.sz], Number.NEGATIVE_INFINITY, { device: given.device, dtype: given.dtype }), 1);
  }

  override forward(
    ...args: [
      src: Tensor,
      tgt: Tensor,
      ...rest: Args<
        [
          srcMask?: Tensor | null,
          tgtMask?: Tensor | null,
          memoryMask?: Tensor | null,
          srcKeyPaddingMask?: Tensor | null,
          tgtKeyPaddingMask?: Tensor | null,
          memoryKeyPaddingMask?: Tensor | null,
        ],
        ["srcMask", "tgtMask", "memoryMask", "srcKeyPaddingMask", "tgtKeyPaddingMask", "memoryKeyPaddingMask"],
        { srcIsCausal?: boolean | null; tgtIsCausal?: boolean | null; memoryIsCausal?: boolean }
      >,
    ]
  ): Tensor {
    const { src, tgt, srcMask, tgtMask, memoryMask, ...rest } = transformerCall.parse(args);
    const { srcKeyPaddingMask, tgtKeyPaddingMask, memoryKeyPaddingMask, srcIsCausal, tgtIsCausal, memoryIsCausal } =
      rest;
    const batchDim = this.batchFirst ? 0 : 1;
    if (src.sizes.length === 3 && src.sizes[batchDim] !== tgt.sizes[batchDim]) {
      throw new Error(
        `the batch number of src and tgt must be equal, got ${src.sizes[batchDim]} and ${tgt.sizes[batchDim]}`,
      );
    }
    if (src.sizes.at(-1) !== this.dModel || tgt.sizes.at(-1) !== this.dModel) {
      throw new Error(
        `the feature number of src and tgt must be equal to d_model, ${this.dModel}, got ${src.sizes.at(-1)} and ${tgt.sizes.at(-1)}`,
      );
    }
    const memory = this.encoder(src, srcMask, srcKeyPaddingMask, srcIsCausal ? { isCausal: true } : {});
    const options = {
      ...(tgtIsCausal ? { tgtIsCausal } : {}),
      ...(memoryIsCausal ? { memoryIsCausal } : {}),
    };
    return this.decoder(tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, options);
  }
}
