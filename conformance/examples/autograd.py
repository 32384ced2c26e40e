import torch

torch.manual_seed(0)
x = torch.ones(5)
y = torch.zeros(3)
w = torch.randn(5, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
z = torch.matmul(x, w) + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
print(loss)

loss.backward()
print(w.grad)
print(b.grad)
w.grad.zero_()
b.grad.zero_()
print(b.grad)

optimizer = torch.optim.SGD([w, b], lr=0.01)
optimizer.zero_grad(set_to_none=True)
print("null" if w.grad is None else w.grad)


def tracking(t):
    print(f"tracking on: {str(t.requires_grad).lower()}")


z = torch.matmul(x, w) + b
tracking(z)
with torch.no_grad():
    z = torch.matmul(x, w) + b
tracking(z)
z.requires_grad_(True)
tracking(z)
tracking(z.detach())

z = torch.matmul(x, w) + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
print(type(z.grad_fn).__name__, type(loss.grad_fn).__name__)
print(f"w leaf tensor: {str(w.is_leaf).lower()}")
print(f"z leaf tensor: {str(z.is_leaf).lower()}")


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, i):
        result = i.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result


i = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
output = Exp.apply(i)
output.sum().backward()
print(output)
print(i.grad)
