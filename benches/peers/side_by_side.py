"""Timing side by side: candidates take turns, so that whatever else the machine does falls on all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Timing:
    """The seconds of one candidate, one element per repetition."""

    name: str
    seconds: list[float]
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        return min(self.seconds)


def take_turns(candidates: dict[str, Callable[[], object]], repetitions: int) -> dict[str, Timing]:
    """Run every candidate once to warm up, then all of them in turn, as often as asked."""
    timings = {name: Timing(name, []) for name in candidates}
    for work in candidates.values():
        work()
    # What libraries hold for good is no garbage: to look through it before each run would only empty the caches.
    gc.collect()
    gc.freeze()
    for _ in range(repetitions):
        for name, work in candidates.items():
            gc.collect()
            gc.disable()
            begun = time.perf_counter()
            result = work()
            timings[name].seconds.append(time.perf_counter() - begun)
            gc.enable()
            del result
    gc.unfreeze()
    return timings


def table(title: str, timings: dict[str, Timing], base: str) -> str:
    """Write a Markdown table; ratios are to the candidate ``base``."""
    of = timings[base]
    lines = [
        f"### {title}",
        "",
        f"| what | median ms | least ms | median ÷ {base} | least ÷ {base} | accuracy |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for one in timings.values():
        lines.append(
            f"| {one.name} | {_digits(1e3 * one.median)} | {_digits(1e3 * one.least)} "
            f"| {_digits(one.median / of.median)} | {_digits(one.least / of.least)} | {one.note} |"
        )
    return "\n".join([*lines, ""])


def _digits(number: float) -> str:
    """Write a number with three digits that count, as many as timings are worth."""
    return f"{number:.0f}" if number >= 1000 else f"{number:.3g}"
