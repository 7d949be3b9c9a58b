"""What the README shows runs, and where the documentation points there is something."""

import re
from pathlib import Path

import pytest

from tenfold import taxi
from tests.assert_same import assert_same

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_program_runs(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    paths = taxi.write_sample(tmp_path, rows=1_000, files=2)
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    names = {}
    exec(program, names)
    assert_same(names["real"], taxi.tip_fraction_by_hour(taxi.read(paths)).compute())


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text())
    own = [link for link in links if ":" not in link]
    assert [link for link in own if not (ROOT / page).parent.joinpath(link).exists()] == []
