"""The command ``secant``: this process becomes the program."""

import os
import sys

from ._program import program
from ._session import SecantError


def main() -> None:
    """Runs the program with the arguments of this one."""
    try:
        path = program(own=True)
    except SecantError as error:
        sys.exit(f"secant: {error}")
    os.execv(path, ["secant", *sys.argv[1:]])


if __name__ == "__main__":
    main()
