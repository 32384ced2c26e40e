/** The nodes of a model, by the names that torchvision gives them. */
import torch, { nn, type Tensor } from "flambeau";
import * as ops from "../ops/index.js";

type ObservedNode = torch.fx.ObservedNode;
/** A class of modules. */
export type ModuleClass = abstract new (...args: never) => nn.Module;

const classesOf = (exported: object): ModuleClass[] =>
  Object.values(exported).filter((value) => typeof value === "function" && value.prototype instanceof nn.Module);

const layers = new Set<unknown>(classesOf(nn));
layers.delete(nn.Sequential);
const blocks = classesOf(ops);

/** Whether a module is one node: layers of `nn` and blocks of `ops` are. */
export function isLeaf(module: nn.Module, more: readonly ModuleClass[] = []): boolean {
  return layers.has(module.constructor) || [...blocks, ...more].some((known) => module instanceof known);
}

/**
 * Gives nodes their names, in the order of a run: the path of a module, or that of the one whose program a node belongs to
 * with the name of the operation behind it.
 *
 * A number at the end is taken off, and of those that are then the same the second has `_1`, the next `_2`. So with
 * torchvision the modules `ln_1` and `ln_2` are the nodes `ln` and `ln_1`.
 */
export class NodeNames {
  /** The last number for each name. */
  readonly #numbers = new Map<string, number>();

  of({ kind, scope, target }: ObservedNode): string {
    const own = target.replaceAll(".", "_");
    const path = kind === "call_module" ? scope : scope === "" ? own : `${scope}.${own}`;
    const base = path.replace(/(?<=.)_\d+$/, "");
    const number = (this.#numbers.get(base) ?? -1) + 1;
    this.#numbers.set(base, number);
    if (number === 0) return base;
    const name = `${base}_${number}`;
    if (!this.#numbers.has(name)) this.#numbers.set(name, 0);
    return name;
  }
}

/** How a model is looked into. */
export interface TracerOptions {
  /** Classes whose modules are nodes themselves, beside the layers of `nn` and the blocks of `ops`. */
  leafModules?: readonly ModuleClass[];
}

/** Whether some names come in the order in which they are among others. */
function areWithin(names: readonly string[], others: readonly string[]): boolean {
  let next = 0;
  for (const other of others) if (other === names[next]) next++;
  return next === names.length;
}

/** Warns where a model has other nodes in training than in evaluation mode. */
export function warnOfDifferences(train: readonly string[], evaluation: readonly string[]): void {
  const [fewInTraining, fewInEvaluation] = [areWithin(train, evaluation), areWithin(evaluation, train)];
  if (fewInTraining && fewInEvaluation) return;
  const found = fewInEvaluation
    ? "NOTE: The nodes obtained by tracing the model in eval mode are a subsequence of those obtained in train mode. "
    : fewInTraining
      ? "NOTE: The nodes obtained by tracing the model in train mode are a subsequence of those obtained in eval mode. "
      : "The nodes obtained by tracing the model in train mode are different to those obtained in eval mode. ";
  process.emitWarning(
    `${found}When choosing nodes for feature extraction, you may need to specify output nodes for train and eval mode separately.`,
  );
}

/** What image models may be called with where nobody said: two images, so that norms can learn. */
function examplesFor(model: nn.Module): Tensor[][] {
  const { imageSize } = model as { imageSize?: unknown };
  const sizes = typeof imageSize === "number" ? [imageSize] : [224, 299];
  return torch.device("meta", () => sizes.map((size) => [torch.empty(2, 3, size, size)]));
}

/**
 * The names of a model's nodes in training or evaluation mode. A copy of the model runs, without numbers if it can.
 *
 * @throws Error if the model does not run with the inputs, or with images where none are given.
 */
export function traceNodes(
  model: nn.Module,
  training: boolean,
  inputs: readonly unknown[] | undefined,
  { leafModules }: TracerOptions,
): string[] {
  const attempt = (given: readonly unknown[], shapesOnly: boolean): string[] => {
    const names = new NodeNames();
    const found: string[] = [];
    torch.fx.observeCopy(model, given, {
      isLeaf: (module) => isLeaf(module, leafModules),
      visit: (node) => void found.push(names.of(node)),
      prepare: (copy) => copy.train(training),
      shapesOnly,
    });
    return found;
  };
  let failure: unknown;
  for (const example of inputs === undefined ? examplesFor(model) : [inputs]) {
    try {
      return attempt(example, true);
    } catch (error) {
      failure = error;
    }
  }
  // What reads numbers needs some.
  if (inputs !== undefined) return attempt(inputs, false);
  throw new Error(
    `the model does not run with images of 224x224: ${(failure as Error).message}; say what it is called with: { inputs: [...] }`,
    { cause: failure },
  );
}
