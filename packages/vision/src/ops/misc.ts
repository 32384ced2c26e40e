/** Small blocks of which networks are made. */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, flagOn, int, ints, nullable, number, optional, Signature, type ValuesOf } from "flambeau/arguments";
import { pyFloat } from "../python.js";
import { type ActivationLayer, activationParam, type Layer, layerParam, makerOf, normLayer } from "./layer.js";

/**
 * A batch norm 2d whose statistics and affine parameters are fixed: `(x - runningMean) / √(runningVar + eps) * weight + bias`.
 * All four are buffers.
 *
 * @example new ops.FrozenBatchNorm2d(64)
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.FrozenBatchNorm2d.html
 */
export class FrozenBatchNorm2d extends nn.Module {
  declare eps: number;
  declare weight: Tensor;
  declare bias: Tensor;
  declare runningMean: Tensor;
  declare runningVar: Tensor;

  constructor(...args: [numFeatures: number, ...rest: Args<[eps?: number], ["eps"]>]) {
    super();
    const params = { numFeatures: int, eps: optional(number, 1e-5) };
    const { numFeatures, eps } = new Signature(new.target.name, params).parse(args);
    this.eps = eps;
    this.registerBuffer("weight", torch.ones(numFeatures));
    this.registerBuffer("bias", torch.zeros(numFeatures));
    this.registerBuffer("running_mean", torch.zeros(numFeatures));
    this.registerBuffer("running_var", torch.ones(numFeatures));
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    // A batch norm counts its batches.
    delete stateDict[`${prefix}num_batches_tracked`];
  }

  override forward(x: Tensor): Tensor {
    const [weight, bias, mean, variance] = [this.weight, this.bias, this.runningMean, this.runningVar].map((each) =>
      each.reshape(1, -1, 1, 1),
    ) as [Tensor, Tensor, Tensor, Tensor];
    const scale = weight.mul(variance.add(this.eps).rsqrt());
    return x.mul(scale).add(bias.sub(mean.mul(scale)));
  }

  override extraRepr(): string {
    return `${this.weight.shape[0]}, eps=${pyFloat(this.eps)}`;
  }
}

type GateLayer = Layer<[]>;

const gate = layerParam<[]>();

const squeezeParams = {
  inputChannels: int,
  squeezeChannels: int,
  activation: optional(gate, makerOf(nn.ReLU as GateLayer)),
  scaleActivation: optional(gate, makerOf(nn.Sigmoid as GateLayer)),
};

/**
 * Squeeze and excitation: each channel of an input `[N, C, H, W]` times a weight from 0 to 1 that two layers compute from the means of all channels.
 *
 * @param activation what follows the first layer: `nn.ReLU` by default.
 * @param scaleActivation what follows the second: `nn.Sigmoid` by default.
 * @example new ops.SqueezeExcitation(64, 16)(torch.rand(1, 64, 8, 8)).shape // [1, 64, 8, 8]
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.SqueezeExcitation.html
 */
export class SqueezeExcitation extends nn.Module {
  declare avgpool: nn.AdaptiveAvgPool2d;
  declare fc1: nn.Conv2d;
  declare fc2: nn.Conv2d;
  declare activation: nn.Module;
  declare scaleActivation: nn.Module;

  constructor(
    ...args: [
      inputChannels: number,
      squeezeChannels: number,
      ...rest: Args<[activation?: GateLayer, scaleActivation?: GateLayer], ["activation", "scaleActivation"]>,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, squeezeParams).parse(args);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.fc1 = new nn.Conv2d(given.inputChannels, given.squeezeChannels, 1);
    this.fc2 = new nn.Conv2d(given.squeezeChannels, given.inputChannels, 1);
    this.activation = given.activation();
    this.scaleActivation = given.scaleActivation();
  }

  override forward(input: Tensor): Tensor {
    const layers = [this.avgpool, this.fc1, this.activation, this.fc2, this.scaleActivation];
    return nn.Sequential.run(layers, input).mul(input);
  }
}

const mlpParams = {
  inChannels: int,
  hiddenChannels: ints,
  normLayer: optional(normLayer, null),
  activationLayer: optional(nullable(activationParam), makerOf(nn.ReLU)),
  inplace: nullable(flagOn),
  bias: flagOn,
  dropout: optional(number, 0),
};

function mlpLayers(given: ValuesOf<typeof mlpParams>): nn.Module[] {
  const { inChannels, hiddenChannels, normLayer, activationLayer, inplace, bias, dropout } = given;
  const options = inplace === null ? [] : ([{ inplace }] as const);
  return hiddenChannels.flatMap((channels, i) => {
    const linear = new nn.Linear(i === 0 ? inChannels : (hiddenChannels[i - 1] as number), channels, { bias });
    if (i === hiddenChannels.length - 1) return [linear, new nn.Dropout(dropout, ...options)];
    const norm = normLayer === null ? [] : [normLayer(channels)];
    const activation = activationLayer === null ? [] : [activationLayer(...options)];
    return [linear, ...norm, ...activation, new nn.Dropout(dropout, ...options)];
  });
}

/**
 * Linear layers with norms, activations and dropout between them, and dropout at the end.
 *
 * @param hiddenChannels the sizes of what the layers give; the last one is that of the output.
 * @param normLayer makes the norms: none by default.
 * @param activationLayer makes the activations: `nn.ReLU` by default.
 * @example new ops.MLP(784, [128, 10], { dropout: 0.1 })(torch.rand(2, 784)).shape // [2, 10]
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.MLP.html
 */
export class MLP extends nn.Sequential {
  constructor(
    ...args: [
      inChannels: number,
      hiddenChannels: readonly number[],
      ...rest: Args<
        [normLayer?: Layer | null, activationLayer?: ActivationLayer | null],
        ["normLayer", "activationLayer"],
        { inplace?: boolean | null; bias?: boolean; dropout?: number }
      >,
    ]
  ) {
    super(...mlpLayers(new Signature(new.target.name, mlpParams).parse(args)));
  }
}

/**
 * A view with the dims in another order, as a module.
 *
 * @example new ops.Permute([0, 2, 3, 1])(torch.rand(1, 3, 8, 8)).shape // [1, 8, 8, 3]
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.Permute.html
 */
export class Permute extends nn.Module {
  declare dims: readonly number[];

  constructor(...args: [dims: readonly number[]]) {
    super();
    this.dims = new Signature(new.target.name, { dims: ints }).parse(args).dims;
  }

  override forward(x: Tensor): Tensor {
    return x.permute(this.dims);
  }
}
