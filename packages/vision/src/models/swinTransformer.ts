/**
 * Swin transformers: attention within windows that are shifted from block to block.
 *
 * Source: https://arxiv.org/abs/2103.14030, https://arxiv.org/abs/2111.09883
 */
import torch, { F, nn, type Tensor } from "flambeau";
import { type Args, int, ints, number, optional, Signature } from "flambeau/arguments";
import { type Layer, layerParam, type MakeLayer, makerOf, normParam } from "../ops/layer.js";
import { MLP, Permute } from "../ops/misc.js";
import { StochasticDepth } from "../ops/stochasticDepth.js";
import { type Builder, builder } from "./builder.js";
import { initialize, zeroBias } from "./shared.js";
import { initializeMlp } from "./visionTransformer.js";
import { type AnyWeightsEnum, weightsEnum } from "./weights.js";

type Pair = readonly [height: number, width: number];

const layerNorm: MakeLayer = (size) => new nn.LayerNorm(size, 1e-5);

/** The even or the odd rows or columns. */
type Parity = "0::2" | "1::2";

/** Every second pixel in both directions, four times, side by side: `[…, H, W, C]` to `[…, H/2, W/2, 4C]`. */
const mergePatches = torch.fx.wrap((input: Tensor): Tensor => {
  const [height, width] = input.shape.slice(-3) as [number, number];
  const x = height % 2 === 0 && width % 2 === 0 ? input : F.pad(input, [0, 0, 0, width % 2, 0, height % 2]);
  const corner = (row: Parity, column: Parity) => x.at("...", row, column, ":");
  return torch.cat(
    [corner("0::2", "0::2"), corner("1::2", "0::2"), corner("0::2", "1::2"), corner("1::2", "1::2")],
    -1,
  );
}, "_patch_merging_pad");

/** Half the size and twice the channels, with a norm of so many. */
abstract class Merging extends nn.Module {
  declare dim: number;
  declare reduction: nn.Linear;
  declare norm: nn.Module;

  constructor(dim: number, normLayer: Layer, normWidth: number) {
    super();
    this.dim = dim;
    this.reduction = new nn.Linear(4 * dim, 2 * dim, { bias: false });
    this.norm = makerOf(normLayer)(normWidth);
  }
}

/** Half the size and twice the channels; normed before the channels are reduced. */
export class PatchMerging extends Merging {
  constructor(dim: number, normLayer: Layer = nn.LayerNorm) {
    super(dim, normLayer, 4 * dim);
  }

  override forward(x: Tensor): Tensor {
    return this.reduction(this.norm(mergePatches(x)));
  }
}

/** Half the size and twice the channels; normed after the channels were reduced. */
export class PatchMergingV2 extends Merging {
  constructor(dim: number, normLayer: Layer = nn.LayerNorm) {
    super(dim, normLayer, 2 * dim);
  }

  override forward(x: Tensor): Tensor {
    return this.norm(this.reduction(mergePatches(x)));
  }
}

/** The rows of a bias table for all pairs of positions in a window, one after the other. */
export function relativePositionIndex([height, width]: Pair): Tensor {
  const positions = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);
  const index = positions.flatMap(([y0, x0]) =>
    positions.map(([y1, x1]) => BigInt((y0 - y1 + height - 1) * (2 * width - 1) + x0 - x1 + width - 1)),
  );
  return torch.tensor(index);
}

/** The windows of an image `[N, H, W, C]` as sequences `[N·windows, height·width, C]`. */
function partition(x: Tensor, [height, width]: Pair): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return x
    .view(n, h / height, height, w / width, width, c)
    .permute(0, 1, 3, 2, 4, 5)
    .reshape(-1, height * width, c);
}

/** The image of windows. */
function assemble(
  windows: Tensor,
  [n, h, w, c]: readonly [number, number, number, number],
  [height, width]: Pair,
): Tensor {
  return windows
    .view(n, h / height, w / width, height, width, c)
    .permute(0, 1, 3, 2, 4, 5)
    .reshape(n, h, w, c);
}

