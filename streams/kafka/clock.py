"""What time it is at the broker: asked of its metadata quorum, whose leader tells its own clock beside its state.

The only request of Kafka that carries the time without writing a record (DescribeQuorum, KIP-836); brokers pass it on
to the controller. aiokafka does not know it, so its form is spelled here.
"""

from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

KEY: Final = 55
VERSION: Final = 1
QUORUM: Final = "__cluster_metadata"
REPLICAS: Final = CompactArray(
    ("replica_id", Int32),
    ("log_end_offset", Int64),
    ("last_fetch_timestamp", Int64),
    ("last_caught_up_timestamp", Int64),
    ("tags", TaggedFields),
)


class QuorumAnswer(Response):  # type: ignore[misc]
    """How the quorum stands: of each partition its leader and its replicas, with when each was last caught up."""

    API_KEY = KEY
    API_VERSION = VERSION
    SCHEMA = Schema(
        ("error_code", Int16),
        (
            "topics",
            CompactArray(
                ("topic_name", CompactString("utf-8")),
                (
                    "partitions",
                    CompactArray(
                        ("partition_index", Int32),
                        ("error_code", Int16),
                        ("leader_id", Int32),
                        ("leader_epoch", Int32),
                        ("high_watermark", Int64),
                        ("current_voters", REPLICAS),
                        ("observers", REPLICAS),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class QuorumQuestion(RequestStruct):  # type: ignore[misc]
    """Asks for the quorum of some partitions."""

    FLEXIBLE_VERSION = True
    API_KEY = KEY
    API_VERSION = VERSION
    RESPONSE_TYPE = QuorumAnswer
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("topic_name", CompactString("utf-8")),
                ("partitions", CompactArray(("partition_index", Int32), ("tags", TaggedFields))),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class DescribeQuorum(Request[QuorumQuestion]):  # type: ignore[misc]
    """The question in the version that tells times."""

    API_KEY = KEY

    def build(self, request_struct_class: type[QuorumQuestion]) -> QuorumQuestion:
        """Ask for the one partition there is."""
        return request_struct_class([(QUORUM, [(0, {})], {})], {})


async def clock_of(connection: AIOKafkaConnection) -> int | None:
    """Ask for the quorum leader's time in milliseconds; None where it is not told (no right to, or no such quorum)."""
    try:
        answer: Any = await connection.send(DescribeQuorum())
    except (KafkaError, OSError, NotImplementedError):
        return None
    for _, partitions, _ in answer.topics or ():
        for _, error, leader, _, _, voters, _, _ in partitions or ():
            told = [caught_up for replica, _, _, caught_up, _ in voters or () if replica == leader and not error]
            if told and told[0] > 0:
                return int(told[0])
    return None
