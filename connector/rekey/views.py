"""System › Other Settings › Manage Encryption Key: the keys of the ring, re-encryption, a new key."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from backend.frame.dialogs import render_dialog
from backend.frame.reauthentication import reauthentication_required
from connector.errors import ValuesUnopenedError
from connector.keys import keyring
from connector.permissions import MANAGE_KEY
from connector.rekey import reencryption

TEMPLATE = "connector/rekey/encryption_key.html"

may_manage = permission_required(MANAGE_KEY, raise_exception=True)
page_methods = require_http_methods(["GET", "HEAD", "POST"])


@may_manage
@page_methods
@reauthentication_required(gettext_lazy("Confirm that it is you to generate an encryption key."), methods={"POST"})
@sensitive_variables()
def encryption_key(request: HttpRequest) -> HttpResponse:
    """Show which key holds which value; POST makes a new key, shown once and stored nowhere."""
    new_key = keyring.generate_key() if request.method == "POST" else ""
    return render(request, TEMPLATE, {"report": reencryption.read(), "new_key": new_key, "is_asking": False})


@may_manage
@page_methods
@reauthentication_required(gettext_lazy("Confirm that it is you to re-encrypt the stored values."))
def reencrypt(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, then encrypt every stored value with the newest key."""
    if request.method != "POST":
        context = {"report": reencryption.read(), "new_key": "", "is_asking": True}
        return render_dialog(request, TEMPLATE, "connector/rekey/_reencrypt.html", context)
    try:
        changed = reencryption.rekey()
    except ValuesUnopenedError as error:
        text = ngettext(
            "Nothing was changed: %(count)s stored value does not open with any key of the ring. It is listed below.",
            "Nothing was changed: %(count)s stored values do not open with any key of the ring. They are listed below.",
            error.count,
        )
        messages.error(request, text % {"count": error.count})
    else:
        _add_message(request, changed)
    return redirect("encryption_key")


def _add_message(request: HttpRequest, changed: int) -> None:
    """Add one message: how many values were re-encrypted, and what to do next."""
    report = reencryption.read()
    done = ngettext(
        "%(count)s stored value was re-encrypted with the newest key.",
        "%(count)s stored values were re-encrypted with the newest key.",
        changed,
    ) % {"count": changed}
    spare = ", ".join(key.key_id for key in report.keys if key.may_go)
    if report.old:
        left = ngettext(
            "%(count)s value was saved with an older key at the same moment and keeps it. Re-encrypt once more.",
            "%(count)s values were saved with an older key at the same moment and keep it. Re-encrypt once more.",
            len(report.old),
        ) % {"count": len(report.old)}
        messages.warning(request, f"{done} {left}")
    elif not changed:
        messages.info(request, _("Nothing was changed: the newest key holds every stored value already."))
    elif spare:
        text = _("No value needs these keys any more. You can take them out of ENCRYPTION_KEYS: %(keys)s.")
        messages.success(request, f"{done} {text % {'keys': spare}}")
    else:
        messages.success(request, done)
