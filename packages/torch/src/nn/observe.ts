/** Watching the calls of modules from outside: profilers and summaries do. */
import { Watch } from "../core/watch.js";
import type { Module } from "./module.js";

/** The calls of modules, with their inputs. */
export const moduleWatch = new Watch<Module, unknown>();
