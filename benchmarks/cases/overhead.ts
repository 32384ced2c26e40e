/** What each operation costs beside its arithmetic: tensors so small that nothing else is left. */
import { spawnSync } from "node:child_process";
import torch, { type Tensor } from "flambeau";
import type { Case } from "../case.js";

const goals = ["overhead"] as const;

function chain(x: Tensor): Tensor {
  return x.mul(2).add(1).tanh().sub(x).exp().mul(x).sigmoid().div(2).relu().sum();
}
const pythonChain = "(((((x * 2 + 1).tanh() - x).exp() * x).sigmoid() / 2).relu()).sum()";

/** In a process of its own: a person waits for the interpreter too. */
function importInProcess(): void {
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", 'import "flambeau"'], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

export const overhead: readonly Case[] = [
  {
    name: "a + b of 4 elements",
    goals,
    flambeau: () => {
      const a = torch.randn(4);
      const b = torch.randn(4);
      return () => a.add(b);
    },
    pytorch: { setup: "a, b = torch.randn(4), torch.randn(4)", run: "a + b" },
  },
  {
    name: "(a * b).sum().backward() of 4 elements",
    goals,
    flambeau: () => {
      const a = torch.randn(4).requiresGrad_();
      const b = torch.randn(4).requiresGrad_();
      return () => a.mul(b).sum().backward();
    },
    pytorch: {
      setup: "a, b = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)",
      run: "(a * b).sum().backward()",
    },
  },
  {
    name: "chain of 10 operations on 4 elements",
    goals,
    flambeau: () => {
      const x = torch.randn(4).requiresGrad_();
      return () => chain(x);
    },
    pytorch: { setup: "x = torch.randn(4, requires_grad=True)", run: pythonChain },
  },
  {
    name: "chain of 10 operations on 4 elements, backward too",
    goals,
    flambeau: () => {
      const x = torch.randn(4).requiresGrad_();
      return () => {
        x.grad = null;
        chain(x).backward();
      };
    },
    pytorch: { setup: "x = torch.randn(4, requires_grad=True)", run: `x.grad = None\n${pythonChain}.backward()` },
  },
  {
    name: "x.at(0)",
    goals,
    flambeau: () => {
      const x = torch.randn(64, 784);
      return () => x.at(0);
    },
    pytorch: { setup: "x = torch.randn(64, 784)", run: "x[0]" },
  },
  {
    name: "creating a scalar",
    goals,
    flambeau: () => () => torch.tensor(1.5),
    pytorch: { setup: "", run: "torch.tensor(1.5)" },
  },
  {
    name: "import, in a new process",
    flambeau: () => importInProcess,
    pytorch: {
      setup: "import subprocess, sys",
      run: 'subprocess.run([sys.executable, "-c", "import torch"], check=True)',
    },
  },
];
