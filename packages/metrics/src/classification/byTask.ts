/** One name for the three tasks: what `task` chooses among. */
import { describe } from "flambeau/arguments";
import type { Metric } from "../metric/metric.js";
import type { Task } from "./options.js";

/** Options that are named all, the required ones too. */
type Options = Record<string, unknown>;

/** The required arguments after the inputs, in their places, for each task. */
export type Places = Readonly<Record<Task, readonly string[]>>;

const usualPlaces: Places = {
  binary: [],
  multiclass: ["numClasses"],
  multilabel: ["numLabels"],
};

/** How the options of all tasks become the arguments of one. */
export interface Reading {
  readonly places?: Places;
  /** Options that have another default value here than with the tasks of several classes or labels. */
  readonly defaults?: Options;
  /** Options that have a default value here, for all tasks. */
  readonly always?: Options;
}

/** The arguments of one task's function or class, from options that name everything. */
function argumentsOf(
  name: string,
  tasks: object,
  options: unknown,
  { places = usualPlaces, defaults, always }: Reading,
) {
  if (typeof options !== "object" || options === null || !("task" in options)) {
    throw new TypeError(`${name}() missing 1 required argument: 'task'`);
  }
  const { task, ...given } = options as Options & { task: Task };
  const rest = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (typeof task !== "string" || !Object.hasOwn(tasks, task)) {
    const words = Object.keys(tasks).map((one) => `"${one}"`);
    throw new TypeError(`${name}(): argument 'task' must be one of ${words.join(", ")}, not ${describe(task)}`);
  }
  const named: Options = task === "binary" ? { ...always, ...rest } : { ...always, ...defaults, ...rest };
  const required = places[task].map((place) => {
    const value = named[place];
    delete named[place];
    return value;
  });
  return { task, args: [...required, named] };
}

// biome-ignore lint/suspicious/noExplicitAny: each task has arguments of its own, which `argumentsOf` puts together
type Arguments = any[];

/** The metrics of the tasks, each with its function. */
type Family = Partial<Record<Task, { readonly function: (...args: Arguments) => unknown }>>;

/** A function that chooses among those of the tasks. */
export function functionByTask<F>(name: string, family: Family, reading: Reading = {}): F {
  return ((preds: unknown, target: unknown, options: unknown) => {
    const { task, args } = argumentsOf(name, family, options, reading);
    return family[task]?.function(preds, target, ...args);
  }) as F;
}

/** A class whose constructor makes a metric of one of the classes of the tasks. */
export function classByTask<C>(
  name: string,
  tasks: Partial<Record<Task, new (...args: Arguments) => Metric>>,
  reading: Reading = {},
): C {
  const make = class {
    constructor(options: unknown) {
      const { task, args } = argumentsOf(name, tasks, options, reading);
      // biome-ignore lint/correctness/noConstructorReturn: the metric of the task is made in its place
      return new (tasks[task] as new (...args: Arguments) => Metric)(...args);
    }

    /** The metrics of all tasks are its instances. */
    static [Symbol.hasInstance](value: unknown): boolean {
      return Object.values(tasks).some((one) => value instanceof one);
    }
  };
  Object.defineProperty(make, "name", { value: name });
  return make as unknown as C;
}
