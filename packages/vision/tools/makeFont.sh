#!/bin/sh
# Makes assets/fonts/DejaVuSans.ttf: of DejaVu Sans the letters of Latin, Greek and Cyrillic languages, without hints.
# Needs fontTools, and the font as Debian's fonts-dejavu-core has it.
set -eu
python3 -m fontTools.subset /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf \
  --unicodes="U+0020-007E,U+00A0-017F,U+0370-03FF,U+0400-045F,U+2010-2027,U+20AC,U+2190-2193,U+2212" \
  --layout-features=kern --no-hinting --output-file="$(dirname "$0")/../assets/fonts/DejaVuSans.ttf"
