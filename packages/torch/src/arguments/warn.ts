/** Warnings: advice that does not stop the program. */
export function warn(message: string): void {
  process.emitWarning(message, "UserWarning");
}
