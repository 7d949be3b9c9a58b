"""Language 2: a plan cut where data must meet.

    stage    = Pipeline scan, predicate, exchange
    exchange = Gather columns, index, limit          rows in their order
             | Combine keys, reductions              one row a group

A pipeline runs on each piece of its source alone; its exchange says how the pieces' results become one. A stage is
one object however many pieces there are. `split.py` cuts a plan into stages, `lower.py` turns a stage into a
`Program`: the steps on one batch, kernels and what to bind to them.
"""

from tenfold.later import later

__getattr__ = later(__name__, "arrays")
