"""Settings of this installation. The generated production settings import them last."""

import os

from .base import INSTALLED_APPS

# As Wagtail's documentation has it for PostgreSQL.
INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.postgres"]

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = [os.environ["HOST_NAME"]]
WAGTAILADMIN_BASE_URL = f"https://{os.environ['HOST_NAME']}"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "postgres",
        "NAME": os.environ["DATABASE_NAME"],
        "USER": os.environ["DATABASE_USER"],
        "PASSWORD": os.environ["DATABASE_PASSWORD"],
        "CONN_MAX_AGE": 300,
    }
}

# TLS ends in Nginx.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
