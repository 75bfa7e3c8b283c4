"""What one submission may use."""

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Wall-clock seconds for a single call, and MiB of memory beyond what the libraries take."""

    seconds_per_call: float = 10.0
    memory_mb: int = 2048
