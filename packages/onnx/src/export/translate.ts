/** Goes through a recorded program and makes the nodes of the file. */
import { Call, type Translated } from "./call.js";
import { complexNumbers, isComplex, isComplexCall } from "./operations/complex.js";
import { translations } from "./operations/index.js";
import { type GraphNode, located, type Node, Value } from "./recording.js";
import type { Session } from "./session.js";

/** What stands for results that nobody can ask for. */
const nothing = "";

/** @param within the calls of composites that these are parts of, from the outermost on. */
export function translateAll(
  session: Session,
  lists: readonly (readonly GraphNode[])[],
  within: readonly Node[] = [],
): void {
  for (const all of session.recording.nodes(lists)) translate(session, session.recording.node(all), within);
}

function translate(session: Session, node: Node, within: readonly Node[]): void {
  const { outputs } = node;
  if (valuesIn(Object.values(node.args)).some((value) => session.isOfModel(value))) {
    for (const output of outputs) session.markOfModel(output);
  }
  // What is known is there when somebody asks for it.
  if (outputs.length > 0 && outputs.every((output) => session.constantOf(output) !== undefined)) return;
  const names = translated(session, node);
  if (names === undefined) return decompose(session, [...within, node]);
  const list = typeof names === "string" ? [names] : names;
  outputs.forEach((output, i) => {
    const name = list[i] ?? nothing;
    if (name !== nothing) session.define(output, name);
    else session.refuse(output, refusal([...within, node], `result ${i}`, session));
  });
}

function translated(session: Session, node: Node): Translated {
  const table = isComplexCall(node) ? complexNumbers : translations;
  const translation = Object.hasOwn(table, node.operation) ? table[node.operation] : undefined;
  try {
    return translation?.(new Call(node, session));
  } catch (error) {
    throw located(node, (error as Error).message, error);
  }
}

function decompose(session: Session, calls: readonly Node[]): void {
  const node = calls.at(-1) as Node;
  const [{ inside }] = node.all as [GraphNode];
  if (inside !== undefined)
    return translateAll(
      session,
      node.all.map(({ inside }) => inside ?? []),
      calls,
    );
  // Numbers that are the same each time are worth more than an error.
  if (node.outputs.length > 0 && node.outputs.every(({ tensor }) => tensor !== undefined)) return;
  const error = refusal(calls, undefined, session);
  if (node.outputs.length === 0) throw error;
  for (const output of node.outputs) session.refuse(output, error);
}

/** The name by which people call an operation; what stands behind it in the names of parts says what they are. */
function calledName({ operation }: Node): string | undefined {
  return /^((linalg|special|masked|F|torchvision)\.)?[a-zA-Z]\w*/.exec(operation)?.[0];
}

/** The error of what ONNX does not have: the call that a person wrote, and which part of it that is. */
function refusal(calls: readonly Node[], result: string | undefined, { opset }: Session): Error {
  const [outer, inner] = [calls[0], calls.at(-1)] as [Node, Node];
  const names = calls.map(calledName).filter((name) => name !== undefined);
  const [whole = outer.operation, part] = [names[0], names.at(-1)];
  const missing = part === whole || part === undefined ? "it" : part;
  const of = result === undefined ? missing : `${result} of ${missing}`;
  const numbers = Object.values(inner.args).some(isComplex) ? " for complex numbers" : "";
  return located({ ...outer, operation: whole }, `ONNX has no counterpart of ${of}${numbers} in opset ${opset}`);
}

function valuesIn(value: unknown): Value[] {
  if (value instanceof Value) return [value];
  return Array.isArray(value) ? value.flatMap(valuesIn) : [];
}
