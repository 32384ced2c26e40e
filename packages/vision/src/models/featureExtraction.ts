/**
 * What a model computes on its way: the values of its nodes, which are its layers and the operations between them.
 *
 * torchvision takes the program of a model apart; here the model runs, and is watched while it does.
 */
import torch, { nn, type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import { isLeaf, NodeNames, type TracerOptions, traceNodes, warnOfDifferences } from "./featureNodes.js";

export type { TracerOptions } from "./featureNodes.js";

/** The names of nodes, or these with the names of their values. */
export type ReturnNodes = readonly string[] | Readonly<Record<string, string>>;

/** Whether a name is that of a node, or of a module in which the node is. */
const leadsTo = (query: string, name: string): boolean => name === query || name.startsWith(`${query}.`);

/** The nodes that are wanted in one mode. */
class Plan {
  readonly #wanted: readonly (readonly [query: string, name: string])[];
  /** How many nodes are computed until all are there; undefined while no run has shown it. */
  #length: number | undefined;

  constructor(
    nodes: ReturnNodes,
    readonly tracer: TracerOptions,
  ) {
    this.#wanted = Array.isArray(nodes) ? nodes.map((query) => [query, query]) : Object.entries(nodes);
  }

  /** Takes note of the nodes that a run has. */
  learn(names: readonly string[]): void {
    for (const [query] of this.#wanted) if (!names.some((name) => leadsTo(query, name))) throw missing(query);
    this.#length = names.findLastIndex((name) => this.#wanted.some(([query]) => leadsTo(query, name))) + 1;
  }

  /** Runs a model until all values are there, which are given in the order in which they were computed. */
  run(model: nn.Module, inputs: readonly unknown[]): Record<string, unknown> {
    const names = new NodeNames();
    const seen: string[] = [];
    const found = new Map<string, unknown>();
    torch.fx.observe(model, inputs, {
      isLeaf: (module) => isLeaf(module, this.tracer.leafModules),
      visit: (node) => {
        const name = names.of(node);
        seen.push(name);
        const wanted = this.#wanted.filter(([query]) => leadsTo(query, name));
        for (const [query] of wanted) {
          // Of a module the last node counts.
          found.delete(query);
          found.set(query, node.value);
        }
        if (seen.length === this.#length) return "stop";
        return wanted.length > 0 ? "keep" : undefined;
      },
      beforeChange: (tensor) => save(found, tensor),
    });
    if (this.#length === undefined) this.learn(seen);
    const outputs = new Map(this.#wanted);
    return Object.fromEntries([...found].map(([query, value]) => [outputs.get(query) as string, value]));
  }
}

/** Gives values a memory of their own that share it with what is about to change. */
function save(found: Map<string, unknown>, changed: Tensor): void {
  const memory = changed.untypedStorage().dataPtr();
  for (const [query, value] of found)
    if (value instanceof torch.Tensor && value.untypedStorage().dataPtr() === memory) found.set(query, value.clone());
}

function missing(query: string): Error {
  return new Error(
    `node: '${query}' is not present in model. Hint: use \`getGraphNodeNames\` to make sure the \`returnNodes\` you specified are present. It may even be that you need to specify \`trainReturnNodes\` and \`evalReturnNodes\` separately.`,
  );
}

/** A model that gives what another computes on its way. It has that model's modules, parameters and keys. */
export class FeatureExtractor extends nn.Module {
  /** Runs the model; a function, since a module would be a part of this one. */
  private readonly run: (training: boolean, inputs: readonly unknown[]) => Record<string, unknown>;

  constructor(model: nn.Module, train: Plan, evaluate: Plan) {
    super();
    for (const [name, child] of model.namedChildren()) this.registerModule(name, child);
    for (const [name, parameter] of model.namedParameters({ recurse: false })) this.registerParameter(name, parameter);
    const persistent = model.stateDict({ keepVars: true });
    for (const [name, buffer] of model.namedBuffers({ recurse: false }))
      this.registerBuffer(name, buffer, { persistent: name in persistent });
    this.run = (training, inputs) => {
      const before = model.training;
      model.training = training;
      try {
        return (training ? train : evaluate).run(model, inputs);
      } finally {
        model.training = before;
      }
    };
    this.training = model.training;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what nodes give, only they know
  override forward(...inputs: any[]): Record<string, any> {
    return this.run(this.training, inputs);
  }
}

interface Tracing {
  /** What the model is called with, to learn of its nodes; two images by default. */
  inputs?: readonly unknown[];
  tracerKwargs?: TracerOptions;
  /** Whether nothing is said where the nodes are others in training than in evaluation mode; false by default. */
  suppressDiffWarning?: boolean;
}

interface Nodes extends Tracing {
  /** The nodes whose values are given: all of an array's, or an object's, which gives them names. */
  returnNodes?: ReturnNodes | null;
  /** The same for training mode alone, … */
  trainReturnNodes?: ReturnNodes | null;
  /** … and for evaluation mode; both or none. */
  evalReturnNodes?: ReturnNodes | null;
}

/**
 * A model that gives the values of some nodes of another, as an object: by their names, or under others. What follows the
 * last of them is not computed. The new model has the modules and parameters of the other one.
 *
 * `getGraphNodeNames` tells the nodes: layers by their paths, and operations between them (`"layer1.0.add"`, `"flatten"`).
 * The path of a module with others in it, such as `"layer1"`, stands for the last node in it. A value that a layer changes
 * in place, as many a ReLU does, is given changed.
 *
 * @param options.inputs what the model is called with; where it takes no images, names that there are not are known by that
 *   before the first call.
 * @throws Error for a node that the model does not have: at once if it takes images or inputs are given, else when the
 *   extractor is called.
 * @example
 * const extractor = models.featureExtraction.createFeatureExtractor(models.resnet18(), { layer1: "low", "layer4.1.add": "high" });
 * const { low, high } = extractor(torch.rand(1, 3, 224, 224));
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.feature_extraction.create_feature_extractor.html
 */
export function createFeatureExtractor(
  model: nn.Module,
  ...[nodes, options]: [returnNodes: ReturnNodes, options?: Tracing] | [options: Nodes]
): FeatureExtractor {
  checkModel("createFeatureExtractor", model);
  const {
    returnNodes,
    trainReturnNodes,
    evalReturnNodes,
    inputs,
    tracerKwargs = {},
    suppressDiffWarning,
  } = readNodes(nodes, options);
  if (!returnNodes && !trainReturnNodes && !evalReturnNodes) {
    throw new Error("Either `returnNodes` or `trainReturnNodes` and `evalReturnNodes` together, should be specified");
  }
  if (!trainReturnNodes !== !evalReturnNodes) {
    throw new Error("If any of `trainReturnNodes` and `evalReturnNodes` are specified, then both should be specified");
  }
  if (returnNodes && trainReturnNodes)
    throw new Error("`returnNodes` cannot be specified together with `trainReturnNodes` and `evalReturnNodes`");
  const [train, evaluation] = [true, false].map((training) => namesIfKnown(model, training, inputs, tracerKwargs));
  const planFor = (names: readonly string[] | undefined, nodes: ReturnNodes | null | undefined): Plan => {
    const plan = new Plan(nodes as ReturnNodes, tracerKwargs);
    if (names !== undefined) plan.learn(names);
    return plan;
  };
  const plans = [planFor(train, trainReturnNodes ?? returnNodes), planFor(evaluation, evalReturnNodes ?? returnNodes)];
  if (!suppressDiffWarning && train !== undefined && evaluation !== undefined) warnOfDifferences(train, evaluation);
  return new FeatureExtractor(model, ...(plans as [Plan, Plan]));
}

function checkModel(name: string, model: unknown): void {
  if (!(model instanceof nn.Module))
    throw new TypeError(`${name}(): argument 'model' must be Module, not ${describe(model)}`);
}

/** The nodes of a model; undefined where it is not known what it is called with, and it takes no images. */
function namesIfKnown(
  model: nn.Module,
  training: boolean,
  inputs: readonly unknown[] | undefined,
  tracer: TracerOptions,
): string[] | undefined {
  try {
    return traceNodes(model, training, inputs, tracer);
  } catch (error) {
    if (inputs !== undefined) throw error;
    return undefined;
  }
}

/** Nodes alone, or options. */
function readNodes(given: ReturnNodes | Nodes, options?: Tracing): Nodes {
  const known = ["returnNodes", "trainReturnNodes", "evalReturnNodes"];
  const isOptions = !Array.isArray(given) && Object.keys(given ?? {}).some((key) => known.includes(key));
  return isOptions ? (given as Nodes) : { ...options, returnNodes: given as ReturnNodes };
}

/**
 * The names of the nodes of a model in training and in evaluation mode, in the order in which they are computed: its inputs,
 * layers, the operations between them, and the parameters that these use.
 *
 * A copy of the model runs, on the device `meta` if it can.
 *
 * @param options.inputs what the model is called with: two images by default.
 * @throws Error if the model does not run with the inputs.
 * @example const [train, evaluation] = models.featureExtraction.getGraphNodeNames(models.resnet18());
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.feature_extraction.get_graph_node_names.html
 */
export function getGraphNodeNames(
  model: nn.Module,
  { inputs, tracerKwargs = {}, suppressDiffWarning = false }: Tracing = {},
): [trainNodes: string[], evalNodes: string[]] {
  checkModel("getGraphNodeNames", model);
  const train = traceNodes(model, true, inputs, tracerKwargs);
  const evaluation = traceNodes(model, false, inputs, tracerKwargs);
  if (!suppressDiffWarning) warnOfDifferences(train, evaluation);
  return [train, evaluation];
}