/** For shifted windows: -100 between positions that were not neighbours before the shift, 0 between others. */
function shiftMask(h: number, w: number, window: Pair, shift: Pair, like: Tensor): Tensor {
  const region = torch.zeros(1, h, w, 1, { dtype: like.dtype, device: like.device });
  let count = 0;
  for (const rows of bands(window[0], shift[0]))
    for (const columns of bands(window[1], shift[1])) region.setAt([0, rows, columns], count++);
  const windows = partition(region, window).squeeze(-1);
  const differ = windows.unsqueeze(1).ne(windows.unsqueeze(2));
  return torch.zeros(differ.shape, { dtype: like.dtype, device: like.device }).maskedFill(differ, -100);
}

/** What is not shifted, the part of the last window that stays, and the part that comes from the other side. */
function bands(size: number, shift: number): `${number}:${number | ""}`[] {
  return [`0:${-size}`, `${-size}:${-shift}`, `${-shift}:`];
}

/** What attention is made of beside the image. */
interface Attention {
  readonly qkvWeight: Tensor;
  readonly projWeight: Tensor;
  readonly qkvBias: Tensor | null;
  readonly projBias: Tensor | null;
  /** What is added to scores. */
  readonly bias: Tensor;
  readonly windowSize: Pair;
  readonly shiftSize: Pair;
  readonly numHeads: number;
  readonly attentionDropout: number;
  readonly dropout: number;
  readonly training: boolean;
  /** For attention by cosines: the logarithm of what they are multiplied with. */
  readonly logitScale?: Tensor;
}

/** How much a size lacks to a multiple of another. */
function missing(size: number, of: number): number {
  return (of - (size % of)) % of;
}

/** Attention within each window of an image `[N, H, W, C]`, which is shifted around first. */
const shiftedWindowAttention = torch.fx.wrap((input: Tensor, settings: Attention): Tensor => {
  const { windowSize, numHeads, logitScale, training } = settings;
  const [n, h, w, c] = input.shape as [number, number, number, number];
  const [padY, padX] = [missing(h, windowSize[0]), missing(w, windowSize[1])];
  let x = padY + padX === 0 ? input : F.pad(input, [0, 0, 0, padX, 0, padY]);
  const [paddedH, paddedW] = [h + padY, w + padX];
  // One window has nothing to shift to.
  const shift: Pair = [
    windowSize[0] >= paddedH ? 0 : settings.shiftSize[0],
    windowSize[1] >= paddedW ? 0 : settings.shiftSize[1],
  ];
  const isShifted = shift[0] + shift[1] > 0;
  if (isShifted) x = x.roll([-shift[0], -shift[1]], [1, 2]);
  const windows = partition(x, windowSize);
  const [count, length] = windows.shape as [number, number];
  const qkv = F.linear(windows, settings.qkvWeight, biasOf(settings))
    .reshape(count, length, 3, numHeads, c / numHeads)
    .permute(2, 0, 3, 1, 4);
  const [q, k, v] = [qkv.at(0), qkv.at(1), qkv.at(2)];
  let scores =
    logitScale === undefined
      ? q.mul((c / numHeads) ** -0.5).matmul(k.transpose(-2, -1))
      : F.normalize(q, { dim: -1 })
          .matmul(F.normalize(k, { dim: -1 }).transpose(-2, -1))
          .mul(logitScale.clamp({ max: Math.log(100) }).exp());
  scores = scores.add(settings.bias);
  if (isShifted) {
    const mask = shiftMask(paddedH, paddedW, windowSize, shift, x);
    const perImage = scores.view(n, -1, numHeads, length, length).add(mask.unsqueeze(1).unsqueeze(0));
    scores = perImage.view(-1, numHeads, length, length);
  }
  const weights = F.dropout(scores.softmax(-1), settings.attentionDropout, { training });
  const attended = weights.matmul(v).transpose(1, 2).reshape(count, length, c);
  const result = F.dropout(F.linear(attended, settings.projWeight, settings.projBias), settings.dropout, { training });
  x = assemble(result, [n, paddedH, paddedW, c], windowSize);
  if (isShifted) x = x.roll([shift[0], shift[1]], [1, 2]);
  return padY + padX === 0 ? x : x.at(":", `:${h}`, `:${w}`).contiguous();
}, "shifted_window_attention");

