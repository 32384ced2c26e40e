"""Draws the figures of docs/pyplot.md with matplotlib: `python3 docs/pyplot/figures.py`. figures.mjs draws them with ours."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np


class Generator:
    """The same random numbers in both languages."""

    def __init__(self, seed):
        self.state = seed

    def one(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def uniform(self, n):
        return np.array([self.one() for _ in range(n)])

    def normal(self, n):
        return np.array([np.sqrt(-2 * np.log(1 - self.one())) * np.cos(2 * np.pi * self.one()) for _ in range(n)])


def grid(n):
    x = np.linspace(-3, 3, n)
    return (x, *np.meshgrid(x, x))


def hill(X, Y):
    return 2 * (np.exp(-(X**2) - Y**2) - np.exp(-((X - 1) ** 2) - (Y - 1) ** 2))


def lines():
    x = np.linspace(0, 10, 101)
    plt.plot(x, np.sin(x), label="sin")
    plt.plot(x, np.cos(x), "--", label="cos")
    plt.plot(x, np.sin(x) * 0.5, "g:", label="half")
    plt.title("Lines")
    plt.xlabel("x")
    plt.ylabel("y")
    plt.legend()


def markers():
    for i, marker in enumerate("os^v<>Dd*pPXh+x|_"):
        plt.plot(i % 6, i // 6, marker, markersize=12)
    plt.margins(0.15)
    plt.title("Markers")


def scatter():
    random = Generator(1)
    x, y, c, s = (random.uniform(60) for _ in range(4))
    plt.scatter(x, y, s=300 * s, c=c, alpha=0.6, cmap="viridis")
    plt.colorbar(label="value")
    plt.grid(True, alpha=0.3)


def bars():
    names = ["apple", "pear", "plum", "fig"]
    bars = plt.bar(names, [4, 7, 3, 5.5], color=["C0", "C1", "C2", "C3"], yerr=[0.3, 0.5, 0.2, 0.4], capsize=4)
    plt.bar_label(bars, padding=3)
    plt.ylabel("count")
    plt.title("Bars")


def groups():
    at = np.arange(4)
    plt.bar(at, [3, 5, 2, 4], 0.4, label="train", align="edge")
    plt.bar(at - 0.4, [2, 4, 3, 3.5], 0.4, label="test", align="edge", hatch="//")
    plt.xticks(at, ["a", "b", "c", "d"], rotation=45)
    plt.legend(loc="upper left", ncol=2)
    plt.ylim(0, 7)


def barh():
    plt.barh(["convolution", "pooling", "linear", "activation"], [12, 3, 7, 1.5], color="tab:olive", edgecolor="k")
    plt.xlabel("time (ms)")
    plt.gca().invert_yaxis()
    plt.axvline(5, color="r", linestyle="--")
    plt.tight_layout()


def histogram():
    random = Generator(2)
    plt.hist(random.normal(1000), 30, density=True, alpha=0.6, label="one")
    plt.hist(random.normal(1000) + 2, 30, density=True, histtype="step", label="two")
    plt.legend(loc="upper left")
    plt.title("Histogram")


def boxes():
    random = Generator(3)
    plt.boxplot([random.normal(80) * k + k for k in [1, 2, 3, 4]], labels=list("abcd"), notch=True, showmeans=True)
    plt.title("Box plot")


def violins():
    random = Generator(4)
    plt.violinplot([random.normal(100) * k for k in [1, 2, 3]], showmedians=True)
    plt.title("Violin plot")


def fill():
    x = np.linspace(0, 5, 50)
    y = np.exp(-x)
    plt.plot(x, y, color="C3")
    plt.fill_between(x, 0.7 * y, 1.3 * y, alpha=0.2, color="C3")
    plt.axhspan(0.2, 0.4, alpha=0.3, color="C1")
    plt.annotate("half-life", (0.69, 0.5), (2, 0.9), arrowprops={"arrowstyle": "->"})
    plt.text(3, 1.1, r"$e^{-\lambda x}$", fontsize=14, bbox={"facecolor": "wheat", "boxstyle": "round"})


def errorbars():
    x = np.arange(5)
    plt.errorbar(
        x, [1, 2.2, 2.9, 4.1, 5.2], yerr=[0.2, 0.4, 0.3, 0.5, 0.2], xerr=0.15, fmt="o", capsize=3, label="data"
    )
    plt.plot(x, [1, 2, 3, 4, 5], "k--", lw=1, label="fit")
    plt.legend(loc="lower right")


def loglog():
    x = np.logspace(0, 4, 50)
    plt.loglog(x, x**1.5, label="$x^{1.5}$")
    plt.loglog(x, x * 10, label="$10x$")
    plt.grid(True, which="both", ls="-", alpha=0.3)
    plt.xlabel("size")
    plt.ylabel("time")
    plt.legend()


def images():
    figure, axes = plt.subplots(2, 3, figsize=(4.8, 3.6))
    _, X, Y = grid(28)
    z = np.sin(2 * np.sqrt(X**2 + Y**2))
    for ax, cmap in zip(axes.flat, ["gray", "viridis", "plasma", "jet", "coolwarm", "Blues"]):
        ax.imshow(z, cmap=cmap)
        ax.set_title(cmap, fontsize=10)
        ax.axis("off")
    figure.suptitle("Colormaps")


def matrix():
    m = np.array([[50, 3, 2], [5, 40, 8], [1, 6, 44]])
    plt.imshow(m, cmap="Blues")
    plt.colorbar()
    for r in range(3):
        for c in range(3):
            plt.text(c, r, m[r, c], ha="center", va="center", color="white" if m[r, c] > 25 else "black")
    plt.xticks([0, 1, 2], ["cat", "dog", "bird"])
    plt.yticks([0, 1, 2], ["cat", "dog", "bird"])
    plt.xlabel("predicted")
    plt.ylabel("true")
    plt.title("Confusion matrix")


def contours():
    x, X, Y = grid(60)
    z = hill(X, Y)
    filled = plt.contourf(x, x, z, cmap="RdBu_r")
    lines = plt.contour(x, x, z, colors="k", linewidths=0.7)
    plt.clabel(lines, fontsize=8)
    plt.colorbar(filled)


def mesh():
    x, X, Y = grid(30)
    plt.pcolormesh(x, x, hill(X, Y), cmap="magma", shading="nearest")
    plt.colorbar(orientation="horizontal", label="height")


def quiver():
    x, X, Y = grid(12)
    plt.quiver(x, x, -Y, X, np.sqrt(X**2 + Y**2), cmap="plasma")
    plt.gca().set_aspect("equal")
    plt.gca().add_patch(plt.Circle((0, 0), 1, fill=False, edgecolor="r", lw=2))
    plt.gca().add_patch(plt.Rectangle((-2.5, -2.5), 1.5, 1, alpha=0.3, facecolor="C2", edgecolor="k"))


def pie():
    plt.pie([35, 25, 25, 15], labels=list("abcd"), autopct="%1.1f%%", explode=[0, 0.1, 0, 0], startangle=90)
    plt.title("Pie")


def steps():
    x = np.arange(8)
    _, (top, below) = plt.subplots(2, 1, sharex=True, figsize=(4.8, 3.6))
    top.step(x, [1, 3, 2, 4, 3, 5, 4, 6], where="mid", label="mid")
    top.plot(x, [1, 3, 2, 4, 3, 5, 4, 6], "C1o--", alpha=0.4)
    top.legend()
    below.stem(x, [1, -1, 2, -2, 3, -3, 2, -1])
    below.set_xlabel("step")
    top.set_title("Shared x")


def twins():
    x = np.linspace(1, 20, 20)
    ax = plt.gca()
    ax.plot(x, 1 / x, "C0-o", ms=3)
    ax.set_xlabel("epoch")
    ax.set_ylabel("loss", color="C0")
    ax.tick_params("y", colors="C0")
    right = ax.twinx()
    right.plot(x, (1 - 1 / x) * 1e6, "C1-")
    right.set_ylabel("samples", color="C1")
    plt.title("Two scales")
    plt.tight_layout()


FIGURES = [
    *(lines, markers, scatter, bars, groups, barh, histogram, boxes, violins, fill),
    *(errorbars, loglog, images, matrix, contours, mesh, quiver, pie, steps, twins),
]
for draw in FIGURES:
    if sys.argv[1:] and draw.__name__ not in sys.argv[1:]:
        continue
    if draw not in (images, steps):
        plt.figure(figsize=(4.8, 3.6))
    draw()
    plt.savefig(Path(__file__).parent / f"{draw.__name__}-matplotlib.png", dpi=80)
    plt.close("all")
