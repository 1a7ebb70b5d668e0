"""Manifest, texts, icons and descriptions, checked as hassfest does, and against the code both ways."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.helpers.condition import _CONDITIONS_DESCRIPTION_SCHEMA
from homeassistant.helpers.service import _SERVICES_SCHEMA
from homeassistant.helpers.trigger.descriptions import _TRIGGERS_DESCRIPTION_SCHEMA
from homeassistant.util.yaml import load_yaml_dict

from custom_components.ruview import binary_sensor, button, condition, event, issues, number, sensor, services, trigger
from custom_components.ruview.const import POSTURES, REGIMES
from custom_components.ruview.entity import UNAVAILABLE
from custom_components.ruview.logbook import REASONS
from custom_components.ruview.poses import POSES
from custom_components.ruview.ruview_engine.introspection.capture import CaptureProblem
from custom_components.ruview.ruview_engine.introspection.why_unknown import WhyUnknown
from custom_components.ruview.ruview_engine.room.absence import WhyAbsent
from custom_components.ruview.ruview_engine.room.anchor import AnchorLabel, Fault
from custom_components.ruview.ruview_engine.room.baseline import Refusal
from custom_components.ruview.ruview_engine.room.baseline_capture import Phase
from custom_components.ruview.ruview_engine.room.changes import WhyNoBank
from custom_components.ruview.ruview_engine.room.reading import WhyNot
from custom_components.ruview.ruview_engine.room.specialist import SpecialistKind
from custom_components.ruview.ruview_engine.room.stale import StaleReason
from custom_components.ruview.ruview_engine.room.state import Calibration, Posture, Presence
from custom_components.ruview.udp import BIND_ERRORS

COMPONENT = Path(trigger.__file__).parent
EN: dict[str, Any] = json.loads((COMPONENT / "translations/en.json").read_text(encoding="utf-8"))
ICONS: dict[str, Any] = json.loads((COMPONENT / "icons.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = json.loads((COMPONENT / "manifest.json").read_text(encoding="utf-8"))
SOURCES = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(COMPONENT.glob("*.py"))}
ROOM_FLOW = ("room_flow.py", "node_flow.py", "enrolment_flow.py", "signature_flow.py", "guided_flow.py")


def words(group: str) -> set[str]:
    return set(EN["selector"][group]["options"])


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def keyword(files: tuple[str, ...], function: str, argument: str) -> set[str]:
    """Every constant given as `argument` to calls of `function` in `files`."""
    found = set()
    for file in files:
        for node in ast.walk(SOURCES[file]):
            if isinstance(node, ast.Call) and called(node) == function:
                for given in node.keywords:
                    if given.arg == argument:
                        found |= {c.value for c in ast.walk(given.value) if isinstance(c, ast.Constant)}
    return found


def argument(files: tuple[str, ...], function: str, position: int) -> set[str]:
    """Every constant given at `position` to calls of `function` in `files`."""
    found = set()
    for file in files:
        for node in ast.walk(SOURCES[file]):
            if isinstance(node, ast.Call) and called(node) == function and len(node.args) > position:
                found |= {c.value for c in ast.walk(node.args[position]) if isinstance(c, ast.Constant)}
    return found


# ── manifest ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_manifest_is_as_hassfest_wants_it() -> None:
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]
    assert set(keys) <= {
        "after_dependencies", "codeowners", "config_flow", "dependencies", "documentation", "domain",
        "integration_type", "iot_class", "issue_tracker", "loggers", "name", "quality_scale", "requirements", "version",
    }  # fmt: skip
    assert MANIFEST["domain"] == COMPONENT.name
    assert re.fullmatch(r"\d+\.\d+\.\d+(b\d+)?", MANIFEST["version"])
    assert MANIFEST["documentation"].startswith("https://")
    assert "home-assistant.io" not in MANIFEST["documentation"]
    assert MANIFEST["iot_class"] == "local_push"
    assert MANIFEST["integration_type"] == "hub"
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    assert "single_config_entry" not in MANIFEST  # it would end discovery


def test_components_we_import_are_declared() -> None:
    declared = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    base = {"binary_sensor", "button", "event", "number", "sensor", "logbook"}  # platforms; logbook loads us, not we it
    used = set()
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("homeassistant.components"):
                parts = node.module.split(".")
                used |= {parts[2]} if len(parts) > 2 else {name.name for name in node.names}
    assert used - base <= declared


@pytest.mark.parametrize("name", ["icon.png", "icon@2x.png", "logo.png", "logo@2x.png", "dark_logo.png"])
def test_brand_images_have_the_size_that_is_served(name: str) -> None:
    data = (COMPONENT / "brand" / name).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if name.startswith("icon"):
        assert (width, height) == ((512, 512) if "@2x" in name else (256, 256))
    else:
        assert min(width, height) == (256 if "@2x" in name else 128)


# ── descriptions ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("services.yaml", _SERVICES_SCHEMA),
        ("triggers.yaml", _TRIGGERS_DESCRIPTION_SCHEMA),
        ("conditions.yaml", _CONDITIONS_DESCRIPTION_SCHEMA),
    ],
)
def test_descriptions_pass_home_assistants_own_schema(file: str, schema: Any) -> None:
    assert schema(load_yaml_dict(str(COMPONENT / file)))


@pytest.mark.parametrize(
    ("file", "section", "code", "icon"),
    [
        ("services.yaml", "services", set(services.ACTIONS), "service"),
        ("triggers.yaml", "triggers", set(trigger.TRIGGERS), "trigger"),
        ("conditions.yaml", "conditions", set(condition.CONDITIONS), "condition"),
    ],
)
def test_everything_offered_is_described_named_and_has_an_icon(
    file: str, section: str, code: set[str], icon: str
) -> None:
    described = {key: value for key, value in load_yaml_dict(str(COMPONENT / file)).items() if not key.startswith(".")}
    assert set(described) == code == set(EN[section]) == set(ICONS[section])
    for key, value in described.items():
        assert set((value or {}).get("fields", {})) == set(EN[section][key].get("fields", {})), key
        assert EN[section][key]["name"]
        assert EN[section][key]["description"].endswith(".")
        assert ICONS[section][key][icon].startswith("mdi:")


def test_actions_take_exactly_the_fields_described() -> None:
    described = load_yaml_dict(str(COMPONENT / "services.yaml"))
    for name, (_, fields, _, _) in services.ACTIONS.items():
        assert {str(field) for field in fields} | {"device_id"} == set(described[name]["fields"]), name


def test_selectors_and_actions_have_the_same_bounds() -> None:
    import probatio as vol

    described = load_yaml_dict(str(COMPONENT / "services.yaml"))
    n_checked = 0
    for name, (_, fields, _, _) in services.ACTIONS.items():
        for field, schema in fields.items():
            span = described[name]["fields"][str(field)]["selector"].get("number")
            if span is None:
                continue
            n_checked += 1
            take = vol.Schema(schema)
            assert [take(span["min"]), take(span["max"])] == [span["min"], span["max"]]
            for beyond in (span["min"] - 1, span["max"] + 1):
                with pytest.raises(vol.Invalid):
                    take(beyond)
    assert n_checked == 8


def test_selectors_offer_what_the_code_knows() -> None:
    described = load_yaml_dict(str(COMPONENT / "services.yaml"))
    assert described["record_anchor"]["fields"]["anchor"]["selector"]["select"]["options"] == list(POSES)
    for name, field, choices in (("regime_changed", "to", REGIMES), ("posture_changed", "from", POSTURES)):
        select = load_yaml_dict(str(COMPONENT / "triggers.yaml"))[name]["fields"][field]["selector"]["select"]
        assert tuple(select["options"]) == choices
        assert words(select["translation_key"]) >= set(choices)


# ── entities ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TABLES = {
    "binary_sensor": [*binary_sensor.ROOM, *binary_sensor.NODE],
    "sensor": [*sensor.ROOM, *sensor.NODE, *sensor.HUB],
    "event": [event.REGIME, event.SIGNATURE],
    "button": [button.CAPTURE],
    "number": [*number.ROOM],
}


def test_every_entity_has_a_name_and_every_name_an_entity() -> None:
    assert {platform: {row.key for row in rows} for platform, rows in TABLES.items()} == {
        platform: set(names) for platform, names in EN["entity"].items()
    }
    for names in EN["entity"].values():
        assert all(name["name"] for name in names.values())


def test_entities_without_device_class_have_an_icon() -> None:
    for platform, rows in TABLES.items():
        for row in rows:
            has_icon = row.key in ICONS["entity"].get(platform, {})
            assert has_icon or row.device_class is not None, f"{platform}.{row.key}"
    for platform, icons in ICONS["entity"].items():
        assert set(icons) <= {row.key for row in TABLES[platform]}


def test_every_state_of_an_enumeration_is_translated_and_has_an_icon() -> None:
    for row in sensor.ROOM:
        if row.options:
            assert set(row.options) == set(EN["entity"]["sensor"][row.key]["state"])
            assert set(row.options) == set(ICONS["entity"]["sensor"][row.key]["state"])
    types = EN["entity"]["event"]["regime_changed"]["state_attributes"]["event_type"]["state"]
    assert set(event.REGIME.event_types or ()) == set(types)


def test_private_rows_are_exactly_those_about_a_body() -> None:
    private = {row.key for row in (*sensor.ROOM, *binary_sensor.ROOM) if row.is_private}
    assert private == {
        "posture", "breathing_rate", "heart_rate", "restlessness", "confidence_posture", "confidence_breathing",
    }  # fmt: skip


# ── words that Python or the panel looks up ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("why_not", set(WhyNot)),
        ("stale", set(StaleReason)),
        ("anchor", set(AnchorLabel)),
        ("anchor_instruction", set(AnchorLabel)),
        ("calibration", set(Calibration)),
        ("posture", set(Posture)),
        ("presence", set(Presence)),
        ("specialist", {*SpecialistKind, "standing", "present"}),
        ("regime", {*REGIMES, "unknown"}),
        ("refusal", {*Refusal, "linked_sensor", "interrupted", "cancelled", "not_stored"}),
        ("verdict", {*Fault, *CaptureProblem, "accepted", "interrupted", "cancelled", "not_stored"}),
        ("why_absent", {*WhyAbsent, "not_trained"}),
        ("why_unknown", set(WhyUnknown)),
        ("node", {"name"}),
        ("listen", {*BIND_ERRORS.values(), "cannot_listen"}),
        ("training", {*WhyNoBank, "too_little", "interrupted", "not_stored"}),
        ("logbook", {f"{kind}_{end}" for kind in REASONS for end in ("accepted", "refused")}),
        ("hint", {"no_frames", "slow", "moving", "quiet"}),
        (
            "phase",
            {f"{kind}_{phase}" for kind in ("baseline", "anchor", "signature") for phase in set(Phase) - {Phase.DONE}}
            | {"train_capturing"},
        ),
    ],
)
def test_every_reason_has_a_word(group: str, keys: set[str]) -> None:
    assert words(group) == {str(key) for key in keys}


def test_unavailable_reasons_are_reasons() -> None:
    assert set(WhyNot) > UNAVAILABLE


# ── flows ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("files", "section"),
    [(("config_flow.py",), EN["config"]), (ROOM_FLOW, EN["config_subentries"]["room"])],
)
def test_every_step_of_a_flow_has_its_texts(files: tuple[str, ...], section: dict[str, Any]) -> None:
    shown = (
        keyword(files, "async_show_form", "step_id")
        | keyword(files, "async_show_menu", "step_id")
        | keyword(files, "async_show_progress", "step_id")
        | argument(files, "watch", 0)
        | argument(files, "_listener_form", 0)
        | argument(files, "_refused", 0)
        | argument(files, "_new_room_form", 0)
    ) - {"init"}
    assert shown == set(section["step"])
    for step_id in shown:
        assert section["step"][step_id].get("title"), step_id


def test_every_menu_option_is_named_and_leads_somewhere() -> None:
    for files, section in ((("config_flow.py",), EN["config"]), (ROOM_FLOW, EN["config_subentries"]["room"])):
        steps = {
            node.name.removeprefix("async_step_")
            for file in files
            for node in ast.walk(SOURCES[file])
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("async_step_")
        }
        for step_id, step in section["step"].items():
            options = step.get("menu_options", {})
            assert set(options) <= steps, step_id
            assert set(options) == set(step.get("menu_option_descriptions", {})), step_id
            assert set(step.get("data", {})) == set(step.get("data_description", {})), step_id


@pytest.mark.parametrize(
    ("files", "section", "foreign"),
    [
        (("config_flow.py",), EN["config"], {"already_configured"}),
        (ROOM_FLOW, EN["config_subentries"]["room"], {"already_configured"}),
    ],
)
def test_every_abort_and_error_has_its_text(files: tuple[str, ...], section: dict[str, Any], foreign: set[str]) -> None:
    aborts = keyword(files, "async_abort", "reason") | argument(files, "finish", 0) | argument(files, "AbortFlow", 0)
    assert aborts | foreign == set(section["abort"])
    errors = set()
    for file in files:
        for node in ast.walk(SOURCES[file]):
            match node:
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id="errors"))], value=ast.Constant(value=str(key))
                ):
                    errors.add(key)
    if files == ("config_flow.py",):
        errors |= {*BIND_ERRORS.values(), "cannot_listen"}
    assert errors == set(section["error"])


def test_progress_actions_have_their_texts() -> None:
    actions = keyword(ROOM_FLOW, "async_show_progress", "progress_action") | argument(ROOM_FLOW, "watch", 0)
    assert actions - {"step_id"} == set(EN["config_subentries"]["room"]["progress"])


# ── repairs and exceptions ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_issue_has_its_texts_and_fixable_ones_a_flow() -> None:
    from custom_components.ruview.repairs import FLOWS

    assert set(issues.KINDS) == set(EN["issues"])
    assert {kind for kind, (_, is_fixable) in issues.KINDS.items() if is_fixable} == set(FLOWS)
    for kind, (_, is_fixable) in issues.KINDS.items():
        assert ("fix_flow" in EN["issues"][kind]) is is_fixable
        assert ("description" in EN["issues"][kind]) is not is_fixable
        if is_fixable:
            step = EN["issues"][kind]["fix_flow"]["step"]["choose"]
            assert set(FLOWS[kind].options) == set(step["menu_options"])


def test_texts_of_issues_ask_only_for_words_that_are_given() -> None:
    given = {"port_taken": {"host", "port", "reason"}}
    for node in ast.walk(SOURCES["issues.py"]):
        if isinstance(node, ast.Call) and called(node) == "Finding":
            told = {one.arg: one.value for one in node.keywords}
            if isinstance(told["kind"], ast.Constant) and isinstance(told["words"], ast.Dict):
                given[str(told["kind"].value)] = {ast.literal_eval(key) for key in told["words"].keys if key}
    assert set(given) == set(issues.KINDS)
    for kind, texts in EN["issues"].items():
        asked = {name for _, text in leaves(texts) for name in re.findall(r"{(\w+)}", text)}
        assert asked <= given[kind], kind
        assert given[kind] <= asked, kind


def test_every_exception_is_translated_and_used() -> None:
    used = set()
    for file in SOURCES:
        for error in ("HomeAssistantError", "ServiceValidationError", "ConfigEntryNotReady"):
            used |= keyword((file,), error, "translation_key")
        used |= argument((file,), "_refuse", 0) | argument((file,), "_failed", 0)
    assert used == set(EN["exceptions"])


# ── rules of hassfest for all texts ──────────────────────────────────────────────────────────────────────────────────


LANGUAGES = sorted((COMPONENT / "translations").glob("*.json"))


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_texts_keep_hassfests_rules(path: Path) -> None:
    for place, text in leaves(json.loads(path.read_text(encoding="utf-8"))):
        where = ".".join(place)
        assert text, where
        assert text == text.strip(), where
        assert "<" not in text, f"{where}: no HTML"
        assert "http" not in text, f"{where}: addresses go into placeholders"
        assert "[%key" not in text, f"{where}: references are not resolved for custom integrations"
        assert not re.search(r"'[^']*\{", text), f"{where}: placeholder inside single quotes"
        assert all(re.fullmatch(r"[a-z0-9_]+", key) for key in place), where


@pytest.mark.parametrize("path", [path for path in LANGUAGES if path.stem != "en"], ids=lambda path: path.stem)
def test_every_language_says_everything_and_fills_the_same_places(path: Path) -> None:
    texts = {".".join(place): text for place, text in leaves(json.loads(path.read_text(encoding="utf-8")))}
    english = {".".join(place): text for place, text in leaves(EN)}
    assert list(texts) == list(english), "same keys in the same order"
    for where, text in english.items():
        places = [sorted(re.findall(r"\{\w+\}", said)) for said in (text, texts[where])]
        assert places[0] == places[1], where


def test_quality_scale_answers_every_rule_once() -> None:
    scale = yaml.safe_load((COMPONENT / "quality_scale.yaml").read_text(encoding="utf-8"))["rules"]
    assert len(scale) == 54
    for rule, answer in scale.items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in ("done", "exempt"), rule
        assert status == "done" or answer["comment"], rule


@pytest.mark.parametrize("path", sorted((COMPONENT.parents[1] / "blueprints").rglob("*.yaml")), ids=lambda p: p.stem)
def test_blueprints_are_valid(path: Path) -> None:
    from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
    from homeassistant.components.blueprint.models import Blueprint

    blueprint = Blueprint(
        load_yaml_dict(str(path)), path=path.name, expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith(path.relative_to(COMPONENT.parents[1]).as_posix())
