"""Peers' own tests of their figures, run unchanged with ours in their place."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import tierwise as tw

HERE = Path(__file__).parent


def run_with_ours(tmp_path, plugin, modules, chosen=""):
    """Run tests of a peer with a plugin, which lists those that must fail; how often ours answered, by function."""
    counts, settings = tmp_path / "counts.json", tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    package = Path(tw.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{HERE}:{package}", "SHADOW_COUNTS": str(counts)}
    command = ["-m", "pytest", "-q", "-c", str(settings), "-p", "no:cacheprovider", "-p", plugin, "-k", chosen]
    ran = subprocess.run(
        [sys.executable, *command, "--pyargs", *modules],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    by_function = Counter()
    for call, count in json.loads(counts.read_text()).items():
        name, ours = call.split(" ")[:2]
        by_function[name, ours] += count
    return by_function


def at_least(by_function, least):
    for name, count in least.items():
        assert by_function[name, "ours"] >= count, dict(by_function)


def test_scikit_learns_own_tests_pass_with_our_figures(tmp_path):
    modules = ["sklearn.metrics.tests.test_ranking", "sklearn.metrics.tests.test_classification"]
    by_function = run_with_ours(tmp_path, "shadow_sklearn", modules, "test_ranking or brier or log_loss")
    # Counted with scikit-learn 1.9; other versions have a few more or less.
    least = {"roc_auc_score": 60, "roc_curve": 25, "average_precision_score": 18, "precision_recall_curve": 18}
    at_least(by_function, least | {"brier_score_loss": 3, "log_loss": 2})


def test_scikit_learns_own_tests_pass_with_our_isotonic_calibration(tmp_path):
    by_function = run_with_ours(tmp_path, "shadow_isotonic", ["sklearn.tests.test_isotonic"])
    at_least(by_function, {"isotonic_regression": 60})


def test_scikit_uplifts_own_tests_pass_with_our_figures(tmp_path):
    pytest.importorskip(
        "sklift.metrics", reason="scikit-uplift is not installed: its tests cannot run", exc_type=ImportError
    )
    by_function = run_with_ours(tmp_path, "shadow_sklift", ["sklift.tests.test_metrics"])
    least = {"uplift_curve": 2, "qini_curve": 2, "uplift_auc_score": 2, "qini_auc_score": 2}
    at_least(by_function, least | {"response_rate_by_percentile": 20, "weighted_average_uplift": 2})
