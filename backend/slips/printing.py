"""A slip as PDF, 72 mm wide as the paper of kiosks can be printed on; pure, and the same bytes for the same facts.

The typesetter is given a template of ours and, apart from it, the facts as data: what others wrote is never read as
its markup. It reaches no network and no file, and its one wheel holds the fonts (docs/adr/0034).
"""

import io
import json
from datetime import datetime
from pathlib import Path

import segno
import typst

from backend.booking.states import AppointmentStatus
from backend.booking.values import Appointment, Slot
from backend.single_lines import one_line
from backend.slips.texts import TEXTS
from identity.language import Language

PRINTED = (AppointmentStatus.CONFIRMED, AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN)
"""The states in which there is something to come to."""

_TEMPLATE = (Path(__file__).parent / "slip.typ").read_bytes()


def print_slip(appointment: Appointment, *, reference: str, initials: str, language: Language) -> bytes:
    """Return the PDF of a slip.

    Args:
        appointment: Of one of the states of `PRINTED`.
        reference: What the QR code holds: opaque, worth nothing to whoever finds the slip.
        initials: All that the slip says of the person.
        language: Of the words.
    """
    slot, words = appointment.slot, TEXTS[language]
    starts = slot.clinic.local(slot.starts_at)
    specialty = slot.specialty.name_ru if language == "ru" else slot.specialty.name_en
    facts = {
        "title": words.title,
        "date": words.date.format(day=starts, weekday=words.weekdays[starts.weekday()]),
        "time": f"{starts:%H:%M}",
        "clock": words.clock.format(offset=_offset(starts)),
        "doctor": [one_line(specialty), one_line(slot.doctor.full_name)],
        "room": words.room.format(room=one_line(slot.room)) if slot.room else "",
        "clinic": _clinic(slot),
        "note": "" if appointment.status is AppointmentStatus.CONFIRMED else words.pending,
        "patient": words.patient.format(initials=initials),
        "bring": [words.bring, words.what],
        "show": words.show,
    }
    inputs = {"facts": json.dumps(facts), "code": _code(reference), "language": language}
    made_at = appointment.created_at.replace(microsecond=0)
    pdf = typst.compile(_TEMPLATE, format="pdf", sys_inputs=inputs, ignore_system_fonts=True, timestamp=made_at)
    if not isinstance(pdf, bytes):
        raise TypeError("a slip is one document")
    return pdf


def initials_of(*names: str | None) -> str:
    """Return the first letters of names: "И. Л. С." of a given name, a patronymic and a family name."""
    letters = (one_line(name)[:1] for name in names if name)
    return " ".join(f"{letter.upper()}." for letter in letters if letter)


def _clinic(slot: Slot) -> list[str]:
    return [one_line(slot.clinic.name), one_line(slot.clinic.address), one_line(slot.clinic.phone)]


def _offset(local: datetime) -> str:
    """Return how far a clock is from UTC, as UTC+3."""
    minutes = round((local.utcoffset() or local - local).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _code(reference: str) -> str:
    """Return a QR code as SVG; level M stands a crease of the paper. Source: ISO/IEC 18004."""
    drawn = io.BytesIO()
    segno.make_qr(reference, error="m").save(drawn, kind="svg", border=4, svgclass=None, lineclass=None)
    return drawn.getvalue().decode()
