/** Optical flow as colors: the direction as hue, the length as saturation. */
import torch, { type Tensor } from "flambeau";
import { Signature, tensor } from "flambeau/arguments";

const signature = new Signature("flowToImage", { flow: tensor });

/** From one color to the next, in so many steps: which channel stays full, and which one rises or falls. */
const arcs = [
  { steps: 15, full: 0, changing: 1, rises: true },
  { steps: 6, full: 1, changing: 0, rises: false },
  { steps: 4, full: 1, changing: 2, rises: true },
  { steps: 11, full: 2, changing: 1, rises: false },
  { steps: 13, full: 2, changing: 0, rises: true },
  { steps: 6, full: 0, changing: 2, rises: false },
] as const;

/** The color wheel of Baker et al., `[55, 3]`. */
function colorWheel(): Tensor {
  const colors = arcs.flatMap(({ steps, full, changing, rises }) =>
    Array.from({ length: steps }, (_, i) => {
      const part = Math.floor(Math.fround((255 * i) / steps));
      const color = [0, 0, 0];
      color[full] = 255;
      color[changing] = rises ? part : 255 - part;
      return color;
    }),
  );
  return torch.tensor(colors);
}

/** The length of the vectors of a flow `[N, 2, H, W]`. */
function lengthOf(flow: Tensor): Tensor {
  return flow.pow(2).sum(1).sqrt();
}

/**
 * Colors for a flow: uint8 `[3, H, W]` or `[N, 3, H, W]`.
 *
 * @param flow float32 `[2, H, W]` or `[N, 2, H, W]`: how far pixels move across and down. The longest vector has a full color.
 * @throws TypeError for another dtype; Error for another shape.
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.flow_to_image.html
 */
export function flowToImage(...args: [flow: Tensor]): Tensor {
  const { flow } = signature.parse(args);
  if (flow.dtype !== torch.float32) throw new TypeError(`Flow should be of dtype torch.float, got ${flow.dtype}.`);
  const batch = flow.ndim === 3 ? flow.unsqueeze(0) : flow;
  if (batch.ndim !== 4 || batch.shape[1] !== 2)
    throw new Error(`Input flow should have shape (2, H, W) or (N, 2, H, W), got [${flow.shape.join(", ")}].`);
  const colors = torch.noGrad(() => colorsOf(batch));
  return flow.ndim === 3 ? colors.at(0) : colors;
}

function colorsOf(flow: Tensor): Tensor {
  const normalized = flow.div(lengthOf(flow).max().add(torch.finfo(flow.dtype).eps));
  const wheel = colorWheel().to(flow.device);
  const [count] = wheel.shape as [number];
  const length = lengthOf(normalized);
  const angle = torch.atan2(normalized.at(":", 1).neg(), normalized.at(":", 0).neg()).div(Math.PI);
  const place = angle
    .add(1)
    .div(2)
    .mul(count - 1);
  const first = place.floor().to(torch.int64);
  const next = first.add(1).remainder(count);
  const rest = place.sub(first);
  const channels = [0, 1, 2].map((channel) => {
    const tones = wheel.at(":", channel);
    const [from, to] = [first, next].map((at) => tones.at(at).div(255)) as [Tensor, Tensor];
    const tone = rest.neg().add(1).mul(from).add(rest.mul(to));
    return tone.neg().add(1).mul(length).neg().add(1).mul(255).floor();
  });
  return torch.stack(channels, 1).to(torch.uint8);
}
