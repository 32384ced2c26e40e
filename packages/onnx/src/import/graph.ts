/** Makes a graph of a file one that can be run. */
import type { Tensor } from "flambeau";
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto } from "onnx-buf";
import type { ExternalReader } from "./externalData.js";
import { declaredType } from "./interface.js";
import { deepest } from "./limits.js";
import { NodeReader } from "./nodeReader.js";
import type { Compute } from "./operators/define.js";
import { operatorOf } from "./operators/table.js";
import { inOrder } from "./order.js";
import { Body, type Capture, type Step } from "./plan.js";
import { tensorOf } from "./tensors.js";
import { domainOf, nodeLabel, within } from "./values.js";
import { Weights } from "./weights.js";

/** Versions of operator sets by their domains. */
function versionsOf(imports: ModelProto["opsetImport"]): Map<string, number> {
  return new Map(imports.map((one) => [domainOf(one), Number(one.version)]));
}

const functionKey = (domain: string, name: string, overload: string) => JSON.stringify([domain, name, overload]);

/** The places of a graph's values. */
class Frame {
  size = 0;
  readonly captures: Capture[] = [];
  /** Places of initializers, with their numbers among the weights. */
  readonly state = new Map<number, number>();
  /** What is at places that the file says: initializers, and constants. */
  readonly known = new Map<number, Tensor>();

  allocate(): number {
    return this.size++;
  }
}

/** Which name is at which place. A function that is called has names of its own, in the same frame. */
class Scope {
  readonly places = new Map<string, number>();
  readonly #around: Scope | undefined;

  constructor(
    readonly frame: Frame,
    around?: Scope,
  ) {
    this.#around = around;
  }

  define(name: string): number {
    if (this.places.has(name)) throw new Error(`'${name}' is defined twice`);
    const place = this.frame.allocate();
    this.places.set(name, place);
    return place;
  }

  /** The place of a name, which may be one of the graphs around. */
  find(name: string): number | undefined {
    const own = this.places.get(name);
    if (own !== undefined) return own;
    const outer = this.#around?.find(name);
    if (outer === undefined) return undefined;
    const inner = this.define(name);
    this.frame.captures.push({ outer, inner });
    return inner;
  }
}

/** The most nodes that functions in functions may unfold to. */
const mostNodes = 100_000;

/** What a node is compiled in. */
interface Context {
  readonly scope: Scope;
  readonly steps: PendingStep[];
  readonly versions: ReadonlyMap<string, number>;
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  readonly depth: number;
}

/** A step whose values nobody has looked after yet. */
interface PendingStep {
  readonly label: string;
  readonly compute: Compute;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Places that bodies inside of the node read. */
  readonly captured: readonly number[];
}

const noAttributes: ReadonlyMap<string, AttributeProto> = new Map();

/** Compiles the graphs of one file. */
export class Compiler {
  readonly weights = new Weights();
  /** Whether some node says by itself that it trains. */
  trains = false;
  readonly #readExternal: ExternalReader;
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  readonly #versions: ReadonlyMap<string, number>;
  /** How many nodes there are, with those of functions. */
  #nodes = 0;

  constructor(model: ModelProto, readExternal: ExternalReader) {
    this.#readExternal = readExternal;
    this.#versions = versionsOf(model.opsetImport);
    // Files of the first version of the format do not say it.
    if (this.#versions.size === 0) this.#versions = new Map([["", 1]]);
    const functions = model.functions.map((one) => [functionKey(domainOf(one), one.name, one.overload), one] as const);
    this.#functions = new Map(functions);
  }

  /** The model's own graph. */
  compile(graph: GraphProto): Body {
    return this.#graph(graph, undefined, this.#versions, noAttributes, 0);
  }

  #graph(
    graph: GraphProto,
    around: Scope | undefined,
    versions: ReadonlyMap<string, number>,
    attributes: ReadonlyMap<string, AttributeProto>,
    depth: number,
  ): Body {
    if (depth > deepest) throw new Error(`more than ${deepest} graphs lie in each other`);
    if (graph.sparseInitializer.length > 0) throw new Error("sparse initializers are not read");
    const frame = new Frame();
    const scope = new Scope(frame, around);
    const steps: PendingStep[] = [];
    for (const proto of graph.initializer) this.#initializer(scope, proto);
    const inputs = graph.input
      .filter(({ name }) => around !== undefined || !scope.places.has(name))
      .map(({ name }) => scope.define(name));
    const overridable = graph.input.map(({ name }) => scope.places.get(name) as number);
    for (const node of inOrder(graph.node)) {
      this.#node(node, { scope, steps, versions, attributes, depth });
    }
    const outputs = graph.output.map(({ name }) => {
      const place = scope.find(name);
      if (place === undefined) throw new Error(`nothing computes the output '${name}'`);
      return place;
    });
    const { captures, state } = frame;
    return new Body({
      // Inputs with an initializer can be given by name; the others come first, in order.
      inputs: around === undefined ? [...inputs, ...overridable.filter((place) => !inputs.includes(place))] : inputs,
      outputs,
      captures,
      state: [...state],
      outputTypes: graph.output.map(declaredType),
      steps: withLifetimes(steps, outputs, new Set(state.keys())),
      size: frame.size,
    });
  }

