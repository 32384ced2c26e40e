import numpy as np
import torch

torch.manual_seed(0)
x_data = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
print(x_data)

array = np.array([1.0, 2.0, 3.0])
shared = torch.from_numpy(array)
array[0] = 10
print(shared)
t2 = torch.ones(5)
array2 = t2.numpy()
t2.add_(1)
print("[ " + ", ".join(str(int(v)) for v in array2) + " ]")

print(torch.ones_like(x_data))
print(torch.rand_like(x_data, dtype=torch.float))

size = (2, 3)
print(torch.rand(size))
print(torch.ones(size))
print(torch.zeros(size))

tensor = torch.rand(3, 4)
print(f"Shape: [{','.join(map(str, tensor.shape))}], datatype: {tensor.dtype}, device: {tensor.device}")

tensor = torch.tensor([[1, 2, 3], [4, 5, 6]])
print("First row:", tensor[0])
print("First column:", tensor[:, 0])
print("Last column:", tensor[..., -1])
tensor[:, 1] = 0
print(tensor)

three_dims = torch.arange(1, 13).reshape(2, 2, 3)
print(three_dims[..., -1])
print(three_dims[:, -1])

tensor = torch.tensor([[1, 2, 3], [4, 5, 6]])
print(torch.cat([tensor, tensor, tensor]))
print(torch.cat([tensor, tensor, tensor], dim=1))
print(torch.stack([tensor, tensor, tensor]))
print(torch.stack([tensor, tensor, tensor], dim=1))

tensor = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
y1 = tensor @ tensor.T
y2 = tensor.matmul(tensor.T)
y3 = torch.rand_like(y1)
torch.matmul(tensor, tensor.T, out=y3)
print(y1, str(y2.equal(y3)).lower())

z1 = tensor * tensor
z3 = torch.rand_like(tensor)
torch.mul(tensor, tensor, out=z3)
print(z1, str(z1.equal(z3)).lower())

aggregate = tensor.sum()
print(int(aggregate.item()), "number")

x = torch.zeros(3, 2)
x.copy_(tensor.t())
print(x.t_())
print(tensor.add_(5))
