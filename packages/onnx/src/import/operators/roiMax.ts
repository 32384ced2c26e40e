/** The largest of samples in regions: what `RoiAlign` gives in its mode `max`. */
import torch, { type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { checkedCount } from "../limits.js";
import { numbersOf } from "../nodeReader.js";
import { int64 } from "./dims.js";

export interface Regions {
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  /** How many samples a bin has in each direction; 0 for as many as there are pixels. */
  readonly ratio: number;
  readonly aligned: boolean;
}

/** The neighbours of samples in one direction: the lower one, the upper one, and the weight of the upper one. */
interface Samples {
  readonly low: number[];
  readonly high: number[];
  readonly weight: number[];
  readonly isInside: boolean[];
  readonly perBin: number;
}

function samplesOf(
  start: number,
  end: number,
  bins: number,
  size: number,
  { scale, ratio, aligned }: Regions,
): Samples {
  const shift = aligned ? 0.5 : 0;
  const extent = (end - start) * scale;
  const length = aligned ? extent : Math.max(extent, 1);
  const perBin = Math.max(0, ratio > 0 ? ratio : Math.ceil(length / bins));
  checkedCount([perBin, bins], torch.float64, "a grid of samples");
  const places = upTo(bins * perBin).map((i) => start * scale - shift + ((i + 0.5) * length) / bins / perBin);
  const clamped = places.map((place) => Math.min(Math.max(place, 0), size - 1));
  const low = clamped.map(Math.floor);
  return {
    low,
    high: low.map((place) => Math.min(place + 1, size - 1)),
    weight: clamped.map((place, i) => place - (low[i] as number)),
    isInside: places.map((place) => place >= -1 && place <= size),
    perBin,
  };
}

/** The largest weighted neighbour of all samples of each bin of one region: `[channels, height, width]`. */
function largest(image: Tensor, [x1, y1, x2, y2]: readonly [number, number, number, number], regions: Regions): Tensor {
  const [channels, rows, columns] = image.shape as [number, number, number];
  const { height, width } = regions;
  const ys = samplesOf(y1, y2, height, rows, regions);
  const xs = samplesOf(x1, x2, width, columns, regions);
  if (ys.perBin === 0 || xs.perBin === 0) return torch.zeros([channels, height, width], { dtype: image.dtype });
  const inside = torch.tensor(ys.isInside).unsqueeze(1).logicalAnd(torch.tensor(xs.isInside));
  const wy = torch.tensor(ys.weight, { dtype: image.dtype }).unsqueeze(1);
  const wx = torch.tensor(xs.weight, { dtype: image.dtype });
  const corner = (row: readonly number[], column: readonly number[], weight: Tensor) =>
    image.indexSelect(1, int64(row)).indexSelect(2, int64(column)).mul(weight.mul(inside));
  const all = [
    corner(ys.low, xs.low, wy.neg().add(1).mul(wx.neg().add(1))),
    corner(ys.low, xs.high, wy.neg().add(1).mul(wx)),
    corner(ys.high, xs.low, wy.mul(wx.neg().add(1))),
    corner(ys.high, xs.high, wy.mul(wx)),
  ];
  const best = all.reduce((a, b) => a.maximum(b));
  return best.reshape([channels, height, ys.perBin, width, xs.perBin]).amax([2, 4]);
}

/** Of every region the largest samples of its bins: `[regions, channels, height, width]`. */
export function roiMax(x: Tensor, boxes: Tensor, images: Tensor, regions: Regions): Tensor {
  const corners = numbersOf(boxes);
  const found = numbersOf(images).map((image, i) =>
    largest(x.select(0, image), corners.slice(4 * i, 4 * i + 4) as [number, number, number, number], regions),
  );
  if (found.length > 0) return torch.stack(found, 0);
  return torch.zeros([0, x.shape[1] as number, regions.height, regions.width], { dtype: x.dtype });
}
