"""The rating that ships with the library."""

from __future__ import annotations

from tierwise._rating import RatingRules
from tierwise._tierwise import b2b_rating as _b2b_rating

__all__ = ["b2b_rating"]


def b2b_rating() -> RatingRules:
    """Give the rating that ships with the library: order amount of a year, five bonus items, tiers A to E.

    The items and one worked example come from a B2B customer rating system: 500,000 in orders are 10 points and tier
    E; with two referrals, broad needs and growth potential 35 points and tier D. Every other bracket, cut, cap and
    expiry is inferred and marked so in ``spec``: take it as a form to fill in.

    Examples
    --------
    >>> import tierwise as tw
    >>> facts = {
    ...     "order_amount": [500_000, 500_000],
    ...     "referral": [0, 2],
    ...     "breadth_of_needs": [False, True],
    ...     "growth_potential": [False, True],
    ...     "relationship": [False, False],
    ...     "business_level": [None, None],
    ... }
    >>> rules = tw.value.b2b_rating()
    >>> rules.score(facts), rules.assign(facts)
    (array([10., 35.]), array(['E', 'D'], dtype=object))
    """
    return RatingRules._of(_b2b_rating())
