/** Normalizations of the sizes that networks have. */
import { F } from "flambeau";
import { type Case, type Input, operation, randn } from "../case.js";

/** Images whose channels are innermost in memory. */
function channelsLast(batch: number, channels: number, height: number, width: number): Input {
  const stored = randn(batch, height, width, channels);
  return {
    ...stored,
    flambeau: () => stored.flambeau().permute(0, 3, 1, 2),
    pytorch: `${stored.pytorch}.permute(0, 3, 1, 2)`,
  };
}

function batchNorm(name: string, x: Input, channels: number): Case[] {
  return operation({
    name: `batch norm, ${name}`,
    inputs: { x, weight: randn(channels), bias: randn(channels) },
    flambeau: ({ x, weight, bias }) => F.batchNorm(x, null, null, weight, bias, { training: true }),
    pytorch: "torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True)",
  });
}

const images = randn(32, 64, 56, 56);
const channels = { weight: randn(64), bias: randn(64) };

export const normalization: readonly Case[] = [
  ...batchNorm("32×64×56²", images, 64),
  ...batchNorm("32×64×56² with channels last", channelsLast(32, 64, 56, 56), 64),
  ...batchNorm("32×512×7²", randn(32, 512, 7, 7), 512),
  ...batchNorm("4096×512", randn(4096, 512), 512),
  ...operation({
    name: "layer norm, 4096×768",
    inputs: { x: randn(4096, 768), weight: randn(768), bias: randn(768) },
    flambeau: ({ x, weight, bias }) => F.layerNorm(x, [768], weight, bias),
    pytorch: "torch.nn.functional.layer_norm(x, [768], weight, bias)",
  }),
  ...operation({
    name: "group norm of 8 groups, 32×64×56²",
    inputs: { x: images, ...channels },
    flambeau: ({ x, weight, bias }) => F.groupNorm(x, 8, weight, bias),
    pytorch: "torch.nn.functional.group_norm(x, 8, weight, bias)",
  }),
  ...operation({
    name: "instance norm, 32×64×56²",
    inputs: { x: images, ...channels },
    flambeau: ({ x, weight, bias }) => F.instanceNorm(x, { weight, bias }),
    pytorch: "torch.nn.functional.instance_norm(x, weight=weight, bias=bias)",
  }),
];
