"""Configure Django as its own runner does for tests without a database, so that pytest can run them."""

from __future__ import annotations

import os
import tempfile

import django
from django.conf import settings
from django.test.utils import setup_test_environment

os.environ["TMPDIR"] = os.environ["RUNTESTS_DIR"] = tempfile.gettempdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "test_sqlite"
settings.INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sites",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.flatpages",
    "utils_tests",
]
settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
settings.ROOT_URLCONF = "urls"
settings.SITE_ID = 1
django.setup()
setup_test_environment()
