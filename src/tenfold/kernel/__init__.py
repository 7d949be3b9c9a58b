"""Language 3: one loop over rows.

A kernel is straight-line code in SSA form over typed inputs (columns) and parameters (literals), a guard, and
sinks. Its grammar, in `nodes.py`:

    kernel    = inputs (columns, index maps), params, body, guard, sinks
    statement = Const value | Row | Let operation(values)
    sink      = Compact(values)                         rows that pass the guard, densely, in order
              | Fold(function, value, valid, group)     one accumulator a group: sum, count, min, max

Values are numbered: inputs first, then parameters, then the body in order. What a kernel means is what
`target/blocks.py` does with it; `target/cpu.py` and `target/cuda.py` print it.
"""
