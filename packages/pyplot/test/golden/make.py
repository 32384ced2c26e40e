"""Records what matplotlib and numpy give, for the tests: `python3 packages/pyplot/test/golden/make.py`."""

import gzip
import json
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import cbook, colors, mlab, ticker

warnings.simplefilter("ignore")

random = np.random.default_rng(0)
RANGES = [
    *[(0, 1), (-1, 1), (0, 10), (0.5, 10.5), (-0.05, 1.05), (0, 0.001), (1e-7, 3e-7), (0, 1e6), (-3e5, 4e5), (0, 123456)],
    *[(1e5, 1.00001e5), (1000000, 1000010), (-100.5, -99.5), (12345.6, 12345.7), (3, 3.0001), (2010, 2022), (0, 59999)],
    *[(-0.5, 27.5), (-2.2e-3, 7.1e-3), (1e10, 3e10), (-1e-10, 1e-10), (97, 103), (0, 255), (-7.3, 11.9), (0.1, 0.3)],
    *[tuple(np.sort(random.normal(size=2) * 10.0 ** random.integers(-6, 7)).tolist()) for _ in range(60)],
]


def axis(vmin, vmax):
    dummy = ticker._DummyAxis()
    dummy.set_view_interval(vmin, vmax)
    return dummy


def scalar_labels(ticks, vmin, vmax):
    formatter = ticker.ScalarFormatter()
    formatter.axis = axis(vmin, vmax)
    return {"labels": formatter.format_ticks(ticks), "offset": formatter.get_offset()}


def linear(vmin, vmax):
    ticks = ticker.AutoLocator().tick_values(vmin, vmax).tolist()
    return {"limits": [vmin, vmax], "ticks": ticks, **scalar_labels(ticks, vmin, vmax)}


MAXN = [
    {"nbins": 5},
    {"nbins": 3},
    {"nbins": 9, "integer": True},
    {"nbins": 8, "prune": "both"},
    {"nbins": 6, "symmetric": True},
    {"nbins": 7, "steps": [1, 3, 7, 10]},
    {"nbins": 9, "steps": [1, 2, 5, 10], "integer": True},
    {"nbins": 8, "min_n_ticks": 1},
]


def maxn(options, vmin, vmax):
    ticks = ticker.MaxNLocator(**options).tick_values(vmin, vmax).tolist()
    names = {"min_n_ticks": "minNTicks"}
    return {"options": {names.get(k, k): v for k, v in options.items()}, "limits": [vmin, vmax], "ticks": ticks}


LOG_RANGES = [(1, 10), (1, 1e4), (0.5, 2e3), (1e-8, 1e8), (2, 7), (0.9, 1.3), (3e-3, 8e-3), (1, 1e15), (20, 450), (1e-3, 1e3)]


def logarithmic(vmin, vmax, base):
    result = {"limits": [vmin, vmax], "base": base}
    for which, subs in (("major", (1.0,)), ("minor", "auto")):
        ticks = ticker.LogLocator(base=base, subs=subs).tick_values(vmin, vmax)
        formatter = ticker.LogFormatterSciNotation(base=base)
        formatter.axis = axis(vmin, vmax)
        result[which] = {"ticks": ticks.tolist(), "labels": formatter.format_ticks(ticks)}
    return result


def symlog(vmin, vmax):
    ticks = ticker.SymmetricalLogLocator(base=10, linthresh=2).tick_values(vmin, vmax)
    return {"limits": [vmin, vmax], "ticks": np.asarray(ticks).tolist()}


def minor_ticks(vmin, vmax):
    _, ax = plt.subplots()
    ax.set_xlim(vmin, vmax)
    ax.minorticks_on()
    edge = 1e-6 * (vmax - vmin)  # whether a tick on the edge counts is left to rounding
    result = {"limits": [vmin, vmax], "ticks": [float(t) for t in ax.xaxis.get_minorticklocs() if vmin + edge < t < vmax - edge]}
    plt.close("all")
    return result


def colormap(name):
    rgba = matplotlib.colormaps[name]([0.0, 0.1, 0.25, 0.499, 0.5, 0.75, 1.0])
    return np.round(rgba[:, :3] * 255).astype(int).tolist()


COLORS = [
    *["r", "g", "b", "c", "m", "y", "k", "w", "C0", "C3", "C10", "0", "0.5", "1", "tab:blue", "tab:grey", "tomato"],
    *["rebeccapurple", "#f80", "#1f77b4", "#1f77b480", "none", "None", "DarkGreen"],
]

DATA = {
    "normal": random.normal(size=200).tolist(),
    "skewed": random.exponential(size=150).tolist(),
    "whole": random.integers(0, 12, size=80).tolist(),
    "same": [3.0] * 10,
    "few": [1.0, 2.0, 4.0],
    "outliers": [*random.normal(size=50).tolist(), 9.0, -8.5, 7.7],
}
RULES = ["auto", "fd", "doane", "scott", "rice", "sturges", "sqrt"]


def histogram(name, bins, limits=None, density=False):
    counts, edges = np.histogram(DATA[name], bins, limits, density=density)
    return {
        "data": name, "bins": bins, "range": limits, "density": density,
        "counts": counts.tolist(), "edges": edges.tolist(),
    }


