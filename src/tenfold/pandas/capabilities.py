"""The capability table: how each operation runs, and why not better.

What a class in `frame.py`, `series.py` or `groupby.py` has a method for is *native* for the arguments that it takes:
expressions and kernels. All else is a row here, whose names stand for all classes that have them; a class's own name
stands for all that no other row names:

- *handed over*: it asks for the values themselves, and pandas answers as soon as they are computed;
- *moved*: it finds rows or columns by their labels or numbers and moves or writes values as they are: pandas does so in
  memory, where that is there already, else on the whole;
- *by batch*: it looks at one row at a time, so that pandas runs on some rows after others, on all threads;
- *whole*: pandas runs on all of the data.

Notices, `strict`, `explain` and docs/capabilities.md (`methods.py`) read the same row.
"""

from typing import NamedTuple

LEVELS = {
    "moved": "in pandas, which moves rows or columns as they are",
    "by batch": "in pandas, on some rows after others",
    "whole": "in pandas on the whole",
    "handed over": "in pandas, once the values are computed",
}


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

    @property
    def how(self) -> str:
        """What happens on its level."""
        return LEVELS[self.level]


ROWS = (
    Row("handed over", "it asks for the values, or notes what comes later", "", """
        values array to_numpy tolist to_list item items iterrows itertuples keys __iter__ __next__ __array__ __bool__
        __copy__ __deepcopy__ __arrow_c_stream__ __dataframe__ __repr__ __enter__ __exit__ to_dict to_records
        to_string to_html to_latex to_markdown to_clipboard get_chunk read close index columns axes dtypes dtype ndim
        size shape empty name attrs flags set_flags nbytes memory_usage info plot hist boxplot style loc iloc at iat
        str dt cat sparse list struct pipe T transpose copy infer_objects codes categories groupby resample rolling
        expanding ewm level exclusions axis obj GroupBy.__getitem__ Resampler.__getitem__ Window.__getitem__
    """),
    Row("handed over", "labels are in memory", "", "Index"),
    Row("handed over", "it makes something new, or is about no frame", "", """
        date_range bdate_range period_range timedelta_range interval_range infer_freq from_arrow from_dict
        from_records col option_context describe_option get_option reset_option set_option set_eng_float_format
        show_versions test
    """),
    Row("moved", "it moves or writes values by label or number", "the places of rows as scalars of the plan", """
        __getitem__ __setitem__ __delitem__ take head tail xs truncate at_time between_time get select_dtypes squeeze
        to_frame set_index reset_index rename rename_axis set_axis add_prefix add_suffix droplevel swaplevel
        reorder_levels insert pop drop isetitem reindex reindex_like concat repeat DataFrame.filter Series.filter
    """),
    Row("whole", "it orders rows", "a sort on all threads", """
        sort_values sort_index rank nlargest nsmallest argsort searchsorted is_monotonic_increasing
        is_monotonic_decreasing median quantile describe mode sample
    """),
    Row("whole", "it brings rows of two tables together", "joins on all threads", """
        merge join merge_asof merge_ordered combine combine_first update align compare corrwith equals
    """),
    Row("whole", "it looks at neighbouring rows", "kernels that see other rows", """
        shift diff pct_change cumsum cumprod cummax cummin ffill bfill pad interpolate asfreq asof first_valid_index
        last_valid_index duplicated drop_duplicates autocorr cumcount ngroup ohlc nth
    """),
    Row("whole", "it numbers values in order of arrival", "one table of values for groups, joins and this", """
        unique nunique value_counts factorize cut qcut get_dummies from_dummies crosstab is_unique hasnans groups
        indices get_group ngroups GroupBy.size
    """),
    Row("whole", "it makes rows of columns or columns of rows", "tables whose columns depend on values", """
        pivot pivot_table melt stack unstack wide_to_long lreshape explode json_normalize
    """),
    Row("whole", "it works on a window of rows", "kernels that see other rows", "Window"),
    Row("whole", "it groups by spans of time", "spans of time as keys", "Resampler Resampler.size"),
    Row("whole", "it calls a function of yours", "a call by batch or by group", """
        apply agg aggregate transform
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
        dropna
    """),
    Row("by batch", "it looks at one row at a time", "a kernel", """
        __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__
        __rmod__ __pow__ __rpow__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ __eq__ __ne__ __lt__ __le__ __gt__
        __ge__ __neg__ __pos__ __invert__ __abs__ __round__ __array_ufunc__ add radd sub rsub subtract mul rmul
        multiply truediv rtruediv div rdiv divide floordiv rfloordiv mod rmod pow rpow eq ne lt le gt ge abs isna
        isnull notna notnull astype fillna where mask replace isin between clip round map
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
NO_FORM = Row("whole", "no native form yet", "not looked into yet", "")
FAMILIES = {  # how the names of classes end -> what the table calls them
    "ResamplerGroupBy": "Resampler", "RollingGroupBy": "Window", "ExpandingGroupBy": "Window", "Window": "Window",
    "WindowGroupBy": "Window", "Rolling": "Window", "Expanding": "Window", "Resampler": "Resampler",
    "GroupBy": "GroupBy", "Index": "Index",
}  # fmt: skip


def family(owner: str) -> str:
    """What the table calls a class."""
    owner = owner.replace("Groupby", "GroupBy")  # pandas 3.0 wrote it so
    return next((name for ending, name in FAMILIES.items() if owner.endswith(ending)), owner)


def capability(path: str) -> Row:
    """How a method, as `Series.str.len`, runs that has no native form, or whose form does not take a call.

    The most exact name counts: that of an accessor's method before the method's own.
    """
    owner, *rest = path.split(".")
    group = family(owner)
    if group in ("plot", "Index"):
        return _FOUND[group]
    of_rows = owner in ("DataFrame", "Series") or owner.endswith("Indexer")
    for start in range(len(rest) + 1):
        row = _FOUND.get(".".join([group, *rest][start:]))
        if row is None or (row.level == "by batch" and not of_rows) or (row.level == "moved" and rest and not of_rows):
            continue
        return row
    return _FOUND.get(group, NO_FORM) if rest else NO_FORM
