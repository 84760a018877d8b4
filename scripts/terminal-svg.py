#!/usr/bin/env python3
"""Draws terminal output as an SVG, for the pictures of the README: `omega demo | scripts/terminal-svg.py > docs/demo.svg` (the README shows an excerpt)."""

import html
import re
import sys

COLUMN, LINE, MARGIN = 7.8, 17, 18
lines = [line.rstrip("\n") for line in sys.stdin][: int(sys.argv[1]) if len(sys.argv) > 1 else None]
width = max(map(len, lines), default=0) * COLUMN + 2 * MARGIN
height = len(lines) * LINE + 2 * MARGIN


def style(line):
    if line and not line.startswith(" "):
        return "#7dcfff"
    if set(line.strip()) == {"-"}:
        return "#565f89"
    return "#c0caf5"


print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" role="img">')
print('<rect width="100%" height="100%" rx="8" fill="#1a1b26"/>')
print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13" xml:space="preserve">')
for i, line in enumerate(lines):
    y = MARGIN + i * LINE + 12
    # Cell by cell at its own column, so that tables stay tables in whatever font is there.
    for cell in re.finditer(r"\S+(?: \S+)*", line):
        x, length = MARGIN + cell.start() * COLUMN, len(cell.group()) * COLUMN
        text = html.escape(cell.group())
        print(f'<text x="{x:.1f}" y="{y}" fill="{style(line)}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs">{text}</text>')
print("</g></svg>")
