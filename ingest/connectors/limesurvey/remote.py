"""A session of LimeSurvey's RemoteControl: citric's words, our manners.

Belongs here: sending citric's requests through our client, renewing an expired key once, and saying what LimeSurvey's
answers mean for the user. Does not belong here: which survey is asked for (``limesurvey``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from citric import exceptions
from citric.session import Session

from ingest.errors import FetchError
from ingest.fetching.http import Client
from warehouse.steps import step

# What LimeSurvey's status contains, in lower case, and what helps.
REMEDIES = {
    "user name or password": "check user and password (kettenwerk doctor names the variables) before calling again: LimeSurvey locks out who fails often",
    "maximum": "wait as long as LimeSurvey asks, then check user and password",
    "table does not exist": "activate the survey again; what was fetched before stays in force until then",
    "permission": "give the account the right to see and export the responses of this survey",
    "survey id": "correct the survey's id in survey/waves.yml of the region or in the endpoint's options",
    "language": "set the wave's language to one the survey has",
}
TURNED_OFF = "switch JSON-RPC on in LimeSurvey (global settings, interfaces), or drop an export into the inbox"


class PoliteSession(requests.Session):
    """What citric posts goes through our client: counted, patient, with timeouts, never on to another address."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **more: Any) -> requests.Response:
        """The whole answer in the form citric expects."""
        answer = self._client.request("POST", str(url), data=data, headers=more.get("headers"))
        response = requests.Response()
        response.status_code = answer.status
        response.encoding = "utf-8"  # guessing the encoding of a long body takes seconds
        response._content = answer.content.strip()
        return response


class Remote:
    """A session; an expired key is renewed once, a wrong password is never tried again."""

    def __init__(self, client: Client, path: str, plugin: str, empty: str) -> None:
        self._client = client
        self._empty = empty.lower()
        self._url = client.url(path)
        self._plugin = plugin
        self._session = self._opened()

    def ask(self, asked: str, method: str, *params: Any) -> Any:
        """The result of a method; None where LimeSurvey says that the survey holds no response, and only there.

        Raises:
            FetchError: what LimeSurvey said instead, with what helps.
        """
        try:
            return self._called(asked, method, params)
        except exceptions.LimeSurveyStatusError as error:
            if "session key" not in str(error).lower():
                return self._none_or_refused(asked, error)
        self._session = self._opened()
        try:
            return self._called(asked, method, params)
        except exceptions.LimeSurveyStatusError as error:
            return self._none_or_refused(asked, error)

    def close(self) -> None:
        """Give the key back; one that is not given back runs out by itself."""
        try:
            self._called("logout", "release_session_key", ())
        except (FetchError, exceptions.LimeSurveyStatusError):
            step("dock", "session", f"{self._client.source_id}: the session was not closed; it runs out by itself")

    def _opened(self) -> Session:
        secrets = self._client.secrets
        session = PoliteSession(self._client)
        try:
            with self._in_our_words("login"):
                return Session(
                    self._url,
                    secrets["user"],
                    secrets["password"],
                    auth_plugin=self._plugin,
                    requests_session=session,
                )
        except exceptions.LimeSurveyStatusError as error:
            raise self._refused("login", error) from None

    def _called(self, asked: str, method: str, params: tuple[Any, ...]) -> Any:
        with self._in_our_words(asked):
            return self._session.rpc(method, *params)

    def _none_or_refused(self, asked: str, error: Exception) -> None:
        if self._empty not in str(error).lower():
            raise self._refused(asked, error) from None

    def _refused(self, asked: str, error: Exception) -> FetchError:
        said = str(error)
        todo = next((remedy for words, remedy in REMEDIES.items() if words in said.lower()), "")
        return self._client.refuse(asked, f"LimeSurvey says '{said}'", "a result", todo)

    @contextmanager
    def _in_our_words(self, asked: str) -> Iterator[None]:
        """Refuse what is no answer as such; a status is the caller's to read."""
        refuse = self._client.refuse
        try:
            yield
        except exceptions.LimeSurveyStatusError:
            raise
        except exceptions.RPCInterfaceNotEnabledError:
            raise refuse(asked, "an empty answer came", "a JSON answer", TURNED_OFF) from None
        except exceptions.LimeSurveyApiError as error:
            raise refuse(asked, f"LimeSurvey reports an error: {error}", "a result") from None
        except (exceptions.InvalidJSONResponseError, ValueError):
            problem = "something else than JSON came (a page, or a body that was cut)"
            raise refuse(asked, problem, "a JSON answer", f"check the address; {TURNED_OFF}") from None
        except (exceptions.ResponseMismatchError, KeyError, TypeError):
            problem = "a JSON message of another form, or an answer to another question came"
            raise refuse(asked, problem, "id, result and error", "check the address of the service") from None
