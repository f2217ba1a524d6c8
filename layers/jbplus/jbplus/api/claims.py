"""Who asks, as the claims of an access token say it: API Gateway has checked the token, we check its claims."""

import re
from collections.abc import Callable, Mapping

from jbplus.protocol.caller import UNKNOWN, Asker

_KBO = re.compile(r"[0-9]{10}", re.ASCII)


def asker_of(claims: Mapping[str, object], may_be_kept: Callable[[str], bool]) -> Asker:
    """Read who asks.

    Args:
        claims: the token's claims, as API Gateway hands them over.
        may_be_kept: tells whether the name of an application may stand in the privacy log.
    """
    kbo = _text(claims.get("kbo"))
    application = _text(claims.get("client_id")) or _text(claims.get("sub"))
    return Asker(
        kbo=kbo if _KBO.fullmatch(kbo) else UNKNOWN,
        application=application if application and may_be_kept(application) else UNKNOWN,
        scopes=_scopes(claims.get("scope")) | _scopes(claims.get("scp")),
    )


def _scopes(claim: object) -> frozenset[str]:
    """Read scopes: one text with blanks between, a list, or a list as API Gateway writes it, `[a b]`."""
    match claim:
        case str():
            text = claim[1:-1] if claim[:1] == "[" and claim[-1:] == "]" else claim
            return frozenset(text.split())
        case list() | tuple():
            return frozenset(scope for each in claim if isinstance(each, str) for scope in each.split())
        case _:
            return frozenset()


def _text(claim: object) -> str:
    return claim.strip() if isinstance(claim, str) else ""
