/** Starting threads. */
import { extname } from "node:path";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a thread that runs a module of the folder in which the one at an address is, of the kind that that is: also in
 * the thread the library is there once.
 */
export function startThread(name: string, beside: string, options: WorkerOptions): Worker {
  const module = new URL(`./${name}${extname(beside)}`, beside);
  // A thread inherits this option of a program given as text, which Node then refuses for a file.
  const isText = process.execArgv.some((option) => option.startsWith("--input-type"));
  return isText
    ? new Worker(`import(${JSON.stringify(module.href)})`, { ...options, eval: true })
    : new Worker(module, options);
}
