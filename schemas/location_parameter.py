"""A command-line value that is a local path or an address in an object store."""

from __future__ import annotations

import click

from hanmill.schemas.location import Location, LocationError, location


class LocationParameter(click.ParamType[Location]):
    """``FOLDER``, ``s3://BUCKET/…`` or ``gs://BUCKET/…``; an address with credentials in it is refused unseen."""

    name = "location"

    def convert(
        self, value: str | Location, parameter: click.Parameter | None, context: click.Context | None
    ) -> Location:
        """The place."""
        if not isinstance(value, str):
            return value
        try:
            return location(value)
        except LocationError as error:
            self.fail(str(error), parameter, context)
