/** Boxes as numbers that a network can give: how far they are from those that they are made of. */
import torch, { type Tensor } from "flambeau";

type Corners = [x1: Tensor, y1: Tensor, x2: Tensor, y2: Tensor];

function sidesOf([x1, y1, x2, y2]: Corners): [width: Tensor, height: Tensor] {
  return [x2.sub(x1), y2.sub(y1)];
}

/** Shifts of the center, by width and height, and logarithms of how width and height grow; each times a weight. */
export class BoxCoder {
  constructor(
    readonly weights: readonly [number, number, number, number],
    /** The greatest logarithm. */
    readonly bboxXformClip: number = Math.log(1000 / 16),
  ) {}

  /** The codes of boxes by the proposals at the same places, image by image. */
  encode(referenceBoxes: readonly Tensor[], proposals: readonly Tensor[]): Tensor[] {
    const counts = referenceBoxes.map(({ shape }) => shape[0] as number);
    return this.encodeSingle(torch.cat(referenceBoxes), torch.cat(proposals)).split(counts, 0);
  }

  /** The codes `[N, 4]` of boxes by proposals. */
  encodeSingle(referenceBoxes: Tensor, proposals: Tensor): Tensor {
    const [wx, wy, ww, wh] = this.weights;
    const from = proposals.unbind(1) as Corners;
    const to = referenceBoxes.unbind(1) as Corners;
    const [width, height] = sidesOf(from);
    const [newWidth, newHeight] = sidesOf(to);
    const [x, y] = [from[0].add(width.mul(0.5)), from[1].add(height.mul(0.5))];
    const [newX, newY] = [to[0].add(newWidth.mul(0.5)), to[1].add(newHeight.mul(0.5))];
    const codes = [
      newX.sub(x).mul(wx).div(width),
      newY.sub(y).mul(wy).div(height),
      newWidth.div(width).log().mul(ww),
      newHeight.div(height).log().mul(wh),
    ];
    return torch.stack(codes, 1);
  }

  /** The boxes `[N, classes, 4]` of codes by the boxes of several images. */
  decode(relCodes: Tensor, boxes: readonly Tensor[]): Tensor {
    const all = torch.cat(boxes);
    const [count] = all.shape as [number];
    if (count === 0) return this.decodeSingle(relCodes, all);
    return this.decodeSingle(relCodes.reshape(count, -1), all).reshape(count, -1, 4);
  }

  /** The boxes `[N, 4 × classes]` of codes by boxes `[N, 4]`. */
  decodeSingle(relCodes: Tensor, boxes: Tensor): Tensor {
    const [wx, wy, ww, wh] = this.weights;
    const corners = boxes.to(relCodes.dtype).unbind(1) as Corners;
    const [width, height] = sidesOf(corners).map((side) => side.unsqueeze(1)) as [Tensor, Tensor];
    const x = corners[0].unsqueeze(1).add(width.mul(0.5));
    const y = corners[1].unsqueeze(1).add(height.mul(0.5));
    const code = (first: number, weight: number) => relCodes.at(":", `${first}::4`).div(weight);
    const grown = (first: number, weight: number) => code(first, weight).clamp(null, this.bboxXformClip).exp();
    const newX = code(0, wx).mul(width).add(x);
    const newY = code(1, wy).mul(height).add(y);
    const half = [grown(2, ww).mul(width).mul(0.5), grown(3, wh).mul(height).mul(0.5)] as const;
    const decoded = [newX.sub(half[0]), newY.sub(half[1]), newX.add(half[0]), newY.add(half[1])];
    return torch.stack(decoded, 2).flatten(1);
  }
}

/** Distances from the center of a box to the four sides of another, by the size of the first if that is wanted. */
export class BoxLinearCoder {
  constructor(readonly normalizeBySize: boolean = true) {}

  /** The codes `[…, 4]` of `proposals` by the boxes at the same places. */
  encode(referenceBoxes: Tensor, proposals: Tensor): Tensor {
    const reference = referenceBoxes.unbind(-1) as Corners;
    const [left, top, right, bottom] = proposals.unbind(-1) as Corners;
    const [x, y] = middle(reference);
    const distances = torch.stack([x.sub(left), y.sub(top), right.sub(x), bottom.sub(y)], -1);
    return this.normalizeBySize ? distances.div(twice(reference)) : distances;
  }

  /** The boxes `[…, 4]` of codes by the boxes at the same places. */
  decode(relCodes: Tensor, boxes: Tensor): Tensor {
    const reference = boxes.to(relCodes.dtype).unbind(-1) as Corners;
    const [x, y] = middle(reference);
    const codes = this.normalizeBySize ? relCodes.mul(twice(reference)) : relCodes;
    const [left, top, right, bottom] = codes.unbind(-1) as Corners;
    return torch.stack([x.sub(left), y.sub(top), x.add(right), y.add(bottom)], -1);
  }
}

function middle([x1, y1, x2, y2]: Corners): [x: Tensor, y: Tensor] {
  return [x1.add(x2).mul(0.5), y1.add(y2).mul(0.5)];
}

/** Width and height, for both corners. */
function twice(corners: Corners): Tensor {
  const sides = sidesOf(corners);
  return torch.stack([...sides, ...sides], -1);
}
