"""Records in which dtypes autocast on a CPU gives results, for packages/torch/test/ops/autocast.test.ts to replay.

    python3 conformance/autocast.py
"""

import importlib
import pathlib
import warnings

import torch

from record import Recorder
from store import Store, name_of
from table import TABLE
from variants import bases, flat, replace

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")
for module in sorted((here / "cases").glob("*.py")):
    importlib.import_module(f"cases.{module.stem}")


def dtypes_of(recorder, base, dtype):
    """The dtypes of the results for arguments of a dtype; nothing where PyTorch cannot do it."""
    cast = (x.to(dtype) if x.dtype.is_floating_point else x.clone() for x in flat([base.args, base.kwargs]))
    args, kwargs = replace((base.args, base.kwargs), cast)
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return [name_of(x.dtype) for x in flat(recorder.run(*args, **kwargs))]
    except Exception:
        return None


store, recorded, known = Store(), [], set()
for operations in TABLE.values():
    for operation in operations:
        if (operation.space, operation.name) in known:
            continue
        try:
            recorder = Recorder(operation, Store())
        except LookupError:
            continue
        base = bases(operation.calls, recorder.works)
        if base is None or not any(x.dtype.is_floating_point for x in flat([base.args, base.kwargs])):
            continue
        known.add((operation.space, operation.name))
        found = [dtypes_of(recorder, base, dtype) for dtype in (torch.float32, torch.bfloat16)]
        singles = (x.float() if x.dtype.is_floating_point else x for x in flat([base.args, base.kwargs]))
        args, kwargs = replace((base.args, base.kwargs), singles)
        case = {"a": store.argument(args), "d": found}
        if kwargs:
            case["k"] = {key: store.argument(value) for key, value in kwargs.items()}
        forms = [form for form in ("function", "method") if form in recorder.found]
        recorded.append({"name": operation.name, "space": operation.space, "forms": forms, "cases": [case]})
(here / "data" / "autocast").mkdir(exist_ok=True)
store.write(here / "data" / "autocast" / "calls.gz", recorded)
print(f"{len(recorded)} operations")
