/**
 * Where an error comes from, as the person sees it who wrote the call: the stack of an error of the library begins with
 * the caller's line, and the library's own frames come last.
 *
 * Nothing of this runs, or is read, unless something throws.
 */

/** Where the code of a package is, however it was loaded: compiled, bundled, or as source maps name it. */
function placesOf(url: string): string[] {
  const root = /^file:\/\/(.*\/)dist\/(?:src|lib)\//.exec(url)?.[1];
  // Bundled by somebody else into one file with their own code, it cannot be told apart.
  if (root === undefined) return [];
  const roots = [...new Set([root, decodeURIComponent(root)])];
  return roots.flatMap((one) => ["dist/src/", "dist/lib/", "src/"].map((folder) => one + folder));
}

const places = placesOf(import.meta.url);

/** Counts the code of a package around the core as the library's, too; `url` is that of one of its modules. */
export function ownPackage(url: string): void {
  if (places.length > 0) places.push(...placesOf(url));
}

const isFrame = (line: string) => /^\s+at /.test(line);
const isBuiltIn = (line: string) => line.includes("node:") || line.includes("(<anonymous>)");
const isOurs = (line: string) => places.some((place) => line.includes(place));

/** How many frames of the library are kept, at the end. */
const shown = 4;

/** How many frames of the library there may be between a call and what throws. */
const depth = 100;

/** Errors of the library whose stack was looked at. */
const ours = new WeakSet<object>();
const others = new WeakSet<object>();

/** The frames from here on that are not the library's, as many as Node.js shows. */
export function callerFrames(): string[] {
  const limit = Error.stackTraceLimit;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit + depth;
    Error.captureStackTrace(holder);
    if (typeof holder.stack !== "string") return [];
  } finally {
    Error.stackTraceLimit = limit;
  }
  const frames = holder.stack.split("\n").filter(isFrame);
  return frames.filter((_, i) => !isOurs(frames[callerOf(frames, i)] as string)).slice(0, limit);
}

/** The place of the frame from which one is called that is Node's or the language's own, as `Array.map` is; else its own. */
function callerOf(frames: readonly string[], place: number): number {
  let i = place;
  while (i < frames.length - 1 && isBuiltIn(frames[i] as string)) i++;
  return i;
}

/** Whether something that was thrown is an error that the library made; only after `atCaller`. */
export function isOurError(error: unknown): error is Error {
  return ours.has(error as object);
}

/**
 * An error on its way to the caller, with a stack that begins there. Errors of others, such as those of a function that
 * the library was given, stay as they are.
 */
export function atCaller(error: unknown): unknown {
  if (!(error instanceof Error) || ours.has(error) || others.has(error) || places.length === 0) return error;
  const { stack } = error;
  const frames = typeof stack === "string" ? stack.split("\n").filter(isFrame) : [];
  const first = frames.find((line) => !isBuiltIn(line));
  if (first === undefined || !isOurs(first)) {
    others.add(error);
    return error;
  }
  ours.add(error);
  const callers = callerFrames();
  if (callers.length > 0)
    error.stack = [String(error), ...callers, ...frames.filter(isOurs).slice(0, shown)].join("\n");
  return error;
}

/** Changes the message of an error, also where its stack shows it. */
export function reword(error: Error, message: string): void {
  const { stack } = error;
  const frames = typeof stack === "string" ? stack.split("\n").filter(isFrame) : [];
  error.message = message;
  error.stack = [String(error), ...frames].join("\n");
}
