/** Keys of states that older versions of torchvision wrote. */
import type { nn } from "flambeau";

/** Gives the weight and the bias of a layer another name in a state, where it has the old one. */
export function renameLayer(stateDict: nn.StateDict, from: string, to: string): void {
  for (const name of ["weight", "bias"]) {
    const tensor = stateDict[`${from}.${name}`];
    if (tensor === undefined) continue;
    stateDict[`${to}.${name}`] = tensor;
    delete stateDict[`${from}.${name}`];
  }
}
