"""Datagrams written out by hand from docs/wire-format.md, and the packet each must be. No encoder was used."""

from ruview_engine.wire import (
    ClockSync,
    CompressedCsi,
    CsiFrame,
    EdgeVitals,
    FeatureState,
    FeatureVector,
    FusedVitals,
    LinkStatus,
    MeshEnvelope,
    Packet,
    WasmOutput,
)


def _bytes(table: str) -> bytes:
    """Hex with a remark per line after `|`."""
    return bytes.fromhex("".join(line.partition("|")[0] for line in table.splitlines()))


CSI_V1 = _bytes("""
    01 00 11 C5  | magic 0xC5110001
    07           | node 7
    01           | one antenna
    03 00        | 3 pairs
    85 09 00 00  | 2437 MHz
    2A 01 00 00  | sequence 298
    C8           | rssi −56 dBm
    A1           | noise −95 dBm
    00           | PPDU legacy
    00           | flags
    00 00        | pair 0: 0, 0
    FD 0C        | pair 1: imaginary −3, real 12
    80 7F        | pair 2: imaginary −128, real 127
""")

CSI_V1_TWO_ANTENNAS = _bytes("""
    01 00 11 C5  | magic
    FF           | node 255
    02           | two antennas
    02 00        | 2 pairs each
    00 00 00 00  | frequency unknown
    FF FF FF FF  | last sequence before the wrap
    80           | rssi −128
    7F           | noise +127
    FF           | PPDU unknown
    25           | 40 MHz, STBC, sanitised
    01 02 03 04  | antenna 0
    05 06 07 08  | antenna 1
""")

CSI_V1_FORK = _bytes("""
    01 00 11 C5  | magic
    02           | node 2
    01           | one antenna
    02 00        | 2 pairs
    6C 09 00 00  | 2412 MHz
    01 00 00 00  | sequence 1
    D8           | rssi −40
    A6           | noise −90
    01           | PPDU HE-SU
    20           | bit 5: the fork's clock follows
    15 CD 5B 07 00 00 00 00  | 123456789 µs
    0A 0B        | pair 0
    0C 0D        | pair 1
""")

CSI_V2 = _bytes("""
    08 00 11 C5  | magic 0xC5110008
    03           | node 3
    01           | one antenna
    02 00        | 2 pairs
    B4 09 00 00  | 2484 MHz
    10 00 00 00  | sequence 16
    BF           | rssi −65
    A0           | noise −96
    00           | PPDU
    10           | flags: cross-node sync valid
    24 0A C4 00 01 02  | transmitter
    F0 10        | pair 0
    0F FF        | pair 1
""")

CSI_V3 = _bytes("""
    0A 00 11 C5  | magic 0xC511000A
    04           | node 4
    01           | one antenna
    01 00        | 1 pair
    3C 14 00 00  | 5180 MHz
    00 01 00 00  | sequence 256
    CE           | rssi −50
    A4           | noise −92
    02           | PPDU HE-MU
    00           | flags
    AA BB CC DD EE FF  | transmitter
    31 12        | sequence control 0x1231: number 0x123, fragment 1
    7F 81        | pair 0
""")

EDGE_VITALS = _bytes("""
    02 00 11 C5  | magic 0xC5110002
    02           | node 2
    05           | present, moving
    C2 08        | 2242 → 22.42 breaths a minute
    50 F8 0C 00  | 850000 → 85.0 beats a minute
    ED           | rssi −19
    04           | four persons, as ever
    AB CD        | reserved
    00 00 80 3E  | motion energy 0.25
    00 00 2C 42  | presence score 43.0
    E8 03 00 00  | 1000 ms since boot
    01 02 03 04  | reserved
""")

FUSED_VITALS = _bytes("""
    04 00 11 C5  | magic 0xC5110004
    09           | node 9
    09           | present, mmWave
    DC 05        | 1500 → 15.0 /min
    80 A9 03 00  | 240000 → 24.0 /min
    C4           | rssi −60
    01           | one person
    01           | MR60BHA2
    5A           | confidence 90
    00 00 00 3F  | motion energy 0.5
    00 00 C0 3F  | presence score 1.5
    FF FF FF FF  | 4294967295 ms since boot
    00 00 80 42  | mmWave heart 64.0
    00 00 60 41  | mmWave breathing 14.0
    00 00 16 43  | distance 150.0 cm
    02           | two targets
    50           | mmWave confidence 80
    01 02 03 04 05 06  | reserved
""")

FEATURE_VECTOR = _bytes("""
    03 00 11 C5  | magic 0xC5110003
    02           | node 2
    EE           | reserved
    D9 14        | sequence 5337
    FF FF FF FF FF FF FF FF  | −1 µs: the field is signed
    00 00 00 00  | 0.0
    00 00 80 3F  | 1.0
    00 00 00 3F  | 0.5
    00 00 80 3E  | 0.25
    00 00 80 BF  | −1.0
    00 00 00 80  | −0.0
    00 00 80 7B  | 1.3292279957849159e36
    00 00 80 00  | 1.1754943508222875e-38
""")

