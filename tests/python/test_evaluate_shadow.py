"""scikit-learn's own tests of its figures, run unchanged with ours in their place."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import tierwise as tw

HERE = Path(__file__).parent
# None fails; a test that must fail is listed here with its reason.
EXCEPTIONS: dict[str, str] = {}


def test_scikit_learns_own_tests_pass_with_our_figures(tmp_path):
    counts, settings = tmp_path / "counts.json", tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    package = Path(tw.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{HERE}:{package}", "SHADOW_COUNTS": str(counts)}
    modules = ["sklearn.metrics.tests.test_ranking", "sklearn.metrics.tests.test_classification"]
    chosen = "test_ranking or brier or log_loss"
    skipped = [f"--deselect={name}" for name in EXCEPTIONS]
    command = [
        "-m",
        "pytest",
        "-q",
        "-c",
        str(settings),
        "-p",
        "no:cacheprovider",
        "-p",
        "shadow_sklearn",
        "-k",
        chosen,
    ]
    ran = subprocess.run(
        [sys.executable, *command, *skipped, "--pyargs", *modules],
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
    # Counted with scikit-learn 1.9; other versions have a few more or less.
    least = {"roc_auc_score": 60, "roc_curve": 25, "average_precision_score": 18, "precision_recall_curve": 18}
    least |= {"brier_score_loss": 3, "log_loss": 2}
    for name, count in least.items():
        assert by_function[name, "ours"] >= count, dict(by_function)
