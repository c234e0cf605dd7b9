"""Who signs in, with which permissions, and what allauth asks this project about it."""

import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.log import log_response

from backend.frame import error_pages, proxy
from backend.frame.reauthentication import is_confirmed
from backend.frame.redirects import is_within
from backend.frame.rows import row
from backend.people import limits, mail, notices
from backend.people.sign_in_log import note_too_many

logger = logging.getLogger(__name__)


class Backend(ModelBackend):
    """The framework's own, with a quicker way to the person who is signed in, and to what they may do."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, None where they may not sign in any more."""
        user = row(User, user_id)
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of a person and of their roles, in one query; the framework needs two."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        known = vars(user_obj)
        if "_perm_cache" not in known and user_obj.is_superuser:
            known["_perm_cache"] = self.get_user_permissions(user_obj)
        elif "_perm_cache" not in known:
            own, of_roles = (
                Permission.objects.filter(**{relation: user_obj.pk})
                .order_by()
                .values_list("content_type__app_label", "codename")
                for relation in ("user", "group__user")
            )
            known["_perm_cache"] = {f"{app}.{codename}" for app, codename in own.union(of_roles)}
        return {*known["_perm_cache"]}


class Adapter(DefaultAccountAdapter):
    """Makes allauth follow our rules: limits of tries, when people confirm who they are, and e-mails in our words."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse somebody who tried too often, and log that. Raises ValidationError."""
        try:
            super().pre_authenticate(request, **credentials)
            usage = limits.count_try(request, credentials.get("username", ""))
            if usage is None:
                code = "too_many_login_attempts"
                raise self.validation_error(code)
        except ValidationError:
            note_too_many(request)
            raise
        if self._login_failed_rl_usage:
            # A person who gets in takes back what was counted.
            self._login_failed_rl_usage.usage += usage.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{limits.counted_by(credentials.get('username', ''))}@{ratelimit.get_ip(request)}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that counts for the limits. Raises ImmediateHttpResponse where it is not known."""
        address = proxy.client_address(request)
        if address is None:
            page = error_pages.failure(503, template="503_proxy.html", text=proxy.without_address())
            line = "A sign-in came without a network address: check TRUSTED_PROXIES and the proxy's X-Forwarded-For."
            log_response(line, response=page, request=request, logger=logger)
            raise ImmediateHttpResponse(page)
        return address

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:  # noqa: ARG002  (the framework's signature)
        """Return whether allauth's own pages have to ask again, by the rule of ours. A sign-in counts for both."""
        return not is_confirmed(self.request)

    def is_safe_url(self, url: str) -> bool:
        """Return whether a `next` is within this Admin. The framework would lead to every host of the settings."""
        return is_within(url)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an e-mail later. Its text is rendered without the request: it is part of no page."""
        context |= {"host": mail.public_host(self.request)}
        subject, text = (render_to_string(f"{template_prefix}_{part}.txt", context) for part in ("subject", "message"))
        mail.later(mail.message(subject, text, email).send)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for a new password, at a port of this Admin."""
        link = urlsplit(super().get_reset_password_from_key_url(key))
        return link._replace(netloc=mail.public_host(self.request)).geturl()

    def send_notification_mail(
        self, template_prefix: str, user: Any, _context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Send a notice of a change that allauth made, in our words."""
        notices.send(user, template_prefix.rpartition("/")[2], email or "")

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("dashboard")

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False
