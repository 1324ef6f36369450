"""A second, deliberately plain reading of the score `idt/1`: slow, exact, nothing shared.

It imports nothing of the library. Days are walked one by one, fractions are exact, and only the
quantiles and masses of the Beta distribution come from scipy. `python -m reference.make` writes
the conformance vectors with it; docs/conformance.md says how the page was read.
"""
