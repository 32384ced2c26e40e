/** Convolution with kernels whose places look where an offset says. */
import torch, { type DType } from "flambeau";
import { upTo } from "../../lists.js";
import { int, ints } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import { type Extent, productOf } from "../sizes.js";

const { int64 } = torch;

/** The pixel before a place or behind it, along one dim. */
interface Pixel {
  readonly place: string;
  /** How much it counts. */
  readonly share: string;
  readonly isInside: string;
}

function pixelsAt(t: Call, at: string, size: Extent, dtype: DType): [Pixel, Pixel] {
  const [zero, one] = [t.literal(0, dtype), t.literal(1, dtype)];
  const pixel = (place: string, share: string): Pixel => {
    const isBelow = t.op("Less", place, t.session.scalar(size, dtype));
    const isInside = t.op("And", t.op("GreaterOrEqual", place, zero), isBelow);
    return { place: t.cast(t.where(isInside, place, zero), dtype, int64), share, isInside };
  };
  const before = t.op("Floor", at);
  const rest = t.op("Sub", at, before);
  return [pixel(before, t.op("Sub", one, rest)), pixel(t.op("Add", before, one), rest)];
}

/** Where kernels look along a dim without an offset, `[kernel, places]`. */
function regularPlaces(t: Call, count: Extent, stride: number, starts: readonly number[], dtype: DType): string {
  const steps = t.op("Mul", t.cast(t.range(count), int64, dtype), t.literal(stride, dtype));
  return t.op("Add", t.unsqueeze(steps, 0), t.literal(starts, dtype, [starts.length, 1]));
}

/** What places of kernels see of images: an average of the four pixels around each, of which those outside are 0. */
const deformColumns: Translation = (t) =>
  t.computed((dtype) => {
    const geometry = t.numbers("geometry");
    const [kernelH, kernelW, strideH, strideW, padH, padW, dilationH, dilationW, groups] = geometry as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const [batch, channels, height, width] = t.value().sizes as [Extent, number, Extent, Extent];
    const [rows, columns] = t.value("offset").sizes.slice(2) as [Extent, Extent];
    const kernel = kernelH * kernelW;
    const perGroup = channels / groups;
    // Dims: image, group, place in the kernel, row, column.
    const sights = [batch, groups, kernel, rows, columns];
    const flat = [batch, groups, 1, productOf([kernel, rows, columns])];
    const offsets = t.reshape(t.x("offset", dtype), t.value("offset").sizes, [batch, groups, kernel, 2, rows, columns]);
    const offset = (index: 0 | 1) => t.item(offsets, 3, index);
    const starts = (of: (place: number) => number) => upTo(kernel).map(of);
    const startsH = starts((place) => Math.floor(place / kernelW) * dilationH - padH);
    const startsW = starts((place) => (place % kernelW) * dilationW - padW);
    const down = t.unsqueeze(regularPlaces(t, rows, strideH, startsH, dtype), 2);
    const across = t.unsqueeze(regularPlaces(t, columns, strideW, startsW, dtype), 1);
    const pixelsH = pixelsAt(t, t.op("Add", offset(0), down), height, dtype);
    const pixelsW = pixelsAt(t, t.op("Add", offset(1), across), width, dtype);
    const images = t.reshape(t.x("input", dtype), t.value().sizes, [
      batch,
      groups,
      perGroup,
      productOf([height, width]),
    ]);
    const part = (vertical: Pixel, horizontal: Pixel): string => {
      const place = t.op("Add", t.op("Mul", vertical.place, t.session.scalar(width, int64)), horizontal.place);
      const seen = t.expand(t.reshape(place, sights, flat), [1, 1, perGroup, 1]);
      const value = t.opWith({ axis: 3n }, "GatherElements", images, seen);
      const share = t.reshape(t.op("Mul", vertical.share, horizontal.share), sights, flat);
      const isInside = t.reshape(t.op("And", vertical.isInside, horizontal.isInside), sights, flat);
      return t.where(isInside, t.op("Mul", value, share), t.literal(0, dtype));
    };
    const parts = pixelsH.flatMap((vertical) => pixelsW.map((horizontal) => part(vertical, horizontal)));
    const seen = parts.reduce((a, b) => t.op("Add", a, b));
    const counted = t.has("mask")
      ? t.op("Mul", seen, t.reshape(t.x("mask", dtype), t.value("mask").sizes, flat))
      : seen;
    return t.toOut(counted, [batch, groups, perGroup, productOf([kernel, rows, columns])]);
  });

/** Since opset 19 there is an operator. */
const deformConv: Translation = (t) => {
  if (t.opset < 19) return undefined;
  const per = (name: string) => ints([t.number(`${name}H`), t.number(`${name}W`)]);
  const pads = per("pad");
  const attributes = {
    strides: per("stride"),
    pads: [...pads, ...pads],
    dilations: per("dilation"),
    group: int(t.number("groups")),
    offset_group: int(t.number("offsetGroups")),
  };
  const mask = t.arg("useMask") === true ? t.x("mask") : undefined;
  return t.opWith(attributes, "DeformConv", t.x(), t.x("weight"), t.x("offset"), t.x("bias"), mask);
};

export const deform: Translations = { "torchvision.deformConv2d": deformConv, deformColumns };