/** The bias of queries, keys and values; attention by cosines has none for keys. */
function biasOf({ qkvBias, logitScale }: Attention): Tensor | null {
  if (logitScale === undefined || qkvBias === null) return qkvBias;
  const size = qkvBias.numel() / 3;
  const bias = qkvBias.clone();
  bias.at(`${size}:${2 * size}`).zero_();
  return bias;
}

/** The rows of a table of biases for all pairs of positions in a window. */
const spreadTable = torch.fx.wrap((table: Tensor, index: Tensor, [height, width]: Pair): Tensor => {
  const length = height * width;
  return table.at(index).view(length, length, -1).permute(2, 0, 1).contiguous().unsqueeze(0);
}, "_get_relative_position_bias");

interface AttentionOptions {
  qkvBias?: boolean;
  projBias?: boolean;
  attentionDropout?: number;
  dropout?: number;
}

/** Attention within shifted windows, with a learned bias for each pair of positions. */
export class ShiftedWindowAttention extends nn.Module {
  declare windowSize: Pair;
  declare shiftSize: Pair;
  declare numHeads: number;
  declare attentionDropout: number;
  declare dropout: number;
  declare qkv: nn.Linear;
  declare proj: nn.Linear;
  declare relativePositionBiasTable: nn.Parameter;
  declare relativePositionIndex: Tensor;

  constructor(
    dim: number,
    windowSize: Pair,
    shiftSize: Pair,
    numHeads: number,
    { qkvBias = true, projBias = true, attentionDropout = 0, dropout = 0 }: AttentionOptions = {},
  ) {
    super();
    if (windowSize.length !== 2 || shiftSize.length !== 2)
      throw new Error("window_size and shift_size must be of length 2");
    this.windowSize = windowSize;
    this.shiftSize = shiftSize;
    this.numHeads = numHeads;
    this.attentionDropout = attentionDropout;
    this.dropout = dropout;
    this.qkv = new nn.Linear(dim, 3 * dim, { bias: qkvBias });
    this.proj = new nn.Linear(dim, dim, { bias: projBias });
    this.defineTable();
    this.registerBuffer("relative_position_index", relativePositionIndex(windowSize));
  }

  /** Adds the table of biases, or what it is computed from. */
  protected defineTable(): void {
    const [height, width] = this.windowSize;
    this.relativePositionBiasTable = new nn.Parameter(torch.zeros((2 * height - 1) * (2 * width - 1), this.numHeads));
    nn.init.truncNormal_(this.relativePositionBiasTable, { std: 0.02 });
  }

  /** A bias for each head and each pair of positions: `[1, heads, positions, positions]`. */
  protected getRelativePositionBias(): Tensor {
    return this.spread(this.relativePositionBiasTable);
  }

  /** The rows of a table for all pairs of positions. */
  protected spread(table: Tensor): Tensor {
    return spreadTable(table, this.relativePositionIndex, this.windowSize);
  }

  protected attend(x: Tensor, logitScale?: Tensor): Tensor {
    const { qkv, proj, windowSize, shiftSize, numHeads, attentionDropout, dropout, training } = this;
    const bias = this.getRelativePositionBias();
    const layers = { qkvWeight: qkv.weight, projWeight: proj.weight, qkvBias: qkv.bias, projBias: proj.bias };
    const settings = { ...layers, bias, windowSize, shiftSize, numHeads, attentionDropout, dropout, training };
    return shiftedWindowAttention(x, logitScale === undefined ? settings : { ...settings, logitScale });
  }

  override forward(x: Tensor): Tensor {
    return this.attend(x);
  }
}

/** Attention by cosines, with a bias that a small network computes from how far positions are apart. */
export class ShiftedWindowAttentionV2 extends ShiftedWindowAttention {
  declare relativeCoordsTable: Tensor;
  declare logitScale: nn.Parameter;
  declare cpbMlp: nn.Sequential;

