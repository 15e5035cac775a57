"""The table of results: a row a measurement, ours beside another's, with their ratio."""
import sys


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, ours, unit, theirs=None, other=""):
        """`ours` and `theirs` are numbers of the same unit."""
        self.rows.append((what, ours, unit, theirs, other))
        print(self.line(self.rows[-1]), file=sys.stderr, flush=True)

    @staticmethod
    def number(value):
        return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"

    def line(self, row):
        what, ours, unit, theirs, other = row
        if theirs is None:
            return f"| {what} | {self.number(ours)} {unit} | | |"
        ratio = self.number(ours / theirs) if theirs else ""
        return f"| {what} | {self.number(ours)} {unit} | {other}: {self.number(theirs)} {unit} | {ratio} |"

    def markdown(self):
        return "\n".join(["| what | wgd | beside it | ratio |", "| --- | --- | --- | --- |", *map(self.line, self.rows)])
