/** What several families share. */
import { nn, type Tensor } from "flambeau";

/** The nearest multiple of `divisor`, at least `minValue`, and not below 90 % of the value. */
export function makeDivisible(value: number, divisor: number, minValue: number = divisor): number {
  const rounded = Math.max(minValue, Math.floor(Math.trunc(value + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * value ? rounded + divisor : rounded;
}

/** How the layers of a model begin; batch and group norms with ones and zeros. */
interface Beginning {
  conv?(layer: nn.Conv2d): void;
  linear?(layer: nn.Linear): void;
}

/** Sets the weights with which a model begins, layer by layer in the order of its modules. */
export function initialize(model: nn.Module, { conv, linear }: Beginning): void {
  for (const layer of model.modules()) {
    if (layer instanceof nn.Conv2d) conv?.(layer);
    else if (layer instanceof nn.Linear) linear?.(layer);
    else if (layer instanceof nn.BatchNorm2d || layer instanceof nn.GroupNorm) {
      if (layer.weight !== null) nn.init.ones_(layer.weight);
      if (layer.bias !== null) nn.init.zeros_(layer.bias);
    }
  }
}

/** Zero for the bias of a layer that has one. */
export function zeroBias({ bias }: { readonly bias: Tensor | null }): void {
  if (bias !== null) nn.init.zeros_(bias);
}

/** Normal with a variance of 2 over the outputs of a channel, and no bias: what most networks of convolutions begin with. */
export function kaimingFanOut(layer: nn.Conv2d): void {
  nn.init.kaimingNormal_(layer.weight, { mode: "fan_out", nonlinearity: "relu" });
  zeroBias(layer);
}

/** Normal with a small deviation, and no bias. */
export function smallNormal(layer: nn.Linear): void {
  nn.init.normal_(layer.weight, 0, 0.01);
  zeroBias(layer);
}

/** What layers give, each for what the one before gave; with a shortcut that is added, and a layer behind the sum. */
export function through(
  input: Tensor,
  layers: Iterable<nn.Module>,
  shortcut?: { added: () => Tensor; behind: nn.Module },
): Tensor {
  return nn.Sequential.run(layers, input, shortcut);
}
