"""The capability table: how each operation runs, and why not better.

What a class in `frame.py`, `series.py` or `groupby.py` has a method for is *native* for the arguments that it takes:
expressions and kernels. All else is a row here, whose names stand for all classes that have them:

- *handed over*: it asks for the values themselves, and pandas answers as soon as they are computed;
- *moved*: it finds rows or columns by their labels or numbers and moves or writes values as they are: pandas does so in
  memory, where that is there already, else on the whole;
- *by batch*: it looks at one row at a time, so that pandas runs on some rows after others, on all threads;
- *whole*: pandas runs on all of the data.

Notices, `strict`, `explain` and docs/pandas.md read the same row.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """Names that share a level: why, and what a native form would take."""

    level: str
    reason: str
    needs: str
    names: str

    @property
    def why(self) -> str | None:
        """What is said of it, where something is lost."""
        return None if self.level == "handed over" else self.reason


ROWS = (
    Row("handed over", "it asks for the values, or notes what comes later", "", """
        values array to_numpy tolist to_list item items iterrows itertuples keys __iter__ __next__ __array__ __bool__
        __int__ __float__ __complex__ __index__ __copy__ __deepcopy__ __arrow_c_stream__ __dataframe__ __repr__
        __enter__ __exit__ to_dict to_records to_string to_html to_latex to_markdown to_clipboard get_chunk read close
        index columns axes dtypes dtype ndim size shape empty name names attrs flags set_flags nbytes memory_usage info
        plot hist boxplot style loc iloc at iat str dt cat sparse list struct pipe T transpose copy view infer_objects
        codes categories groupby resample rolling expanding ewm DataFrameGroupBy.__getitem__ SeriesGroupBy.__getitem__
        Resampler.__getitem__ Rolling.__getitem__
    """),
    Row("moved", "it moves or writes values by label or number", "the places of rows as scalars of the plan", """
        __getitem__ __setitem__ __delitem__ take head tail xs truncate at_time between_time get select_dtypes squeeze
        to_frame set_index reset_index rename rename_axis set_axis add_prefix add_suffix droplevel swaplevel
        reorder_levels insert pop drop isetitem to_flat_index reindex reindex_like concat repeat DataFrame.filter
        Series.filter
    """),
    Row("whole", "it orders rows", "the sort of issue 12", """
        sort_values sort_index rank nlargest nsmallest argsort searchsorted is_monotonic_increasing
        is_monotonic_decreasing is_monotonic median quantile describe mode sample sortlevel
    """),
    Row("whole", "it brings rows of two tables together", "the joins of issue 12", """
        merge join merge_asof merge_ordered append combine combine_first update align
        compare corrwith equals identical union intersection difference symmetric_difference get_indexer
        get_indexer_for get_indexer_non_unique
    """),
    Row("whole", "it looks at neighbouring rows", "the windows of issue 12", """
        shift diff pct_change cumsum cumprod cummax cummin ffill bfill pad backfill interpolate
        asfreq asof first_valid_index last_valid_index duplicated drop_duplicates autocorr cumcount ngroup ohlc nth
    """),
    Row("whole", "it numbers values in order of arrival", "one table of values for groups, joins and this", """
        unique nunique value_counts factorize cut qcut get_dummies from_dummies crosstab is_unique has_duplicates
        hasnans groups indices get_group ngroups
    """),
    Row("whole", "it makes rows of columns or columns of rows", "tables whose columns depend on values", """
        pivot pivot_table melt stack unstack wide_to_long lreshape explode json_normalize
    """),
    Row("whole", "it calls a function of yours", "a call by batch or by group", """
        apply agg aggregate transform applymap
    """),
    Row("whole", "it looks at values one by one", "a call by batch", """
        convert_dtypes eval query
    """),
    Row("whole", "it brings the texts of all rows together", "kernels of text", """
        str.cat str.get_dummies str.extractall
    """),
    Row("whole", "pandas reads this", "a reader of its own", """
        read_clipboard read_csv read_excel read_feather read_fwf read_hdf read_html read_iceberg read_json read_orc
        read_parquet read_pickle read_sas read_spss read_sql read_sql_query read_sql_table read_stata read_table
        read_xml
    """),
    Row("whole", "pandas writes this", "a writer of its own", """
        to_csv to_excel to_feather to_hdf to_iceberg to_json to_orc to_parquet to_pickle to_sql to_stata to_xml
        to_xarray
    """),
    Row("whole", "it chooses by value", "masks of the plan", """
        dropna delete putmask
    """),
    Row("by batch", "it looks at one row at a time", "a kernel", """
        __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__
        __rmod__ __pow__ __rpow__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ __eq__ __ne__ __lt__ __le__ __gt__
        __ge__ __neg__ __pos__ __invert__ __abs__ __round__ __array_ufunc__ add radd sub rsub subtract mul rmul multiply
        truediv rtruediv div rdiv divide floordiv rfloordiv mod rmod pow rpow eq ne lt le gt ge abs isna isnull notna
        notnull astype fillna where mask replace isin between clip round map
    """),
    Row("by batch", "it looks at one text at a time", "kernels of text", """
        str.capitalize str.casefold str.center str.contains str.count str.decode str.encode str.endswith str.extract
        str.find str.findall str.fullmatch str.get str.index str.isalnum str.isalpha str.isascii str.isdecimal
        str.isdigit str.islower str.isnumeric str.isspace str.istitle str.isupper str.join str.len str.ljust str.lower
        str.lstrip str.match str.normalize str.pad str.partition str.removeprefix str.removesuffix str.repeat
        str.replace str.rfind str.rindex str.rjust str.rpartition str.rsplit str.rstrip str.slice str.slice_replace
        str.split str.startswith str.strip str.swapcase str.title str.translate str.upper str.wrap str.zfill
        str.__getitem__
    """),
    Row("by batch", "it looks at one date at a time", "kernels of calendars and zones", """
        dt.as_unit dt.ceil dt.components dt.date dt.day dt.day_name dt.day_of_week dt.day_of_year dt.dayofweek
        dt.dayofyear dt.days dt.days_in_month dt.daysinmonth dt.end_time dt.floor dt.hour dt.is_leap_year
        dt.is_month_end dt.is_month_start dt.is_quarter_end dt.is_quarter_start dt.is_year_end dt.is_year_start
        dt.isocalendar dt.microsecond dt.microseconds dt.minute dt.month dt.month_name dt.nanosecond dt.nanoseconds
        dt.normalize dt.quarter dt.qyear dt.round dt.second dt.seconds dt.start_time dt.strftime dt.time dt.timetz
        dt.total_seconds dt.tz_convert dt.tz_localize dt.week dt.weekday dt.weekofyear dt.year
    """),
)  # fmt: skip

_FOUND = {name: row for row in reversed(ROWS) for name in row.names.split()}
NO_FORM = Row("whole", "no native form yet", "a form", "")


def capability(path: str) -> Row:
    """How a method, as `Series.str.len`, runs that has no native form, or whose form does not take a call.

    The most exact name counts: that of an accessor's method before the method's own.
    """
    owner, *rest = path.split(".")
    if owner == "plot":
        return ROWS[0]
    of_rows = not rest or owner in ("DataFrame", "Series") or owner.endswith("Indexer")
    for start in range(len(rest) + 1):
        row = _FOUND.get(".".join([owner, *rest][start:]))
        if row is not None and (of_rows or row.level not in ("by batch", "moved")):
            return row
    return NO_FORM
