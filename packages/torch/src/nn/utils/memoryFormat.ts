/**
 * The order in which the weights of convolutions stand in memory: a convolution whose weight has its channels innermost
 * gives its result in that order, whatever that of its input.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */
import { anything, type Param } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { type MemoryFormat, memoryFormat } from "../../ops/creation/memoryFormat.js";
import { Module } from "../module.js";
import { Conv2d, Conv3d } from "../modules/conv.js";
import { ConvTranspose2d, ConvTranspose3d } from "../modules/convTranspose.js";

const params = { module: anything as Param<Module>, memoryFormat };

type Convolution = Conv2d | Conv3d | ConvTranspose2d | ConvTranspose3d;
type Converter = <M extends Module>(module: M, memoryFormat: MemoryFormat) => M;

function converter(name: string, ...classes: readonly (abstract new (...args: never) => Convolution)[]): Converter {
  const signature = new Signature(name, params);
  return (root, format) => {
    const { module, memoryFormat } = signature.parse([root, format]);
    if (!(module instanceof Module)) throw new TypeError(`${name}(): argument 'module' must be Module`);
    for (const one of module.modules()) {
      if (!classes.some((Class) => one instanceof Class)) continue;
      const { weight } = one as Convolution;
      weight.data = weight.detach().clone({ memoryFormat });
    }
    return root;
  };
}

/**
 * Gives the weights of all `Conv2d` and `ConvTranspose2d` in a module, and of the module itself, an order in memory.
 *
 * @returns the module.
 * @example const model = nn.utils.convertConv2dWeightMemoryFormat(net, torch.channelsLast);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.convert_conv2d_weight_memory_format.html
 */
export const convertConv2dWeightMemoryFormat: Converter = converter(
  "convertConv2dWeightMemoryFormat",
  Conv2d,
  ConvTranspose2d,
);

/**
 * The same for `Conv3d` and `ConvTranspose3d`.
 *
 * @returns the module.
 * @example nn.utils.convertConv3dWeightMemoryFormat(net, torch.channelsLast3d);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.convert_conv3d_weight_memory_format.html
 */
export const convertConv3dWeightMemoryFormat: Converter = converter(
  "convertConv3dWeightMemoryFormat",
  Conv3d,
  ConvTranspose3d,
);
