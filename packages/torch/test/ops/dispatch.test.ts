/** Every operation passes one place, where modes see it or answer in its place. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, type Tensor } from "../../src/index.js";
import type { Operation, Result } from "../../src/ops/define.js";
import { DispatchMode, type OperationCall } from "../../src/ops/dispatch.js";
import { families, Golden } from "../conformance/golden.js";
import { Arguments, flatten, mainForm } from "../conformance/replay.js";

/** Notes the calls that it sees. */
class Log extends DispatchMode {
  readonly seen: string[] = [];

  override operation(call: OperationCall): Result {
    this.seen.push(`${call.operation.id}${call.form === "call" ? "" : ` ${call.form}`}`);
    return call.run();
  }
}

test("a mode sees functions, methods, changes in place and out, and none of them before or after", () => {
  const log = new Log();
  const x = torch.ones(2, 3);
  log.run(() => {
    x.add(1);
    torch.mul(x, x);
    x.relu_();
    torch.exp(x, { out: torch.empty(2, 3) });
  });
  x.add(1);
  assert.deepEqual(log.seen.slice(0, 3), ["add", "mul", "relu inplace"]);
  assert.deepEqual(log.seen.slice(3), ["empty", "exp out"]);
});

test("a composite is seen, and what it is made of; a primitive hides what it calls", () => {
  const log = new Log();
  log.run(() => torch.aminmax(torch.ones(3)));
  assert.deepEqual(log.seen, ["ones", "aminmax", "amin", "amax"]);
  const linear = new Log();
  linear.run(() => F.linear(torch.ones(4, 2, 3), torch.ones(5, 3)));
  assert.deepEqual(linear.seen, ["ones", "ones", "linear"]);
});

test("the operations of a backward pass are seen", () => {
  const x = torch.ones(3).requiresGrad_();
  const loss = x.mul(2).sum();
  const log = new Log();
  log.run(() => loss.backward());
  assert.ok(log.seen.includes("mul"), `${log.seen}`);
});

test("what a handler calls is seen by the modes around it alone", () => {
  class Doubling extends DispatchMode {
    override operation(call: OperationCall): Result {
      return (call.run() as Tensor).mul(2);
    }
  }
  const log = new Log();
  const result = log.run(() => new Doubling().run(() => torch.ones(2).add(1)));
  assert.deepEqual(result.tolist(), [6, 6]);
  assert.deepEqual(log.seen, ["ones", "mul", "add", "mul"]);
});

test("a mode may answer in the place of an operation, also of one deep in a composite", () => {
  class NoAmax extends DispatchMode {
    override operation(call: OperationCall): Result {
      return call.operation.id === "amax" ? torch.tensor(7) : call.run();
    }
  }
  const { min, max } = new NoAmax().run(() => torch.aminmax(torch.tensor([1, 2])));
  assert.deepEqual([min.item(), max.item()], [1, 7]);
});

test("an error ends the mode", () => {
  const log = new Log();
  assert.throws(() => log.run(() => torch.ones(2).add(torch.ones(3))), /must match/);
  const { length } = log.seen;
  torch.ones(2);
  assert.equal(log.seen.length, length);
});

/** Finds composites whose results come neither from their arguments nor from operations that they call. */
class Provenance extends DispatchMode {
  readonly byHand = new Set<string>();
  readonly #known: Set<Tensor>[] = [];

  override operation({ operation, args, run }: OperationCall): Result {
    if (operation.isComposite) this.#known.push(new Set(args.flatMap(flatten)));
    const result = run();
    const tensors = flatten(result);
    if (operation.isComposite) this.#check(operation, tensors);
    for (const known of this.#known) for (const tensor of tensors) known.add(tensor);
    return result;
  }

  #check(operation: Operation, results: readonly Tensor[]): void {
    const known = this.#known.pop();
    if (results.some((tensor) => !known?.has(tensor))) this.byHand.add(operation.id);
  }
}

describe("composites are made of operations: no kernel, no view by hand", () => {
  for (const family of families()) {
    const golden = new Golden(family);
    test(family, () => {
      const mode = new Provenance();
      for (const operation of golden.operations) {
        const call = mainForm(operation);
        for (const one of operation.cases) {
          if (one.r === undefined || call === undefined) continue;
          const args = new Arguments(golden, one).list();
          // Whether a call throws as PyTorch's does is the replay's business.
          try {
            mode.run(() => call(...args));
          } catch {}
        }
      }
      assert.deepEqual([...mode.byHand], []);
    });
  }
});
