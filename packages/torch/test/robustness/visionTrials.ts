/** Random calls of torchvision's operators: arguments that fit, and boxes, offsets and indices that are anything. */
import torch from "../../src/index.js";
import type { Call, Trial } from "./trial.js";
import { dtypes, type Values } from "./values.js";

const { torchvision } = torch.ops;

/** What coordinates may be. */
const places = [0, 1, 2.5, -1, -3, 7, 1e3, -1e9, 3e9, 1e30, -1e38, 1e-30, Number.NaN, Infinity, -Infinity];

const floats = [torch.float32, torch.float64, torch.float16, torch.bfloat16];

function aTensor(values: Values, shape: readonly number[], dtype: torch.DType, item: () => number): torch.Tensor {
  if (values.chance(0.04)) return values.tensor();
  const count = shape.reduce((product, size) => product * size, 1);
  const made = torch.tensor(values.list(count, item), { dtype: torch.float64 }).view(shape).to(dtype);
  const laid = values.chance(0.15) && shape.length > 1 ? made.transpose(0, 1).contiguous().transpose(0, 1) : made;
  return values.chance(0.4) && dtype.isFloatingPoint ? laid.detach().requiresGrad_() : laid;
}

function backward(result: unknown): unknown {
  const output = result instanceof torch.Tensor ? result : (result as { output: torch.Tensor }).output;
  if (output.requiresGrad) output.sum().backward();
  return result;
}

function aRegionCall(values: Values): Trial {
  const dtype = values.chance(0.05) ? values.of(dtypes) : values.of(floats);
  const name = values.of(["roiAlign", "psRoiAlign", "roiPool", "psRoiPool"] as const);
  const bins = values.list(2, () => values.of([1, 2, 3]));
  const [images, channels, height, width] = values.list(4, () => values.of([0, 1, 2, 3, 5])) as [
    number,
    number,
    number,
    number,
  ];
  const own = name.startsWith("ps") ? channels * (bins[0] as number) * (bins[1] as number) : channels;
  const input = aTensor(values, [images, own, height, width], dtype, () => values.of(places));
  const count = values.below(4);
  const rois = aTensor(values, [count, 5], dtype, () => values.of(places));
  for (let i = 0; i < count && values.chance(0.9); i++)
    if (rois.shape[0] === count && rois.ndim === 2) rois.data.select(0, i).narrow(0, 0, 1).fill_(values.below(3));
  const sizes = values.chance(0.05) ? [values.number(), values.number()] : bins;
  const args: unknown[] = [input, rois, values.of([1, 0.5, 0.0625, 3, values.number()]), ...sizes];
  if (name.endsWith("Align")) args.push(values.of([-1, 0, 1, 2, 100, values.number()]));
  if (name === "roiAlign") args.push(values.chance(0.5));
  return { name: `torchvision.${name}`, args, run: () => backward((torchvision[name] as Call)(...args)) };
}

function aSuppression(values: Values): Trial {
  const dtype = values.of(floats);
  const count = values.of([0, 1, 2, 7, 40]);
  const args = [
    aTensor(values, [count, 4], dtype, () => values.of(places)),
    aTensor(values, [count], dtype, () => values.of([...places, values.below(1000) / 1000])),
    values.of([0.5, 0, 1, -1, values.number()]),
  ];
  return { name: "torchvision.nms", args, run: () => (torchvision.nms as Call)(...args) };
}

function aDeformedConvolution(values: Values): Trial {
  const dtype = values.of(floats);
  const [groups, offsetGroups] = [values.of([1, 2]), values.of([1, 1, 2])];
  const channels = 2 * values.of([1, 2]);
  const [batch, height, width] = values.list(3, () => values.of([0, 1, 2, 4])) as [number, number, number];
  const [rows, columns, stride, padding, dilation] = values.list(5, () => values.of([1, 1, 2])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const out = (size: number, kernel: number) =>
    Math.max(0, Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1);
  const outSizes = [out(height, rows), out(width, columns)];
  const seen = offsetGroups * rows * columns;
  const item = () => values.of(places);
  const step = () => (values.chance(0.03) ? values.number() : stride);
  const args: unknown[] = [
    aTensor(values, [batch, channels, height, width], dtype, item),
    aTensor(values, [2, channels / groups, rows, columns], dtype, item),
    aTensor(values, [batch, 2 * seen, ...outSizes], dtype, item),
    aTensor(values, [batch, seen, ...outSizes], dtype, item),
    aTensor(values, [2], dtype, item),
    ...[step(), step(), padding, padding, dilation, dilation],
    ...[groups, offsetGroups, values.chance(0.5)],
  ];
  return {
    name: "torchvision.deformConv2d",
    args,
    run: () => backward((torchvision.deformConv2d as Call)(...args)),
  };
}

/** Kinds with how often they come. */
export const visionKinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [
  [4, aRegionCall],
  [1, aSuppression],
  [2, aDeformedConvolution],
];
