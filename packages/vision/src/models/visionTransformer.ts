/**
 * Vision transformers: an image as a sequence of patches.
 *
 * Source: https://arxiv.org/abs/2010.11929
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, int, invalid, listOf, nullable, number, optional, type Param, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { type ActivationLayer, type Layer, type MakeLayer, normParam } from "../ops/layer.js";
import { MLP } from "../ops/misc.js";
import { renameLayer } from "../stateKeys.js";
import { type Builder, builder, withFixed } from "./builder.js";
import { areEqual, check, dimsOf, item, items, product, quotient, shapeOf } from "./shapes.js";
import { zeroBias } from "./shared.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

/** A convolution of a stem that takes the place of the patches; see https://arxiv.org/abs/2106.14881. */
export interface ConvStemConfig {
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  /** Makes the norm: `nn.BatchNorm2d` by default. */
  readonly normLayer?: Layer;
  /** Makes the activation: `nn.ReLU` by default. */
  readonly activationLayer?: ActivationLayer;
}

const layerNorm: MakeLayer = (size) => new nn.LayerNorm(size, 1e-6);

/** Two linear layers with a GELU between them. */
export class MLPBlock extends MLP {
  constructor(inDim: number, mlpDim: number, dropout: number) {
    super(inDim, [mlpDim, inDim], { activationLayer: () => new nn.GELU(), inplace: null, dropout });
    initializeMlp(this);
  }

  /** Older states, those of published files too, have `linear_1` and `linear_2` for the layers 0 and 3. */
  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    renameLayer(stateDict, `${prefix}linear_1`, `${prefix}0`);
    renameLayer(stateDict, `${prefix}linear_2`, `${prefix}3`);
  }
}

/** Linear layers begin uniform over their inputs and outputs, with biases that are almost zero. */
export function initializeMlp(mlp: nn.Module): void {
  for (const layer of mlp.modules()) {
    if (!(layer instanceof nn.Linear)) continue;
    nn.init.xavierUniform_(layer.weight);
    if (layer.bias !== null) nn.init.normal_(layer.bias, { std: 1e-6 });
  }
}

/** Attention and two linear layers, each after a norm and with a shortcut. */
export class EncoderBlock extends nn.Module {
  declare numHeads: number;
  declare ln1: nn.Module;
  declare selfAttention: nn.MultiheadAttention;
  declare dropout: nn.Dropout;
  declare ln2: nn.Module;
  declare mlp: MLPBlock;

  constructor(
    numHeads: number,
    hiddenDim: number,
    mlpDim: number,
    dropout: number,
    attentionDropout: number,
    normLayer: MakeLayer = layerNorm,
  ) {
    super();
    this.numHeads = numHeads;
    this.registerModule("ln_1", normLayer(hiddenDim));
    this.selfAttention = new nn.MultiheadAttention(hiddenDim, numHeads, attentionDropout, { batchFirst: true });
    this.dropout = new nn.Dropout(dropout);
    this.registerModule("ln_2", normLayer(hiddenDim));
    this.mlp = new MLPBlock(hiddenDim, mlpDim, dropout);
  }

  override forward(input: Tensor): Tensor {
    expectSequence(input);
    const x = this.ln1(input);
    const [attended] = this.selfAttention(x, x, x, { needWeights: false });
    const sum = this.dropout(attended).add(input);
    return sum.add(this.mlp(this.ln2(sum)));
  }
}

function expectSequence(input: Tensor): void {
  const isSequence = areEqual(dimsOf(input), 3);
  check(isSequence, `Expected (batch_size, seq_length, hidden_dim) got torch.Size([${shapeOf(input).join(", ")}])`);
}

/** Blocks one after the other, with a learned embedding of positions before them and a norm behind. */
export class Encoder extends nn.Module {
  declare posEmbedding: nn.Parameter;
  declare dropout: nn.Dropout;
  declare layers: nn.Sequential;
  declare ln: nn.Module;

  constructor(
    seqLength: number,
    numLayers: number,
    numHeads: number,
    hiddenDim: number,
    mlpDim: number,
    dropout: number,
    attentionDropout: number,
    normLayer: MakeLayer = layerNorm,
  ) {
    super();
    this.posEmbedding = new nn.Parameter(torch.empty(1, seqLength, hiddenDim).normal_(0, 0.02));
    this.dropout = new nn.Dropout(dropout);
    const blocks = Array.from({ length: numLayers }, (_, i) => [
      `encoder_layer_${i}`,
      new EncoderBlock(numHeads, hiddenDim, mlpDim, dropout, attentionDropout, normLayer),
    ]);
    this.layers = new nn.Sequential(Object.fromEntries(blocks));
    this.ln = normLayer(hiddenDim);
  }

  override forward(input: Tensor): Tensor {
    expectSequence(input);
    return this.ln(this.layers(this.dropout(input.add(this.posEmbedding))));
  }
}

