/**
 * MaxViT: convolutions, attention within windows, and attention over a grid, block by block.
 *
 * Source: https://arxiv.org/abs/2204.01697
 */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, int, ints, number, optional, Signature } from "flambeau/arguments";
import { Conv2dNormActivation } from "../ops/convNormActivation.js";
import { type ActivationLayer, activationParam, type Layer, type MakeLayer, makerOf, normParam } from "../ops/layer.js";
import { SqueezeExcitation } from "../ops/misc.js";
import { StochasticDepth } from "../ops/stochasticDepth.js";
import { type Builder, builder } from "./builder.js";
import { initialize, through, zeroBias } from "./shared.js";
import { relativePositionIndex } from "./swinTransformer.js";
import { weightsEnum } from "./weights.js";

type Pair = readonly [height: number, width: number];

/** The size after a convolution of 3×3 with stride 2. */
function halved([height, width]: Pair): Pair {
  return [Math.floor((height - 1) / 2) + 1, Math.floor((width - 1) / 2) + 1];
}

/** What the parts of a network are told. */
interface Settings {
  readonly squeezeRatio: number;
  readonly expansionRatio: number;
  readonly normLayer: MakeLayer;
  readonly activationLayer: MakeLayer<[options?: { inplace?: boolean }]>;
  readonly headDim: number;
  readonly mlpRatio: number;
  readonly mlpDropout: number;
  readonly attentionDropout: number;
  readonly partitionSize: number;
}

/** Channels are widened, filtered each for itself, weighted and narrowed, with a shortcut. */
export class MBConv extends nn.Module {
  declare proj: nn.Module;
  declare stochasticDepth: nn.Module;
  declare layers: nn.Sequential;

  constructor(
    inChannels: number,
    outChannels: number,
    expansionRatio: number,
    squeezeRatio: number,
    stride: number,
    activationLayer: ActivationLayer,
    normLayer: Layer,
    pStochasticDropout = 0,
  ) {
    super();
    const middle = Math.trunc(outChannels * expansionRatio);
    const options = { activationLayer, normLayer, inplace: null };
    this.proj =
      stride === 1 && inChannels === outChannels
        ? new nn.Identity()
        : new nn.Sequential(
            ...(stride === 2 ? [new nn.AvgPool2d(3, stride, 1)] : []),
            new nn.Conv2d(inChannels, outChannels, 1),
          );
    this.stochasticDepth = pStochasticDropout > 0 ? new StochasticDepth(pStochasticDropout, "row") : new nn.Identity();
    this.layers = new nn.Sequential({
      pre_norm: makerOf(normLayer)(inChannels),
      conv_a: new Conv2dNormActivation(inChannels, middle, 1, options),
      conv_b: new Conv2dNormActivation(middle, middle, 3, { stride, padding: 1, groups: middle, ...options }),
      squeeze_excitation: new SqueezeExcitation(middle, Math.trunc(outChannels * squeezeRatio), nn.SiLU),
      conv_c: new nn.Conv2d(middle, outChannels, 1),
    });
  }

  override forward(x: Tensor): Tensor {
    return this.proj(x).add(this.stochasticDepth(this.layers(x)));
  }
}

/** Attention within partitions `[N, partitions, positions, channels]`, with a learned bias for each pair of positions. */
export class RelativePositionalMultiHeadAttention extends nn.Module {
  declare nHeads: number;
  declare headDim: number;
  declare maxSeqLen: number;
  declare scaleFactor: number;
  declare toQkv: nn.Linear;
  declare merge: nn.Linear;
  declare relativePositionBiasTable: nn.Parameter;
  declare relativePositionIndex: Tensor;

  constructor(featDim: number, headDim: number, maxSeqLen: number) {
    super();
    if (featDim % headDim !== 0) throw new Error(`feat_dim: ${featDim} must be divisible by head_dim: ${headDim}`);
    const size = Math.trunc(Math.sqrt(maxSeqLen));
    this.nHeads = featDim / headDim;
    this.headDim = headDim;
    this.maxSeqLen = maxSeqLen;
    this.toQkv = new nn.Linear(featDim, 3 * featDim);
    this.scaleFactor = featDim ** -0.5;
    this.merge = new nn.Linear(featDim, featDim);
    this.relativePositionBiasTable = new nn.Parameter(torch.empty((2 * size - 1) ** 2, this.nHeads));
    this.registerBuffer("relative_position_index", relativePositionIndex([size, size]).view(size ** 2, size ** 2));
    nn.init.truncNormal_(this.relativePositionBiasTable, { std: 0.02 });
  }

