"""What is asked of each invented village: place, hamlets, wanted scores and deliberate faults."""

from __future__ import annotations

from dataclasses import dataclass, field

NOTICE = "DATA CONTOH - direka, bukan data resmi"
CRS = "EPSG:32749"
KECAMATAN, KABUPATEN = "Jaten", "Karanganyar"


@dataclass(frozen=True)
class Rt:
    """One RT: wanted total score (14/PRT/M/2018), houses, hectares lived in, and its place in the SK."""

    total: int
    houses: int
    built_ha: float
    kawasan: str = ""
    in_sk: bool = False
    clear_land: bool = False

    @property
    def slum(self):
        """Whether the wanted total reaches the floor of kumuh ringan."""
        return self.total >= 16

    @property
    def surveyed(self):
        """Whether the settlement itself was verified (else the whole RT counts as luas verifikasi)."""
        return self.slum or self.in_sk or bool(self.kawasan)


@dataclass(frozen=True)
class Rw:
    """One RW with its dusun and its RT."""

    number: int
    dusun: str
    rts: tuple[Rt, ...]


@dataclass(frozen=True)
class Desa:
    """One project folder."""

    key: str
    name: str
    code: str
    kawasan: str
    seed: int
    lon: float
    lat: float
    shift: tuple[float, float]
    radius: float
    turn: float
    water: str
    rws: tuple[Rw, ...]
    letters: str  # how this office writes its column names: upper, lower or title
    other_files: dict = field(default_factory=dict)  # layer -> file name, instead of peta.gpkg
    population_raster: bool = False
    street_parcels: bool = True
    factory: bool = False


# fmt: off
JATEN = Desa(
    key="jaten", name="Jaten", code="33.13.11.2003", kawasan="Bulu", seed=3313112003,
    lon=110.89996, lat=-7.57398, shift=(60.0, -40.0), radius=358.0, turn=0.22, water="stream",
    letters="upper", other_files={"roads": "jalan.shp"}, population_raster=True, factory=True,
    rws=(
        Rw(4, "Bulu", (
            Rt(31, 60, 1.28, "Bulu", True), Rt(39, 64, 1.12, "Bulu", True),
            Rt(27, 56, 1.45, "Bulu", True, True), Rt(22, 50, 1.62, "Bulu", True, True))),
        Rw(3, "Dusun Contoh Lor", (
            Rt(9, 44, 1.55), Rt(15, 46, 1.30), Rt(5, 38, 1.50), Rt(18, 52, 1.25, "Contoh Lor"))),
        Rw(5, "Dusun Contoh Wetan", (
            Rt(7, 36, 1.40), Rt(11, 41, 1.45), Rt(14, 45, 1.30, "Contoh Wetan", True), Rt(4, 32, 1.20))),
        Rw(6, "Dusun Contoh Kidul", (
            Rt(6, 35, 1.30), Rt(12, 43, 1.35), Rt(16, 48, 1.22, "Contoh Kidul"), Rt(8, 40, 1.50))),
    ),
)

NGRINGO = Desa(
    key="ngringo", name="Ngringo", code="33.13.11.2005", kawasan="Puntukrejo", seed=3313112005,
    lon=110.87440, lat=-7.55684, shift=(-590.0, 30.0), radius=338.0, turn=-0.08, water="river",
    letters="lower", other_files={"inundation": "genangan.geojson"}, street_parcels=False,
    rws=(
        Rw(7, "Puntukrejo", (
            Rt(33, 62, 1.30, "Puntukrejo", True), Rt(41, 65, 1.15, "Puntukrejo", True),
            Rt(29, 58, 1.42, "Puntukrejo", True))),
        Rw(5, "Dusun Contoh Kulon", (
            Rt(10, 48, 1.50), Rt(17, 52, 1.18, "Contoh Kulon"), Rt(6, 45, 1.55))),
        Rw(6, "Dusun Contoh Tengah", (
            Rt(13, 50, 1.40, "Contoh Tengah", True), Rt(15, 47, 1.30), Rt(4, 44, 1.65))),
        Rw(8, "Dusun Contoh Etan", (
            Rt(8, 46, 1.60), Rt(20, 54, 1.20, "Contoh Etan", True), Rt(11, 42, 1.35))),
        Rw(9, "Dusun Contoh Anyar", (Rt(3, 40, 1.70), Rt(7, 43, 1.50))),
    ),
)

BRUJUL = Desa(
    key="brujul", name="Brujul", code="33.13.11.2008", kawasan="Widoro", seed=3313112008,
    lon=110.90605, lat=-7.54750, shift=(-30.0, 50.0), radius=312.0, turn=-0.35, water="stream",
    letters="title", other_files={"drains": "drainase.shp", "water": "sungai.geojson"},
    rws=(
        Rw(2, "Widoro", (
            Rt(9, 44, 1.40), Rt(14, 40, 1.25), Rt(26, 57, 1.36, "Widoro", True, True))),
        Rw(1, "Dusun Contoh Krajan", (Rt(7, 45, 1.55), Rt(16, 48, 1.15, "Contoh Krajan"), Rt(5, 37, 1.30))),
        Rw(3, "Dusun Contoh Sawahan", (Rt(4, 30, 1.10), Rt(15, 42, 1.25), Rt(10, 36, 1.20))),
        Rw(4, "Dusun Contoh Ngrejo", (
            Rt(13, 43, 1.30, "Contoh Ngrejo", True), Rt(6, 33, 1.15), Rt(8, 39, 1.40))),
    ),
)

# fmt: on

ALL = (JATEN, NGRINGO, BRUJUL)

# width in metres (lowest, highest) of every kind of street
STREETS = {"jalan utama": (5.0, 6.0), "jalan lingkungan": (2.6, 4.0), "gang": (1.0, 2.0)}
