"""Records in which dtypes autocast on a CPU gives results, for packages/torch/test/ops/autocast.test.ts to replay.

    python3 conformance/autocast.py
"""

import importlib
import pathlib
import warnings

import torch

from record import Recorder
from store import Store, name_of
from table import made_of_each
from variants import bases, flat, with_tensors

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")
for module in sorted((here / "cases").glob("*.py")):
    importlib.import_module(f"cases.{module.stem}")


def dtypes_of(recorder, base, dtype):
    """The dtypes of the results for arguments of a dtype; nothing where PyTorch cannot do it."""
    tensors = flat([base.args, base.kwargs])
    cast = with_tensors(base, [x.to(dtype) if x.dtype.is_floating_point else x.clone() for x in tensors])
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return [name_of(x.dtype) for x in flat(recorder.run(*cast.args, **cast.kwargs))]
    except Exception:
        return None


def in_autocast(operation):
    """The operation with a call and the dtypes of its results; nothing where PyTorch cannot do it."""
    try:
        recorder = Recorder(operation, Store())
    except LookupError:
        return None
    base = bases(operation.calls, recorder.works)
    if base is None or not any(x.dtype.is_floating_point for x in flat([base.args, base.kwargs])):
        return None
    found = [dtypes_of(recorder, base, dtype) for dtype in (torch.float32, torch.bfloat16)]
    single = with_tensors(base, [x.float() if x.dtype.is_floating_point else x for x in flat([base.args, base.kwargs])])
    case = {"a": store.argument(single.args), "d": found}
    if single.kwargs:
        case["k"] = {key: store.argument(value) for key, value in single.kwargs.items()}
    forms = [form for form in ("function", "method") if form in recorder.found]
    return {"name": operation.name, "space": operation.space, "forms": forms, "cases": [case]}


store = Store()
recorded = made_of_each(in_autocast)
(here / "data" / "autocast").mkdir(exist_ok=True)
store.write(here / "data" / "autocast" / "calls.gz", recorded)
print(f"{len(recorded)} operations")
