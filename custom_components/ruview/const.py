"""Names and defaults shared by the integration's files. The engine has its own constants beside their use."""

from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "ruview"

PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.NUMBER, Platform.SENSOR)

#: Where the RuView firmware sends unless told otherwise. Origin: spec, upstream firmware `target_port`.
DEFAULT_PORT: Final = 5005
DEFAULT_HOST: Final = "0.0.0.0"  # noqa: S104  # the nodes are on the network, so the listener has to be, too

SUBENTRY_ROOM: Final = "room"

# Subentry data. Ids and settings only: it is rewritten as a whole with every change.
CONF_AREA: Final = "area_id"
CONF_NODES: Final = "nodes"
CONF_HOLD: Final = "hold_s"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_LINKED: Final = "linked_entities"
CONF_TEACHERS: Final = "teaching_entities"

# Hub options.
CONF_PRIVACY: Final = "privacy_mode"
CONF_FALSE_ALARMS: Final = "false_alarms_per_day"
CONF_INTROSPECTION: Final = "introspection"
CONF_RECORDING: Final = "recording"

#: Origin: spec, SENSING §2 "default 1/day".
DEFAULT_FALSE_ALARMS: Final = 1.0
#: Origin: chosen; a light that goes out on somebody reading is the commonest complaint about motion sensors.
DEFAULT_HOLD_S: Final = 30.0
MAX_HOLD_S: Final = 3600.0

REGIMES: Final = ("idle", "periodic", "transient", "chaotic")
POSTURES: Final = ("standing", "sitting", "lying")

#: A person has to get out of the room and close the door. Origin: chosen (users ask for it: facts §4).
DEFAULT_LEAD_S: Final = 20.0
#: Origin: spec, SENSING §3 "default 60 s".
DEFAULT_BASELINE_S: Final = 60.0

MANUFACTURER: Final = "RuView"
DOCS_URL: Final = "https://github.com/ruview/ruview-home-assistant"

#: Fired when a capture or a training of a room has ended: room, kind, what, accepted, reason. For the logbook.
EVENT_CALIBRATION: Final = f"{DOMAIN}_calibration"
