"""tenfold beside its peers, on the same data, in one run: `python -m bench`, or `make bench`.

`workloads` is the table of what is measured and of the bars; `engines/` has one small file per engine, which uses that
engine as its own documentation recommends; `child` runs one workload on one engine in a process of its own; `measure`
starts those processes in turn and watches their memory; `report` prints, saves and draws.
"""
