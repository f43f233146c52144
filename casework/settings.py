"""Django settings of casework alone: command line and pipelines need no page. The site's settings (web) build on these.

Everything comes from the environment, with defaults that are safe on one machine. See docs/casework.md.
"""

from __future__ import annotations

import os
import secrets

from casework.database import database
from records.workspace import Workspace

WORKSPACE = Workspace.default()
_key = WORKSPACE.secret_key
#: `section3c` makes the file at its first start; without it (checks, type checker) a key that lives with the process.
SECRET_KEY = os.environ.get("SECTION3C_SECRET_KEY") or (
    _key.read_text(encoding="ascii").strip() if _key.is_file() else secrets.token_urlsafe(64)
)
DEBUG = False
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "casework",
]
DATABASES = {"default": database(WORKSPACE, os.environ.get("SECTION3C_CASEWORK_URL"))}
AUTH_USER_MODEL = "casework.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = os.environ.get("SECTION3C_TIMEZONE", "America/Los_Angeles")
USE_I18N = True
LANGUAGE_CODE = "en"

# E-mail goes to the console unless a server is named: nothing leaves an installation that nobody set up.
EMAIL_HOST = os.environ.get("SECTION3C_SMTP_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("SECTION3C_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("SECTION3C_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SECTION3C_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("SECTION3C_SMTP_TLS", "1") == "1"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("SECTION3C_MAIL_FROM", "section3c@localhost")
