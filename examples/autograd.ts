/** Automatic differentiation: gradients, switching them off, and looking at the graph. */
import torch, { nn, optim } from "flambeau";

torch.manualSeed(0);

const x = torch.ones(5); // input
const y = torch.zeros(3); // expected output
const w = torch.randn(5, 3, { requiresGrad: true });
const b = torch.randn(3, { requiresGrad: true });
let z = torch.matmul(x, w).add(b);
const loss = torch.nn.functional.binaryCrossEntropyWithLogits(z, y);
console.log(loss);

// Gradients
loss.backward();
console.log(w.grad);
console.log(b.grad);
w.grad?.zero_();
b.grad?.zero_();
console.log(b.grad);

const optimizer = new optim.SGD([w, b], { lr: 0.01 });
optimizer.zeroGrad();
console.log(w.grad);

// Tracking
z = torch.matmul(x, w).add(b);
console.log(`tracking on: ${z.requiresGrad}`);
torch.noGrad(() => {
  z = torch.matmul(x, w).add(b);
});
console.log(`tracking on: ${z.requiresGrad}`);
z.requiresGrad_(true);
console.log(`tracking on: ${z.requiresGrad}`);
console.log(`tracking on: ${z.detach().requiresGrad}`);

// The graph
z = torch.matmul(x, w).add(b);
console.log(z.gradFn?.name(), nn.functional.binaryCrossEntropyWithLogits(z, y).gradFn?.name());
console.log(`w leaf tensor: ${w.isLeaf}`);
console.log(`z leaf tensor: ${z.isLeaf}`);

// A function with a gradient of its own
class Exp extends torch.autograd.Function {
  static override forward(ctx: torch.autograd.FunctionContext, input: torch.Tensor): torch.Tensor {
    const result = input.exp();
    ctx.saveForBackward(result);
    return result;
  }

  static override backward(ctx: torch.autograd.FunctionContext, gradOutput: torch.Tensor): torch.Tensor {
    const [result] = ctx.savedTensors as [torch.Tensor];
    return gradOutput.mul(result);
  }
}
const input = torch.tensor([0, 1, 2], { requiresGrad: true });
const output = Exp.apply(input);
output.sum().backward();
console.log(output);
console.log(input.grad);
