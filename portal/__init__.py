"""The Django project: settings, addresses, the way in."""

__version__ = "0.1.0"
