/** Numbers drawn from torch's generator, as torchvision draws them. */
import torch from "flambeau";

/** A number of float32 between two. */
export function uniform(from: number, to: number): number {
  return torch.empty(1).uniform_(from, to).item();
}

/** A whole number from `low` to below `high`. */
export function whole(low: number, high: number): number {
  return torch.randint(low, high, [1]).item();
}

/** Whether something happens that has a probability. */
export function happens(p: number): boolean {
  return torch.rand(1).item() < p;
}

/** A ratio between two, of which the logarithm is drawn. */
export function ratioBetween(from: number, to: number): number {
  const [low, high] = torch.tensor([from, to]).log().tolist() as [number, number];
  return torch.empty(1).uniform_(low, high).exp().item();
}
