"""Models of purchases against lifetimes: fits on CDNOW and a hundred copies of it, forecasts for many customers.

Where PyMC-Marketing is installed, its maximum a posteriori stands beside the fits on CDNOW; its first fit, which
compiles the model, is the one to warm up.
"""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable

import lifetimes
import lifetimes.datasets
import numpy as np
import pandas as pd
import tierwise as tw
from scipy.special import gammaln
from side_by_side import table, take_turns

PEERS = {"BG/NBD": lifetimes.BetaGeoFitter, "Pareto/NBD": lifetimes.ParetoNBDFitter}
OURS = {"BG/NBD": tw.value.BgNbd, "Pareto/NBD": tw.value.ParetoNbd}


def cdnow(copies: int) -> dict[str, np.ndarray]:
    summary = lifetimes.datasets.load_cdnow_summary()
    columns = {"frequency": "frequency", "recency": "recency", "age": "T"}
    return {name: np.tile(summary[column].to_numpy(dtype=float), copies) for name, column in columns.items()}


def drawn(customers: int) -> dict[str, np.ndarray]:
    """Draw customers whose times are not rounded, so that hardly two histories are equal."""
    ages = np.random.default_rng(1).uniform(20.0, 80.0, customers)
    truth = tw.value.BgNbd().with_parameters(r=0.25, alpha=4.5, a=0.8, b=2.5)
    names = {"repeat_frequency": "frequency", "last_purchase_age": "recency", "age": "age"}
    return {names[name]: column for name, column in truth.simulate_histories(ages, seed=1).items()}


def log_likelihood(data: dict[str, np.ndarray], r: float, alpha: float, a: float, b: float) -> float:
    """Evaluate the likelihood of BG/NBD as one writes it in numpy."""
    x, last, age = data["frequency"], data["recency"], data["age"]
    counts = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    counts += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + last)
    return float(np.sum(counts + np.logaddexp(stayed, np.where(x > 0, left, -np.inf))))


def fits(name: str, data: dict[str, np.ndarray], repetitions: int) -> str:
    found = {}

    def ours():
        found["tierwise"] = OURS[name]().fit(**data)

    def theirs():
        fitter = PEERS[name](penalizer_coef=0.0)
        found["lifetimes"] = fitter.fit(data["frequency"], data["recency"], data["age"])

    candidates = {"tierwise": ours, "lifetimes": theirs}
    if len(data["age"]) < 10_000 and importlib.util.find_spec("pymc_marketing"):
        candidates["PyMC-Marketing, MAP"] = maximum_a_posteriori(name, data)
    timings = take_turns(candidates, repetitions)
    best = found["tierwise"].log_likelihood
    peer = OURS[name]().with_parameters(**dict(found["lifetimes"].params_))
    apart = max(abs(peer.parameters[key] / value - 1) for key, value in found["tierwise"].parameters.items())
    timings["tierwise"].note = f"log-likelihood {best:.6f}, exact to 1e-9 (tests)"
    timings["lifetimes"].note = f"parameters within {apart:.0e} of ours"
    return table(f"{name}, {len(data['age']):,} customers", timings, "lifetimes")


def maximum_a_posteriori(name: str, data: dict[str, np.ndarray]) -> Callable[[], object]:
    from pymc_marketing import clv

    model = {"BG/NBD": clv.BetaGeoModel, "Pareto/NBD": clv.ParetoNBDModel}[name]
    customers = np.arange(len(data["age"]))
    table = pd.DataFrame({"customer_id": customers, **data}).rename(columns={"age": "T"})
    return lambda: model(data=table).fit(method="map", progressbar=False)


def fit_of_many(customers: int, repetitions: int) -> str:
    data = drawn(customers)
    found = {}

    def ours():
        found["model"] = tw.value.BgNbd().fit(**data)

    def ten_evaluations():
        for _ in range(10):
            log_likelihood(data, 0.25, 4.5, 0.8, 2.5)

    timings = take_turns({"tierwise, the whole fit": ours, "numpy, ten evaluations": ten_evaluations}, repetitions)
    off = log_likelihood(data, *found["model"].parameters.values()) / found["model"].log_likelihood - 1
    timings["tierwise, the whole fit"].note = f"log-likelihood within {abs(off):.0e} of numpy's"
    return table(f"BG/NBD, {customers:,} customers, nearly all different", timings, "numpy, ten evaluations")


def memory(sizes: list[int]) -> str:
    """Ask a process of its own, which has nothing but the columns, how much more it needed to fit them; on Linux."""
    if not sys.platform.startswith("linux"):
        return ""
    lines = [
        "### Memory of a fit of BG/NBD, customers nearly all different",
        "",
        "| customers | MB | bytes per customer |",
    ]
    lines.append("|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for customers in sizes:
            path = pathlib.Path(folder, "columns.npy")
            np.save(path, np.stack(list(drawn(customers).values())))
            asked = [sys.executable, "-c", _PEAK, str(path)]
            more = int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
            lines.append(f"| {customers:,} | {more / 1e6:.0f} | {more / customers:.0f} |")
    return "\n".join([*lines, ""])


_PEAK = """
import sys
import numpy as np, tierwise as tw
peak = lambda: 1024 * next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
frequency, recency, age = np.load(sys.argv[1])
tw.value.BgNbd().fit(frequency=frequency[:1000], recency=recency[:1000], age=age[:1000])
before = peak()
tw.value.BgNbd().fit(frequency=frequency, recency=recency, age=age)
print(peak() - before)
"""


def forecasts(customers: int, repetitions: int) -> str:
    data = drawn(customers)
    model = tw.value.BgNbd().fit(**data)
    names = {"frequency": "repeat_frequency", "recency": "last_purchase_age", "age": "age"}
    rfm = {name: data[column] for column, name in names.items()}
    peer = lifetimes.BetaGeoFitter()
    peer.params_ = dict(model.parameters)

    def ours():
        return model.expected_purchases(rfm, periods=39)

    def theirs():
        return peer.conditional_expected_number_of_purchases_up_to_time(39, *data.values())

    apart = np.max(np.abs(ours() / theirs() - 1))
    timings = take_turns({"tierwise": ours, "lifetimes": theirs}, repetitions)
    timings["tierwise"].note = f"within {apart:.0e} of lifetimes"
    return table(f"Expected purchases of {customers:,} customers, BG/NBD", timings, "lifetimes")


def run(quick: bool) -> str:
    # What takes milliseconds is repeated more often.
    copies, many, repetitions, often = (2, 20_000, 1, 1) if quick else (100, 1_000_000, 3, 15)
    texts = ["## Models of purchases\n"]
    texts += [fits(name, cdnow(1), often) for name in PEERS]
    texts.append(fits("BG/NBD", cdnow(copies), repetitions))
    texts.append(fit_of_many(many, repetitions))
    texts.append(memory([many // 4, many, 4 * many]))
    texts.append(forecasts(many, often))
    return "\n".join(texts)
