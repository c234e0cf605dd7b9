"""The WSGI entry point of the framework's side."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "django_admin.settings"
application = get_wsgi_application()