  constructor(dim: number, windowSize: Pair, shiftSize: Pair, numHeads: number, options: AttentionOptions = {}) {
    super(dim, windowSize, shiftSize, numHeads, options);
    this.logitScale = new nn.Parameter(torch.ones(numHeads, 1, 1).mul(10).log());
    this.cpbMlp = new nn.Sequential(
      new nn.Linear(2, 512),
      new nn.ReLU({ inplace: true }),
      new nn.Linear(512, numHeads, { bias: false }),
    );
    const { bias } = this.qkv;
    if (bias !== null) torch.noGrad(() => bias.at(`${dim}:${2 * dim}`).zero_());
  }

  /** Distances in both directions, from -8 to 8, on a logarithmic scale. */
  protected override defineTable(): void {
    const distances = this.windowSize.map((size) =>
      torch
        .arange(1 - size, size)
        .div(size - 1)
        .mul(8),
    );
    const table = torch.stack(torch.meshgrid(distances, { indexing: "ij" }), -1).unsqueeze(0);
    this.registerBuffer("relative_coords_table", table.sign().mul(table.abs().add(1).log2()).div(3));
  }

  protected override getRelativePositionBias(): Tensor {
    const table = this.cpbMlp(this.relativeCoordsTable).view(-1, this.numHeads);
    return this.spread(table).sigmoid().mul(16);
  }

  override forward(x: Tensor): Tensor {
    return this.attend(x, this.logitScale);
  }
}

type MakeAttention = Layer<
  [dim: number, windowSize: Pair, shiftSize: Pair, numHeads: number, options: AttentionOptions]
>;

export interface SwinBlockOptions {
  /** By how many times the linear layers widen; 4 by default. */
  mlpRatio?: number;
  dropout?: number;
  attentionDropout?: number;
  stochasticDepthProb?: number;
  /** Makes the norms: `nn.LayerNorm` by default. */
  normLayer?: Layer;
  /** Makes the attention. */
  attnLayer?: MakeAttention;
}

type BlockArguments = [dim: number, numHeads: number, windowSize: Pair, shiftSize: Pair, options?: SwinBlockOptions];

/** Attention and two linear layers, each after a norm and with a shortcut that is left alone at random. */
export class SwinTransformerBlock extends nn.Module {
  declare norm1: nn.Module;
  declare attn: nn.Module;
  declare stochasticDepth: StochasticDepth;
  declare norm2: nn.Module;
  declare mlp: MLP;

  constructor(...[dim, numHeads, windowSize, shiftSize, options = {}]: BlockArguments) {
    super();
    const { mlpRatio = 4, dropout = 0, attentionDropout = 0, stochasticDepthProb = 0 } = options;
    const normLayer = makerOf(options.normLayer ?? nn.LayerNorm);
    const attnLayer = makerOf(options.attnLayer ?? (ShiftedWindowAttention as MakeAttention));
    this.norm1 = normLayer(dim);
    this.attn = attnLayer(dim, windowSize, shiftSize, numHeads, { attentionDropout, dropout });
    this.stochasticDepth = new StochasticDepth(stochasticDepthProb, "row");
    this.norm2 = normLayer(dim);
    this.mlp = new MLP(dim, [Math.trunc(dim * mlpRatio), dim], {
      activationLayer: () => new nn.GELU(),
      inplace: null,
      dropout,
    });
    initializeMlp(this.mlp);
  }

  override forward(x: Tensor): Tensor {
    const attended = x.add(this.stochasticDepth(this.attn(this.norm1(x))));
    return attended.add(this.stochasticDepth(this.mlp(this.norm2(attended))));
  }
}

/** The same with the norms behind attention and linear layers, and attention by cosines. */
export class SwinTransformerBlockV2 extends SwinTransformerBlock {
  constructor(...[dim, numHeads, windowSize, shiftSize, options = {}]: BlockArguments) {
    super(dim, numHeads, windowSize, shiftSize, { attnLayer: ShiftedWindowAttentionV2, ...options });
  }

