"""Side-by-side benches against the libraries that a user would otherwise pick, as Markdown on the standard output.

``python benches/peers/run.py`` takes some minutes; ``--quick`` only shows that all of it runs; names of benches
(``additive``, ``binning``, ``card``, ``drift``, ``evaluate``, ``events``, ``lead_outcomes``, ``learned_card``,
``lifetime``, ``logistic``, ``rfm``) choose among them.
"""

import argparse
import importlib.metadata
import os
import platform

import additive
import binning
import card
import drift
import evaluate
import events
import lead_outcomes
import learned_card
import lifetime
import logistic
import rfm

BENCHES = {
    "additive": additive.run,
    "binning": binning.run,
    "card": card.run,
    "drift": drift.run,
    "evaluate": evaluate.run,
    "events": events.run,
    "lead_outcomes": lead_outcomes.run,
    "learned_card": learned_card.run,
    "lifetime": lifetime.run,
    "logistic": logistic.run,
    "rfm": rfm.run,
}
PEERS = ["tierwise", "numpy", "polars", "pyarrow", "scikit-learn", "scipy", "pandas", "lifetimes"]


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Side-by-side benches, as Markdown.")
    parser.add_argument("--quick", action="store_true", help="small data: shows that it runs, its figures mean nothing")
    parser.add_argument("bench", nargs="*", choices=[[], *BENCHES], help="which ones; all unless named")
    chosen = parser.parse_args()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {versions}\n")
    for name in chosen.bench or BENCHES:
        print(BENCHES[name](chosen.quick), flush=True)


if __name__ == "__main__":
    main()