_FEATURE_STATE_BODY = _bytes("""
    06 00 11 C5  | magic 0xC5110006
    05           | node 5
    02           | respiration mode
    07 00        | sequence 7
    40 42 0F 00 00 00 00 00  | 1000000 µs since boot
    00 00 80 3F  | motion 1.0
    00 00 28 41  | presence 10.5
    00 00 70 41  | respiration 15.0
    00 00 00 3F  | confidence 0.5
    00 00 90 42  | heart 72.0
    00 00 80 3E  | confidence 0.25
    00 00 00 00  | anomaly
    00 00 00 00  | environment shift
    00 00 80 3F  | coherence 1.0
    27 00        | presence, respiration, heart valid; degraded
    34 12        | reserved
""")
FEATURE_STATE = _FEATURE_STATE_BODY + bytes.fromhex("100CF686")  # CRC-32/IEEE, from a bitwise calculation by the book

COMPRESSED = _bytes("""
    05 00 11 C5  | magic 0xC5110005
    01           | node 1
    0B           | channel 11
    80 00        | unpacks to 128 bytes
    04 00        | 4 bytes of data
    00 7E        | 126 zeros
    0F 02        | 2 × 15
""")

WASM = _bytes("""
    07 00 11 C5  | magic 0xC5110007
    06           | node 6
    02           | module 2
    02 00        | two events
    01 00 00 80 3F  | type 1, 1.0
    FF 00 00 00 C0  | type 255, −2.0
""")

SYNC_V1 = _bytes("""
    10 A1 11 C5  | magic 0xC511A110
    09           | node 9
    01           | version 1
    06           | valid, smoothed
    00           | heap not reported
    F2 6D B7 01 00 00 00 00  | 28798450 µs on its own clock
    D5 AC A5 01 00 00 00 00  | 27634901 µs on the mesh clock
    14 00 00 00  | next sequence 20
    00 00 00 00  | health not reported
""")

SYNC_V2 = _bytes("""
    10 A1 11 C5  | magic
    0C           | node 12
    02           | version 2
    03           | leader, valid
    40           | 64 × 2 KiB
    01 00 00 00 00 00 00 80  | 2^63 + 1 µs
    FF FF FF FF FF FF FF FF  | 2^64 − 1 µs
    FF FF FF FF  | next sequence 4294967295
    09           | brown-out
    01           | warm
    F6           | −10 °C
    14           | 20 dBm
    9C CC 01 40 18 B8  | its own address
""")

LINK_STATUS = _bytes("""
    11 A1 11 C5  | magic 0xC511A111
    03           | node 3
    01           | version 1
    01           | valid
    06           | channel 6
    F0 9F C2 01 02 03  | BSSID
    D0           | −48 dBm
    99           | reserved
    05 00 00 00  | fifth association
    00 01 02 03 04 05 06 07 08 09 0A 0B  | reserved
""")

_MESH_BODY = _bytes("""
    00 81 11 C5  | magic 0xC5118100
    01           | version 1
    06           | health
    02           | observer
    00           | checksum only
    0A 00 00 00  | epoch 10
    1C 00        | 28 bytes of payload
    00 00        | reserved
    07 00 00 00 00 00 00 00  | identity
    40 42 0F 00 00 00 00 00  | 1000000 µs since boot
    02           | observer
    0B           | channel 11
    28           | 40 MHz
    A1           | noise −95 dBm
    16 00        | 22 callbacks a second
    68 00        | 104 µs clock error
    01 00        | flags
    00 00        | reserved
""")
MESH = _MESH_BODY + bytes.fromhex("684086B7")  # CRC-32/IEEE, from a bitwise calculation by the book

