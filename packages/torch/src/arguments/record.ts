/** Puts values by place under names. */

export type RecordMaker = (values: readonly unknown[]) => Record<string, unknown>;

/**
 * A function that makes objects with the given names as fields.
 *
 * It is compiled from an object literal: all its objects have one layout then, and writing a field takes no look-up
 * of its name, which costs several times the rest of a small operation. The names are those of the library's own
 * parameters. Where Node.js forbids code made of strings, a loop does the same.
 */
export function recordMaker(names: readonly string[]): RecordMaker {
  const fields = names.map((name, i) => `${JSON.stringify(name)}: values[${i}]`);
  try {
    return new Function("values", `return { ${fields.join(", ")} };`) as RecordMaker;
  } catch {
    return (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }
}