export interface VisionTransformerOptions {
  /** The height and width of images; 224 by default. */
  imageSize?: number;
  /** How likely dropout is; 0 by default. */
  dropout?: number;
  /** How likely dropout of attention weights is; 0 by default. */
  attentionDropout?: number;
  numClasses?: number;
  /** The size of a layer before the last; there is none by default. */
  representationSize?: number | null;
  /** Makes the norms: `nn.LayerNorm` with an eps of 1e-6 by default. */
  normLayer?: Layer;
  /** Convolutions in the place of the patches. */
  convStemConfigs?: readonly ConvStemConfig[] | null;
}

const stemParam: Param<ConvStemConfig> = {
  ...(int as unknown as Param<ConvStemConfig>),
  expected: "ConvStemConfig",
  read: (value) =>
    typeof value === "object" && value !== null && "outChannels" in value ? (value as ConvStemConfig) : invalid,
};

const params = {
  imageSize: int,
  patchSize: int,
  numLayers: int,
  numHeads: int,
  hiddenDim: int,
  mlpDim: int,
  dropout: optional(number, 0),
  attentionDropout: optional(number, 0),
  numClasses: optional(int, 1000),
  representationSize: optional(nullable(int), null),
  normLayer: optional(normParam, layerNorm),
  convStemConfigs: optional(nullable(listOf("list of ConvStemConfigs", stemParam)), null),
};

/**
 * A vision transformer: images `[N, 3, imageSize, imageSize]` to scores `[N, numClasses]`.
 *
 * @param patchSize the height and width of patches, which must divide that of images.
 * @throws Error if it does not.
 * @see https://pytorch.org/vision/stable/models/vision_transformer.html
 */
export class VisionTransformer extends nn.Module {
  declare imageSize: number;
  declare patchSize: number;
  declare hiddenDim: number;
  declare seqLength: number;
  declare convProj: nn.Conv2d | nn.Sequential;
  declare classToken: nn.Parameter;
  declare encoder: Encoder;
  declare heads: nn.Sequential;