  override forward(x: Tensor): Tensor {
    const attended = x.add(this.stochasticDepth(this.norm1(this.attn(x))));
    return attended.add(this.stochasticDepth(this.norm2(this.mlp(attended))));
  }
}

type MakeBlock = Layer<[dim: number, numHeads: number, windowSize: Pair, shiftSize: Pair, options: SwinBlockOptions]>;
type MakeDownsample = Layer<[dim: number, normLayer: MakeLayer]>;

export interface SwinTransformerOptions {
  /** By how many times the linear layers of blocks widen; 4 by default. */
  mlpRatio?: number;
  /** How likely dropout is; 0 by default. */
  dropout?: number;
  /** How likely dropout of attention weights is; 0 by default. */
  attentionDropout?: number;
  /** How likely the last block is left out in training; the others less, in proportion to their depth. */
  stochasticDepthProb?: number;
  numClasses?: number;
  /** Makes the norms: `nn.LayerNorm` with an eps of 1e-5 by default. */
  normLayer?: Layer | null;
  /** Makes the blocks: `SwinTransformerBlock` by default. */
  block?: MakeBlock | null;
  /** Makes what stands between stages: `PatchMerging` by default. */
  downsampleLayer?: MakeDownsample;
}

const params = {
  patchSize: ints,
  embedDim: int,
  depths: ints,
  numHeads: ints,
  windowSize: ints,
  mlpRatio: optional(number, 4),
  dropout: optional(number, 0),
  attentionDropout: optional(number, 0),
  stochasticDepthProb: optional(number, 0.1),
  numClasses: optional(int, 1000),
  normLayer: optional(normParam, layerNorm),
  block: optional(layerParam<BlockArguments>(), (...args): nn.Module => new SwinTransformerBlock(...args)),
  downsampleLayer: optional(
    layerParam<[dim: number, normLayer: MakeLayer]>(),
    (...args): nn.Module => new PatchMerging(...args),
  ),
};

/**
 * A Swin transformer: images `[N, 3, H, W]` to scores `[N, numClasses]`.
 *
 * @param patchSize the height and width of patches.
 * @param embedDim the channels of the first stage; each stage has twice those of the one before.
 * @param depths how many blocks each stage has.
 * @param numHeads how many heads of attention they have.
 * @param windowSize the height and width of windows, in patches.
 * @see https://pytorch.org/vision/stable/models/swin_transformer.html
 */
export class SwinTransformer extends nn.Module {
  declare numClasses: number;
  declare features: nn.Sequential;
  declare norm: nn.Module;
  declare permute: Permute;
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare flatten: nn.Flatten;
  declare head: nn.Linear;

