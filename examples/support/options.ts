/** The options of the quickstart's command line. */
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  epochs: number;
  batchSize: number;
  lr: number;
  seed?: number;
  threads?: number;
  data: string;
  report: string;
  resume: boolean;
  checkpoints: string;
}

const usage = `Options:
  --epochs N       passes over the training data (5)
  --batch-size N   samples to a step (64)
  --lr X           learning rate (1e-3)
  --seed N         seed of the random numbers (different each time)
  --threads N      threads to compute with (the number of cores)
  --data FOLDER    where the data set is, or is put (data)
  --report FOLDER  where the page with figures is put (runs/quickstart)
  --resume         saves what was learnt now and then, and goes on from there the next time
  --checkpoints FOLDER  where that is saved (checkpoints)`;

function fail(message: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function parse() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      options: {
        epochs: text,
        "batch-size": text,
        lr: text,
        seed: text,
        threads: text,
        data: text,
        report: text,
        resume: { type: "boolean" },
        checkpoints: text,
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    return fail((error as Error).message);
  }
}

function number(name: string, value: string, isValid: (n: number) => boolean): number {
  const n = Number(value);
  return value.trim() !== "" && isValid(n) ? n : fail(`--${name} cannot be ${JSON.stringify(value)}`);
}

const isCount = (n: number) => Number.isInteger(n) && n > 0;

/** Reads the command line; ends the program with a message where it is wrong. */
export function readOptions(): Options {
  const given = parse();
  if (given.help) {
    console.log(usage);
    process.exit(0);
  }
  return {
    epochs: number("epochs", given.epochs ?? "5", (n) => Number.isInteger(n) && n >= 0),
    batchSize: number("batch-size", given["batch-size"] ?? "64", isCount),
    lr: number("lr", given.lr ?? "1e-3", (n) => n >= 0 && Number.isFinite(n)),
    seed: given.seed === undefined ? undefined : number("seed", given.seed, Number.isSafeInteger),
    threads: given.threads === undefined ? undefined : number("threads", given.threads, isCount),
    data: given.data ?? "data",
    report: given.report ?? join("runs", "quickstart"),
    resume: given.resume ?? false,
    checkpoints: given.checkpoints ?? "checkpoints",
  };
}
