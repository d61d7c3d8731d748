"""What tierwise raises: one class per kind of error, each a subclass of the built-in that a user expects.

Every exception carries ``code`` (stable, the same in Rust) and ``details`` (the fields of the message as a dict).

Examples
--------
>>> import tierwise as tw
>>> try:
...     tw.lead.supplier_prospects().score({"visits_last_year": [1.0]})
... except tw.exceptions.MissingColumnError as error:
...     error.code, error.details["column"]
('missing_column', 'met_key_person')
"""

from __future__ import annotations

from typing import Any


class TierwiseError(Exception):
    """The base of all errors of tierwise."""

    code: str = "error"
    details: dict[str, Any]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.details = {}

    def __str__(self) -> str:
        # KeyError would show the representation of its argument.
        return str(self.args[0])


class InvalidParameterError(TierwiseError, ValueError):
    """A parameter lies outside its range."""


class MissingColumnError(TierwiseError, KeyError):
    """A model needs a column that the table does not have."""


class UnknownFeatureError(TierwiseError, KeyError):
    """A name that no feature has."""


class DuplicateColumnError(TierwiseError, ValueError):
    """Two columns of a table carry the same name."""


class DuplicateFeatureError(TierwiseError, ValueError):
    """Two features of a model carry the same name."""


class InvalidFeatureError(TierwiseError, ValueError):
    """A feature contradicts itself, or a column cannot be one."""


class WrongLengthError(TierwiseError, ValueError):
    """Two things that must be equally long are not."""


class WrongKindError(TierwiseError, TypeError):
    """A value of another kind than the feature's, such as text where a number is due."""


class NotFiniteError(TierwiseError, ValueError):
    """An infinite number."""


class UnknownValueError(TierwiseError, ValueError):
    """An unknown value in a feature whose rule is to refuse it."""


class UnseenLevelError(TierwiseError, ValueError):
    """A level that a feature does not list, where its rule is to refuse it."""


class EmptyTableError(TierwiseError, ValueError):
    """A table without rows where at least one is needed."""


class InvalidValueError(TierwiseError, ValueError):
    """A value that this computation cannot take."""


class InvalidBandsError(TierwiseError, ValueError):
    """Bands that leave a gap, overlap, or stand in the wrong order."""


class InvalidScorecardError(TierwiseError, ValueError):
    """A scorecard that contradicts itself."""


class InvalidRulesError(TierwiseError, ValueError):
    """Rules that contradict each other or themselves: of points for events, of a public pool, of an assignment."""


class UnknownNameError(TierwiseError, ValueError):
    """A name in the data that the rules, the card or the settings do not know."""


class InvalidOutcomeError(TierwiseError, ValueError):
    """The positive class does not fit the labels."""


class OneClassError(TierwiseError, ValueError):
    """Only one class among the rows that carry weight."""


class NotEnoughDataError(TierwiseError, ValueError):
    """Too little data for what was asked."""


class NoVariationError(TierwiseError, ValueError):
    """Columns that have one value only."""


class NotErgodicError(TierwiseError, ValueError):
    """A Markov chain without a steady state that every start leads to."""


class CollinearError(TierwiseError, ValueError):
    """Columns that are linear combinations of each other."""


class SeparationError(TierwiseError, ValueError):
    """Columns that predict the outcome perfectly."""


class NotConvergedError(TierwiseError, RuntimeError):
    """A fit that stopped before it reached its tolerance."""


class ModelSyntaxError(TierwiseError, ValueError):
    """A model file that is no JSON."""


class ModelFormatError(TierwiseError, ValueError):
    """A model file of a format that this version does not read."""


class ModelKindError(TierwiseError, ValueError):
    """A model of a kind that is not known, or that cannot do what was asked."""


class ModelFieldError(TierwiseError, ValueError):
    """A field of a model file that is missing, misspelt or of the wrong type."""


class InvalidSettingError(TierwiseError, ValueError):
    """A field of a dict or list of settings that is missing, misspelt or of the wrong type."""


class FingerprintError(TierwiseError, ValueError):
    """A model file that was changed after it was saved."""


class CannotMergeError(TierwiseError, ValueError):
    """Summaries that were made for different questions."""


class CancelledError(TierwiseError, RuntimeError):
    """A fit that its progress callback stopped."""


class ForeignError(TierwiseError, RuntimeError):
    """A model of another author that failed."""


class MissingPackageError(TierwiseError, ImportError):
    """A package that an extra installs is missing; the message says which."""


def _code(name: str) -> str:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name.removesuffix("Error"))
    return words.removeprefix("_")


_CLASSES = {_code(one.__name__): one for one in TierwiseError.__subclasses__()}
for _name, _class in _CLASSES.items():
    _class.code = _name


def for_code(code: str) -> type[TierwiseError]:
    """Find the class for the code of an error; the base class for a code that is newer than this package."""
    return _CLASSES.get(code, TierwiseError)
