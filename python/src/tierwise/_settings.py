"""Settings on their way into the compiled module, which reads them as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tierwise import exceptions


def plain(part: Any, path: str = "") -> Any:
    """Write settings as JSON knows them: without NaN, infinity and the numbers of NumPy; ``path`` names the place."""
    if isinstance(part, Mapping):
        return {key: plain(value, f"{path}.{key}" if path else str(key)) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [plain(value, f"{path}[{index}]") for index, value in enumerate(part)]
    if isinstance(part, np.generic):
        part = part.item()
    if part is None or isinstance(part, (str, bool, int)) or (isinstance(part, float) and math.isfinite(part)):
        return part
    reason = f"expected a finite number, a text, a list or a dict, found {part!r}"
    error = exceptions.InvalidSettingError(f"`{path}` is not valid: {reason}")
    error.details = {"path": path, "reason": reason}
    raise error
