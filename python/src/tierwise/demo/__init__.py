"""Four decisions on real customer data, judged on customers that the models have not seen.

Run it with ``python -m tierwise.demo``; it needs the extra ``demo``.
"""