def box(name, whis):
    stats = cbook.boxplot_stats(DATA[name], whis=whis)[0]
    return {"data": name, "whis": whis, "stats": {k: np.asarray(v).tolist() for k, v in stats.items()}}


def kde(name, method):
    places = np.linspace(min(DATA[name]), max(DATA[name]), 15)
    density = mlab.GaussianKDE(DATA[name], method).evaluate(places)
    return {"data": name, "method": method, "places": places.tolist(), "density": density.tolist()}


def contour_levels(low, high, count, filled):
    z = np.linspace(low, high, 12).reshape(3, 4)
    draw = plt.contourf if filled else plt.contour
    levels = (draw(z) if count is None else draw(z, count)).levels
    plt.close("all")
    return {"low": low, "high": high, "count": count, "filled": filled, "levels": np.asarray(levels).tolist()}


LIMITS = {
    "plot": lambda ax: ax.plot([1, 2, 5], [3, -4, 10]),
    "one point": lambda ax: ax.plot([3], [7]),
    "level line": lambda ax: ax.plot([0, 1], [2, 2]),
    "not finite": lambda ax: ax.plot([0, 1, 2], [1, np.nan, np.inf]),
    "bars": lambda ax: ax.bar([1, 2, 3], [4, 5, 2]),
    "bars below": lambda ax: ax.bar([1, 2], [-4, 5]),
    "barh": lambda ax: ax.barh([1, 2, 3], [4, 5, 2]),
    "names": lambda ax: ax.bar(["a", "b", "c"], [1, 2, 3]),
    "hist": lambda ax: ax.hist(DATA["normal"], 10),
    "step hist": lambda ax: ax.hist(DATA["normal"], 10, histtype="step"),
    "image": lambda ax: ax.imshow(np.zeros((4, 6))),
    "low image": lambda ax: ax.imshow(np.zeros((4, 6)), origin="lower", extent=(0, 3, 1, 2)),
    "image and line": lambda ax: (ax.imshow(np.zeros((4, 6))), ax.plot([0, 2], [0, 1])),
    "scatter": lambda ax: ax.scatter([0, 4], [1, 3]),
    "mesh": lambda ax: ax.pcolormesh(np.zeros((3, 5))),
    "mesh at middles": lambda ax: ax.pcolormesh([0, 1, 2], [0, 2], np.zeros((2, 3)), shading="nearest"),
    "contour": lambda ax: ax.contourf(np.arange(12).reshape(3, 4)),
    "fill": lambda ax: ax.fill_between([0, 1, 2], [1, 2, 3]),
    "axhline": lambda ax: (ax.plot([0, 1], [0, 1]), ax.axhline(3)),
    "axvspan": lambda ax: (ax.plot([0, 1], [0, 1]), ax.axvspan(2, 3)),
    "errors": lambda ax: ax.errorbar([1, 2], [1, 2], yerr=0.5, xerr=[[0.1, 0.2], [0.3, 0.4]]),
    "boxes": lambda ax: ax.boxplot([DATA["normal"], DATA["skewed"]]),
    "violins": lambda ax: ax.violinplot([DATA["normal"], DATA["skewed"]]),
    "stem": lambda ax: ax.stem([1, 3, 2]),
    "stack": lambda ax: ax.stackplot([0, 1, 2], [[1, 2, 3], [3, 2, 1]]),
    "log": lambda ax: ax.loglog([1, 100], [0.1, 30]),
    "log with zero": lambda ax: ax.semilogy([0, 1, 2], [0, 1, 100]),
    "pie": lambda ax: ax.pie([1, 2]),
    "quiver": lambda ax: ax.quiver([0, 1], [0, 2], [1, 1], [1, 0]),
    "vlines": lambda ax: ax.vlines([1, 2], 0, 5),
    "empty": lambda ax: None,
    "circle": lambda ax: (ax.plot([0, 1], [0, 1]), ax.add_patch(plt.Circle((1, 1), 0.5))),
    "stairs": lambda ax: ax.stairs([1, 3, 2], [0, 1, 2, 4]),
}


def limits(draw):
    _, ax = plt.subplots()
    draw(ax)
    plt.gcf().canvas.draw()
    result = {"xlim": list(map(float, ax.get_xlim())), "ylim": list(map(float, ax.get_ylim()))}
    plt.close("all")
    return result


def position(ax):
    box = ax.get_position()
    return [box.x0, box.y0, box.width, box.height]


