"""What the organisations registered with us are called, and those that only run a system."""

from collections.abc import Collection, Iterable, Mapping

from identity.staff_settings import OrganizationSettings, SystemSettings


class RegisteredOrganizations:
    """Implements `backend.oversight.ports.Organizations` over the settings."""

    def __init__(self, organizations: Iterable[OrganizationSettings], systems: Iterable[SystemSettings] = ()) -> None:
        """Take those registered; who is registered as an organisation too is called by that name."""
        self._names = {one.ogrn: one.name for one in systems if one.name}
        self._names |= {one.ogrn: one.name for one in organizations}

    async def names_of(self, ogrns: Collection[str]) -> Mapping[str, str]:
        """See `Organizations.names_of`."""
        return {ogrn: self._names[ogrn] for ogrn in ogrns if ogrn in self._names}
