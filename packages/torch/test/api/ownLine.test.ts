/** Errors and warnings begin with the line of the person who wrote the call, however deep the library was. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import torch, { F, nn, optim, type Tensor } from "flambeau";

class Net extends nn.Module {
  hidden = new nn.Linear(4, 16);
  out = new nn.Linear(8, 3);

  override forward(x: Tensor): Tensor {
    return this.out(this.hidden(x).relu());
  }
}

/** What a function throws. */
function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail("nothing was thrown");
}

const frames = (error: Error) => error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
const isTest = (line: string | undefined) => line?.includes("ownLine.test") === true;
const grown = () => torch.ones(3, { requiresGrad: true });

const calls: Record<string, () => unknown> = {
  "a layer": () => new nn.Linear(8, 3)(torch.ones(8, 16)),
  "a layer in a network": () => new Net()(torch.ones(2, 4)),
  matmul: () => torch.ones(2, 3).matmul(torch.ones(2, 3)),
  "a function": () => torch.matmul(torch.ones(2, 3), torch.ones(2, 3)),
  "in place": () => torch.ones(2).add_(torch.ones(3, 2)),
  "a function in place": () => torch.exp_(torch.ones(2).to(torch.int64)),
  "a range of Embedding": () => new nn.Embedding(3, 2)(torch.tensor([5n])),
  "a loss": () => F.crossEntropy(torch.ones(2, 3), torch.tensor([1, 5])),
  "an argument": () => torch.ones(2, 3).sum(0, true as unknown as object),
  "a constructor": () => new nn.Linear("a" as unknown as number, 3),
  "a function that reads its arguments": () => F.dropout(torch.ones(2), "a" as unknown as number),
  "a second backward": () => {
    const y = grown().exp().sum();
    y.backward();
    y.backward();
  },
  "a change of what was saved": () => {
    const y = grown().exp();
    y.add_(1);
    y.sum().backward();
  },
  "grad of something else": () => torch.autograd.grad(grown().sum(), [grown()]),
  item: () => torch.ones(2).item(),
  "an index": () => torch.ones(2).at(5),
  "an assignment to an index": () => torch.ones(2).setAt(5, 1),
  "a property of a module": () => {
    (new Net() as unknown as { out: number }).out = 3;
  },
  "an optimizer without parameters": () => new optim.SGD([], 0.1),
};

for (const [what, call] of Object.entries(calls)) {
  test(`an error of ${what} begins with the caller's line`, () => {
    const lines = frames(thrown(call));
    assert.ok(isTest(lines[0]), lines.join("\n"));
    const own = lines.findIndex((line) => /dist\/(src|lib)\//.test(line));
    assert.ok(own < 0 || lines.slice(own).every((line) => /dist\/(src|lib)\//.test(line)), "the library comes last");
  });
}

test("a line far from the call is there, too", () => {
  const deep = (n: number): unknown => (n === 0 ? new Net()(torch.ones(2, 4)) : deep(n - 1));
  const lines = frames(thrown(() => deep(3)));
  assert.match(lines[0] ?? "", /forward/);
  assert.match(lines[1] ?? "", /deep/);
});

test("an error of the caller's own stays as it is", () => {
  class Failing extends nn.Module {
    override forward(): never {
      throw new Error("mine");
    }
  }
  const error = thrown(() => new nn.Sequential(new Failing())(torch.ones(1)));
  assert.equal(error.message, "mine");
  assert.match(frames(error)[0] ?? "", /forward.*ownLine/);
});

test("an error in a network says in which layer, what it wants and what it got", () => {
  const shapes = "mat1 and mat2 shapes cannot be multiplied (2x16 and 8x3)";
  const place = "in Net.out, Linear(in_features=8, out_features=3, bias=True): expected last dim 8, got [2, 16]";
  const error = thrown(() => new Net()(torch.ones(2, 4)));
  assert.equal(error.message, `${shapes}\n${place}`);
  assert.ok(error.stack?.startsWith(`Error: ${shapes}\n${place}\n`), error.stack);
  const stacked = thrown(() => new nn.Sequential(new nn.ReLU(), new nn.Sequential(new nn.Linear(8, 3)))(torch.ones(2)));
  assert.match(stacked.message, /^in Sequential\.1\.0, Linear\(.*got \[2\]$/m);
  assert.match(
    thrown(() => new nn.CrossEntropyLoss()(torch.ones(2, 3), torch.ones(4))).message,
    /^in CrossEntropyLoss\(\): got \[2, 3\], \[4\]$/m,
  );
});

test("the limit of frames and what formats them are left alone", () => {
  const { stackTraceLimit, prepareStackTrace } = Error;
  thrown(() => new Net()(torch.ones(2, 4)));
  assert.equal(Error.stackTraceLimit, stackTraceLimit);
  assert.equal(Error.prepareStackTrace, prepareStackTrace);
});

test("a warning has the place of the call", async () => {
  const warned = once(process, "warning");
  F.mseLoss(torch.ones(2), torch.ones(2, 1));
  const [warning] = (await warned) as [Error & { detail?: string }];
  assert.equal(warning.name, "UserWarning");
  assert.match(warning.detail ?? "", /^at .*ownLine\.test\.js:\d+:\d+/);
  assert.ok(isTest(frames(warning)[0]), warning.stack);
});

test("--trace-warnings shows the stack", () => {
  const program = `
import torch, { F } from "flambeau";
function compare() { F.mseLoss(torch.ones(2), torch.ones(2, 1)); }
compare();`;
  const args = ["--trace-warnings", "--input-type=module", "--eval", program];
  const { stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  assert.match(stderr, /UserWarning: Using a target size .*\n\s+at compare \(file:.*\[eval1\]:3/);
});