  constructor(
    ...args: [
      imageSize: number,
      patchSize: number,
      numLayers: number,
      numHeads: number,
      hiddenDim: number,
      mlpDim: number,
      ...rest: Args<
        [
          dropout?: number,
          attentionDropout?: number,
          numClasses?: number,
          representationSize?: number | null,
          normLayer?: Layer,
          convStemConfigs?: readonly ConvStemConfig[] | null,
        ],
        ["dropout", "attentionDropout", "numClasses", "representationSize", "normLayer", "convStemConfigs"]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { imageSize, patchSize, hiddenDim, representationSize, convStemConfigs, numClasses } = given;
    if (imageSize % patchSize !== 0) throw new Error("Input shape indivisible by patch size!");
    this.imageSize = imageSize;
    this.patchSize = patchSize;
    this.hiddenDim = hiddenDim;
    this.convProj =
      convStemConfigs === null ? new nn.Conv2d(3, hiddenDim, patchSize, patchSize) : stem(convStemConfigs, hiddenDim);
    this.classToken = new nn.Parameter(torch.zeros(1, 1, hiddenDim));
    this.seqLength = (imageSize / patchSize) ** 2 + 1;
    this.encoder = new Encoder(
      this.seqLength,
      given.numLayers,
      given.numHeads,
      hiddenDim,
      given.mlpDim,
      given.dropout,
      given.attentionDropout,
      given.normLayer,
    );
    this.heads = new nn.Sequential(
      representationSize === null
        ? { head: new nn.Linear(hiddenDim, numClasses) }
        : {
            pre_logits: new nn.Linear(hiddenDim, representationSize),
            act: new nn.Tanh(),
            head: new nn.Linear(representationSize, numClasses),
          },
    );
    this.begin();
  }

  /** Sets the weights of the first and the last layers. */
  private begin(): void {
    const truncated = (layer: nn.Conv2d | nn.Linear, fanIn: number) => {
      nn.init.truncNormal_(layer.weight, { std: Math.sqrt(1 / fanIn) });
      zeroBias(layer);
    };
    const { convProj } = this;
    if (convProj instanceof nn.Conv2d) truncated(convProj, 3 * this.patchSize ** 2);
    else {
      const last = convProj.at(-1) as nn.Conv2d;
      nn.init.normal_(last.weight, 0, Math.sqrt(2 / last.outChannels));
      zeroBias(last);
    }
    const [first, head] = [this.heads.at(0), this.heads.at(-1)] as [nn.Linear, nn.Linear];
    if (first !== head) truncated(first, this.hiddenDim);
    nn.init.zeros_(head.weight);
    zeroBias(head);
  }

  /** The patches of images as sequences `[N, patches, hiddenDim]`. */
  private processInput(x: Tensor): Tensor {
    const { imageSize, patchSize } = this;
    const [batch, , height, width] = items(shapeOf(x));
    check(areEqual(height, imageSize), `Wrong image height! Expected ${imageSize} but got ${height}!`);
    check(areEqual(width, imageSize), `Wrong image width! Expected ${imageSize} but got ${width}!`);
    const [rows, columns] = [quotient(height, patchSize), quotient(width, patchSize)];
    const maps: Tensor = this.convProj(x);
    return maps.reshape(batch, this.hiddenDim, product(rows, columns)).permute(0, 2, 1);
  }

  override forward(x: Tensor): Tensor {
    const patches = this.processInput(x);
    const batch = item(shapeOf(patches), 0);
    const sequence = torch.cat([this.classToken.expand(batch, -1, -1), patches], 1);
    return this.heads(this.encoder(sequence).at(":", 0));
  }
}

/** Convolutions one after the other, and one of 1×1 to the hidden size. */
function stem(configs: readonly ConvStemConfig[], hiddenDim: number): nn.Sequential {
  let channels = 3;
  const layers: Record<string, nn.Module> = {};
  configs.forEach(({ outChannels, kernelSize, stride, ...options }, i) => {
    layers[`conv_bn_relu_${i}`] = new Conv2dNormActivation(channels, outChannels, kernelSize, stride, options);
    channels = outChannels;
  });
  layers.conv_last = new nn.Conv2d(channels, hiddenDim, 1);
  return new nn.Sequential(layers);
}

const swag = ["IMAGENET1K_V1", "IMAGENET1K_SWAG_E2E_V1", "IMAGENET1K_SWAG_LINEAR_V1"] as const;

export const ViT_B_16_Weights = weightsEnum("ViT_B_16_Weights", swag);
export const ViT_B_32_Weights = weightsEnum("ViT_B_32_Weights", ["IMAGENET1K_V1"]);
export const ViT_L_16_Weights = weightsEnum("ViT_L_16_Weights", swag);
export const ViT_L_32_Weights = weightsEnum("ViT_L_32_Weights", ["IMAGENET1K_V1"]);
export const ViT_H_14_Weights = weightsEnum(
  "ViT_H_14_Weights",
  swag.slice(1) as ["IMAGENET1K_SWAG_E2E_V1", "IMAGENET1K_SWAG_LINEAR_V1"],
);

export type VisionTransformerBuilder = Builder<VisionTransformer, VisionTransformerOptions>;

function vit(
  name: string,
  weights: AnyWeightsEnum,
  sizes: readonly [patchSize: number, numLayers: number, numHeads: number, hiddenDim: number, mlpDim: number],
): VisionTransformerBuilder {
  return builder(
    name,
    weights,
    ({ imageSize = 224, ...options }) => new VisionTransformer(imageSize, ...sizes, options),
    { prepare: (options, { meta }) => withFixed(options, { imageSize: meta.min_size[0] }) },
  );
}

/** The base model with patches of 16×16. */
export const vitB16 = vit("vit_b_16", ViT_B_16_Weights, [16, 12, 12, 768, 3072]);
/** The base model with patches of 32×32. */
export const vitB32 = vit("vit_b_32", ViT_B_32_Weights, [32, 12, 12, 768, 3072]);
/** The large model with patches of 16×16. */
export const vitL16 = vit("vit_l_16", ViT_L_16_Weights, [16, 24, 16, 1024, 4096]);
/** The large model with patches of 32×32. */
export const vitL32 = vit("vit_l_32", ViT_L_32_Weights, [32, 24, 16, 1024, 4096]);
/** The huge model with patches of 14×14. */
export const vitH14 = vit("vit_h_14", ViT_H_14_Weights, [14, 32, 16, 1280, 5120]);

/**
 * A state dict for images of another size: the embedding of positions is interpolated.
 *
 * @param options.resetHeads whether the last layers are left out.
 * @throws Error if the embedding is not that of one square of patches and a class token.
 * @example
 * const state = models.visionTransformer.interpolateEmbeddings(384, 16, models.vitB16().stateDict());
 * models.vitB16({ imageSize: 384, weights: state });
 */
export function interpolateEmbeddings(
  imageSize: number,
  patchSize: number,
  modelState: nn.StateDict,
  {
    interpolationMode = "bicubic",
    resetHeads = false,
  }: { interpolationMode?: "bicubic" | "bilinear"; resetHeads?: boolean } = {},
): nn.StateDict {
  const embedding = modelState["encoder.pos_embedding"] as Tensor;
  const [count, length, hiddenDim] = embedding.shape as [number, number, number];
  if (count !== 1) throw new Error(`Unexpected position embedding shape: torch.Size([${embedding.shape.join(", ")}])`);
  const size = Math.floor(imageSize / patchSize);
  if (size ** 2 + 1 === length) return modelState;
  const before = Math.floor(Math.sqrt(length - 1));
  if (before ** 2 !== length - 1) {
    throw new Error(
      `seq_length is not a perfect square! Instead got seq_length_1d * seq_length_1d = ${before ** 2} and seq_length = ${length - 1}`,
    );
  }
  const square = embedding.at(":", "1:").permute(0, 2, 1).reshape(1, hiddenDim, before, before);
  const resized = F.interpolate(square, { size, mode: interpolationMode, alignCorners: true });
  const patches = resized.reshape(1, hiddenDim, size ** 2).permute(0, 2, 1);
  const state = { ...modelState, "encoder.pos_embedding": torch.cat([embedding.at(":", ":1"), patches], 1) };
  const kept = Object.entries(state).filter(([key]) => !resetHeads || !key.startsWith("heads"));
  return Object.fromEntries(kept);
}
