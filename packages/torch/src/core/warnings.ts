/** Warnings to the user, each text once. */

const given = new Set<string>();

/** Prints a warning, unless it was printed before. */
export function warn(message: string): void {
  if (given.has(message)) return;
  given.add(message);
  console.warn(`UserWarning: ${message}`);
}
