"""PyTorch's side of the suite: runs what it is told and answers with the time that it took.

Each line of standard input is a JSON object: the name of a case, its statements, and how often to run them. The
statements become one function, so that their names are local to it and the loop is all that is timed beside them.

    python3 worker.py THREADS DATA_FOLDER
"""
import json
import sys
import textwrap

import torch

TEMPLATE = """
def prepare(torch, data_folder):
    from time import perf_counter
{setup}
    def repeat(times):
        start = perf_counter()
        for _ in range(times):
{run}
        return perf_counter() - start
    return repeat
"""


def prepare(setup, run):
    code = TEMPLATE.format(setup=textwrap.indent(setup, " " * 4), run=textwrap.indent(run, " " * 12))
    names = {}
    exec(code, names)
    return names["prepare"](torch, sys.argv[2])


torch.set_num_threads(int(sys.argv[1]))
current, repeat = None, None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if request["name"] != current:
            repeat = None
            repeat = prepare(request["setup"], request["run"])
            current = request["name"]
        answer = {"seconds": repeat(request["times"])}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