  /** A bias for each head and each pair of positions. */
  private getRelativePositionalBias(): Tensor {
    const rows = this.relativePositionBiasTable.at(this.relativePositionIndex.view(-1));
    return rows.view(this.maxSeqLen, this.maxSeqLen, -1).permute(2, 0, 1).contiguous().unsqueeze(0);
  }

  override forward(x: Tensor): Tensor {
    const [batch, groups, positions, channels] = x.shape as [number, number, number, number];
    const [q, k, v] = this.toQkv(x)
      .chunk(3, -1)
      .map((part) => part.reshape(batch, groups, positions, this.nHeads, this.headDim).permute(0, 1, 3, 2, 4)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const scores = q.matmul(k.mul(this.scaleFactor).transpose(-2, -1));
    const weights = scores.add(this.getRelativePositionalBias()).softmax(-1);
    return this.merge(weights.matmul(v).permute(0, 1, 3, 2, 4).reshape(batch, groups, positions, channels));
  }
}

/** Swaps two dims. */
export class SwapAxes extends nn.Module {
  declare a: number;
  declare b: number;

  constructor(a: number, b: number) {
    super();
    this.a = a;
    this.b = b;
  }

  override forward(x: Tensor): Tensor {
    return x.transpose(this.a, this.b);
  }
}

/** An image `[N, C, H, W]` as windows of p×p: `[N, windows, p², C]`. */
export class WindowPartition extends nn.Module {
  override forward(x: Tensor, p: number): Tensor {
    const [n, c, h, w] = x.shape as [number, number, number, number];
    return x
      .reshape(n, c, h / p, p, w / p, p)
      .permute(0, 2, 4, 3, 5, 1)
      .reshape(n, (h / p) * (w / p), p * p, c);
  }
}

/** The image of windows. */
export class WindowDepartition extends nn.Module {
  override forward(x: Tensor, p: number, hPartitions: number, wPartitions: number): Tensor {
    const [n, , , c] = x.shape as [number, number, number, number];
    return x
      .reshape(n, hPartitions, wPartitions, p, p, c)
      .permute(0, 5, 1, 3, 2, 4)
      .reshape(n, c, hPartitions * p, wPartitions * p);
  }
}

/**
 * Attention and linear layers within the windows of an image (`"window"`), or among the pixels at the same place of all
 * windows (`"grid"`).
 */
export class PartitionAttentionLayer extends nn.Module {
  declare gridSize: Pair;
  /** The size of windows. */
  declare p: number;
  declare partitionOp: WindowPartition;
  declare departitionOp: WindowDepartition;
  declare partitionSwap: nn.Module;
  declare departitionSwap: nn.Module;
  declare attnLayer: nn.Sequential;
  declare mlpLayer: nn.Sequential;
  declare stochasticDropout: StochasticDepth;

  constructor(
    inChannels: number,
    partitionType: "grid" | "window",
    gridSize: Pair,
    settings: Omit<Settings, "squeezeRatio" | "expansionRatio">,
    pStochasticDropout: number,
  ) {
    super();
    const { headDim, partitionSize, mlpRatio } = settings;
    const isGrid = partitionType === "grid";
    this.gridSize = gridSize;
    this.p = isGrid ? Math.floor(gridSize[0] / partitionSize) : partitionSize;
    this.partitionOp = new WindowPartition();
    this.departitionOp = new WindowDepartition();
    this.partitionSwap = isGrid ? new SwapAxes(-2, -3) : new nn.Identity();
    this.departitionSwap = isGrid ? new SwapAxes(-2, -3) : new nn.Identity();
    this.attnLayer = new nn.Sequential(
      new nn.LayerNorm(inChannels),
      new RelativePositionalMultiHeadAttention(inChannels, headDim, partitionSize ** 2),
      new nn.Dropout(settings.attentionDropout),
    );
    this.mlpLayer = new nn.Sequential(
      new nn.LayerNorm(inChannels),
      new nn.Linear(inChannels, inChannels * mlpRatio),
      settings.activationLayer(),
      new nn.Linear(inChannels * mlpRatio, inChannels),
      new nn.Dropout(settings.mlpDropout),
    );
    this.stochasticDropout = new StochasticDepth(pStochasticDropout, "row");
  }

