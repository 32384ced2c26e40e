/**
 * `torch.utils.flopCounter`: how many floating-point operations a program takes, by module.
 *
 * Source: https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py
 */
import { anything, flagOn, int, keyword, nullable, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Node } from "../autograd/node.js";
import { nodeWatch } from "../autograd/observe.js";
import type { Module } from "../nn/module.js";
import { moduleWatch } from "../nn/observe.js";
import type { Result } from "../ops/define.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";
import { type FlopFormula, flopsOf } from "./flops.js";
import { type Cells, plainTable } from "./plainTable.js";

/** What a counter can be told. */
export interface FlopCounterOptions {
  /** How deep the modules of the table are nested at most; all where it is null. 2 unless said. */
  depth?: number | null;
  /** Print the table when the count ends; true unless said. */
  display?: boolean;
  /** Formulas for operations by their ids, beside those that are known, or in their place. */
  customMapping?: Readonly<Record<string, FlopFormula>>;
}

const all = "Global";
const units = ["", "K", "M", "B", "T"];

const counterSignature = new Signature("FlopCounterMode", {
  depth: keyword(optional(nullable(int), 2)),
  display: flagOn,
  customMapping: keyword(optional(anything, {})),
});

/** What modules are called in the table. */
class ModuleNames {
  readonly #names = new WeakMap<Module, string>();

  /** The class of a module that is called by itself, and the path below it of the others. */
  of(module: Module): string {
    const known = this.#names.get(module);
    if (known !== undefined) return known;
    const name = module.constructor.name;
    for (const [path, child] of module.namedModules()) this.#names.set(child, path === "" ? name : `${name}.${path}`);
    return name;
  }
}

class Counting extends DispatchMode {
  override readonly keepsTensors = false;
  readonly #names = new ModuleNames();
  /** The modules in which an operation was recorded, to which its part of the backward pass counts. */
  readonly #madeIn = new WeakMap<Node, readonly string[]>();
  /** The names of the modules that are under way, the outermost first. */
  #inside: readonly string[] = [];

  constructor(
    readonly counts: Map<string, Map<string, number>>,
    readonly custom: ReadonlyMap<string, FlopFormula>,
  ) {
    super();
  }

  override enter(): Disposable {
    const parts = [
      super.enter(),
      moduleWatch.observe((module, run) => this.#within([...this.#inside, this.#names.of(module)], run)),
      nodeWatch.observe((node, run) => this.#within(this.#madeIn.get(node) ?? [], run)),
    ];
    return {
      [Symbol.dispose]: () => {
        for (const part of parts.reverse()) part[Symbol.dispose]();
      },
    };
  }

  override operation(call: OperationCall): Result {
    const flops = flopsOf(call, this.custom);
    if (flops > 0) for (const name of new Set([all, ...this.#inside])) this.#add(name, call.operation.id, flops);
    const result = call.run();
    for (const { gradFn: node } of tensorsIn(result)) {
      if (node && this.#inside.length > 0 && !this.#madeIn.has(node)) this.#madeIn.set(node, this.#inside);
    }
    return result;
  }

  #within<T>(modules: readonly string[], run: () => T): T {
    const before = this.#inside;
    this.#inside = modules;
    try {
      return run();
    } finally {
      this.#inside = before;
    }
  }

  #add(name: string, operation: string, flops: number): void {
    const own = this.counts.get(name) ?? new Map<string, number>();
    own.set(operation, (own.get(operation) ?? 0) + flops);
    this.counts.set(name, own);
  }
}

/**
 * Counts the floating-point operations of matrix products, of the backward pass too, by module and operation.
 *
 * @example
 * const counter = new torch.utils.flopCounter.FlopCounterMode({ display: false });
 * counter.run(() => model(x).sum().backward());
 * counter.getTotalFlops();
 */
export class FlopCounterMode {
  readonly depth: number | null;
  readonly display: boolean;
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #custom: ReadonlyMap<string, FlopFormula>;

  constructor(options: FlopCounterOptions = {}) {
    const { depth, display, customMapping } = counterSignature.parse([options]);
    this.depth = depth;
    this.display = display;
    this.#custom = new Map(Object.entries(customMapping as Readonly<Record<string, FlopFormula>>));
  }

  /** Counts what a function does. What was counted before is forgotten. */
  run<T>(body: () => T): T {
    using _ = this.enter();
    return body();
  }

  /** Counts for the rest of a block (`using _ = counter.enter()`). */
  enter(): Disposable {
    this.#counts.clear();
    const mode = new Counting(this.#counts, this.#custom).enter();
    return {
      [Symbol.dispose]: () => {
        mode[Symbol.dispose]();
        if (this.display) console.log(this.getTable());
      },
    };
  }

  /** All floating-point operations. */
  getTotalFlops(): number {
    return sumOf(this.#counts.get(all));
  }

  /** The floating-point operations by module (`Global` for all) and operation. */
  getFlopCounts(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([name, own]) => [name, Object.fromEntries(own)]));
  }

  /** A row for each module, and below it one for each of its operations. */
  getTable(depth: number | null = this.depth): string {
    const total = this.getTotalFlops();
    const names = [...this.#counts.keys()].filter((name) => name !== all).sort();
    const shown = names.filter((name) => depth === null || name.split(".").length <= depth);
    const rows = shown.flatMap((name) => this.#rowsOf(name, name.split(".").length - 1, total));
    const isSubsumed = shown.some((name) => sumOf(this.#counts.get(name)) >= total);
    const list =
      this.#counts.has(all) && !isSubsumed
        ? [...this.#rowsOf(all, 0, total), ...rows.map(([name, ...rest]) => [` ${name}`, ...rest] as Cells)]
        : rows;
    return plainTable(["Module", "FLOP", "% Total"], list.length > 0 ? list : [[all, "0", "0%"]]);
  }

  #rowsOf(name: string, depth: number, total: number): Cells[] {
    const own = this.#counts.get(name) ?? new Map<string, number>();
    const padding = " ".repeat(depth);
    const row = (title: string, flops: number): Cells => [padding + title, scaled(flops, total), share(flops, total)];
    return [row(name, sumOf(own)), ...[...own].map(([operation, flops]) => row(` - ${operation}`, flops))];
  }
}

function sumOf(counts: ReadonlyMap<string, number> | undefined): number {
  return [...(counts?.values() ?? [])].reduce((sum, flops) => sum + flops, 0);
}

/** A number in the unit in which the total has up to four digits before the point. */
function scaled(flops: number, total: number): string {
  const unit = Math.max(0, Math.min(units.length - 1, Math.floor((String(total).length - 2) / 3)));
  return `${(flops / 1000 ** unit).toFixed(3)}${units[unit]}`;
}

function share(flops: number, total: number): string {
  return total === 0 ? "0%" : `${((100 * flops) / total).toFixed(2)}%`;
}
