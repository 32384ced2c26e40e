/** Warnings: advice that does not stop the program. */
const given = new Set<string>();

/** Emits a `UserWarning`, each text once. */
export function warn(message: string): void {
  if (given.has(message)) return;
  given.add(message);
  process.emitWarning(message, "UserWarning");
}
