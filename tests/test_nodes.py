"""What every node of every language is: slotted, interned, picklable, equal to its rebuilt self, printable."""

import pickle

import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold.expr import nodes as ex
from tenfold.kernel import nodes as kn
from tenfold.node import Node, order
from tenfold.pandas.operators import literal
from tenfold.plan import optimise
from tenfold.stage import nodes as st
from tenfold.stage.lower import lower
from tenfold.stage.split import split
from tests import programs


def examples():
    """Nodes of all languages, as programs make them."""
    df = tf.from_pandas(programs.frame(rows=10))
    lazy = [program(df) for program in programs.PROGRAMS.values()] + [df.n.astype("float64"), df[df.w == "a"]]
    yield tf.from_pandas(pd.DataFrame({"c": pd.Categorical(["a"])}))._native().columns[0]
    for each in lazy:
        plan = optimise(each._plan())
        yield from order(plan)
        for stage in split(plan):
            yield from order(stage, lower(stage))


NODES = {type(node): node for node in examples()}
DECLARED = [cls for module in (ex, st, kn) for cls in vars(module).values() if isinstance(cls, type)]
CLASSES = list(dict.fromkeys(cls for cls in DECLARED if issubclass(cls, Node) and cls.fields))


def test_the_examples_hold_every_class():
    assert set(CLASSES) == NODES.keys()


def from_left_to_right(node, found):
    for child in node.children:
        from_left_to_right(child, found)
    found.setdefault(node)
    return found


@pytest.mark.parametrize("cls", CLASSES)
def test_children_come_before_their_parents(cls):
    assert order(NODES[cls]) == list(from_left_to_right(NODES[cls], {}))


@pytest.mark.parametrize("cls", CLASSES)
def test_a_node_is_frozen_and_has_no_dictionary(cls):
    node = NODES[cls]
    assert not hasattr(node, "__dict__")
    with pytest.raises(AttributeError):
        setattr(node, cls.fields[0], None)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_node_rebuilds_to_itself(cls):
    node = NODES[cls]
    assert cls(*node.values) is node
    assert node.map(lambda child: child) is node
    assert hash(node) == hash(cls(*node.values))
    assert {node: 1}[cls(*node.values)] == 1


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls.__module__ != "tenfold.expr.nodes"])
def test_a_node_pickles_to_itself(cls):
    node = NODES[cls]
    if not any(isinstance(n, ex.Table) for n in order(node)):  # a source in memory is known by identity
        assert pickle.loads(pickle.dumps(node)) is node


def test_plans_over_files_pickle(tmp_path):
    pd.DataFrame({"x": [1.0, 2.0]}).to_parquet(tmp_path / "a.parquet")
    plan = tf.read_parquet(tmp_path / "a.parquet").x.abs()._plan()
    assert pickle.loads(pickle.dumps(plan)).key == plan.key


@pytest.mark.parametrize("cls", CLASSES)
def test_a_node_prints_its_fields(cls):
    assert repr(NODES[cls]).startswith(f"{cls.__name__}({cls.fields[0]}=")


@pytest.mark.parametrize("cls", CLASSES)
def test_a_key_is_a_hash_of_what_the_node_is(cls):
    assert len(NODES[cls].key) == 24
    assert int(NODES[cls].key, 16) >= 0


def test_equal_keys_only_for_equal_nodes():
    keys = [node.key for node in dict.fromkeys(examples())]
    assert len(keys) == len(set(keys))


def test_literals_that_compare_equal_stay_apart():
    assert len({literal(value) for value in (1, 1.0, True, 0.0, -0.0)}) == 5