  override forward(input: Tensor): Tensor {
    const { p, gridSize } = this;
    if (gridSize.some((size) => size % p !== 0)) {
      throw new Error(
        `Grid size must be divisible by partition size. Got grid size of (${gridSize.join(", ")}) and partition size of ${p}`,
      );
    }
    let x: Tensor = this.partitionSwap(this.partitionOp(input, p));
    x = x.add(this.stochasticDropout(this.attnLayer(x)));
    x = x.add(this.stochasticDropout(this.mlpLayer(x)));
    return this.departitionOp(this.departitionSwap(x), p, gridSize[0] / p, gridSize[1] / p);
  }
}

/** A convolution block, attention within windows, and attention over the grid. */
export class MaxVitLayer extends nn.Module {
  declare layers: nn.Sequential;

  constructor(inChannels: number, outChannels: number, stride: number, gridSize: Pair, settings: Settings, p: number) {
    super();
    const { expansionRatio, squeezeRatio, activationLayer, normLayer } = settings;
    this.layers = new nn.Sequential({
      MBconv: new MBConv(inChannels, outChannels, expansionRatio, squeezeRatio, stride, activationLayer, normLayer, p),
      window_attention: new PartitionAttentionLayer(outChannels, "window", gridSize, settings, p),
      grid_attention: new PartitionAttentionLayer(outChannels, "grid", gridSize, settings, p),
    });
  }

  override forward(x: Tensor): Tensor {
    return this.layers(x);
  }
}

/** Layers of one width; the first halves the size. */
export class MaxVitBlock extends nn.Module {
  declare layers: nn.ModuleList;
  declare gridSize: Pair;

  /** @param pStochastic for each layer, how likely it is left out in training. */
  constructor(
    inChannels: number,
    outChannels: number,
    inputGridSize: Pair,
    settings: Settings,
    pStochastic: readonly number[],
  ) {
    super();
    this.gridSize = halved(inputGridSize);
    this.layers = new nn.ModuleList(
      pStochastic.map((p, i) =>
        i === 0
          ? new MaxVitLayer(inChannels, outChannels, 2, this.gridSize, settings, p)
          : new MaxVitLayer(outChannels, outChannels, 1, this.gridSize, settings, p),
      ),
    );
  }

  override forward(x: Tensor): Tensor {
    return through(x, this.layers);
  }
}

export interface MaxVitOptions {
  /** Makes the norms of convolutions: `nn.BatchNorm2d` with an eps of 0.001 and a momentum of 0.99 by default. */
  normLayer?: Layer | null;
  /** Makes the activations: `nn.GELU` by default. */
  activationLayer?: ActivationLayer;
  /** How many channels squeeze and excitation have in the middle, for one of the block; 0.25 by default. */
  squeezeRatio?: number;
  /** By how many times convolution blocks widen; 4 by default. */
  expansionRatio?: number;
  /** By how many times linear layers widen; 4 by default. */
  mlpRatio?: number;
  mlpDropout?: number;
  attentionDropout?: number;
  numClasses?: number;
}

const params = {
  inputSize: ints,
  stemChannels: int,
  partitionSize: int,
  blockChannels: ints,
  blockLayers: ints,
  headDim: int,
  stochasticDepthProb: number,
  normLayer: optional(normParam, (channels): nn.Module => new nn.BatchNorm2d(channels, 1e-3, 0.99)),
  activationLayer: optional(activationParam, (): nn.Module => new nn.GELU()),
  squeezeRatio: optional(number, 0.25),
  expansionRatio: optional(number, 4),
  mlpRatio: optional(int, 4),
  mlpDropout: optional(number, 0),
  attentionDropout: optional(number, 0),
  numClasses: optional(int, 1000),
};

/**
 * A MaxViT: images `[N, 3, H, W]` of the input size to scores `[N, numClasses]`.
 *
 * @param inputSize the height and width of images.
 * @param stemChannels the channels of the first convolutions.
 * @param partitionSize the size of windows and grids, which must divide that of every block's input.
 * @param blockChannels the channels of the blocks.
 * @param blockLayers how many layers they have.
 * @param headDim the channels of a head of attention.
 * @param stochasticDepthProb how likely the last layer is left out in training; the others less, in proportion to their depth.
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/vision/stable/models/maxvit.html
 */
export class MaxVit extends nn.Module {
  declare partitionSize: number;
  declare stem: nn.Sequential;
  declare blocks: nn.ModuleList;
  declare classifier: nn.Sequential;

