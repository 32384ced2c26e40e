/** A call for all entries of a batch: its arguments with the batch as a first dim, or as they are for every entry. */
import { Tensor } from "../../core/tensor.js";
import type { Operation } from "../../ops/define.js";
import type { Result } from "../../ops/results.js";
import type { BatchLevel } from "./level.js";

export class BatchedCall {
  /** The arguments with what batched tensors stand for in their places. */
  readonly values: readonly unknown[];

  constructor(
    readonly operation: Operation,
    /** The arguments as an entry sees them. */
    readonly given: readonly unknown[],
    readonly level: BatchLevel,
  ) {
    this.values = given.map((arg) => this.#valueOf(arg));
  }

  /** How many entries the batch has. */
  get size(): number {
    return this.level.size;
  }

  #valueOf(arg: unknown): unknown {
    if (this.level.owns(arg)) return arg.value;
    return Array.isArray(arg) && this.level.holds(arg) ? arg.map((item) => this.#valueOf(item)) : arg;
  }

  #place(name: string): number {
    return this.operation.signature.names.indexOf(name);
  }

  /** An argument as an entry sees it. */
  arg(name: string): unknown {
    return this.given[this.#place(name)];
  }

  /** A tensor as an entry sees it. */
  tensor(name: string): Tensor {
    return this.arg(name) as Tensor;
  }

  /** The number of dims that an entry sees. */
  rank(name: string): number {
    return this.tensor(name).sizes.length;
  }

  isBatched(name: string): boolean {
    return this.level.holds(this.arg(name));
  }

  /** What a tensor stands for, or the tensor where it is the same for all entries. */
  value(name: string): Tensor {
    return this.values[this.#place(name)] as Tensor;
  }

  /** A tensor with the batch as a first dim, also where all entries are the same. */
  full(name: string): Tensor {
    return this.level.full(this.tensor(name));
  }

  /** Calls the operation with the values, and others for some of them. */
  run(changes: Readonly<Record<string, unknown>> = {}): Result {
    const args = [...this.values];
    for (const [name, value] of Object.entries(changes)) args[this.#place(name)] = value;
    return this.operation.invoke("call", args);
  }

  /** The call of one entry. */
  entry(index: number): Result {
    const select = (arg: unknown): unknown => {
      if (this.level.owns(arg)) return arg.value.select(0, index);
      return Array.isArray(arg) && this.level.holds(arg) ? arg.map(select) : arg;
    };
    return this.operation.invoke("call", this.given.map(select));
  }

  /** The names of the parameters that hold a tensor in this call. */
  get tensorNames(): string[] {
    const { names } = this.operation.signature;
    return names.filter((_, i) => this.given[i] instanceof Tensor);
  }
}
