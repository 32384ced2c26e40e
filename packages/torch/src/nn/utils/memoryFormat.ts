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
const signature2d = new Signature("convertConv2dWeightMemoryFormat", params);
const signature3d = new Signature("convertConv3dWeightMemoryFormat", params);

type Convolution = Conv2d | Conv3d | ConvTranspose2d | ConvTranspose3d;

function convert<M extends Module>(
  name: string,
  root: M,
  format: MemoryFormat,
  isWanted: (module: Module) => module is Convolution & Module,
): M {
  if (!(root instanceof Module)) throw new TypeError(`${name}(): argument 'module' must be Module`);
  const convolutions = [...root.modules()].filter(isWanted);
  for (const { weight } of convolutions) weight.data = weight.detach().clone({ memoryFormat: format });
  return root;
}

/**
 * Gives the weights of all `Conv2d` and `ConvTranspose2d` in a module, and of the module itself, an order in memory.
 *
 * @returns the module.
 * @example const model = nn.utils.convertConv2dWeightMemoryFormat(net, torch.channelsLast);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.convert_conv2d_weight_memory_format.html
 */
export function convertConv2dWeightMemoryFormat<M extends Module>(module: M, format: MemoryFormat): M {
  const given = signature2d.parse([module, format]);
  return convert(
    signature2d.functionName,
    given.module as M,
    given.memoryFormat,
    (one): one is Conv2d | ConvTranspose2d => one instanceof Conv2d || one instanceof ConvTranspose2d,
  );
}

/**
 * The same for `Conv3d` and `ConvTranspose3d`.
 *
 * @returns the module.
 * @example nn.utils.convertConv3dWeightMemoryFormat(net, torch.channelsLast3d);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.convert_conv3d_weight_memory_format.html
 */
export function convertConv3dWeightMemoryFormat<M extends Module>(module: M, format: MemoryFormat): M {
  const given = signature3d.parse([module, format]);
  return convert(
    signature3d.functionName,
    given.module as M,
    given.memoryFormat,
    (one): one is Conv3d | ConvTranspose3d => one instanceof Conv3d || one instanceof ConvTranspose3d,
  );
}
