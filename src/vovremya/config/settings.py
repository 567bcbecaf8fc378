"""Settings, all from the environment. Production is the default; demos and trials say so themselves."""

import os
import secrets
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import dj_database_url

from vovremya.config.logs import logging_configuration

DEMO = os.environ.get("VOVREMYA_DEMO") == "1"
TRIAL = DEMO or os.environ.get("VOVREMYA_TRIAL") == "1"

DATABASE_PATH = Path(os.environ.get("VOVREMYA_DATABASE", "var/vovremya.sqlite3"))


def _secret_key() -> str:
    """The secret of this installation: from the environment, else kept in a file beside the database."""
    if given := os.environ.get("VOVREMYA_SECRET_KEY"):
        return given
    path = DATABASE_PATH.with_suffix(".secret")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("VOVREMYA_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "vovremya.ui",
    "vovremya.directory",
    "vovremya.customers",
    "vovremya.journal",
    "vovremya.schedule",
    "vovremya.visits",
    "vovremya.waitlist",
    "vovremya.watch",
    "vovremya.exchange",
    "vovremya.board",
    "vovremya.office",
    "vovremya.guide",
    "vovremya.demo",
    "vovremya.training",
]

MIDDLEWARE = [
    "vovremya.config.requests.noted",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vovremya.config.middleware.in_language",
    "vovremya.config.middleware.compressed",
    "vovremya.config.middleware.content_security_policy",
    "vovremya.config.middleware.readable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "vovremya.config.urls"
ASGI_APPLICATION = "vovremya.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def _servers_of(url: str) -> dict[str, object]:
    """As libpq reads it: several servers with commas, each with a port of its own, whichever of them is asked for."""
    parts = urlsplit(url)
    known_to, at, servers = parts.netloc.rpartition("@")
    one, *others = servers.split(",")
    database = dict(
        dj_database_url.parse(urlunsplit(parts._replace(netloc=known_to + at + one)), conn_health_checks=True)
    )
    if others:
        each = [urlsplit(f"//{server}") for server in (one, *others)]
        database["HOST"] = ",".join(server.hostname or "" for server in each)
        database["PORT"] = ",".join(str(server.port or "") for server in each)
    return database


def _postgresql(url: str) -> dict[str, object]:
    """Connections are kept in a pool, asked whether they live, and cut where the server leaves one hanging."""
    database = _servers_of(url)
    session = {
        "lock_timeout": "20s",
        "statement_timeout": "60s",
        # A writer that went to sleep in a transaction would hold up everybody's feed.
        "idle_in_transaction_session_timeout": "60s",
        "client_connection_check_interval": "10s",
    }
    database["OPTIONS"] = {
        "connect_timeout": 5,
        "application_name": "vovremya",
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        "pool": {
            "min_size": 1,
            "max_size": int(os.environ.get("VOVREMYA_DATABASE_POOL", "16")),
            "timeout": 5.0,
            "reconnect_timeout": 5.0,
        },
        **cast(dict[str, object], database.get("OPTIONS", {})),
    }
    return database


def _sqlite() -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE_PATH,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: an acknowledged write survives a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


DATABASE_URL = os.environ.get("VOVREMYA_DATABASE_URL", "")
DATABASES = {"default": _postgresql(DATABASE_URL) if DATABASE_URL else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "vovremya.directory.backend.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "vovremya.directory.passwords.CommonInAnyLayoutValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "short_name")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "vovremya.directory.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # nothing reads it, and nothing would ever delete it

SESSION_ENGINE = "vovremya.directory.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = os.environ.get("VOVREMYA_HTTPS") == "1"
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_FAILURE_VIEW = "vovremya.directory.views.form_expired"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# Russian is the message itself; the user's own choice goes before the cookie, that before what the browser asks for.
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Russian"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
# Only where static files are collected for another server; our own finds them in the parts.
STATIC_ROOT = os.environ.get("VOVREMYA_STATIC")
WHITENOISE_USE_FINDERS = True
# esbuild's names bear the digest of the content: browsers keep those files for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9A-Z]{8}\.\w+$"

# The largest accepted request body; the file of an import comes in pieces.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Tables put into the folder of a branch, by its code, are imported by themselves.
IMPORT_FOLDER = os.environ.get("VOVREMYA_IMPORT_FOLDER", "")

LOGGING = logging_configuration(os.environ.get("VOVREMYA_LOG_LEVEL", "INFO").upper())
SILENCED_SYSTEM_CHECKS: list[str] = []
