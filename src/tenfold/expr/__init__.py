"""Language 1: what the user asked for.

    table  = Scan source | Filter table, predicate | Limit table, count | Aggregate table, keys, reductions
           | Project table, columns, index | Placed table, target, reason
    scalar = Column base, name | Position base | Carried place, missing, kept | Literal | Call operation(scalars)

A *base* (Scan, Aggregate) defines rows and columns; Filter and Limit only restrict the rows of theirs, Placed not
even that. So a scalar written over a base stays valid below any number of filters, and two columns belong to the same
rows exactly when they hang on the same table node. Types follow pandas' rules; `interpret.py` is the meaning.
"""

from tenfold.later import later

__getattr__ = later(__name__, "arrays_show")
