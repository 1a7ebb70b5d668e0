"""Physics: what moves by millimetres changes the channel by what the formulae say, and what stands still does not."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.simulate.arrivals import NONE
from ruview_engine.simulate.body import CHEST, Scatter
from ruview_engine.simulate.channel import Channel
from ruview_engine.simulate.movers import Fan
from ruview_engine.simulate.multipath import SPEED_OF_LIGHT, mirror
from ruview_engine.simulate.randomness import Streams
from ruview_engine.simulate.scene import Room
from ruview_engine.simulate.shadow import fresnel, transmission

TONES = np.arange(-26, 27) * 312_500.0
WAVELENGTH = SPEED_OF_LIGHT / 2.437e9


def channel(scene, node=0):
    return Channel(scene, scene.transmitters[0].position, scene.nodes[node].position, TONES, 2437, Streams(1))


def point(positions):
    positions = np.asarray(positions, float)[None]
    return Scatter(position=positions, normal=np.zeros_like(positions), root_section=np.ones(positions.shape[:2]))


def test_direct_path_is_friis():
    room = Room(width=5, depth=4, wall_reflection=0, floor_reflection=0)
    scene = replace(scenes.living_room(n_others=0, drift=0), room=room, clutter=())
    h = channel(scene).response(np.array([0.0]), [], [])[0]
    distance = np.linalg.norm(np.subtract(scene.transmitters[0].position, scene.nodes[0].position))
    assert np.abs(h) == pytest.approx(WAVELENGTH / (4 * np.pi * distance), rel=1e-4)
    slope = np.polyfit(TONES, np.unwrap(np.angle(h)), 1)[0]
    assert slope == pytest.approx(-2 * np.pi * distance / SPEED_OF_LIGHT, rel=1e-3)


def test_displacement_turns_the_phase_by_two_pi_per_wavelength():
    """A point that comes 5 mm nearer to both antennas along their line turns its path by 4π·5 mm/λ."""
    room = Room(width=5, depth=4, wall_reflection=0, floor_reflection=0)
    scene = replace(scenes.living_room(n_others=0, drift=0), room=room, clutter=())
    scene = replace(
        scene,
        transmitters=(replace(scene.transmitters[0], position=(1.0, 2.0, 1.0)),),
        nodes=(replace(scene.nodes[0], position=(1.0, 2.2, 1.0)),),
    )
    c = channel(scene)
    static = c.response(np.array([0.0]), [], [])
    far, near = (c.response(np.array([0.0]), [point([[x, 2.1, 1.0]])], []) - static for x in (4.0, 3.995))
    turned = np.angle(near / far)
    assert turned == pytest.approx(2 * np.pi * 2 * 0.005 / WAVELENGTH, rel=0.02)


def test_split_phase_equals_the_plain_sum():
    """The coarse-fine factorisation against Σ a·exp(−j2πfτ), path by path."""
    scene = scenes.living_room(n_others=0, drift=0)
    c = channel(scene)
    rng = np.random.default_rng(1)
    amplitude, delay = rng.random((3, 40)), rng.uniform(0, 200e-9, (3, 40))
    plain = (amplitude[..., None] * np.exp(-2j * np.pi * (2.437e9 + TONES) * delay[..., None])).sum(axis=1)
    assert np.abs(c._sum_paths(amplitude, delay) - plain).max() < 2e-4 * np.abs(plain).max()


def test_images_of_the_first_order():
    room = Room(width=5, depth=4, height=2.5, wall_reflection=0.5, floor_reflection=0.4)
    images = mirror(room, (1.0, 1.5, 1.2), 1)
    found = {tuple(position) for position in images.position.round(6)}
    assert found == {
        (1.0, 1.5, 1.2), (-1.0, 1.5, 1.2), (9.0, 1.5, 1.2), (1.0, -1.5, 1.2), (1.0, 6.5, 1.2), (1.0, 1.5, -1.2),
        (1.0, 1.5, 3.8),
    }  # fmt: skip
    assert sorted(images.gain) == [0.4, 0.4, 0.5, 0.5, 0.5, 0.5, 1.0]
    assert len(mirror(room, (1.0, 1.5, 1.2), 3).gain) == 63


def test_fresnel_integral_against_quadrature():
    u = np.linspace(0, 3, 300_001)
    exact = np.cumsum(np.exp(-0.5j * np.pi * u**2)) * (u[1] - u[0])
    at = [20_000, 50_000, 100_000, 200_000, 300_000]
    assert np.abs(fresnel(u[at]) - exact[at]).max() < 4e-3
    assert np.abs(fresnel(-u[at]) + fresnel(u[at])).max() < 1e-12


def through(place):
    """What a standing person at `place` leaves of a ray of 4 m along x."""
    measures = (np.full(1, value) for value in (0.14, 0.24, 0.0, 0.0, 1.75))
    ends = np.array([[0.0, 0, 1]]), np.array([[4.0, 0, 1]])
    return transmission(*ends, np.array([place]), *measures, wavelength_m=WAVELENGTH)[0, 0]


def test_body_in_the_line_of_sight_costs_6_to_20_db_and_none_at_two_metres():
    assert 6 < -20 * np.log10(np.abs(through((2.0, 0.0)))) < 20
    assert abs(20 * np.log10(np.abs(through((2.0, 2.0))))) < 0.6
    assert through((5.0, 0.0)) == pytest.approx(1)


def test_chest_moves_by_millimetres_at_the_breathing_rate():
    scene = scenes.living_room(n_others=0)
    person = Person(scene, 4, fidgets_per_min=0).follow([(0, "lie:15")])
    times = np.arange(40, 100, 0.05)
    scatter, _ = person.body(times)
    height = scatter.position[CHEST, :, 2]
    assert 0.003 < np.ptp(height) < 0.008
    spectrum = np.abs(np.fft.rfft((height - height.mean()) * np.hanning(len(times))))
    assert np.argmax(spectrum) * 60 / 60 == pytest.approx(15, abs=1)


def test_breathing_is_a_line_in_the_channel_and_a_held_breath_is_none():
    scene = scenes.living_room(n_others=0, drift=0)
    c = channel(scene)
    times = np.arange(40, 100, 0.05)
    lines = {}
    for name in ("lie+breathe:15", "lie+hold_breath"):
        person = Person(scene, 4, fidgets_per_min=0).follow([(0, name)])
        scatter, blocker = person.body(times)
        amplitude = np.abs(c.response(times, [scatter], [blocker]))
        x = amplitude / amplitude.mean(axis=1, keepdims=True)
        spectrum = (np.abs(np.fft.rfft((x - x.mean(axis=0)) * np.hanning(len(x))[:, None], axis=0)) ** 2).sum(axis=1)
        lines[name] = spectrum[13:18].max()
        if name == "lie+breathe:15":
            assert np.argmax(spectrum[6:40]) + 6 == pytest.approx(15, abs=1)
    assert lines["lie+breathe:15"] > 30 * lines["lie+hold_breath"]


def test_empty_room_is_noise_only(collect):
    scene = scenes.living_room(nodes=1, n_others=0, drift=0)
    _, amplitude, _ = collect(Simulator(scene, seed=2, imperfections=NONE), 60)
    profile = amplitude / amplitude.mean(axis=1, keepdims=True)
    used = np.median(amplitude, axis=0) > 0.5
    x = profile[:, used] / np.median(profile[:, used], axis=0)
    near = np.median(((x[1:] - x[:-1]) ** 2).mean(axis=1))
    apart = np.median(((x[400:] - x[:-400]) ** 2).mean(axis=1))
    assert apart == pytest.approx(near, rel=0.06)


def test_walking_changes_far_more_than_noise_and_lying_hardly(collect):
    scene = scenes.living_room(nodes=1, geometry="bedroom", n_others=0)
    energies = {}
    for name, plan in (("empty", ()), ("walk", ((0, "walk"),)), ("lie", ((0, "lie"),))):
        person = Person(scene, 1, fidgets_per_min=0).follow(plan)
        t, amplitude, _ = collect(Simulator(scene, Timeline([person]), 1, imperfections=NONE), 60)
        a = amplitude[t > 20][:, np.median(amplitude, axis=0) > 0.5]
        x = a / a.mean(axis=1, keepdims=True)
        x /= np.median(x, axis=0)
        energies[name] = np.median(((x[40:] - x[:-40]) ** 2).mean(axis=1))
    assert energies["walk"] > 5 * energies["empty"]
    assert energies["lie"] < 2 * energies["empty"]


def test_somebody_there_changes_the_mean_profile(collect):
    scene = scenes.living_room(nodes=1, geometry="bedroom", n_others=0)
    timeline = Timeline([Person(scene, 1).follow([(40, "sit")])])
    t, amplitude, _ = collect(Simulator(scene, timeline, 1), 80)

    def profile(begin, end):
        rows = amplitude[(t > begin) & (t < end)]
        return np.median(rows / rows.mean(axis=1, keepdims=True), axis=0)

    empty, later, sitting = profile(0, 20), profile(20, 40), profile(55, 80)
    used = empty > 0.05

    def change(now):
        return np.sqrt(np.mean((now[used] / empty[used] - 1) ** 2))

    assert change(later) < 0.03
    assert change(sitting) > 3 * change(later)


def test_fan_is_periodic():
    scene = scenes.living_room(n_others=0, drift=0)
    times = np.arange(0, 30, 0.05)
    h = np.abs(channel(scene).response(times, [Fan(position=(2, 2, 1.2), turns_per_s=1.25).scatter(times)], []))
    spectrum = (np.abs(np.fft.rfft(h - h.mean(axis=0), axis=0)) ** 2).sum(axis=1)
    f = np.fft.rfftfreq(len(times), 0.05)
    near_harmonic = np.abs(f / 1.25 - np.round(f / 1.25)) < 0.05
    assert spectrum[near_harmonic].sum() > 0.9 * spectrum[1:].sum()


def test_nobody_jumps():
    """No part of the body moves faster than a foot that swings round a corner, through walks, turns, postures."""
    scene = scenes.living_room(n_others=0)
    plan = ((0, "walk"), (12, "sit"), (30, "lie"), (50, "sit+small_move"), (70, "sleep"), (90, "leave"))
    person = Person(scene, 3, placement_m=0.07).follow(plan)
    times = np.arange(0.5, 110, 0.02)
    scatter, _ = person.body(times)
    speed = np.linalg.norm(np.diff(scatter.position, axis=1), axis=2) / 0.02
    audible = np.minimum(scatter.root_section[:, 1:], scatter.root_section[:, :-1]) > 0
    assert speed[audible].max() < 5.0
    assert not person.body(np.array([105.0, 106.0]))
