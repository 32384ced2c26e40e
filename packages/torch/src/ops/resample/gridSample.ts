/** Elements of images and volumes at places of a grid, and the grids of affine maps. */
import { ints, openFlag, optional, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { int64 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { ones } from "../creation/filled.js";
import { linspace } from "../creation/ranges.js";
import { op } from "../define.js";
import { where } from "../indexing/masks.js";
import { stack } from "../shape/joining.js";
import type { FunctionOp } from "../types.js";

export type GridSampleMode = "bilinear" | "nearest" | "bicubic";
export type GridSamplePaddingMode = "zeros" | "border" | "reflection";

/** Whether corners lie on each other; says so where it was left open. */
function readAlignment(alignCorners: boolean | undefined): boolean {
  if (alignCorners !== undefined) return alignCorners;
  warn(
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.",
  );
  return false;
}

function check(input: Tensor, grid: Tensor, mode: GridSampleMode): void {
  const name = "grid_sampler()";
  const sizes = `input with sizes ${formatShape(input.sizes)} and grid with sizes ${formatShape(grid.sizes)}`;
  if (input.dtype !== grid.dtype) {
    throw new TypeError(
      `${name}: expected input and grid to have same dtype, but input has ${input.dtype} and grid has ${grid.dtype}`,
    );
  }
  const { length: ndim } = input.sizes;
  if ((ndim !== 4 && ndim !== 5) || grid.sizes.length !== ndim)
    throw new Error(`${name}: expected 4D or 5D input and grid with same number of dimensions, but got ${sizes}`);
  if (input.sizes[0] !== grid.sizes[0])
    throw new Error(`${name}: expected grid and input to have same batch size, but got ${sizes}`);
  if (grid.sizes.at(-1) !== ndim - 2)
    throw new Error(
      `${name}: expected grid to have size ${ndim - 2} in last dimension, but got grid with sizes ${formatShape(grid.sizes)} for an input with sizes ${formatShape(input.sizes)}`,
    );
  const empty = input.sizes.findIndex((size, d) => d >= 2 && size === 0);
  if (empty >= 0) {
    throw new Error(
      `${name}: expected input to have non-empty spatial dimensions, but input has sizes ${formatShape(input.sizes)} with dimension ${empty} being empty`,
    );
  }
  if (mode === "bicubic" && ndim !== 4) throw new Error(`${name}: bicubic interpolation only supports 4D input`);
}

/** What is beyond the ends mirrored at them: at the elements' centers, or half an element further out. */
function reflect(place: Tensor, size: number, alignCorners: boolean): Tensor {
  const span = alignCorners ? size - 1 : size;
  const low = alignCorners ? 0 : -0.5;
  if (span === 0) return place.mul(0);
  const distance = place.sub(low).abs();
  const rest = distance.fmod(span);
  const isEven = distance.div(span).floor().fmod(2).eq(0);
  return where(isEven, rest, rest.neg().add(span)).add(low);
}

/** Brings places to within a dim. At the ends and beyond them they have no slope. */
function clip(place: Tensor, size: number): Tensor {
  const isWithin = place.gt(0).logicalAnd(place.lt(size - 1));
  return where(isWithin, place, place.detach().clamp(0, size - 1));
}

function padded(place: Tensor, size: number, mode: GridSamplePaddingMode, alignCorners: boolean): Tensor {
  if (mode === "zeros") return place;
  return clip(mode === "border" ? place : reflect(place, size, alignCorners), size);
}

/** A neighbour along a dim: whole places, and their weights. */
interface Neighbour {
  readonly place: Tensor;
  readonly weight: Tensor;
}

/** The weights of the four neighbours of a place at a distance `t` behind the second. */
function cubicWeights(t: Tensor): Tensor[] {
  const a = -0.75;
  const far = (x: Tensor) => x.sub(5).mul(x).add(8).mul(x).sub(4).mul(a);
  const near = (x: Tensor) =>
    x
      .mul(a + 2)
      .sub(a + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const rest = t.neg().add(1);
  return [far(t.add(1)), near(t), near(rest), far(rest.add(1))];
}

function neighbours(
  place: Tensor,
  size: number,
  mode: GridSampleMode,
  padding: GridSamplePaddingMode,
  alignCorners: boolean,
): Neighbour[] {
  if (mode === "bicubic") {
    const first = place.detach().floor();
    return cubicWeights(place.sub(first)).map((weight, i) => ({
      place: padded(first.add(i - 1), size, padding, alignCorners),
      weight,
    }));
  }
  const within = padded(place, size, padding, alignCorners);
  // The nearest element has all the weight, which does not change with the place.
  if (mode === "nearest") return [{ place: within.detach().round(), weight: within.mul(0).add(1) }];
  const first = within.detach().floor();
  const rest = within.sub(first);
  return [
    { place: first, weight: rest.neg().add(1) },
    { place: first.add(1), weight: rest },
  ];
}

/** All ways to take one neighbour of each dim. */
function* combinations(dims: readonly Neighbour[][]): Generator<Neighbour[]> {
  const [first, ...others] = dims;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const one of first) for (const rest of combinations(others)) yield [one, ...rest];
}

/** The elements at whole places times their weights; those beyond the ends are 0. */
function weighted(flat: Tensor, sizes: readonly number[], chosen: readonly Neighbour[]): Tensor {
  let index: Tensor | undefined;
  let inside: Tensor | undefined;
  let weight: Tensor | undefined;
  const count = numelOf((chosen[0] as Neighbour).place.sizes.slice(1));
  chosen.forEach((neighbour, d) => {
    const size = sizes[d] as number;
    const { place } = neighbour;
    const isInside = place.ge(0).logicalAnd(place.le(size - 1));
    inside = inside === undefined ? isInside : inside.logicalAnd(isInside);
    const whole = where(isInside, place, 0).to(int64);
    index = index === undefined ? whole : index.mul(size).add(whole);
    weight = weight === undefined ? neighbour.weight : weight.mul(neighbour.weight);
  });
  const [batch, channels] = flat.sizes as [number, number];
  const at = (index as Tensor).view([batch, 1, count]).expand([batch, channels, count]);
  const factor = where(inside as Tensor, weight as Tensor, 0).view([batch, 1, count]);
  return flat.gather(2, at).mul(factor);
}

/**
 * The elements of images `[N, C, H, W]` at the places of a grid `[N, h, w, 2]`, or of volumes at those of a grid
 * `[N, d, h, w, 3]`: `[N, C, h, w]`. The places are x, y (and z) from -1 to 1.
 *
 * @param options.mode how a place between elements is made of them; `"bilinear"` by default.
 * @param options.paddingMode what is beyond the ends: `"zeros"`, the element at the border, or elements mirrored at it.
 * @param options.alignCorners whether -1 and 1 are the centers of the first and last elements rather than their outer edges.
 * @throws Error if the shapes do not fit; TypeError for several dtypes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 */
export const gridSample: FunctionOp<
  (
    input: Tensor,
    grid: Tensor,
    options?: { mode?: GridSampleMode; paddingMode?: GridSamplePaddingMode; alignCorners?: boolean | null },
  ) => Tensor
> = op({
  name: "gridSample",
  variants: "function",
  params: {
    input: tensor,
    grid: tensor,
    mode: optional(word("bilinear", "nearest", "bicubic"), "bilinear"),
    paddingMode: optional(word("zeros", "border", "reflection"), "zeros"),
    alignCorners: openFlag,
  },
  composite: ({ input, grid, mode, paddingMode, alignCorners: given }) => {
    const alignCorners = readAlignment(given);
    check(input, grid, mode);
    const sizes = input.sizes.slice(2);
    const dims = sizes.map((size, d) => {
      const from = grid.select(-1, sizes.length - 1 - d);
      const place = alignCorners ? from.add(1).mul((size - 1) / 2) : from.add(1).mul(size).sub(1).div(2);
      return neighbours(place, size, mode, paddingMode, alignCorners);
    });
    const flat = input.reshape([...input.sizes.slice(0, 2), numelOf(sizes)]);
    let sum: Tensor | undefined;
    for (const chosen of combinations(dims)) {
      const part = weighted(flat, sizes, chosen);
      sum = sum === undefined ? part : sum.add(part);
    }
    return (sum as Tensor).view([...input.sizes.slice(0, 2), ...grid.sizes.slice(1, -1)]);
  },
});

const gridSignature = new Signature("affineGrid", { theta: tensor, size: ints, alignCorners: openFlag });

/** Places from -1 to 1 along a dim: the centers of so many elements. */
function centers(steps: number, alignCorners: boolean, like: Tensor): Tensor {
  if (steps <= 1) return like.newZeros([steps]);
  const ends = linspace(-1, 1, steps, { dtype: like.dtype, device: like.device });
  return alignCorners ? ends : ends.mul((steps - 1) / steps);
}

/**
 * The grids of affine maps, for `gridSample`: of maps `[N, 2, 3]` and a size `[N, C, H, W]` a grid `[N, H, W, 2]`, of maps
 * `[N, 3, 4]` and a size `[N, C, D, H, W]` one of `[N, D, H, W, 3]`.
 *
 * @example F.gridSample(images, F.affineGrid(theta, images.shape, { alignCorners: false }), { alignCorners: false })
 * @throws Error if the sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 */
export function affineGrid(
  ...args: [theta: Tensor, size: readonly number[], options?: { alignCorners?: boolean | null }]
): Tensor {
  return releasingTemporaries(({ theta, size, alignCorners: given }) => {
    const alignCorners = readAlignment(given);
    if (!theta.dtype.isFloatingPoint)
      throw new TypeError(`Expected theta to have floating point type, but got ${theta.dtype}`);
    if (size.length !== 4 && size.length !== 5) {
      throw new Error(
        `affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ${formatShape(size)}.`,
      );
    }
    const dims = size.length - 2;
    if (
      theta.sizes.length !== 3 ||
      theta.sizes[1] !== dims ||
      theta.sizes[2] !== dims + 1 ||
      theta.sizes[0] !== size[0]
    ) {
      throw new Error(
        `Expected a batch of ${dims}D affine matrices of shape Nx${dims}x${dims + 1} for size ${formatShape(size)}. Got ${formatShape(theta.sizes)}.`,
      );
    }
    if (size.some((length) => length <= 0))
      throw new Error(`Expected non-zero, positive output size. Got ${formatShape(size)}`);
    const spatial = size.slice(2);
    const axes = spatial.map((steps, d) => {
      const shape = spatial.map((_, e) => (e === d ? steps : 1));
      return centers(steps, alignCorners, theta).view(shape).expand(spatial);
    });
    const one = ones(spatial, { dtype: theta.dtype, device: theta.device });
    const base = stack([...axes.reverse(), one], -1).view([1, numelOf(spatial), dims + 1]);
    return base.matmul(theta.transpose(1, 2)).view([size[0] as number, ...spatial, dims]);
  }, gridSignature.parse(args));
}
