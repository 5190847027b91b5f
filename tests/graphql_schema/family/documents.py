"""Operations of the family, as an app sends them."""

RELATED = "person { id givenName }"
STANDS = f"id {RELATED} capacity rights {{ right until }} withheld until endsAt begunAt"
INVITED = f"id status {RELATED} rights {{ right until }} createdAt expiresAt"
ERRORS = "errors { code message path }"

FAMILY = f"""{{ viewer {{ representation {{
  actsFor {{ {STANDS} }} actedForBy {{ {STANDS} }} invitations {{ {INVITED} }}
  childCandidates {{ id givenName birthDate source }}
  guardianships {{ id status givenName firstDay lastDay }} }} }} }}"""


def act(name: str, answer: str) -> str:
    """Return a mutation with its one input and its errors."""
    type_name = name[0].upper() + name[1:]
    return f"mutation ($input: {type_name}Input!) {{ {name}(input: $input) {{ {answer} {ERRORS} }} }}"


CONFIRM = act("confirmChild", f"representation {{ {STANDS} }}")
REGISTER = act("registerGuardianship", "guardianship { id status lastDay }")
GRANT = act("grantRepresentation", f"code invitation {{ {INVITED} }}")
OPEN = act("openInvitation", f"invitation {{ {INVITED} }}")
ACCEPT = act("acceptRepresentation", f"representation {{ {STANDS} }}")
DECLINE = act("declineRepresentation", "declinedId")
END = act("endRepresentation", "endedId")

CERTIFICATE = {"series": "II-ДМ", "number": "012345", "actRecord": "120119400400500600701"}
