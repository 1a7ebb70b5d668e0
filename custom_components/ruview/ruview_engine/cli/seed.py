"""`seed`: keep what a Cognitum Seed's sensors say while `record` keeps the radio; `train --sensors` reads it."""

import argparse
import asyncio
from pathlib import Path

from ..atomic_file import write_atomically
from .seed_capture import listen
from .seed_client import SeedClient
from .seed_http import Address

HELP = "record the sensors of a Cognitum Seed for camera-free training"


def add_seed_arguments(parser: argparse._ActionsContainer, *, required: bool) -> None:
    """Where the Seed is and how it proves who it is."""
    parser.add_argument("--seed-url", required=required, metavar="URL", help="https://host:8443 of a Cognitum Seed")
    parser.add_argument("--seed-token", metavar="TOKEN", help="bearer token of the Seed")
    parser.add_argument("--seed-fingerprint", metavar="SHA256", help="digest of its self-signed certificate")
    parser.add_argument("--seed-insecure", action="store_true", help="accept any certificate (for trying out only)")
    parser.add_argument(
        "--seed-seconds", type=float, default=10.0, metavar="S", help="how long to listen to its sensors (10)"
    )


def client_of(arguments: argparse.Namespace) -> SeedClient:
    """The client that the arguments describe; raises SeedError for an address that is none."""
    return SeedClient(
        Address.parse(
            arguments.seed_url,
            token=arguments.seed_token,
            fingerprint=arguments.seed_fingerprint,
            is_insecure=arguments.seed_insecure,
        )
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The Seed and the file."""
    add_seed_arguments(parser, required=True)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="JSON lines for train --sensors")


def run(arguments: argparse.Namespace) -> int:
    """Listen, then write everything at once."""
    capture = asyncio.run(listen(client_of(arguments), arguments.seed_seconds))
    write_atomically(arguments.output, "".join(f"{line}\n" for line in capture.lines()).encode())
    print(f"{len(capture.readings)} readings, {len(capture.fragility)} fragilities in {arguments.output}")
    for why in (capture.ended, *capture.problems):
        if why:
            print(f"note: {why}")
    return 0
