"""What a file of texts must be before any message is written with it; all of it is checked when a process starts."""

from collections.abc import Mapping, Sequence

from notifications.fluent_texts import FluentText
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN
from notifications.privacy import ALLOWED, findings
from notifications.variables import VARIABLES, variables_of

INBOX = frozenset({"title", "body"})
PAIRS = (frozenset({"push-title", "push-body"}), frozenset({"email-subject", "email-body"}))
"""Of these a file has both or none."""


def check_file(texts: Mapping[str, FluentText], name: str) -> None:
    """Check one version of one kind, by language.

    Raises:
        ValueError: It has no text for the inbox, half a form, a form in one language only, a message that is no form,
            a variable that no kind has, or something that the privacy lint refuses.
    """
    forms = {language: text.messages for language, text in texts.items()}
    if len(set(forms.values())) != 1:
        raise ValueError(f"{name}: a form is there in one language only")
    for language, has in forms.items():
        unknown = has - INBOX - ALLOWED.keys()
        if unknown:
            raise ValueError(f"{name} ({language}): no forms: {sorted(unknown)}")
        if not has >= INBOX or any(len(has & pair) == 1 for pair in PAIRS):
            raise ValueError(f"{name} ({language}): half of a form is missing")
    for language, text in texts.items():
        strangers = {variable for form in text.messages for variable in text.variables(form)} - VARIABLES.keys()
        if strangers:
            raise ValueError(f"{name} ({language}): not known: {sorted(strangers)}")
        found = [f"{one.form}: {one.what}" for one in findings(text)]
        if found:
            raise ValueError(f"{name} ({language}): {'; '.join(found)}")


def check_parameters(texts: Sequence[FluentText], kind: MessageKind) -> None:
    """Check that the newest texts of a kind and its parameters fit each other.

    Raises:
        ValueError: A text names what a message of this kind does not have; or a parameter stands in no text, and is
            not said to be mere data.
    """
    used = frozenset(variable for text in texts for form in text.messages for variable in text.variables(form))
    missing = used - variables_of(PARAMETERS[kind]).keys()
    if missing:
        raise ValueError(f"{kind}: its messages do not have {sorted(missing)}")
    shown = frozenset(parameter for variable in used for parameter in VARIABLES[variable].parameters)
    unused = {name for name in PARAMETERS[kind] - shown if not KNOWN[name].is_data}
    if unused:
        raise ValueError(f"{kind}: stands in no text: {sorted(unused)}")
