"""One file per engine. Each has `QUERIES`: workload -> prepare(paths), which returns the function that is timed.

What the timed function returns goes, untimed, to the engine's `taxi_answer` (24 mean tip fractions in order of the
hour) or `columns_answer` (a few totals over whole columns): engines are compared on their answers before their times.
"""