GOLDEN: dict[str, tuple[bytes, Packet]] = {
    "csi_v1": (
        CSI_V1,
        CsiFrame(
            version=1,
            node_id=7,
            n_antennas=1,
            n_pairs=3,
            freq_mhz=2437,
            sequence=298,
            rssi_dbm=-56,
            noise_floor_dbm=-95,
            ppdu=0,
            flags=0,
            iq=b"\x00\x00\xfd\x0c\x80\x7f",
        ),
    ),
    "csi_v1_two_antennas": (
        CSI_V1_TWO_ANTENNAS,
        CsiFrame(
            version=1,
            node_id=255,
            n_antennas=2,
            n_pairs=2,
            freq_mhz=0,
            sequence=4294967295,
            rssi_dbm=-128,
            noise_floor_dbm=127,
            ppdu=255,
            flags=0x25,
            iq=b"\x01\x02\x03\x04\x05\x06\x07\x08",
        ),
    ),
    "csi_v1_fork": (
        CSI_V1_FORK,
        CsiFrame(
            version=1,
            node_id=2,
            n_antennas=1,
            n_pairs=2,
            freq_mhz=2412,
            sequence=1,
            rssi_dbm=-40,
            noise_floor_dbm=-90,
            ppdu=1,
            flags=0x20,
            iq=b"\x0a\x0b\x0c\x0d",
            mesh_timestamp_us=123456789,
        ),
    ),
    "csi_v2": (
        CSI_V2,
        CsiFrame(
            version=2,
            node_id=3,
            n_antennas=1,
            n_pairs=2,
            freq_mhz=2484,
            sequence=16,
            rssi_dbm=-65,
            noise_floor_dbm=-96,
            ppdu=0,
            flags=0x10,
            iq=b"\xf0\x10\x0f\xff",
            transmitter=b"\x24\x0a\xc4\x00\x01\x02",
        ),
    ),
    "csi_v3": (
        CSI_V3,
        CsiFrame(
            version=3,
            node_id=4,
            n_antennas=1,
            n_pairs=1,
            freq_mhz=5180,
            sequence=256,
            rssi_dbm=-50,
            noise_floor_dbm=-92,
            ppdu=2,
            flags=0,
            iq=b"\x7f\x81",
            transmitter=b"\xaa\xbb\xcc\xdd\xee\xff",
            rx_sequence=0x1231,
        ),
    ),
    "edge_vitals": (
        EDGE_VITALS,
        EdgeVitals(
            node_id=2,
            flags=5,
            breathing_bpm=22.42,
            heart_bpm=85.0,
            rssi_dbm=-19,
            n_persons=4,
            motion_energy=0.25,
            presence_score=43.0,
            uptime_ms=1000,
            reserved=b"\xab\xcd\x01\x02\x03\x04",
        ),
    ),
    "fused_vitals": (
        FUSED_VITALS,
        FusedVitals(
            node_id=9,
            flags=9,
            breathing_bpm=15.0,
            heart_bpm=24.0,
            rssi_dbm=-60,
            n_persons=1,
            mmwave_type=1,
            fusion_confidence=90,
            motion_energy=0.5,
            presence_score=1.5,
            uptime_ms=4294967295,
            mmwave_heart_bpm=64.0,
            mmwave_breathing_bpm=14.0,
            distance_cm=150.0,
            n_targets=2,
            mmwave_confidence=80,
            reserved=b"\x01\x02\x03\x04\x05\x06",
        ),
    ),
    "feature_vector": (
        FEATURE_VECTOR,
        FeatureVector(
            node_id=2,
            sequence=5337,
            uptime_us=-1,
            values=(0.0, 1.0, 0.5, 0.25, -1.0, -0.0, 2.0**120, 2.0**-126),
            reserved=0xEE,
        ),
    ),
    "feature_state": (
        FEATURE_STATE,
        FeatureState(
            node_id=5,
            mode=2,
            sequence=7,
            uptime_us=1_000_000,
            motion=1.0,
            presence=10.5,
            respiration_bpm=15.0,
            respiration_confidence=0.5,
            heart_bpm=72.0,
            heart_confidence=0.25,
            anomaly=0.0,
            environment_shift=0.0,
            coherence=1.0,
            quality=0x27,
            reserved=0x1234,
        ),
    ),
    "compressed": (COMPRESSED, CompressedCsi(node_id=1, channel=11, n_iq_bytes=128, data=b"\x00\x7e\x0f\x02")),
    "wasm": (WASM, WasmOutput(node_id=6, module_id=2, events=((1, 1.0), (255, -2.0)))),
    "sync_v1": (
        SYNC_V1,
        ClockSync(version=1, node_id=9, flags=6, local_us=28798450, mesh_us=27634901, next_sequence=20),
    ),
    "sync_v2": (
        SYNC_V2,
        ClockSync(
            version=2,
            node_id=12,
            flags=3,
            local_us=2**63 + 1,
            mesh_us=2**64 - 1,
            next_sequence=2**32 - 1,
            min_heap=64,
            reset_reason=9,
            thermal_state=1,
            die_celsius=-10,
            tx_power_dbm=20,
            address=b"\x9c\xcc\x01\x40\x18\xb8",
        ),
    ),
    "link_status": (
        LINK_STATUS,
        LinkStatus(
            node_id=3,
            flags=1,
            channel=6,
            bssid=b"\xf0\x9f\xc2\x01\x02\x03",
            rssi_dbm=-48,
            n_associations=5,
            reserved=b"\x99" + bytes(range(12)),
        ),
    ),
    "mesh": (MESH, MeshEnvelope(message=6, role=2, auth=0, epoch=10, payload=_MESH_BODY[16:])),
}
