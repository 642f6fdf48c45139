"""What things are called on the broker: topics, consumer groups, transactions."""

from typing import Final, Self

import msgspec

from schemas import topics
from schemas.topics import Topic
from streams.settings_kafka import KafkaSettings

Place = tuple[str, int]
"""A partition of a topic, by its full name and number."""

INSIDE: Final = tuple(topic for topic in topics.CATALOGUE if topic not in topics.INPUTS)
"""Every topic that Seamline makes for itself."""


class Names(msgspec.Struct, frozen=True):
    """Names of one application: `prefix` begins topics, `application` begins groups and transactions."""

    application: str
    prefix: str
    inputs: tuple[str, ...]

    @classmethod
    def of(cls, settings: KafkaSettings) -> Self:
        """Take the names that the settings give."""
        return cls(settings.application, settings.prefix, settings.inputs)

    def topic(self, topic: Topic) -> str:
        """Name a topic of ours as the broker knows it."""
        return self.prefix + topic.name

    def group(self, role: str) -> str:
        """Name the consumer group of a role."""
        return f"{self.application}-{role}"

    def transaction(self, partition: int) -> str:
        """Name the transactions of one partition of the stitcher: the fence between its owners."""
        return f"{self.application}-{partition}"
