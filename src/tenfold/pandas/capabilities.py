"""The capability table: what pandas runs on the whole, why, and what a native form would take.

A name stands for all classes that have it. What a class in `frame.py`, `series.py` or `groupby.py` has a method for is
native for the arguments that it takes. `HANDED_OVER` is what asks for the values themselves: pandas answers as soon as
they are computed, and nothing is lost by that. All else is a row of `WHOLE`; notices, `strict` and docs/pandas.md
read the same row.
"""

from typing import NamedTuple

_HANDED_OVER = """
    values array to_numpy tolist to_list item items iterrows itertuples keys __iter__ __next__ __array__ __bool__
    __int__ __float__ __complex__ __index__ __copy__ __deepcopy__ __arrow_c_stream__ __dataframe__ __repr__ __enter__
    __exit__ to_dict to_records to_string to_html to_latex to_markdown to_clipboard get_chunk read close
    index columns axes dtypes dtype ndim size shape empty name names attrs flags set_flags nbytes memory_usage
    info plot hist boxplot style loc iloc at iat str dt cat sparse list struct pipe T transpose copy view infer_objects
"""
HANDED_OVER = frozenset(_HANDED_OVER.split())


class Row(NamedTuple):
    """Names that pandas runs on the whole: why, and what a native form would take."""

    reason: str
    needs: str
    names: str


WHOLE = (
    Row("it orders rows", "the sort of issue 12", """
        sort_values sort_index rank nlargest nsmallest argsort searchsorted is_monotonic_increasing
        is_monotonic_decreasing is_monotonic median quantile describe mode sample reorder_levels sortlevel
    """),
    Row("it brings rows of two tables together", "the joins of issue 12", """
        merge join merge_asof merge_ordered concat append combine combine_first update align reindex reindex_like
        compare corrwith isin equals identical union intersection difference symmetric_difference get_indexer
        get_indexer_for get_indexer_non_unique
    """),
    Row("it looks at neighbouring rows", "the windows of issue 12", """
        rolling expanding ewm shift diff pct_change cumsum cumprod cummax cummin ffill bfill pad backfill interpolate
        resample asfreq asof first_valid_index last_valid_index duplicated drop_duplicates truncate at_time
        between_time autocorr cumcount ngroup ohlc nth tail
    """),
    Row("it numbers values in order of arrival", "one table of values for groups, joins and this", """
        unique nunique value_counts factorize cut qcut get_dummies from_dummies crosstab is_unique has_duplicates
        hasnans groups indices get_group ngroups codes categories
    """),
    Row("it makes rows of columns or columns of rows", "tables whose columns depend on values", """
        pivot pivot_table melt stack unstack wide_to_long lreshape explode xs squeeze swaplevel droplevel
        json_normalize to_flat_index
    """),
    Row("it calls a function of yours", "a call by batch or by group", """
        apply map agg aggregate transform filter applymap groupby
    """),
    Row("it looks at values one by one", "a call by batch", """
        replace fillna where mask clip round between astype convert_dtypes isetitem eval query
    """),
    Row("pandas reads this", "a reader of its own", """
        read_clipboard read_csv read_excel read_feather read_fwf read_hdf read_html read_iceberg read_json read_orc
        read_parquet read_pickle read_sas read_spss read_sql read_sql_query read_sql_table read_stata read_table
        read_xml
    """),
    Row("pandas writes this", "a writer of its own", """
        to_csv to_excel to_feather to_hdf to_iceberg to_json to_orc to_parquet to_pickle to_sql to_stata to_xml
        to_xarray
    """),
    Row("it changes or chooses by label or position", "labels as scalars of the plan", """
        __getitem__ __setitem__ __delitem__ set_index reset_index rename rename_axis set_axis insert pop drop dropna
        take get head select_dtypes add_prefix add_suffix delete putmask repeat
    """),
)  # fmt: skip

_REASONS = {name: row.reason for row in reversed(WHOLE) for name in row.names.split()}


def reason(path: str) -> str | None:
    """Why pandas runs a method on the whole; None of what only hands the values over."""
    owner, _, name = path.rpartition(".")
    if owner == "plot":
        return None
    if name in _REASONS:
        return _REASONS[name]
    return None if name in HANDED_OVER else "no native form yet"
