/**
 * What a model computes on its way: the outputs of its modules by their paths.
 *
 * torchvision takes the program of a model apart; here the model runs, and modules are watched while it does. So the
 * nodes are modules, not single operations.
 */
import torch, { nn } from "flambeau";
import { describe } from "flambeau/arguments";

/** The paths of modules, or these with the names of their outputs. */
export type ReturnNodes = readonly string[] | Readonly<Record<string, string>>;

/** Thrown when nothing more is wanted of a model that is running. */
const done: unique symbol = Symbol("done");

/** Which call of which module a node is: `"relu"` the first of `relu`, `"relu_1"` the second. */
interface Node {
  readonly module: nn.Module;
  readonly call: number;
  /** Under which name the output is given. */
  readonly name: string;
}

/**
 * The nodes of a model.
 *
 * @throws Error for a path at which there is no module.
 */
function nodesOf(model: nn.Module, wanted: ReturnNodes): Node[] {
  const names = Array.isArray(wanted) ? wanted.map((path) => [path, path]) : Object.entries(wanted);
  const modules = new Map(model.namedModules({ removeDuplicate: false }));
  return names.map(([path, name]) => {
    const [, base = path, again] = modules.has(path) ? [path] : (/^(.*)_(\d+)$/.exec(path) ?? [path]);
    const module = modules.get(base);
    if (module === undefined || base === "") {
      throw new Error(
        `node: '${path}' is not present in model. Hint: use \`getGraphNodeNames\` to make sure the \`returnNodes\` you specified are present: they are paths of modules. It may even be that you need to specify \`trainReturnNodes\` and \`evalReturnNodes\` separately.`,
      );
    }
    return { module, call: Number(again ?? 0), name };
  });
}

/** What nodes give while a model runs, in the order of their calls; the model runs no further than that. */
function collect(model: nn.Module, nodes: readonly Node[], inputs: readonly unknown[]): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  let missing = nodes.length;
  const calls = new Map<nn.Module, number>();
  const handles = [...new Set(nodes.map(({ module }) => module))].map((watched) =>
    watched.registerForwardHook((module, _inputs, output) => {
      const call = calls.get(watched) ?? 0;
      calls.set(watched, call + 1);
      for (const node of nodes) {
        if (node.module !== module || node.call !== call) continue;
        outputs[node.name] = output;
        missing--;
      }
      if (missing === 0) throw done;
    }),
  );
  try {
    model(...inputs);
  } catch (error) {
    if (error !== done) throw error;
  } finally {
    for (const handle of handles) handle.remove();
  }
  if (missing > 0) {
    const absent = nodes.filter(({ name }) => !Object.hasOwn(outputs, name)).map(({ name }) => name);
    throw new Error(`the model did not compute ${absent.join(", ")}`);
  }
  return outputs;
}

/** A model that gives what its modules compute on its way. It has the model's modules, parameters and keys. */
export class FeatureExtractor extends nn.Module {
  /** Runs the model; a function, since a module would be a part of this one. */
  private readonly run: (training: boolean, inputs: readonly unknown[]) => Record<string, unknown>;

