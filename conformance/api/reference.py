"""Records the names that PyTorch's reference has for dense tensors on a CPU, for packages/torch/test/api.

    python3 conformance/api/reference.py

A name is in the reference if it has a doc string. Left out is what is for other tensors (sparse, quantized, named,
nested), other devices, other languages (TorchScript), or for PyTorch's own use.
"""
import inspect
import json
import re
import warnings
from pathlib import Path

import torch
import torch.autograd.functional
import torch.masked
import torch.nn.utils

warnings.simplefilter("ignore")
TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/api/reference.json"

SPARSE = r".*(sparse|coalesce|mkldnn).*|.*indices|to_dense|(dense|sparse)_dim|values|s?s?(p|ad)?addmm|h?spmm|smm|to_padded_tensor"
QUANTIZED = r".*quant.*|q_.*|qscheme|int_repr"
NAMED = r"rename_?|names|has_names|align_.*|refine_names"
DEVICES = r"(is_)?(cuda|ipu|xpu|mps|ort|vulkan)|record_stream"
SCRIPT = r"fork|wait|import_ir.*|parse_.*|merge_type.*|unify_type.*|candidate|obj|.*vitals?.*|init_num_threads"
INTERNAL = r"(boolean_dispatch|.*torch_function.*|assert_int_or_pair|.*_copy|native_.*|as_subclass)|Callable|List|Optional|Set|Tuple|Union"
REMOVED = r"clip_grad_norm"
OTHERS = re.compile("|".join(f"({p})" for p in [SPARSE, QUANTIZED, NAMED, DEVICES, SCRIPT, INTERNAL, REMOVED]))
# Dense, in spite of their names.
KEPT = {"addmm", "addmm_", "is_sparse", "is_cuda", "is_quantized", "from_numpy", "triu_indices", "tril_indices", "sparse_"}


def documented(namespace, kind=callable):
    for name in sorted(dir(namespace)):
        member = getattr(namespace, name, None)
        if name.startswith("_") or inspect.ismodule(member) or not kind(member):
            continue
        if (getattr(member, "__doc__", None) or "").strip() and (name in KEPT or not OTHERS.fullmatch(name)):
            yield name


def function(member):
    return callable(member) and not inspect.isclass(member)


reference = {
    "torch": [*documented(torch, function)],
    "Tensor": [*documented(torch.Tensor, lambda member: True)],
    "linalg": [*documented(torch.linalg, inspect.isbuiltin)],
    "fft": [*documented(torch.fft, inspect.isroutine)],
    "special": [*documented(torch.special, inspect.isbuiltin)],
    "functional": [*documented(torch.nn.functional, function)],
    "nn": [*documented(torch.nn, inspect.isclass)],
    "init": [name for name in documented(torch.nn.init, inspect.isfunction) if name.endswith("_")],
    "distributions": [*torch.distributions.__all__],
    "optim": [*documented(torch.optim, inspect.isclass)],
    "lrScheduler": [name for name in documented(torch.optim.lr_scheduler, inspect.isclass) if name.endswith("LR")],
    "autograd": [*documented(torch.autograd.functional, inspect.isfunction)],
    "nnUtils": [*documented(torch.nn.utils, inspect.isfunction)],
}
# What later versions than 1.13 list beside these.
reference |= {
    "masked": "amax amin argmax argmin cumprod cumsum log_softmax logaddexp logsumexp mean median norm normalize prod softmax softmin std sum var".split(),
    "func": "functional_call functionalize grad grad_and_value hessian jacfwd jacrev jvp linearize replace_all_batch_norm_modules_ stack_module_state vjp vmap".split(),
    "forwardAd": "dual_level enter_dual_level exit_dual_level make_dual unpack_dual".split(),
    "windows": "bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann kaiser nuttall".split(),
}
TARGET.write_text(json.dumps({key: " ".join(names) for key, names in reference.items()}, indent=1) + "\n")
print({key: len(names) for key, names in reference.items()}, sum(map(len, reference.values())))
