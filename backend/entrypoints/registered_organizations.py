"""What the organisations registered with us are called."""

from collections.abc import Collection, Iterable, Mapping

from identity.staff_settings import OrganizationSettings


class RegisteredOrganizations:
    """Implements `backend.oversight.ports.Organizations` over the settings."""

    def __init__(self, organizations: Iterable[OrganizationSettings]) -> None:
        """Take those registered."""
        self._names = {one.ogrn: one.name for one in organizations}

    async def names_of(self, ogrns: Collection[str]) -> Mapping[str, str]:
        """See `Organizations.names_of`."""
        return {ogrn: self._names[ogrn] for ogrn in ogrns if ogrn in self._names}
