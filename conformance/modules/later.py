"""Modules that PyTorch 1.13 does not have, or not on CPUs: what their source in PyTorch 2.x says, with functions of 1.13.

Source: torch/nn/modules/{batchnorm,container,normalization,padding,pooling}.py and torch/nn/functional.py of PyTorch 2.4.
"""

from itertools import groupby

import torch
import torch.nn.functional as F
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, normalized_shape, eps=None, elementwise_affine=True):
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.register_parameter("weight", nn.Parameter(torch.ones(shape)) if elementwise_affine else None)

    def forward(self, x):
        dims = [-1 - d for d in range(len(self.normalized_shape))]
        if list(x.shape[-len(dims) :]) != list(self.normalized_shape):
            wanted, sizes = list(self.normalized_shape), list(x.shape)
            inner = ", ".join(map(str, wanted))
            raise RuntimeError(
                f"Given normalized_shape={wanted}, expected input with shape [*, {inner}], but got input of size{sizes}"
            )
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        normalized = x * torch.rsqrt(x.pow(2).mean(dims, keepdim=True) + eps)
        return normalized if self.weight is None else normalized * self.weight

    def extra_repr(self):
        return "{normalized_shape}, eps={eps}, elementwise_affine={elementwise_affine}".format(**self.__dict__)


class SyncBatchNorm(nn.SyncBatchNorm):
    """Within one process, a batch norm."""

    def forward(self, x):
        self._check_input_dim(x)
        self._check_non_zero_input_channels(x)
        return nn.modules.batchnorm._BatchNorm.forward(self, x)


class _CircularPad(nn.Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * (2 * self.ndim) if isinstance(padding, int) else tuple(padding)

    def forward(self, x):
        if x.dim() not in (self.ndim + 1, self.ndim + 2):
            raise ValueError(f"expected {self.ndim + 1}D or {self.ndim + 2}D input (got {x.dim()}D input)")
        batch = x if x.dim() == self.ndim + 2 else x[None]
        padded = F.pad(batch, self.padding, "circular")
        return padded if batch is x else padded[0]

    def extra_repr(self):
        return f"{self.padding}"


class CircularPad1d(_CircularPad):
    ndim = 1


class CircularPad2d(_CircularPad):
    ndim = 2


class CircularPad3d(_CircularPad):
    ndim = 3


class ZeroPad1d(nn.ConstantPad1d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad3d(nn.ConstantPad3d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class LPPool3d(nn.Module):
    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, x):
        sizes = [self.kernel_size] * 3 if isinstance(self.kernel_size, int) else self.kernel_size
        means = F.avg_pool3d(x.pow(self.norm_type), self.kernel_size, self.stride, 0, self.ceil_mode)
        sums = (means.sign() * means.abs().relu()) * (sizes[0] * sizes[1] * sizes[2])
        return sums.pow(1.0 / self.norm_type)

    def extra_repr(self):
        return "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}".format(
            **self.__dict__
        )


class ChannelShuffle(nn.ChannelShuffle):
    """With a derivative, which the function of 1.13 has not."""

    def forward(self, x):
        super().forward(x.detach())
        return x.unflatten(1, (self.groups, -1)).transpose(1, 2).flatten(1, 2)


class CrossMapLRN2d(nn.CrossMapLRN2d):
    """With the gradient of its result, which that of 1.13 is not (`gradcheck` refuses it)."""

    def forward(self, x):
        super().forward(x.detach())
        squares, ahead = x.pow(2).unbind(1), int((self.size - 1) / 2 + 1)
        sums = [sum(squares[:ahead])]
        for c in range(1, len(squares)):
            total = sums[-1]
            if c + ahead - 1 < len(squares):
                total = total + squares[c + ahead - 1]
            sums.append(total - squares[c - ahead] if c > ahead else total)
        return x * (torch.stack(sums, 1) * (self.alpha / self.size) + self.k).pow(-self.beta)


def list_repr(self):
    """A list prints neighbours that look the same as one."""
    lines, at = [], 0
    for text, group in groupby(map(repr, self)):
        count = len(list(group))
        label = f"({at})" if count == 1 else f"({at}-{at + count - 1})"
        times = "" if count == 1 else f"{count} x "
        lines.append(f"  {label}: {times}" + text.replace("\n", "\n  "))
        at += count
    return "ModuleList(\n" + "\n".join(lines) + "\n)" if lines else "ModuleList()"


nn.ModuleList.__repr__ = list_repr
