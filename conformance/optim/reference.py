"""Optimizers that are younger than the PyTorch at hand, in plain operations, after their documentation.

Each is a class with the interface of torch.optim that generate.py uses: `step`, `state`, `param_groups`.
"""
import math
from collections import defaultdict

import torch


class Plain:
    """Groups, state and the walk over the parameters; `update(param, grad, state, group)` is the rule."""

    def __init__(self, params, **options):
        groups = list(params)
        groups = groups if isinstance(groups[0], dict) else [{"params": groups}]
        self.param_groups = [{**self.defaults, **options, **group} for group in groups]
        self.state = defaultdict(dict)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self.update(param, param.grad, self.state[param], group)


class Adafactor(Plain):
    """https://arxiv.org/abs/1804.04235, with PyTorch's use of `lr` and of the first epsilon."""

    defaults = {"lr": 1e-2, "beta2_decay": -0.8, "eps": (None, 1e-3), "d": 1.0, "weight_decay": 0.0, "maximize": False}

    def update(self, param, grad, state, group):
        lr, (eps1, eps2) = group["lr"], group["eps"]
        eps1 = torch.finfo(param.dtype).eps if eps1 is None else eps1
        grad = -grad if group["maximize"] else grad
        size = lambda x: x.norm().item() / math.sqrt(x.numel())
        state["step"] = state.get("step", 0) + 1
        share = state["step"] ** group["beta2_decay"]
        rate = max(eps2, size(param)) * min(lr, state["step"] ** -0.5)
        param.mul_(1 - lr * group["weight_decay"])
        square = grad * grad
        if grad.dim() > 1:
            rows, columns = square.mean(-1, keepdim=True), square.mean(-2, keepdim=True)
            state["row_var"] = state.get("row_var", torch.zeros_like(rows)) * (1 - share) + rows * share
            state["col_var"] = state.get("col_var", torch.zeros_like(columns)) * (1 - share) + columns * share
            estimate = state["row_var"] @ state["col_var"] / state["row_var"].mean(-2, keepdim=True).clamp(min=eps1)
        else:
            state["variance"] = state.get("variance", torch.zeros_like(square)) * (1 - share) + square * share
            estimate = state["variance"]
        update = grad / estimate.clamp(min=eps1**2).sqrt()
        param.sub_(update * (rate / max(1.0, size(update) / group["d"])))


class Muon(Plain):
    """https://kellerjordan.github.io/posts/muon/, with PyTorch's running mean and its adjustment of the rate."""

    defaults = {
        "lr": 1e-3,
        "weight_decay": 0.1,
        "momentum": 0.95,
        "nesterov": True,
        "ns_coefficients": (3.4445, -4.7750, 2.0315),
        "eps": 1e-7,
        "ns_steps": 5,
        "adjust_lr_fn": None,
    }

    def update(self, param, grad, state, group):
        lr, momentum = group["lr"], group["momentum"]
        buffer = state.setdefault("momentum_buffer", torch.zeros_like(grad))
        buffer.lerp_(grad, 1 - momentum)
        direction = grad.lerp(buffer, momentum) if group["nesterov"] else buffer
        rows, columns = param.shape
        x = direction.bfloat16()
        x = x.T if rows > columns else x
        x = x / x.norm().clamp(min=group["eps"])
        a, b, c = group["ns_coefficients"]
        for _ in range(group["ns_steps"]):
            gram = (x.float() @ x.float().T).bfloat16()
            polynomial = (b * gram.float() + c * (gram.float() @ gram.float())).bfloat16()
            x = (a * x.float() + polynomial.float() @ x.float()).bfloat16()
        x = x.T if rows > columns else x
        if group["adjust_lr_fn"] == "match_rms_adamw":
            factor = 0.2 * math.sqrt(max(rows, columns))
        else:
            factor = math.sqrt(max(1, rows / columns))
        param.mul_(1 - lr * group["weight_decay"]).sub_(x.to(param.dtype), alpha=lr * factor)


class NAdam(torch.optim.NAdam):
    """Over lists of tensors: the loop over single ones multiplied by a momentum too many until 2.0."""

    def step(self):
        for group in self.param_groups:
            group["foreach"] = True
        super().step()
        for group in self.param_groups:
            group["foreach"] = None


def decoupled(Base):
    """An optimizer whose weights decay apart from the gradient; `maximize` goes up the gradient."""

    class Decoupled(Base):
        def step(self):
            decays = []
            for group in self.param_groups:
                group.pop("decoupled_weight_decay", None)
                decays.append(group["weight_decay"])
                for param in group["params"]:
                    if param.grad is not None:
                        param.data.mul_(1 - group["lr"] * group["weight_decay"])
                group["weight_decay"] = 0
            super().step()
            for group, decay in zip(self.param_groups, decays):
                group["weight_decay"] = decay

    return Decoupled
