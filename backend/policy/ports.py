"""What this domain asks of the outside."""

from typing import Protocol

from backend.policy.values import InsuredPerson, PolicyRecord


class InsuranceRegister(Protocol):
    """The regional register of insured people (a segment of the unified register, ЕРЗЛ)."""

    async def find_policy(self, person: InsuredPerson) -> PolicyRecord | None:
        """Ask for the current policy of one person; answers within its own time budget.

        Args:
            person: Whose policy; only SNILS and birth date leave the house.

        Returns:
            What the register says, word for word: the caller checks whom it is about. None only when the register
            itself says that it knows no policy.

        Raises:
            PolicySourceUnavailable: No answer in time, a refusal of our credentials, or an unreadable answer.
        """
        ...
