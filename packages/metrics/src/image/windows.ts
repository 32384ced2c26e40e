/** Means over windows of images, from which measures of structure come. */
import torch, { F, type Tensor } from "flambeau";

/** The weights of a Gaussian window. */
export function gaussian(size: number, sigma: number, { dtype }: Tensor): Tensor {
  const distance = torch.arange(size, { dtype }).sub((size - 1) / 2);
  const weights = distance.div(sigma).square().div(-2).exp();
  return weights.div(weights.sum());
}

/** The weights of a window of equal ones. */
export function uniform(size: number, { dtype }: Tensor): Tensor {
  return torch.full([size], 1 / size, { dtype });
}

/** Images with a mirrored border, as wide as windows need it to be centred anywhere. */
export function mirrored(images: Tensor, sizes: readonly number[]): Tensor {
  const pads = [...sizes].reverse().flatMap((size) => [(size - 1) / 2, (size - 1) / 2]);
  return F.pad(images, pads, { mode: "reflect" });
}

/** Images without a border. */
export function cropped(images: Tensor, sizes: readonly number[]): Tensor {
  return sizes.reduce((all, size, i) => {
    const border = (size - 1) / 2;
    return all.narrow(2 + i, border, (all.shape[2 + i] as number) - 2 * border);
  }, images);
}

/** The weighted means of all windows: one dim after the other, which is the same as all at once. */
export function windowMeans(images: Tensor, windows: readonly Tensor[]): Tensor {
  const channels = images.shape[1] as number;
  const convolve = images.ndim === 5 ? F.conv3d : F.conv2d;
  return windows.reduce((all, window, i) => {
    const shape = [channels, 1, ...windows.map((_, k) => (k === i ? window.numel() : 1))];
    const weight = window.view([1, 1, ...shape.slice(2)]).expand(shape);
    return convolve(all, weight.contiguous(), { groups: channels });
  }, images);
}

/** Means, variances and covariance of two batches of images in all windows. */
export function windowMoments(preds: Tensor, target: Tensor, windows: readonly Tensor[]) {
  const count = preds.shape[0] as number;
  const inputs = torch.cat([preds, target, preds.square(), target.square(), preds.mul(target)]);
  const means = windowMeans(inputs, windows);
  const part = (i: number) => means.narrow(0, i * count, count);
  const [meanP, meanT, squareP, squareT, product] = [part(0), part(1), part(2), part(3), part(4)];
  return {
    squaredMeans: meanP.square().add(meanT.square()),
    meanProduct: meanP.mul(meanT),
    variances: squareP.sub(meanP.square()).clamp(0).add(squareT.sub(meanT.square()).clamp(0)),
    covariance: product.sub(meanP.mul(meanT)),
  };
}