  #initializer({ frame, places }: Scope, proto: TensorProto): void {
    if (places.has(proto.name)) throw new Error(`the initializer '${proto.name}' is there twice`);
    const place = frame.allocate();
    places.set(proto.name, place);
    const tensor = tensorOf(proto, this.#readExternal);
    frame.state.set(place, this.weights.add(proto.name, tensor));
    frame.known.set(place, tensor);
  }

  #node(node: NodeProto, context: Context): void {
    const label = nodeLabel(node.name, node.opType);
    try {
      if (++this.#nodes > mostNodes) throw new Error(`there are more than ${mostNodes} nodes`);
      const called = this.#functions.get(functionKey(domainOf(node), node.opType, node.overload));
      if (called === undefined) this.#operator(node, label, context);
      else this.#call(called, node, context);
    } catch (error) {
      throw within(label, error);
    }
  }

  #places(node: NodeProto, { scope }: Context): number[] {
    return node.input.map((name) => {
      if (name === "") return -1;
      const place = scope.find(name);
      if (place === undefined) throw new Error(`its input '${name}' is defined nowhere`);
      return place;
    });
  }

  #operator(node: NodeProto, label: string, context: Context): void {
    const { scope, steps, versions, attributes, depth } = context;
    const domain = domainOf(node);
    const version = versions.get(domain);
    if (version === undefined) throw new Error(`the file does not say the version of the operator set '${domain}'`);
    const operator = operatorOf(domain, node.opType);
    const inputs = this.#places(node, context);
    const captured: number[] = [];
    const reader = new NodeReader(node, {
      version,
      isState: (place) => scope.frame.state.has(inputs[place] ?? -1),
      constant: (place) => scope.frame.known.get(inputs[place] ?? -1),
      attribute: (name) => attributes.get(name),
      tensor: (attribute) => {
        if (attribute.t === undefined) throw new Error(`attribute '${attribute.name}' has no tensor`);
        return tensorOf(attribute.t, this.#readExternal);
      },
      body: (graph) => {
        const body = this.#graph(graph, scope, versions, attributes, depth + 1);
        captured.push(...body.reads);
        return body;
      },
    });
    const compute = operator(reader);
    this.trains ||= reader.trains;
    this.#noteUses(scope, inputs, captured, reader);
    const outputs = node.output.map((name) => (name === "" ? -1 : scope.define(name)));
    if (node.opType === "Constant") scope.frame.known.set(outputs[0] as number, reader.tensor("value") as Tensor);
    steps.push({ label, compute, inputs, outputs, captured });
  }

  /** Tells the weights how they are used. */
  #noteUses({ frame }: Scope, inputs: readonly number[], captured: readonly number[], reader: NodeReader): void {
    for (const [i, place] of inputs.entries()) {
      const index = frame.state.get(place);
      if (index === undefined) continue;
      const use = reader.numberPlaces.has(i) ? "number" : reader.statePlaces.has(i) ? "statistic" : "data";
      this.weights.use(index, use);
    }
    for (const place of captured) {
      const index = frame.state.get(place);
      if (index !== undefined) this.weights.use(index, "data");
    }
  }

  /** Puts the nodes of a function in the place of a node that calls it. */
  #call(called: FunctionProto, node: NodeProto, context: Context): void {
    const { steps, attributes, depth } = context;
    if (depth > deepest) throw new Error(`more than ${deepest} functions call each other`);
    const scope = new Scope(context.scope.frame);
    const inputs = this.#places(node, context);
    // An input of the function that is left out is left out of the nodes that take it.
    for (const [i, name] of called.input.entries()) scope.places.set(name, inputs[i] ?? -1);
    const given = new Map(called.attributeProto.map((one) => [one.name, one]));
    for (const one of node.attribute) {
      const value = one.refAttrName === "" ? one : attributes.get(one.refAttrName);
      if (value !== undefined) given.set(one.name, value);
    }
    const versions = called.opsetImport.length > 0 ? versionsOf(called.opsetImport) : context.versions;
    for (const inner of inOrder(called.node)) {
      this.#node(inner, { scope, steps, versions, attributes: given, depth: depth + 1 });
    }
    for (const [i, name] of node.output.entries()) {
      const place = scope.places.get(called.output[i] ?? "");
      if (name === "") continue;
      if (place === undefined) throw new Error(`the function has no output ${i}`);
      if (context.scope.places.has(name)) throw new Error(`'${name}' is defined twice`);
      context.scope.places.set(name, place);
    }
  }
}

/** Notes behind which step a value is not needed any more. */
function withLifetimes(steps: readonly PendingStep[], outputs: readonly number[], kept: ReadonlySet<number>): Step[] {
  const needed = new Set([...outputs, ...kept]);
  const done: number[][] = steps.map(() => []);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { inputs, captured, outputs: made } = steps[i] as PendingStep;
    for (const place of [...inputs, ...captured, ...made]) {
      if (place < 0 || needed.has(place)) continue;
      needed.add(place);
      done[i]?.push(place);
    }
  }
  return steps.map(({ label, compute, inputs, outputs: made }, i) => ({
    label,
    compute,
    inputs,
    outputs: made,
    done: done[i] as number[],
  }));
}
