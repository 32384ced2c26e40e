"""PyTorch's side of the suite: runs what it is told and answers with the time that it took.

Each line of standard input is a JSON object: what to do, the name of a case, its statements, and how often to run
them. The statements become one function, so that their names are local to it and the loop is all that is timed
beside them.

    python3 worker.py THREADS DATA_FOLDER
"""
import ast
import json
import re
import resource
import sys
import textwrap

import torch
import torchvision  # as the other side has loaded its part for images

TEMPLATE = """
def prepare(torch, data_folder):
    from time import perf_counter
{setup}
    def repeat(times):
        _start = perf_counter()
        for _ in range(times):
{run}
        return perf_counter() - _start
    def once():
{once}
    return repeat, once
"""


def prepare(setup, run):
    code = TEMPLATE.format(
        setup=textwrap.indent(setup, " " * 4),
        run=textwrap.indent(run, " " * 12),
        once=textwrap.indent(returning(run), " " * 8),
    )
    names = {}
    exec(code, names)
    return names["prepare"](torch, sys.argv[2])


def returning(run):
    """The statements, of which the last returns its value if it is an expression, or a block that ends in one."""
    tree = ast.parse(run)
    block = tree
    while isinstance(block.body[-1], ast.With):
        block = block.body[-1]
    last = block.body[-1]
    if isinstance(last, ast.Expr):
        block.body[-1] = ast.copy_location(ast.Return(last.value), last)
    return ast.unparse(tree)


def outcome(value):
    """What a run has computed, in short; None where it is no tensor."""
    if isinstance(value, (tuple, list)):
        return outcome(value[0]) if value else None
    if isinstance(value, (int, float)):
        value = torch.tensor(float(value))
    if not isinstance(value, torch.Tensor):
        return None
    value = value.detach()
    numbers = (value.abs() if value.is_complex() else value).double()
    return {"shape": list(value.shape), "mean": text(numbers.mean()), "size": text(numbers.abs().mean())}


def text(value):
    """A number as JavaScript reads it."""
    return str(value.item()).replace("inf", "Infinity").replace("nan", "NaN")


def kibibytes(field):
    """What the kernel says of this process; where it says nothing, the peak of its whole life."""
    try:
        with open("/proc/self/status") as status:
            return int(re.search(rf"^{field}:\s*(\d+)", status.read(), re.MULTILINE)[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


torch.set_num_threads(int(sys.argv[1]))
before = kibibytes("VmRSS")
try:
    # Linux forgets the peak so far: that of loading the libraries.
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
except OSError:
    pass
current, repeat = None, None


def answer(request):
    global current, repeat
    if request["task"] == "memory":
        return 1024 * (kibibytes("VmHWM") - before)
    if request["task"] == "outcome":
        torch.manual_seed(0)
        return outcome(prepare(request["setup"], request["run"])[1]())
    if request["name"] != current:
        repeat = None
        repeat, _ = prepare(request["setup"], request["run"])
        current = request["name"]
    return repeat(request["times"])


for line in sys.stdin:
    try:
        result = {"answer": answer(json.loads(line))}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
