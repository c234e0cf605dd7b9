"""Sessions: how they are stored and listed, and when they end."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage as SessionMessages
from django.contrib.sessions.backends import db
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from backend.frame.proxy import client_address
from backend.frame.rows import row

# When the person signed in, in seconds since 1970.
BEGAN_AT = "began_at"
# Writing the end of a session on every request would cost a query each time.
NOTED_ONCE_IN_S = 60


def stored_key(key: str) -> str:
    """Return the key under which the database has the session whose cookie says `key`.

    The hash does not lead back to the cookie, so a copy of the database signs nobody in. A key has 165 random bits, and
    so needs no salt.
    """
    return hashlib.blake2b(key.encode(), digest_size=20).hexdigest()


class SessionStore(db.SessionStore):
    """The framework's sessions in the database, by hashes of their keys and with two limits of their time.

    `expire_date` is when a session ends if its person does nothing. Whatever they do, it lasts no longer than
    `SESSION_ABSOLUTE_S`.
    """

    ends_at: datetime | None = None
    # Whether the cookie has a key that leads to no session.
    is_unknown = False
    # Whether the key of the cookie was replaced.
    is_renewed = False

    @property
    def stored_key(self) -> str:
        """The key in the database; empty for a session that is not there."""
        return stored_key(self.session_key) if self.session_key else ""

    @property
    def last_end(self) -> datetime:
        """When it ends at the latest, whatever its person does."""
        return datetime.fromtimestamp(self.get(BEGAN_AT, 0) + settings.SESSION_ABSOLUTE_S, UTC)

    def load(self) -> dict[str, Any]:
        """Return what is stored for the key of the request; nothing where it leads to no session."""
        stored, now = row(self.model, self.stored_key) if self.session_key else None, timezone.now()
        if stored and stored.expire_date > now:
            data: dict[str, Any] = self.decode(stored.session_data)
            if SESSION_KEY not in data or data.get(BEGAN_AT, 0) + settings.SESSION_ABSOLUTE_S > now.timestamp():
                self.ends_at = stored.expire_date
                return data
        if self.session_key:
            self.forget()
        return {}

    def forget(self) -> None:
        """Treat the key of the request as one that leads to no session."""
        self._session_key, self.is_unknown = None, True
        self._session_cache: dict[str, Any] = {}

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of the session."""
        made = cast("Session", super().create_model_instance(data))
        made.session_key = stored_key(made.session_key)
        return made

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when it ends. Storing something in it does not make it last longer."""
        return self.ends_at or super().get_expiry_date(**kwargs)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row of a session."""
        if key := session_key or self.session_key:
            super().delete(stored_key(key))

    def flush(self) -> None:
        """End the session: the list of sessions loses it too."""
        UserSession.objects.filter(session_key=self.stored_key).delete()
        super().flush()
        self.ends_at = None

    def cycle_key(self) -> None:
        """Give the session a new key, in the list of sessions too."""
        former = self.stored_key
        super().cycle_key()
        UserSession.objects.filter(session_key=former).update(session_key=self.stored_key)

    def renew_key(self) -> None:
        """Give the session a new key, because its person has shown again who they are. Its times stay.

        Its row stays too, so this cannot bring back a session that another request has just ended: in that case it
        raises SessionInterrupted.
        """
        former, key = self.stored_key, self._get_new_session_key()  # type: ignore[attr-defined]  # the stubs lack it
        with transaction.atomic():
            # In the same order as in `note_use`, so that two transactions never wait for each other.
            if not Session.objects.filter(pk=former).update(session_key=stored_key(key)):
                self.forget()
                raise SessionInterrupted
            UserSession.objects.filter(session_key=former).update(session_key=stored_key(key))
        self._session_key = key
        self.modified = self.is_renewed = True

    @classmethod
    def clear_expired(cls) -> None:
        """Delete sessions that have ended, and what the list of sessions has of them."""
        super().clear_expired()
        UserSession.objects.exclude(Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()

    def note_use(self, request: HttpRequest) -> None:
        """Start the idle time of the session again, and note where its person is, at most once a minute."""
        now, idle_s = timezone.now(), settings.SESSION_IDLE_S
        ends_at = now + timedelta(seconds=idle_s)
        if self.ends_at is None or (ends_at - self.ends_at).total_seconds() < min(NOTED_ONCE_IN_S, idle_s / 30):
            return
        # Its data is not written: another request may be storing some. If nothing can be written, as on a full disk,
        # the page is shown all the same.
        with suppress(DatabaseError), transaction.atomic():
            if Session.objects.filter(pk=self.stored_key).update(expire_date=ends_at):
                self._list(request, now)
                self.ends_at = ends_at

    def begin(self, request: HttpRequest) -> None:
        """Note that the person of `request` signed in."""
        if self.session_key is None:
            self.create()
        now = timezone.now()
        self[BEGAN_AT] = int(now.timestamp())
        self.ends_at = now + timedelta(seconds=settings.SESSION_IDLE_S)
        self._list(request, now)

    def _list(self, request: HttpRequest, now: datetime) -> None:
        """Write the session into the list of sessions. Without an address, as behind a broken proxy, do nothing."""
        if address := client_address(request):
            # PostgreSQL stores no NUL.
            agent = request.headers.get("User-Agent", "").replace("\0", "")
            longest = UserSession._meta.get_field("user_agent").max_length  # noqa: SLF001  (documented)
            values = {
                "user_id": self[SESSION_KEY],
                "ip": address,
                "user_agent": agent[:longest],
                "created_at": datetime.fromtimestamp(self[BEGAN_AT], UTC),
                "last_seen_at": now,
            }
            key = self.stored_key
            # Nearly always it is in the list.
            if not UserSession.objects.filter(session_key=key).update(**values):
                UserSession.objects.update_or_create(session_key=key, defaults=values)


def of(request: HttpRequest) -> SessionStore:
    """Return the session of `request` as a `SessionStore`."""
    return cast("SessionStore", request.session)


@receiver(user_logged_in)
def begin(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Begin the time of a session at the sign-in."""
    if request is not None:
        of(request).begin(request)


class CookieMessages(CookieStorage):
    """The framework's own, with the name that our cookies have in production. The cookie is signed."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Messages(FallbackStorage):
    """Keeps what the next page says in a cookie, as the framework does: strangers get no session for it."""

    storage_classes = (CookieMessages, SessionMessages)


def end_other_sessions(request: HttpRequest, user: AbstractBaseUser) -> int:
    """Sign `user` out for good except in the session of `request`, and return how many sessions ended."""
    return end_sessions(user, keep=of(request).stored_key)


def end_sessions(user: AbstractBaseUser, *, keep: str = "") -> int:
    """Sign `user` out for good, and return how many sessions ended. The one whose stored key is `keep` goes on.

    The framework only ignores the sessions of a person who is not active: they would work again afterwards.
    """
    running = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep)
    listed = UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep)
    # Behind a broken proxy, a session is not in the list in its first minute. Then only its data says whose it is.
    others = running.exclude(Exists(UserSession.objects.filter(session_key=OuterRef("pk")))).iterator()
    return _end(running, listed, {row.pk for row in others if row.get_decoded().get(SESSION_KEY) == str(user.pk)})


def end_session(listed: UserSession) -> None:
    """End one session of the list. Its own `end` would look for a key, and the list has a hash."""
    _end(Session.objects.all(), UserSession.objects.filter(pk=listed.pk), set())


def _end(sessions: QuerySet[Session], listed: QuerySet[UserSession], unlisted: set[str]) -> int:
    """End the `sessions` that are `listed` or have one of the keys `unlisted`; return how many ended."""
    count, tried, keys = 0, set[str](), unlisted | {row.session_key for row in listed}
    while keys:
        deleted, _by_model = sessions.filter(pk__in=keys).delete()
        count, tried = count + deleted, tried | keys
        # A session may have got a new key meanwhile.
        keys = {row.session_key for row in listed.all()} - tried
    listed.delete()
    return count