  constructor(model: nn.Module, train: ReturnNodes, evaluate: ReturnNodes) {
    super();
    const nodes = { train: nodesOf(model, train), eval: nodesOf(model, evaluate) };
    for (const [name, child] of model.namedChildren()) this.registerModule(name, child);
    for (const [name, parameter] of model.namedParameters({ recurse: false })) this.registerParameter(name, parameter);
    const persistent = model.stateDict({ keepVars: true });
    for (const [name, buffer] of model.namedBuffers({ recurse: false }))
      this.registerBuffer(name, buffer, { persistent: name in persistent });
    this.run = (training, inputs) => {
      const before = model.training;
      model.training = training;
      try {
        return collect(model, nodes[training ? "train" : "eval"], inputs);
      } finally {
        model.training = before;
      }
    };
    this.training = model.training;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what modules give, only they know
  override forward(...inputs: any[]): Record<string, any> {
    return this.run(this.training, inputs);
  }
}

interface Nodes {
  /** The paths of modules whose outputs are given: all of an array's, or an object's, which gives them names. */
  returnNodes?: ReturnNodes | null;
  /** The same for training mode alone, … */
  trainReturnNodes?: ReturnNodes | null;
  /** … and for evaluation mode; both or none. */
  evalReturnNodes?: ReturnNodes | null;
}

/**
 * A model that gives what some modules of another compute, as an object: by their paths, or under other names. What
 * follows the last of them is not computed. The new model has the modules and parameters of the other one.
 *
 * A module that is called several times is, from the second call on, its path with a number: `"layer1.0.relu_1"`. A
 * path may also lead to a module of modules, such as `"layer1"`.
 *
 * @throws Error for a path at which the model has no module.
 * @example
 * const extractor = models.featureExtraction.createFeatureExtractor(models.resnet18(), { layer1: "low", layer4: "high" });
 * const { low, high } = extractor(torch.rand(1, 3, 224, 224));
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.feature_extraction.create_feature_extractor.html
 */
export function createFeatureExtractor(
  model: nn.Module,
  ...args: [returnNodes: ReturnNodes] | [options: Nodes]
): FeatureExtractor {
  if (!(model instanceof nn.Module))
    throw new TypeError(`createFeatureExtractor(): argument 'model' must be Module, not ${describe(model)}`);
  const { returnNodes, trainReturnNodes, evalReturnNodes } = readNodes(args[0]);
  if (!returnNodes && !trainReturnNodes && !evalReturnNodes) {
    throw new Error("Either `returnNodes` or `trainReturnNodes` and `evalReturnNodes` together, should be specified");
  }
  if (!trainReturnNodes !== !evalReturnNodes) {
    throw new Error("If any of `trainReturnNodes` and `evalReturnNodes` are specified, then both should be specified");
  }
  if (returnNodes && trainReturnNodes)
    throw new Error("`returnNodes` cannot be specified together with `trainReturnNodes` and `evalReturnNodes`");
  return new FeatureExtractor(
    model,
    (trainReturnNodes ?? returnNodes) as ReturnNodes,
    (evalReturnNodes ?? returnNodes) as ReturnNodes,
  );
}

/** Nodes alone, or options. */
function readNodes(given: ReturnNodes | Nodes): Nodes {
  const known = ["returnNodes", "trainReturnNodes", "evalReturnNodes"];
  const isOptions = !Array.isArray(given) && Object.keys(given ?? {}).some((key) => known.includes(key));
  return isOptions ? (given as Nodes) : { returnNodes: given as ReturnNodes };
}

/**
 * The nodes of a model in training and in evaluation mode: the paths of those of its modules that have no others in them.
 *
 * Without inputs they are in the order in which the model has them. With inputs a copy of the model runs, and they
 * are in the order of their calls, those that are called again with a number.
 *
 * @param options.inputs what the model is called with.
 * @example
 * const [train, evaluation] = models.featureExtraction.getGraphNodeNames(models.resnet18(), { inputs: [torch.rand(1, 3, 64, 64)] });
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.feature_extraction.get_graph_node_names.html
 */
export function getGraphNodeNames(
  model: nn.Module,
  { inputs }: { inputs?: readonly unknown[] } = {},
): [trainNodes: string[], evalNodes: string[]] {
  if (inputs === undefined) {
    const names = leaves(model).map(([path]) => path);
    return [names, [...names]];
  }
  return [calledNodes(model, true, inputs), calledNodes(model, false, inputs)];
}

function leaves(model: nn.Module): [path: string, module: nn.Module][] {
  return model.namedModules().filter(([, module]) => module.children().length === 0);
}

function calledNodes(model: nn.Module, training: boolean, inputs: readonly unknown[]): string[] {
  const names: string[] = [];
  // A copy: training changes running statistics.
  const copy = torch.deepcopy(model).train(training);
  for (const [path, module] of leaves(copy)) {
    let calls = 0;
    module.registerForwardHook(() => {
      names.push(calls === 0 ? path : `${path}_${calls}`);
      calls++;
    });
  }
  torch.noGrad(() => copy(...inputs));
  return names;
}
