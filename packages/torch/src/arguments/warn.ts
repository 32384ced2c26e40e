/** Warnings: advice that does not stop the program. */
import { callerFrames } from "../core/callers.js";

const given = new Set<string>();
let always = false;

/**
 * Has a warning appear each time, and not only once in a program.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_warn_always.html
 */
export function setWarnAlways(mode: boolean): void {
  if (typeof mode !== "boolean") throw new TypeError(`setWarnAlways: expected a bool, but got ${typeof mode}`);
  always = mode;
}

/** Whether warnings appear each time. */
export function isWarnAlwaysEnabled(): boolean {
  return always;
}

/** Emits a `UserWarning` with the place of the call, each text once, as the default filter of Python does. */
export function warn(message: string): void {
  if (given.has(message) && !always) return;
  given.add(message);
  const warning = new Error(message) as Error & { detail?: string };
  warning.name = "UserWarning";
  const frames = callerFrames();
  warning.stack = [String(warning), ...frames].join("\n");
  // Node.js prints it below the message, or the stack if it is asked to.
  if (frames[0] !== undefined && !(process as { traceProcessWarnings?: boolean }).traceProcessWarnings)
    warning.detail = frames[0].trim();
  process.emitWarning(warning);
}