  constructor(
    ...args: [
      inputSize: readonly number[],
      stemChannels: number,
      partitionSize: number,
      blockChannels: readonly number[],
      blockLayers: readonly number[],
      headDim: number,
      stochasticDepthProb: number,
      ...rest: Args<
        [
          normLayer?: Layer | null,
          activationLayer?: ActivationLayer,
          squeezeRatio?: number,
          expansionRatio?: number,
          mlpRatio?: number,
          mlpDropout?: number,
          attentionDropout?: number,
          numClasses?: number,
        ],
        [
          "normLayer",
          "activationLayer",
          "squeezeRatio",
          "expansionRatio",
          "mlpRatio",
          "mlpDropout",
          "attentionDropout",
          "numClasses",
        ]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { stemChannels, partitionSize, blockChannels, blockLayers, stochasticDepthProb, numClasses } = given;
    const { normLayer, activationLayer } = given;
    let size = halved(given.inputSize as unknown as Pair);
    checkSizes(size, blockChannels.length, partitionSize);
    this.partitionSize = partitionSize;
    this.stem = new nn.Sequential(
      new Conv2dNormActivation(3, stemChannels, 3, 2, { normLayer, activationLayer, bias: false, inplace: null }),
      new Conv2dNormActivation(stemChannels, stemChannels, 3, { normLayer: null, activationLayer: null, bias: true }),
    );
    const total = blockLayers.reduce((sum, count) => sum + count, 0);
    let index = 0;
    const blocks = blockLayers.map((count, i) => {
      const inChannels = blockChannels[i - 1] ?? stemChannels;
      const step = total > 1 ? stochasticDepthProb / (total - 1) : 0;
      const pStochastic = Array.from({ length: count }, () => index++ * step);
      const block = new MaxVitBlock(inChannels, blockChannels[i] as number, size, given, pStochastic);
      size = block.gridSize;
      return block;
    });
    this.blocks = new nn.ModuleList(blocks);
    const last = blockChannels.at(-1) as number;
    this.classifier = new nn.Sequential(
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.LayerNorm(last),
      new nn.Linear(last, last),
      new nn.Tanh(),
      new nn.Linear(last, numClasses, { bias: false }),
    );
    const normal = (layer: nn.Conv2d | nn.Linear) => {
      nn.init.normal_(layer.weight, 0, 0.02);
      zeroBias(layer);
    };
    initialize(this, { conv: normal, linear: normal });
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(through(this.stem(x), this.blocks));
  }
}

/** Throws unless windows divide what every block is given. */
function checkSizes(stem: Pair, blocks: number, partitionSize: number): void {
  const sizes: Pair[] = [];
  for (let i = 0, size = stem; i < blocks; i++) sizes.push((size = halved(size)));
  const shown = ([height, width]: Pair) => `(${height}, ${width})`;
  for (const [i, size] of sizes.entries()) {
    if (size.every((side) => side % partitionSize === 0)) continue;
    throw new Error(
      `Input size ${shown(size)} of block ${i} is not divisible by partition size ${partitionSize}. Consider changing the partition size or the input size.\nCurrent configuration yields the following block input sizes: [${sizes.map(shown).join(", ")}].`,
    );
  }
}

export const MaxVit_T_Weights = weightsEnum("MaxVit_T_Weights", ["IMAGENET1K_V1"]);

/** MaxViT, tiny. */
export const maxvitT: Builder<MaxVit, MaxVitOptions & { inputSize?: readonly number[] }> = builder(
  "maxvit_t",
  MaxVit_T_Weights,
  ({ inputSize = [224, 224], ...options }) =>
    new MaxVit(inputSize, 64, 7, [64, 128, 256, 512], [2, 2, 5, 2], 32, 0.2, options),
);
