/** Starting threads. */
import { extname } from "node:path";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** Starts a thread that runs a module of this folder, of the kind that this one is: also in it the library is there once. */
export function startThread(name: string, options: WorkerOptions): Worker {
  const module = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
  // A thread inherits this option of a program given as text, which Node then refuses for a file.
  const isText = process.execArgv.some((option) => option.startsWith("--input-type"));
  return isText
    ? new Worker(`import(${JSON.stringify(module.href)})`, { ...options, eval: true })
    : new Worker(module, options);
}
