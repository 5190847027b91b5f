"""SOAP 1.1 as the concentrator speaks it: envelopes, read without trust, and checked against the schema in our WSDL."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

SERVICE_PATH = "/ErWebService"
CONTENT_TYPE = "text/xml; charset=utf-8"
NAMESPACE = "http://www.rt-eu.ru/med/er/v2_0"

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"
_WSDL = Path(__file__).with_name("er_v2_0.wsdl")
_BODY = f"{{{_SOAP}}}Body"

Element: TypeAlias = etree._Element  # noqa: SLF001 # lxml gives its class of elements no other name


class MessageUnreadable(Exception):
    """What came is not a message of the interface; the text never quotes it."""


class Fault(Exception):
    """The other side says that it could not make anything of the call."""


def make(name: str, *content: str | Element) -> Element:
    """Return an element of the interface, of text or of other elements.

    Raises:
        ValueError: A text holds what XML has no place for.
    """
    return _filled(etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"er": NAMESPACE}), content)


def er(*names: str) -> str:
    """Return the path to an element of the interface, as lxml finds it."""
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in names)


def wsdl() -> bytes:
    """Return the description of the part of the interface that is spoken here."""
    return _WSDL.read_bytes()


@cache
def schema() -> etree.XMLSchema:
    """Return what every message is checked against; it stands in the WSDL."""
    found = etree.fromstring(wsdl()).find(f".//{_SCHEMA}")
    if found is None:
        raise RuntimeError("the WSDL holds its schema")
    return etree.XMLSchema(found)


def write_message(content: Element) -> bytes:
    """Put one element of the interface into an envelope."""
    return _written(content)


def write_fault(code: str, text: str) -> bytes:
    """Say that nothing can be made of a call.

    Args:
        code: `Client` or `Server`, and after a dot what is wrong. Source: SOAP 1.1, §4.4.1.
        text: In words, without personal data.
    """
    parts = (
        _filled(etree.Element("faultcode"), [f"soapenv:{code}"]),
        _filled(etree.Element("faultstring"), [text]),
    )
    return _written(_of_soap("Fault", *parts))


def read_message(content: bytes) -> Element:
    """Return the one element that an envelope holds, checked against the schema.

    Entities are not resolved, nothing is fetched, and a document with a DTD is none (SOAP 1.1, §3).

    Raises:
        MessageUnreadable: Not XML, not an envelope of one element, or the schema does not know it so.
        Fault: The envelope holds a fault.
    """
    try:
        envelope = etree.fromstring(content, _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise MessageUnreadable from None  # its text may quote what came
    if envelope.getroottree().docinfo.internalDTD is not None or envelope.tag != f"{{{_SOAP}}}Envelope":
        raise MessageUnreadable
    body: Any = envelope.find(_BODY)
    if body is None or len(body) != 1:
        raise MessageUnreadable
    message: Element = body[0]
    if message.tag == f"{{{_SOAP}}}Fault":
        raise Fault
    if not schema()(message):
        raise MessageUnreadable
    return message


def said(message: Element, *names: str) -> str | None:
    """Return the text at a path below a message, without the white space round it; None where there is none."""
    text = message.findtext(er(*names))
    return None if text is None else text.strip()


def local_name(message: Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(message).localname


def _written(content: Element) -> bytes:
    return etree.tostring(_of_soap("Envelope", _of_soap("Body", content)), xml_declaration=True, encoding="utf-8")


def _of_soap(name: str, *content: Element) -> Element:
    return _filled(etree.Element(f"{{{_SOAP}}}{name}", nsmap={"soapenv": _SOAP}), content)


def _filled(element: Element, content: Sequence[str | Element]) -> Element:
    for one in content:
        if isinstance(one, str):
            element.text = one
        else:
            element.append(one)
    return element


def _parser() -> etree.XMLParser:
    """Return a new one: they are not to be shared."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