  constructor(
    ...args: [
      patchSize: readonly number[],
      embedDim: number,
      depths: readonly number[],
      numHeads: readonly number[],
      windowSize: readonly number[],
      ...rest: Args<
        [
          mlpRatio?: number,
          dropout?: number,
          attentionDropout?: number,
          stochasticDepthProb?: number,
          numClasses?: number,
          normLayer?: Layer | null,
          block?: MakeBlock | null,
          downsampleLayer?: MakeDownsample,
        ],
        [
          "mlpRatio",
          "dropout",
          "attentionDropout",
          "stochasticDepthProb",
          "numClasses",
          "normLayer",
          "block",
          "downsampleLayer",
        ]
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    const { patchSize, embedDim, depths, numHeads, numClasses, normLayer, block, downsampleLayer } = given;
    const { mlpRatio, dropout, attentionDropout } = given;
    const windowSize = given.windowSize as Pair;
    const halved = windowSize.map((size) => Math.floor(size / 2)) as unknown as Pair;
    const patches = new nn.Conv2d(3, embedDim, patchSize, patchSize);
    const layers: nn.Module[] = [new nn.Sequential(patches, new Permute([0, 2, 3, 1]), normLayer(embedDim))];
    const total = depths.reduce((sum, depth) => sum + depth, 0);
    let index = 0;
    depths.forEach((depth, i) => {
      const dim = embedDim * 2 ** i;
      const blocks = Array.from({ length: depth }, (_, j) => {
        const stochasticDepthProb = (given.stochasticDepthProb * index++) / (total - 1);
        const options = { mlpRatio, dropout, attentionDropout, stochasticDepthProb, normLayer };
        return block(dim, numHeads[i] as number, windowSize, j % 2 === 0 ? [0, 0] : halved, options);
      });
      layers.push(new nn.Sequential(...blocks));
      if (i < depths.length - 1) layers.push(downsampleLayer(dim, normLayer));
    });
    const width = embedDim * 2 ** (depths.length - 1);
    this.numClasses = numClasses;
    this.features = new nn.Sequential(...layers);
    this.norm = normLayer(width);
    this.permute = new Permute([0, 3, 1, 2]);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.flatten = new nn.Flatten(1);
    this.head = new nn.Linear(width, numClasses);
    initialize(this, {
      linear: (layer) => {
        nn.init.truncNormal_(layer.weight, { std: 0.02 });
        zeroBias(layer);
      },
    });
  }

  override forward(x: Tensor): Tensor {
    const features = this.permute(this.norm(this.features(x)));
    return this.head(this.flatten(this.avgpool(features)));
  }
}

export const Swin_T_Weights = weightsEnum("Swin_T_Weights", ["IMAGENET1K_V1"]);
export const Swin_S_Weights = weightsEnum("Swin_S_Weights", ["IMAGENET1K_V1"]);
export const Swin_B_Weights = weightsEnum("Swin_B_Weights", ["IMAGENET1K_V1"]);
export const Swin_V2_T_Weights = weightsEnum("Swin_V2_T_Weights", ["IMAGENET1K_V1"]);
export const Swin_V2_S_Weights = weightsEnum("Swin_V2_S_Weights", ["IMAGENET1K_V1"]);
export const Swin_V2_B_Weights = weightsEnum("Swin_V2_B_Weights", ["IMAGENET1K_V1"]);

export type SwinTransformerBuilder = Builder<SwinTransformer, SwinTransformerOptions>;

const tiny = { embedDim: 96, depths: [2, 2, 6, 2], numHeads: [3, 6, 12, 24], stochasticDepthProb: 0.2 };
const small = { embedDim: 96, depths: [2, 2, 18, 2], numHeads: [3, 6, 12, 24], stochasticDepthProb: 0.3 };
const base = { embedDim: 128, depths: [2, 2, 18, 2], numHeads: [4, 8, 16, 32], stochasticDepthProb: 0.5 };

const first = { window: 7 };
const second = { window: 8, block: SwinTransformerBlockV2, downsampleLayer: PatchMergingV2 };

function swin(
  name: string,
  weights: AnyWeightsEnum,
  { embedDim, depths, numHeads, stochasticDepthProb }: typeof tiny,
  { window, ...version }: { window: number; block?: MakeBlock; downsampleLayer?: MakeDownsample },
): SwinTransformerBuilder {
  return builder(
    name,
    weights,
    (options) =>
      new SwinTransformer([4, 4], embedDim, depths, numHeads, [window, window], {
        stochasticDepthProb,
        ...version,
        ...options,
      }),
  );
}

/** Swin transformer, tiny. */
export const swinT = swin("swin_t", Swin_T_Weights, tiny, first);
/** Swin transformer, small. */
export const swinS = swin("swin_s", Swin_S_Weights, small, first);
/** Swin transformer, base. */
export const swinB = swin("swin_b", Swin_B_Weights, base, first);
/** Swin transformer V2, tiny. */
export const swinV2T = swin("swin_v2_t", Swin_V2_T_Weights, tiny, second);
/** Swin transformer V2, small. */
export const swinV2S = swin("swin_v2_s", Swin_V2_S_Weights, small, second);
/** Swin transformer V2, base. */
export const swinV2B = swin("swin_v2_b", Swin_V2_B_Weights, base, second);
