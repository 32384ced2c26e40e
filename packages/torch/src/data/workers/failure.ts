/** Errors of workers, on their way to the main thread. */
import { inspect } from "node:util";
import { isError } from "../../core/kinds.js";

/** What was thrown, in a form that any thread can read: an error by its parts, anything else as it is. */
export type Failure = ThrownError | { readonly value: unknown };

interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | number | undefined;
  readonly cause: Failure | undefined;
  readonly errors: readonly Failure[] | undefined;
}

/** How many causes of causes are kept: an error may be its own. */
const depthKept = 8;

export function failureOf(thrown: unknown, depth = 0): Failure {
  if (!isError(thrown)) return { value: isCloneable(thrown) ? thrown : inspect(thrown) };
  const { name, message, stack, code, cause, errors } = thrown as Error & Record<"code" | "errors", unknown>;
  const inner = (value: unknown) => failureOf(value, depth + 1);
  const isInnermost = depth === depthKept;
  return {
    name: String(name),
    message: String(message),
    stack,
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
    cause: isInnermost || cause === undefined ? undefined : inner(cause),
    errors: isInnermost || !Array.isArray(errors) ? undefined : errors.map(inner),
  };
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The kind and text of a failure. */
export function summaryOf(failure: Failure): { name: string; message: string } {
  if (!("value" in failure)) return failure;
  const { value } = failure;
  return { name: "Error", message: typeof value === "string" ? value : inspect(value) };
}

const errorKinds: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError, SyntaxError, ReferenceError };

/** What was thrown, in this thread. */
function thrownBy(failure: Failure): unknown {
  if ("value" in failure) return failure.value;
  const { name, message, stack, code, cause, errors } = failure;
  const error = errorOf(name, message, code, cause && { cause: thrownBy(cause) }, errors);
  return Object.assign(error, { name, stack });
}

/** An error of this thread for one of a worker, with that as its cause, and of its kind where the language has it. */
export function causedBy(failure: Failure, message: string): Error {
  const options = { cause: thrownBy(failure) };
  if ("value" in failure) return new Error(message, options);
  return errorOf(failure.name, message, failure.code, options, failure.errors);
}

function errorOf(
  name: string,
  message: string,
  code: string | number | undefined,
  options: { cause: unknown } | undefined,
  errors: readonly Failure[] | undefined,
): Error {
  const Kind = errorKinds[name] ?? Error;
  const error = errors ? new AggregateError(errors.map(thrownBy), message, options) : new Kind(message, options);
  return code === undefined ? error : Object.assign(error, { code });
}