def positions():
    found = {}

    def keep(name, figure):
        figure.canvas.draw()
        found[name] = [position(ax) for ax in figure.axes]
        plt.close("all")

    keep("grid", plt.subplots(2, 3)[0])
    figure = plt.figure(figsize=(8, 4))
    for cell in [(2, 2, 1), (2, 2, 3), (1, 2, 2)]:
        figure.add_subplot(*cell)
    keep("mixed", figure)
    keep("ratios", plt.subplots(2, 2, gridspec_kw={"width_ratios": [3, 1], "height_ratios": [1, 2], "wspace": 0.4})[0])
    figure, ax = plt.subplots()
    figure.colorbar(ax.imshow(np.arange(12).reshape(3, 4)))
    keep("image with colorbar", figure)
    figure, ax = plt.subplots()
    figure.colorbar(ax.scatter([0, 1], [0, 1], c=[0, 1]), orientation="horizontal", shrink=0.8)
    keep("level colorbar", figure)
    figure, axes = plt.subplots(1, 2)
    image = [ax.imshow(np.arange(12).reshape(3, 4)) for ax in axes][0]
    figure.colorbar(image, ax=axes[0], fraction=0.046, pad=0.04)
    keep("narrow colorbar", figure)
    figure, ax = plt.subplots()
    ax.imshow(np.zeros((2, 8)))
    keep("wide image", figure)
    figure, _ = plt.subplots(2, 2)
    figure.subplots_adjust(left=0.1, right=0.95, wspace=0.5, hspace=0.3)
    keep("adjusted", figure)
    return found


def tight():
    """The margins and gaps of tight layouts, which depend on the sizes of text."""
    found = {}

    def keep(name, figure):
        figure.tight_layout()
        pars = figure.subplotpars
        found[name] = {key: getattr(pars, key) for key in ("left", "right", "bottom", "top", "wspace", "hspace")}
        plt.close("all")

    figure, axes = plt.subplots(2, 2, figsize=(6, 5), dpi=300)
    for k, ax in enumerate(axes.flat):
        ax.plot([1, 2], [k, 1000 * k])
        ax.set(title=f"Title {k}", xlabel="x label", ylabel="y label")
    figure.suptitle("Everything")
    keep("grid", figure)
    figure, ax = plt.subplots(dpi=300)
    ax.barh(["convolution", "pooling"], [1, 2])
    keep("names", figure)
    figure, ax = plt.subplots(dpi=300)
    ax.plot([1, 2])
    ax.twinx().plot([1e6, 2e6])
    keep("twins", figure)
    figure, axes = plt.subplots(1, 2, dpi=300)
    figure.colorbar(axes[0].imshow(np.arange(12).reshape(3, 4)), ax=axes[0])
    keep("colorbar", figure)
    figure = plt.figure(dpi=300)
    for cell in [(2, 2, 1), (2, 2, 3), (1, 2, 2)]:
        figure.add_subplot(*cell)
    keep("mixed", figure)
    return found


TEXTS = ["Loss", "AVATAR", "Ankle Boot", "0.25", "−1.00", "Größe", "αβγ", "iiiii", "WWW", "a b  c"]
MATH = ["$x^2$", "$10^{-2}$", r"$\alpha + \beta$", r"$e^{-\lambda x}$", "$a_{ij}$", r"$\mathdefault{10^{3}}$", "loss $L_1$"]


def text_widths():
    figure = plt.figure(dpi=720)
    renderer = figure.canvas.get_renderer()

    def width(text, **style):
        extent = figure.text(0, 0, text, fontsize=20, **style).get_window_extent(renderer)
        return extent.width / 10

    return {
        "plain": {text: width(text) for text in TEXTS},
        "bold": {text: width(text, weight="bold") for text in TEXTS},
        "monospace": {text: width(text, family="monospace") for text in TEXTS},
        "math": {text: width(text) for text in MATH},
    }


result = {
    "linear": [linear(*r) for r in RANGES],
    "maxn": [maxn(o, *r) for o in MAXN for r in RANGES[:30]],
    "log": [logarithmic(*r, base) for r in LOG_RANGES for base in (10, 2)],
    "symlog": [symlog(*r) for r in [(-100, 100), (-1, 1), (0, 1e6), (-3e19, 3e19), (5, 1e4), (-1e3, 1), (-1e4, -10)]],
    "minor": [minor_ticks(*r) for r in RANGES[:12]],
    "colormaps": {name: colormap(name) for name in matplotlib.colormaps},
    "colors": {name: colors.to_rgba(name) for name in COLORS},
    "data": DATA,
    "histograms": [
        *[histogram(name, bins) for name in DATA for bins in (1, 7, 10)],
        *[histogram(name, rule) for name in ("normal", "skewed", "whole", "few") for rule in RULES],
        histogram("normal", 10, (-1, 1)),
        histogram("normal", 10, None, True),
        histogram("skewed", [0, 0.5, 1, 3, 8], None, True),
    ],
    "boxes": [box(name, whis) for name in DATA for whis in (1.5, 0.5, (5, 95))],
    "kde": [kde(name, method) for name in ("normal", "skewed", "few") for method in ("scott", "silverman", 0.3)],
    "contours": [
        contour_levels(low, high, count, filled)
        for low, high in [(0, 1), (-3, 7), (100, 130), (0, 1e-3)]
        for count in (None, 3, 12)
        for filled in (True, False)
    ],
    "limits": {name: limits(draw) for name, draw in LIMITS.items()},
    "positions": positions(),
    "tight": tight(),
    "widths": text_widths(),
}
text = json.dumps(result, separators=(",", ":")).replace("Infinity", "null").replace("NaN", "null")
(Path(__file__).parent / "matplotlib.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
