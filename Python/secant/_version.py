"""Made by Tools/python/generate; do not edit."""

__version__ = "0.1.0"
