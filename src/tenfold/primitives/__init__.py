"""Hand-written routines that no library has fast enough: plain Python in a dialect that `target/cpu.py` compiles.

Pointers are typed and indexed, nothing allocates, raises or calls a library; the machine's own operations come from
`intrinsics.py`. Run as they stand, with NumPy arrays for pointers, they are their own reference. `objects/` holds
those that every run needs, compiled ahead.
"""
