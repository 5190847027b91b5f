"""The `permissions` of an authorization request: what a person is asked to agree to, for what and for how long.

Source: ESIA, «Методические рекомендации по использованию», on permissions (согласия); the words inside are (config).
"""

import base64
from collections.abc import Sequence

import orjson

from identity.esia_settings import EsiaPermissionSettings


def encode_permissions(permissions: Sequence[EsiaPermissionSettings]) -> str:
    """Return the base64url of the JSON array, without padding."""
    told = [
        {
            "sysname": one.sysname,
            "responsibleObject": one.responsible_object,
            "expire": one.expire_minutes,
            "scopes": [{"sysname": scope} for scope in one.scopes],
            "purposes": [{"sysname": purpose} for purpose in one.purposes],
            "actions": [{"sysname": action} for action in one.actions],
        }
        for one in permissions
    ]
    return base64.urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=").decode()
