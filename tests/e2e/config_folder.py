"""A configuration folder that starts a real Home Assistant without onboarding: an owner, a guest, and a fixed port.

Only storage files Home Assistant itself would write are written here (2026.10): accounts and long-lived tokens, the
finished onboarding, the listening address. What is tested comes in afterwards, through the flows a person would use.
"""

import json
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import jwt

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = ROOT / "custom_components/ruview"

YEARS_10_S = 10 * 365 * 86400

CONFIGURATION = """\
homeassistant:
  name: {name}
  country: GB
  language: en
  time_zone: UTC
  unit_system: metric
  currency: EUR
  latitude: 0
  longitude: 0
  elevation: 0
  auth_providers:
    - type: trusted_networks  # first, or the login page asks for a password
      trusted_networks: [127.0.0.1/32, "::1/128"]
      trusted_users:
        127.0.0.1: {owner}
      allow_bypass_login: true
    - type: homeassistant
frontend:
config:
history:
logbook:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    # What a machine without ffmpeg, libturbojpeg and zlib-ng makes these say has nothing to do with us.
    haffmpeg: fatal
    homeassistant.components.camera.img_util: fatal
    aiohttp_fast_zlib: error
    # Says that custom integrations are custom.
    homeassistant.loader: error
    custom_components.ruview: info
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may use the Home Assistant under test."""

    user_id: str
    name: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFolder:
    """The prepared folder and who may come in."""

    path: Path
    port: int
    owner: Account
    guest: Account

    @property
    def url(self) -> str:
        """Where its frontend will be."""
        return f"http://127.0.0.1:{self.port}"


def prepare(path: Path, port: int, *, name: str = "RuView test", more: str = "") -> ConfigFolder:
    """Write a new configuration folder at `path` and install the integration as HACS does; `more` is added YAML."""
    storage = path / ".storage"
    storage.mkdir(parents=True)
    owner, owner_entry = account(1, "Owner")
    guest, guest_entry = account(2, "Guest")
    groups = {"system-admin": "Administrators", "system-users": "Users", "system-read-only": "Read Only"}
    store(
        storage,
        "auth",
        {
            "users": [user(owner, "system-admin", is_owner=True), user(guest, "system-users", is_owner=False)],
            "groups": [{"id": key, "name": label} for key, label in groups.items()],
            "credentials": [],
            "refresh_tokens": [owner_entry, guest_entry],
        },
    )
    store(storage, "onboarding", {"done": ["user", "core_config", "analytics", "integration"]}, version=4)
    # `http:` in YAML would be taken on trial and reverted, with a restart, after five minutes: so the stable slot.
    listener = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": timestamp(),
        "error": None,
        "error_message": None,
    }
    store(storage, "http", {"stable": listener, "pending": None, "yaml_migration_done": True}, version=2, minor=2)
    configuration = CONFIGURATION.format(name=name, owner=owner.user_id) + more
    (path / "configuration.yaml").write_text(configuration, encoding="utf-8")
    install(path)
    return ConfigFolder(path=path, port=port, owner=owner, guest=guest)


def install(path: Path) -> None:
    """Put exactly what HACS would put there: the component's folder, links not followed, nothing beside it."""
    target = path / "custom_components/ruview"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(COMPONENT, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))


def account(number: int, name: str) -> tuple[Account, dict[str, object]]:
    """A user's account with a ready access token, and the stored refresh token that makes it valid."""
    user_id = uuid.UUID(int=number, version=4).hex  # trusted_users takes version 4 only
    token_id, key = uuid.uuid5(uuid.NAMESPACE_URL, name).hex, uuid.uuid5(uuid.NAMESPACE_OID, name).hex * 2
    now_s = int(time.time())
    claims = {"iss": token_id, "iat": now_s, "exp": now_s + YEARS_10_S}
    entry = {
        "id": token_id,
        "user_id": user_id,
        "client_id": None,
        "client_name": name,
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": timestamp(),
        "access_token_expiration": float(YEARS_10_S),
        "token": "0" * 128,
        "jwt_key": key,
        "last_used_at": None,
        "last_used_ip": None,
        "expire_at": None,
        "credential_id": None,
        "version": None,
    }
    return Account(user_id=user_id, name=name, token=jwt.encode(claims, key, "HS256")), entry


def user(who: Account, group: str, *, is_owner: bool) -> dict[str, object]:
    """The stored form of a user."""
    return {
        "id": who.user_id,
        "group_ids": [group],
        "is_owner": is_owner,
        "is_active": True,
        "name": who.name,
        "system_generated": False,
        "local_only": False,
    }


def store(storage: Path, key: str, data: dict[str, object], *, version: int = 1, minor: int = 1) -> None:
    """Write one storage file in Home Assistant's envelope."""
    envelope = {"version": version, "minor_version": minor, "key": key, "data": data}
    (storage / key).write_text(json.dumps(envelope), encoding="utf-8")


def timestamp() -> str:
    """Now, as storage files write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
