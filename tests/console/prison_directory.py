"""A directory of a prison: a small OpenID provider that can be told to do wrong."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from models.clock import now

CLIENT, CLIENT_SECRET = "wingline", "a secret that both know"


@dataclass
class PrisonDirectory:
    """Whoever comes is ``who``; ``spoils`` changes what it is about to sign."""

    issuer: str = ""
    who: dict[str, Any] = field(default_factory=lambda: {"sub": "owen-7"})
    spoils: Callable[[dict[str, Any]], None] = lambda _claims: None
    alg: str = "RS256"
    key: RSAKey | OctKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    is_down: bool = False

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route("/.well-known/openid-configuration", self.configuration)
        app.add_api_route("/keys", self.keys)
        app.add_api_route("/authorise", self.authorise)
        app.add_api_route("/token", self.token, methods=["POST"])
        return app

    def configuration(self) -> dict[str, str]:
        if self.is_down:
            raise HTTPException(503)
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        public = self.published or self.key
        return {"keys": [public.as_dict(private=False, use="sig")]}

    def authorise(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        code = token_urlsafe(8)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=303)

    def token(
        self,
        request: Request,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> dict[str, str]:
        asked = self.codes.pop(code, None)
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        if asked is None or request.headers["authorization"] != f"Basic {basic}":
            raise HTTPException(400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if asked["code_challenge"] != challenge or asked["redirect_uri"] != redirect_uri:
            raise HTTPException(400)
        return {"token_type": "Bearer", "access_token": "x", "id_token": self._signed(asked["nonce"])}

    def _signed(self, nonce: str) -> str:
        moment = int(now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 300, "nonce": nonce, **self.who}
        self.spoils(claims)
        if self.alg == "none":
            head, body = (_part(one) for one in ('{"alg":"none"}', json.dumps(claims)))
            return f"{head}.{body}."
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims, self.key, algorithms=[self.alg])


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
