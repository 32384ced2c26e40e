/** Feature pyramid networks: features of several sizes, each with what the smaller ones know. */
import { F, nn, type Tensor } from "flambeau";
import { type Args, instanceOf, int, ints, nullable, optional, Signature } from "flambeau/arguments";
import { renameLayer } from "../stateKeys.js";
import { Conv2dNormActivation } from "./convNormActivation.js";
import { type Layer, normLayer } from "./layer.js";

/** Feature maps by name, the largest first. */
export type FeatureMaps = Record<string, Tensor>;

/** Feature maps and their names. */
export type NamedFeatures = [results: Tensor[], names: string[]];

/**
 * What adds further levels to a pyramid; a subclass writes `forward`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.FeaturePyramidNetwork.html
 */
export abstract class ExtraFPNBlock extends nn.Module {
  /** Takes the pyramid's levels, the features they were made of, and their names; gives levels and names, some more of each. */
  abstract override forward(results: Tensor[], x: Tensor[], names: string[]): NamedFeatures;
}

/**
 * A pyramid on top of feature maps: each level is a convolution of its map and of the next smaller level, doubled in size.
 * All levels have the same number of channels.
 *
 * @param inChannelsList the channels of the maps, the largest map first.
 * @param extraBlocks adds levels at the end; none by default.
 * @param normLayer makes norms behind the convolutions; none by default.
 * @example
 * const pyramid = new ops.FeaturePyramidNetwork([10, 20], 5);
 * pyramid({ a: torch.rand(1, 10, 64, 64), b: torch.rand(1, 20, 16, 16) }).a.shape // [1, 5, 64, 64]
 * @throws Error for 0 channels.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.FeaturePyramidNetwork.html
 */
export class FeaturePyramidNetwork extends nn.Module {
  declare innerBlocks: nn.ModuleList;
  declare layerBlocks: nn.ModuleList;
  declare extraBlocks: ExtraFPNBlock | null;

  constructor(
    ...args: [
      inChannelsList: readonly number[],
      outChannels: number,
      ...rest: Args<[extraBlocks?: ExtraFPNBlock | null, normLayer?: Layer | null], ["extraBlocks", "normLayer"]>,
    ]
  ) {
    super();
    const params = {
      inChannelsList: ints,
      outChannels: int,
      extraBlocks: optional(nullable(instanceOf("ExtraFPNBlock", ExtraFPNBlock)), null),
      normLayer: optional(normLayer, null),
    };
    const given = new Signature(new.target.name, params).parse(args);
    if (given.inChannelsList.includes(0)) throw new Error("in_channels=0 is currently not supported");
    this.innerBlocks = new nn.ModuleList();
    this.layerBlocks = new nn.ModuleList();
    const kind = { normLayer: given.normLayer, activationLayer: null };
    for (const inChannels of given.inChannelsList) {
      const options = { kernelSize: 1, padding: 0, ...kind };
      this.innerBlocks.append(new Conv2dNormActivation(inChannels, given.outChannels, options));
      this.layerBlocks.append(new Conv2dNormActivation(given.outChannels, given.outChannels, 3, kind));
    }
    for (const module of this.modules()) if (module instanceof nn.Conv2d) initialize(module);
    this.extraBlocks = given.extraBlocks;
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    for (const [block, { length }] of [
      ["inner_blocks", this.innerBlocks],
      ["layer_blocks", this.layerBlocks],
    ] as const) {
      for (let i = 0; i < length; i++) renameLayer(stateDict, `${prefix}${block}.${i}`, `${prefix}${block}.${i}.0`);
    }
  }

  override forward(x: FeatureMaps): FeatureMaps {
    const maps = Object.values(x);
    if (maps.length !== this.innerBlocks.length) {
      throw new Error(`FeaturePyramidNetwork: expected ${this.innerBlocks.length} feature maps, got ${maps.length}`);
    }
    const laterals = maps.map((map, i) => this.innerBlocks.at(i)(map) as Tensor);
    const results: Tensor[] = [];
    let above: Tensor | undefined;
    for (let i = laterals.length - 1; i >= 0; i--) {
      const lateral = laterals[i] as Tensor;
      above = above === undefined ? lateral : lateral.add(F.interpolate(above, lateral.shape.slice(-2)));
      results.unshift(this.layerBlocks.at(i)(above));
    }
    const [levels, names] =
      this.extraBlocks === null
        ? [results, Object.keys(x)]
        : (this.extraBlocks(results, maps, Object.keys(x)) as NamedFeatures);
    return Object.fromEntries(names.map((name, i) => [name, levels[i] as Tensor]));
  }
}

function initialize(conv: nn.Conv2d): void {
  nn.init.kaimingUniform_(conv.weight, 1);
  if (conv.bias !== null) nn.init.constant_(conv.bias, 0);
}

/** A further level, `"pool"`: every other element of the last one. */
export class LastLevelMaxPool extends ExtraFPNBlock {
  override forward(results: Tensor[], _x: Tensor[], names: string[]): NamedFeatures {
    const last = results.at(-1) as Tensor;
    return [
      [...results, F.maxPool2d(last, 1, 2, 0)],
      [...names, "pool"],
    ];
  }
}

/** Two further levels, `"p6"` and `"p7"`, by convolutions with stride 2, as RetinaNet has them. */
export class LastLevelP6P7 extends ExtraFPNBlock {
  declare p6: nn.Conv2d;
  declare p7: nn.Conv2d;
  declare useP5: boolean;

  constructor(...args: [inChannels: number, outChannels: number]) {
    super();
    const { inChannels, outChannels } = new Signature(new.target.name, { inChannels: int, outChannels: int }).parse(
      args,
    );
    this.p6 = new nn.Conv2d(inChannels, outChannels, 3, 2, 1);
    this.p7 = new nn.Conv2d(outChannels, outChannels, 3, 2, 1);
    for (const conv of [this.p6, this.p7]) initialize(conv);
    this.useP5 = inChannels === outChannels;
  }

  override forward(results: Tensor[], x: Tensor[], names: string[]): NamedFeatures {
    const p6 = this.p6((this.useP5 ? results : x).at(-1) as Tensor);
    const p7 = this.p7(F.relu(p6));
    return [
      [...results, p6, p7],
      [...names, "p6", "p7"],
    ];
  }
}
