"""The objects that ship are those of the present sources: `make objects` after a primitive has changed."""

from tenfold.target import cache, objects


def test_every_primitive_ships_as_it_stands():
    wanted = {cache.shipped_name(request) for request in objects.requests()}
    there = {path.name for path in objects.FOLDER.glob("*.o")}
    assert there == wanted, "run: make objects"


def test_shipped_objects_are_whole():
    for path in objects.FOLDER.glob("*.o"):
        assert cache.unpack(path.name, path.read_bytes()) is not None
