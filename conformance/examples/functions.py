import torch
import torch.nn.functional as F
from functorch import combine_state_for_ensemble, grad, hessian, jacfwd, jacrev, jvp, make_functional, vjp, vmap
from torch import nn

torch.manual_seed(0)


def shape(t):
    return "[ " + ", ".join(str(s) for s in t.shape) + " ]"


def yes(value):
    return str(value).lower()


x = torch.tensor([0.5, 1, 2])


def cube(t):
    return (t**3).sum()


print(grad(cube)(x))
print(grad(lambda t: grad(cube)(t).sum())(x))

model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
f, weights = make_functional(model)
samples = torch.randn(5, 4)
labels = torch.tensor([0, 1, 1, 0, 1])


def loss_of_one(w, sample, label):
    return F.cross_entropy(f(w, sample.unsqueeze(0)), label.unsqueeze(0))


each = vmap(grad(loss_of_one), (None, 0, 0))(tuple(w.detach() for w in weights), samples, labels)
print(each[3])
print(shape(each[0]))
of_batch = grad(lambda w: F.cross_entropy(f(w, samples), labels))(tuple(w.detach() for w in weights))
print(yes(torch.allclose(each[0].mean(0), of_batch[0], atol=1e-6)))


def predict(w, b, t):
    return F.linear(t, w, b).tanh()


w, b = torch.randn(2, 3), torch.randn(2)
print(jacrev(predict, 2)(w, b, x))
print(yes(torch.allclose(jacrev(predict, 2)(w, b, x), jacfwd(predict, 2)(w, b, x))))
by_weight, by_bias = jacrev(predict, (0, 1))(w, b, x)
print(shape(by_weight), by_bias)

print(hessian(lambda t: t.sin().prod())(x))
print(vmap(hessian(lambda t: (t**3).sum()))(torch.ones(2, 2)))

output, pull = vjp(lambda t: predict(w, b, t), x)
print(output, pull(torch.ones(2))[0])
print(jvp(lambda t: predict(w, b, t), (x,), (torch.ones(3),))[1])
_, curvature_times = jvp(grad(lambda t: t.sin().prod()), (x,), (torch.tensor([1.0, 0, 0]),))
print(curvature_times)

models = [nn.Linear(4, 2) for _ in range(3)]
call, parameters, buffers = combine_state_for_ensemble(models)
print(shape(parameters[0]))
together = vmap(call, (0, 0, None))(parameters, buffers, samples)
print(shape(together), yes(torch.allclose(together[2], models[2](samples), atol=1e-6)))
batches = torch.randn(3, 2, 4)
print(vmap(call)(parameters, buffers, batches).detach())

import torch.autograd.forward_ad as fw_ad  # noqa: E402

with fw_ad.dual_level():
    print(fw_ad.unpack_dual(fw_ad.make_dual(x, torch.ones(3)).sin()).tangent)

print(torch.autograd.functional.jacobian(lambda t: t.exp(), x))
print(torch.autograd.functional.hvp(cube, x, torch.ones(3))[1])
