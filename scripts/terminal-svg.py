#!/usr/bin/env python3
"""Draws a terminal's screen, colours included, as an SVG, for the pictures of the README.

tmux capture-pane -p -e | scripts/terminal-svg.py > docs/demo.svg
"""

import html
import re
import sys

COLUMN, LINE, MARGIN = 7.8, 17, 14
PAPER, INK, QUIET = "#1a1b26", "#c0caf5", "#737aa2"
DARK = ["#15161e", "#f7768e", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7", "#7dcfff", "#a9b1d6"]
LIGHT = [QUIET, "#ff899d", "#b9f27c", "#ffd479", "#8db4ff", "#d4b3ff", "#a4e4ff", "#ffffff"]
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


class Style:
    """What the escape codes so far have asked for."""

    def __init__(self):
        self.ink, self.paper, self.bold, self.dim, self.reverse = None, None, False, False, False

    def hear(self, codes):
        codes = [int(code or 0) for code in codes.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code in (38, 48) and codes[:1] == [5]:
                colour = (DARK + LIGHT)[codes[1]] if codes[1] < 16 else INK
                self.ink, self.paper = (colour, self.paper) if code == 38 else (self.ink, colour)
                codes = codes[2:]
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.ink = DARK[code - 30] if code < 90 else LIGHT[code - 90]
            elif code in (39, 49):
                self.ink, self.paper = (None, self.paper) if code == 39 else (self.ink, None)
            else:
                names = {1: ("bold", True), 2: ("dim", True), 7: ("reverse", True), 27: ("reverse", False)}
                if code == 22:
                    self.bold = self.dim = False
                elif code in names:
                    setattr(self, *names[code])

    def colours(self):
        ink, paper = self.ink or (QUIET if self.dim else INK), self.paper or PAPER
        return (paper, ink) if self.reverse else (ink, paper)


def runs(line, style):
    """Pieces of one style: column, text, ink, paper, bold."""
    column = 0
    for i, piece in enumerate(ESCAPE.split(line)):
        if i % 2:
            style.hear(piece)
        elif piece:
            yield column, piece, *style.colours(), style.bold
            column += len(piece)


def main():
    lines = [line.rstrip("\n") for line in sys.stdin]
    while lines and not ESCAPE.sub("", lines[-1]).strip():
        lines.pop()
    width = max((len(ESCAPE.sub("", line)) for line in lines), default=0) * COLUMN + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" role="img">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>')
    print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13" xml:space="preserve">')
    style = Style()
    for row, line in enumerate(lines):
        y = MARGIN + row * LINE
        for column, text, ink, paper, bold in runs(line, style):
            x, length = MARGIN + column * COLUMN, len(text) * COLUMN
            if paper != PAPER:
                print(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{LINE}" fill="{paper}"/>')
            # Cell by cell at its own column, so that a screen stays a screen in whatever font is there.
            for cell in re.finditer(r"[\u2500-\u28ff]|[^\s\u2500-\u28ff]+(?: [^\s\u2500-\u28ff]+)*", text):
                at, long = x + cell.start() * COLUMN, len(cell.group()) * COLUMN
                weight = ' font-weight="bold"' if bold else ""
                print(f'<text x="{at:.1f}" y="{y + 13}" fill="{ink}"{weight} textLength="{long:.1f}" lengthAdjust="spacingAndGlyphs">{html.escape(cell.group())}</text>')
    print("</g></svg>")


main()
