"""Topics as Strimzi's Topic Operator takes them: one `KafkaTopic` each, in YAML."""

import re
from collections.abc import Iterable
from typing import Final

from streams.kafka.topics import Wanted

API: Final = "kafka.strimzi.io/v1"
"""Since Strimzi 0.49, and the only one since 1.0."""


def strimzi(topics: Iterable[Wanted], cluster: str) -> str:
    """Render documents for a cluster that Strimzi runs, in the order given."""
    return "".join(f"---\n{_document(topic, cluster)}" for topic in topics)


def resource_name(topic: str) -> str:
    """Name the resource as Kubernetes allows: topics may hold capitals and underscores, resources may not."""
    return re.sub(r"[^a-z0-9.-]+", "-", topic.lower()).strip("-.")


def _document(topic: Wanted, cluster: str) -> str:
    config = "".join(f'    {name}: "{value}"\n' for name, value in topic.config.items())
    return (
        f"apiVersion: {API}\n"
        "kind: KafkaTopic\n"
        "metadata:\n"
        f"  name: {resource_name(topic.name)}\n"
        "  labels:\n"
        f"    strimzi.io/cluster: {cluster}\n"
        "spec:\n"
        f"  topicName: {topic.name}\n"
        f"  partitions: {topic.partitions}\n"
        f"  replicas: {topic.replication}\n"
        f"  config:\n{config}"
    )
