/** Images whose numbers are of more than a byte (modes `I` and `F`), resized and moved in float64, as PIL does it. */
import torch, { type Tensor } from "flambeau";

/** Computed numbers in the dtype of an image, halves rounded away from zero. */
function rounded(values: Tensor, dtype: torch.DType): Tensor {
  if (dtype.isFloatingPoint) return values.to(dtype);
  return whole(values.abs().add(0.5).floor().mul(values.sign()), dtype);
}

/** Computed numbers without their fractions, within the range of 32 bits. */
function whole(values: Tensor, dtype: torch.DType): Tensor {
  return dtype.isFloatingPoint ? values.to(dtype) : values.clamp(-(2 ** 31), 2 ** 31 - 1).to(dtype);
}

/** How much a neighbour counts, by its distance, and how far away one may be. */
interface Filter {
  readonly reach: number;
  weight(distance: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((x - 5) * x + 8) * x * -0.5 + 2 : 0;
}

const filters: Record<"box" | "bilinear" | "hamming" | "bicubic" | "lanczos", Filter> = {
  box: { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { reach: 1, weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI)) : 0) },
  bicubic: { reach: 2, weight: cubic },
  lanczos: { reach: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

export type WideFilter = keyof typeof filters;

/** The places and weights of the first, second, … pixel of which each of `count` pixels is made. */
function neighbours(
  size: number,
  count: number,
  { reach, weight }: Filter,
): { places: Float64Array; weights: Float64Array }[] {
  const scale = size / count;
  const spread = Math.max(scale, 1);
  const most = Math.ceil(reach * spread) * 2 + 1;
  const taps = Array.from({ length: most }, () => ({
    places: new Float64Array(count),
    weights: new Float64Array(count),
  }));
  for (let i = 0; i < count; i++) {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach * spread + 0.5));
    const end = Math.min(size, Math.trunc(center + reach * spread + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => weight((k + first - center + 0.5) / spread));
    const sum = weights.reduce((a, b) => a + b, 0);
    taps.forEach((tap, k) => {
      tap.places[i] = Math.min(first + k, end - 1);
      tap.weights[i] = (weights[k] ?? 0) / (sum === 0 ? 1 : sum);
    });
  }
  return taps;
}

/** Numbers with another size of a dim. */
function resizeDim(pixels: Tensor, dim: 0 | 1, count: number, filter: Filter): Tensor {
  const size = pixels.shape[dim] as number;
  if (size === count) return pixels;
  const values = pixels.double();
  const shape = [0, 1, 2].map((d) => (d === dim ? count : 1));
  // One after the other: the parts of a large image would fill the memory together.
  const sum = torch.zeros(
    pixels.shape.map((length, d) => (d === dim ? count : length)),
    { dtype: torch.float64 },
  );
  for (const { places, weights } of neighbours(size, count, filter))
    sum.add_(values.indexSelect(dim, torch.tensor(places).long()).mul_(torch.tensor(weights).view(shape)));
  return rounded(sum, pixels.dtype);
}

/** The nearest ones of numbers `[H, W, 1]` of 16 bits, whose places PIL computes one by one. */
export function resizeNearest(pixels: Tensor, size: readonly [number, number]): Tensor {
  return size.reduce((resized, count, dim) => {
    const places = torch
      .arange(count, { dtype: torch.float64 })
      .add(0.5)
      .mul((pixels.shape[dim] as number) / count);
    return resized.indexSelect(dim, places.floor().long());
  }, pixels);
}

/** Numbers `[H, W, 1]` in another size: each row, and then each column, as PIL does it. */
export function resizeWide(pixels: Tensor, [height, width]: readonly [number, number], filter: WideFilter): Tensor {
  return resizeDim(resizeDim(pixels, 1, width, filters[filter]), 0, height, filters[filter]);
}

/** What lies at a fraction of the way from the middle one of some numbers to the next one. */
const between = {
  bilinear: ([a, b]: readonly Tensor[], d: Tensor): Tensor =>
    (a as Tensor).mul(d.neg().add(1)).add((b as Tensor).mul(d)),
  bicubic: (numbers: readonly Tensor[], d: Tensor): Tensor => {
    const [a, b, c, e] = numbers as [Tensor, Tensor, Tensor, Tensor];
    const second = a.sub(b).mul(2).add(c).sub(e);
    const third = b.sub(a).sub(c).add(e);
    return d.mul(third).add(second).mul(d).add(c.sub(a)).mul(d).add(b);
  },
};

/** Numbers `[H, W, 1]` under a map of six (affine) or eight (perspective) coefficients, and one number outside. */
export function transformWide(
  pixels: Tensor,
  [height, width]: readonly [number, number],
  coefficients: readonly number[],
  fill: number,
  filter: "nearest" | "bilinear" | "bicubic",
): Tensor {
  const { dtype } = pixels;
  if (filter === "nearest") {
    // Their bytes move together.
    const bytes = torch.tensor([fill], { dtype }).view(torch.uint8).tolist() as number[];
    const all = pixels.contiguous().view(torch.uint8);
    const moved = torch.ops.torchvision.transformBytes(all, [height, width], coefficients, bytes, "nearest");
    return moved.view(dtype);
  }
  const [rows, columns] = pixels.shape as [number, number];
  const [u, v] = [width, height].map((count) => torch.arange(count, { dtype: torch.float64 }).add(0.5)) as [
    Tensor,
    Tensor,
  ];
  const [a, b, c, d, e, f, g = 0, h = 0] = coefficients as [number, number, number, number, number, number];
  const map = (p: number, q: number, r: number) => u.mul(p).add(v.view(-1, 1).mul(q)).add(r);
  const depth = map(g, h, 1);
  const [x, y] = [map(a, b, c).div(depth), map(d, e, f).div(depth)];
  const isInside = x.ge(0).logicalAnd(x.lt(columns)).logicalAnd(y.ge(0)).logicalAnd(y.lt(rows));
  const split = (at: Tensor): [number: Tensor, rest: Tensor] => {
    const from = torch.where(isInside, at.sub(0.5), 0);
    return [from.floor(), from.sub(from.floor())];
  };
  const [[column, dx], [row, dy]] = [split(x), split(y)];
  const steps = filter === "bilinear" ? [0, 1] : [-1, 0, 1, 2];
  const flat = pixels.reshape(-1);
  const at = (i: number, j: number) =>
    flat
      .take(
        row
          .add(j)
          .clamp(0, rows - 1)
          .mul(columns)
          .add(column.add(i).clamp(0, columns - 1))
          .long(),
      )
      .double();
  const along = (j: number) =>
    between[filter](
      steps.map((i) => at(i, j)),
      dx,
    );
  const mixed = whole(between[filter](steps.map(along), dy), dtype);
  return torch.where(isInside, mixed, torch.tensor(fill, { dtype })).unsqueeze(2);
}
