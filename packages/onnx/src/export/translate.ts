/** Goes through a recorded program and makes the nodes of the file. */
import { Call, type Translated } from "./call.js";
import { translations } from "./operations/index.js";
import { type GraphNode, located, type Node, Value } from "./recording.js";
import type { Session } from "./session.js";

/** What stands for results that nobody can ask for. */
const nothing = "";

export function translateAll(session: Session, lists: readonly (readonly GraphNode[])[]): void {
  for (const all of session.recording.nodes(lists)) translate(session, all);
}

function translate(session: Session, all: readonly GraphNode[]): void {
  const node = session.recording.node(all);
  const { outputs } = node;
  if (valuesIn(Object.values(node.args)).some((value) => session.isOfModel(value))) {
    for (const output of outputs) session.markOfModel(output);
  }
  // What is known is there when somebody asks for it.
  if (outputs.length > 0 && outputs.every((output) => session.constantOf(output) !== undefined)) return;
  const names = translated(session, node);
  if (names === undefined) return decompose(session, node);
  const list = typeof names === "string" ? [names] : names;
  outputs.forEach((output, i) => {
    const name = list[i] ?? nothing;
    if (name !== nothing) session.define(output, name);
    else session.refuse(output, located(node, `ONNX has no counterpart of its result ${i} in opset ${session.opset}`));
  });
}

function translated(session: Session, node: Node): Translated {
  const translation = Object.hasOwn(translations, node.operation) ? translations[node.operation] : undefined;
  try {
    return translation?.(new Call(node, session));
  } catch (error) {
    throw located(node, (error as Error).message, error);
  }
}

function decompose(session: Session, node: Node): void {
  const [{ inside }] = node.all as [GraphNode];
  if (inside !== undefined)
    return translateAll(
      session,
      node.all.map(({ inside }) => inside ?? []),
    );
  // Numbers that are the same each time are worth more than an error.
  if (node.outputs.length > 0 && node.outputs.every(({ tensor }) => tensor !== undefined)) return;
  const error = located(node, `ONNX has no counterpart of it in opset ${session.opset}`);
  if (node.outputs.length === 0) throw error;
  for (const output of node.outputs) session.refuse(output, error);
}

function valuesIn(value: unknown): Value[] {
  if (value instanceof Value) return [value];
  return Array.isArray(value) ? value.flatMap(valuesIn) : [];
}
