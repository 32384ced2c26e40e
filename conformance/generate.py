"""Records what PyTorch does in the calls of conformance/cases, for packages/torch/test/conformance to replay.

Run with PyTorch 1.13; all families, or those that are named:

    python3 conformance/generate.py [family...]

where OPENBLAS_CORETYPE=SkylakeX has to be set on CPUs that Debian's OpenBLAS does not know.
"""

import importlib
import pathlib
import sys
import warnings

import torch

from complexes import define_complexes
from halves import define_halves
from record import Recorder
from store import Store
from table import TABLE

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")
torch.set_num_threads(1)
total, problems = 0, []
for module in sorted((here / "cases").glob("*.py")):
    importlib.import_module(f"cases.{module.stem}")
define_halves()
define_complexes()
for name, operations in TABLE.items():
    if sys.argv[1:] and name not in sys.argv[1:]:
        continue
    store = Store()
    recorded = []
    for operation in operations:
        try:
            recorded.append(Recorder(operation, store).record())
        except LookupError as error:
            problems.append(f"{name}: {error}")
    path = here / "data" / f"{name}.gz"
    store.write(path, recorded)
    cases = sum(len(operation["cases"]) for operation in recorded)
    total += path.stat().st_size
    print(f"{name}: {len(recorded)} operations, {cases} cases, {path.stat().st_size / 1e3:.0f} kB")
print(f"together {total / 1e6:.2f} MB")
sys.exit("\n".join(problems) or None)
