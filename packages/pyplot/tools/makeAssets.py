"""Makes assets/: outlines of DejaVu's glyphs, the published colour tables, and the style sheets.

Run by hand with a Python that has matplotlib and fontTools: the results are kept in the repository.
"""

import base64
import gzip
import json
import re
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

ASSETS = Path(__file__).parent.parent / "assets"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

LATIN = [range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2027), range(0x2030, 0x203B), [0x2212, 0x20AC]]
GREEK_AND_CYRILLIC = [range(0x370, 0x3FF), range(0x400, 0x460)]
SYMBOLS = [
    [0x192, 0x218, 0x219, 0x21A, 0x21B, *range(0x2C6, 0x2DE), 0x3D1, 0x3D5, 0x1E9E],
    range(0x2040, 0x2060),
    range(0x2070, 0x20A0),
    range(0x20A0, 0x20B6),
    range(0x2100, 0x2150),
    range(0x2150, 0x2184),
    range(0x2190, 0x2200),
    range(0x2200, 0x2300),
    [0x2308, 0x2309, 0x230A, 0x230B, 0x2329, 0x232A, 0x27E8, 0x27E9],
    range(0x2460, 0x2474),
    range(0x2500, 0x25A0),
    range(0x25A0, 0x2600),
    range(0x2600, 0x2670),
    range(0x2701, 0x27BF),
]
BOXES = [range(0x2500, 0x25A0), range(0x2190, 0x21A0)]
STYLES = {
    "normal": ("DejaVuSans.ttf", LATIN + GREEK_AND_CYRILLIC + SYMBOLS),
    "bold": ("DejaVuSans-Bold.ttf", LATIN + GREEK_AND_CYRILLIC),
    "italic": ("DejaVuSans-Oblique.ttf", LATIN + GREEK_AND_CYRILLIC),
    "monospace": ("DejaVuSansMono.ttf", LATIN + GREEK_AND_CYRILLIC + BOXES),
}


class OutlinePen(BasePen):
    """Writes an outline as path data in font units, relative to the point before."""

    def __init__(self, glyphs):
        super().__init__(glyphs)
        self.data = []
        self.at = (0, 0)

    def add(self, letter, *points):
        numbers = []
        for x, y in points:
            numbers += [round(x) - self.at[0], round(y) - self.at[1]]
        self.at = (round(points[-1][0]), round(points[-1][1]))
        self.data.append(letter + " ".join(map(str, numbers)).replace(" -", "-"))

    def _moveTo(self, point):
        self.start = point
        self.add("m", point)

    def _lineTo(self, point):
        self.add("l", point)

    def _qCurveToOne(self, control, point):
        self.add("q", control, point)

    def _closePath(self):
        self.data.append("z")
        self.at = (round(self.start[0]), round(self.start[1]))


def font(file, ranges):
    ttf = TTFont(FONTS / file)
    names = ttf.getBestCmap()
    outlines = ttf.getGlyphSet()
    codes = sorted({code for group in ranges for code in group if code in names})
    glyphs = {}
    for code in codes:
        pen = OutlinePen(outlines)
        outlines[names[code]].draw(pen)
        glyphs[chr(code)] = [ttf["hmtx"][names[code]][0], "".join(pen.data)]
    table = ttf["kern"].kernTables[0].kernTable if "kern" in ttf else {}
    latin = {names[code]: chr(code) for code in codes if code < 0x100}
    kerning = {latin[a] + latin[b]: by for (a, b), by in table.items() if a in latin and b in latin and by}
    return {"unitsPerEm": ttf["head"].unitsPerEm, "glyphs": glyphs, "kerning": kerning}


def colormap(name):
    table = matplotlib.colormaps[name]
    count = table.N if isinstance(table, matplotlib.colors.ListedColormap) else 256
    return base64.b64encode(numpy.round(table(numpy.arange(count))[:, :3] * 255).astype(numpy.uint8).tobytes()).decode()


def write(name, content):
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    (ASSETS / name).write_bytes(gzip.compress(data, 9, mtime=0))


def styles():
    """matplotlib's style sheets, as far as there are settings for them here."""
    known = set(re.findall(r'^  "([a-z_.]+)":', (ASSETS.parent / "src" / "rc" / "rcParams.ts").read_text(), re.M))
    sheets = {}
    for name, sheet in sorted(matplotlib.style.library.items()):
        if name == "classic" or name.startswith("_"):
            continue
        plain = {key: getattr(value, "value", value) for key, value in sorted(sheet.items()) if key in known}
        if "axes.prop_cycle" in plain:
            plain["axes.prop_cycle"] = {"color": plain["axes.prop_cycle"].by_key()["color"]}
        sheets[name] = plain
    return sheets


write("styles.json.gz", styles())
write("fonts.json.gz", {style: font(*what) for style, what in STYLES.items()})
write("colormaps.json.gz", {name: colormap(name) for name in matplotlib.colormaps if not name.endswith("_r")})
