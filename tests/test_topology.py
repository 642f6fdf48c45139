"""The map of processors and the catalogue of topics are of one mind."""

from importlib import import_module

from schemas.topics import CATALOGUE
from streams.topology import TOPOLOGY

TOPICS = {topic.name: topic for topic in CATALOGUE}


def test_every_topic_of_the_map_is_in_the_catalogue() -> None:
    assert set(TOPOLOGY.topics()) <= set(TOPICS)


def test_catalogue_names_the_processors_that_write_and_read() -> None:
    for node in TOPOLOGY.nodes:
        assert [name for name in node.writes if TOPICS[name].producer != node.name] == []
        assert [name for name in node.reads if node.name not in TOPICS[name].consumers] == []


def test_every_room_of_the_map_exists() -> None:
    for node in TOPOLOGY.nodes:
        for name in (node.module, *(stage.room for stage in node.stages)):
            assert import_module(name).__doc__
