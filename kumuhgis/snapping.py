"""Where the borders of neighbours do not meet, and how they are brought together.

Finding is in two functions (:func:`overlaps`, :func:`gaps`), mending in one (:func:`snapped`). Mending moves corners,
it never cuts: a corner goes to a corner of a neighbour, or to the nearest point of a neighbour's border, and that
border gets the corner too. Of corners that should be one, that of most units stays (their other borders agree on it),
else what belongs to the larger unit stays, so the order of the units does not matter. A corner only moves across a
fault (a narrow gap or overlap), never across the land of a third unit, and never farther than the tolerance from
where it was drawn.

Shapes are arrays of valid polygons (empty ones where a unit has none) in metres.
"""

from itertools import pairwise

import numpy as np
import shapely
from scipy.spatial import cKDTree

from kumuhgis.shifts import SAME_M, shifts

#: Faces smaller than this are rounding (square metres).
SMALLEST_M2 = 1e-6
_CRUMB_M2 = 1e-10
#: Faults and borders are looked at with this slack; corners this near to each other are one (metres).
NEAR_M = 1e-4
#: Around a place where a border would move too far, so far nothing is moved (in tolerances).
_SPARED = 3
#: Rounds of moving corners before giving up.
ROUNDS = 12
#: A network of faults is wider where its arms meet than its arms are: half-width looked at, in tolerances.
_ARMS = 0.75
#: The mouth of an open gap is a hollow; a corner this far before it is a corner of the gap (in tolerances).
_MOUTH = 0.25


def overlaps(shapes, smallest=SMALLEST_M2):
    """Find where units overlap.

    Parameters
    ----------
    shapes : ndarray of polygons
        The units.
    smallest : float
        Square metres; what is smaller is rounding.

    Returns
    -------
    left, right : ndarray of int
        Positions of the two units.
    faces : ndarray of polygons
        What they share.
    """
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    meet = shapely.relate_pattern(shapes[left], shapes[right], "T********")
    left, right = left[meet], right[meet]
    faces, pair = shapely.get_parts(shapely.intersection(shapes[left], shapes[right]), return_index=True)
    real = shapely.area(faces) > smallest
    return left[pair[real]], right[pair[real]], faces[real]


def gaps(shapes, radius, smallest=SMALLEST_M2):
    """Find the holes between the units, and the gaps narrower than twice the radius that open to the outside.

    Parameters
    ----------
    shapes : ndarray of polygons
        The units.
    radius : float
        Half the width of an open gap (metres); 0 finds holes only, in units that fit each other.
    smallest : float
        Square metres; what is smaller is rounding.

    Returns
    -------
    ndarray of polygons
        One per gap. An open gap lies between two units, along at least four radii of each.
    """
    whole = shapely.union_all(shapes) if radius else shapely.coverage_union_all(shapes)
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(whole))))
    holes = _faces(shapely.difference(filled, whole), smallest)
    if not radius:
        return holes
    closed = shapely.buffer(shapely.buffer(filled, radius), -radius)
    mouths = _faces(shapely.difference(closed, filled), smallest)
    return np.concatenate([holes, mouths[_between_two(mouths, shapes, 4 * radius)]])


def _faces(shape, smallest):
    parts = shapely.get_parts(shape)
    return parts[shapely.area(parts) > smallest]


def _between_two(faces, shapes, length):
    """Tell which faces run along two units, at least so far along each."""
    face, _ = beside(faces, shapes, length)
    return np.bincount(face, minlength=len(faces)) >= 2


def beside(faces, shapes, length):
    """Find the units that faces or lines run along.

    Parameters
    ----------
    faces : ndarray of geometries
        Faces or lines.
    shapes : ndarray of polygons
        The units.
    length : float
        How far at least (metres).

    Returns
    -------
    face, unit : ndarray of int
        Positions of each pair.
    """
    face, unit = shapely.STRtree(shapes).query(faces, predicate="dwithin", distance=NEAR_M)
    edges = np.where(shapely.get_dimensions(faces) == 2, shapely.boundary(faces), faces)
    strips = shapely.buffer(edges, NEAR_M)
    along = shapely.length(shapely.intersection(shapely.boundary(shapes)[unit], strips[face])) >= length
    return face[along], unit[along]


def narrow(faces, radius):
    """Tell which faces no circle of this radius fits into.

    Parameters
    ----------
    faces : ndarray of polygons
        Faces.
    radius : float
        Metres.

    Returns
    -------
    ndarray of bool
        True where it does not fit.
    """
    return shapely.is_empty(shapely.buffer(faces, -radius))


def united(faces, group):
    """Unite the faces of each group.

    Parameters
    ----------
    faces : ndarray of polygons
        Faces.
    group : ndarray of int
        Number of the group of each face; every number from 0 is there.

    Returns
    -------
    ndarray of geometries
        One per group.
    """
    order = np.argsort(group, kind="stable")
    return shapely.union_all(shapely.geometrycollections(faces[order], indices=group[order])[:, None], axis=1)


def snapped(shapes, tolerance):
    """Bring the borders of neighbours together.

    Parameters
    ----------
    shapes : ndarray of polygons
        The units, valid.
    tolerance : float
        No border moves farther (metres).

    Returns
    -------
    ndarray of polygons
        The units, valid. Where bringing borders together would move one too far or lose a unit, all stays as it was.
    """
    spared = shapely.Polygon()
    for _ in range(ROUNDS):
        new, spared = _bounded(shapes, tolerance, spared)
        if shapely.is_empty(spared):
            return new
        again = _bounded(new, tolerance, shapely.Polygon())[0]
        if _same(new, again).all():
            return new
        spared = _grown(spared, _where_changed(new, again), tolerance)
    return shapes


def _bounded(shapes, tolerance, spared):
    """Move corners until nothing moves any more; where that moves a border too far, all stays as it was drawn."""
    rank = _ranks(shapes)
    now = shapes
    for _ in range(ROUNDS**2):
        new = _settled(now, rank, tolerance, spared)
        stirred = ~_same(now, new)
        if not stirred.any():
            return new, spared
        places = _too_far(shapes[stirred], new[stirred], tolerance)
        spared = _grown(spared, places, tolerance) if places else spared
        now = shapes if places else new
    return shapes, spared


def _ranks(shapes):
    """Give each unit its place, the largest first, equal ones by their shape."""
    order = sorted(range(len(shapes)), key=lambda i: (-shapes[i].area, shapely.to_wkb(shapely.normalize(shapes[i]))))
    rank = np.empty(len(shapes), int)
    rank[order] = np.arange(len(shapes))
    return rank


def _grown(spared, places, tolerance):
    return shapely.union_all([spared, *shapely.buffer(places, _SPARED * tolerance)])


def _where_changed(one, other):
    """Give the stretches of border that are not in both."""
    changed = ~_same(one, other)
    a, b = shapely.boundary(one[changed]), shapely.boundary(other[changed])
    return shapely.symmetric_difference(a, b)


def _same(one, other):
    return shapely.equals_identical(one, other)


def _settled(shapes, rank, tolerance, spared):
    """Move corners until nothing moves any more."""
    origin = {}
    for _ in range(ROUNDS):
        before = shapes
        for step in (_to_corners, _to_borders, _to_kin):
            if step is _to_kin and not _same(shapes, before).all():
                break
            net = _Net(shapes, rank, tolerance, spared, origin)
            shapes = net.applied(*step(net))
        if _same(shapes, before).all():
            break
    return shapes


class _Net:
    """The corners of all units near a fault, who has them, and where they were drawn."""

    def __init__(self, shapes, rank, tolerance, spared, origin):
        self.shapes, self.rank, self.tolerance, self.origin = shapes, rank, tolerance, origin
        broken = ~shapely.is_empty(np.atleast_1d(shapely.coverage_invalid_edges(shapes, gap_width=tolerance)))
        self.units = np.unique(shapely.STRtree(shapes).query(shapes[broken], "dwithin", tolerance)[1])
        self.faults = self._faults(spared) if broken.any() else np.empty(0, object)
        self.fault_tree = shapely.STRtree(self.faults)
        self.spared = spared
        rings, unit = shapely.get_rings(shapes[self.units], return_index=True)
        places, ring = shapely.get_coordinates(rings, return_index=True)
        owner = self.units[unit[ring]]
        self.xy, node = np.unique(places, axis=0, return_inverse=True)
        node = node.reshape(-1)
        step = ring[1:] == ring[:-1]
        self.edges, self.edge_units = _grouped(np.sort(np.c_[node[:-1], node[1:]][step], axis=1), owner[:-1][step])
        self.node_units = _grouped(node[:, None], owner)[1]
        self.points = shapely.points(self.xy) if len(self.xy) else np.empty(0, object)
        shapely.prepare(spared)
        self.free = ~shapely.intersects(spared, self.points)
        self.at_fault = self.free & self._within(_MOUTH * tolerance)
        self.near = self.free & self._within(tolerance)

    def _faults(self, spared):
        """Give the narrow faults among the units with a broken border, a little wider than they are."""
        shapes, radius = self.shapes[self.units], _ARMS * self.tolerance
        faces = np.concatenate([overlaps(shapes, _CRUMB_M2)[2], gaps(shapes, radius, _CRUMB_M2)])
        faces = faces[narrow(faces, radius)]
        faults = shapely.buffer(faces, NEAR_M)
        cut = shapely.intersects(faults, spared)
        faults[cut] = shapely.difference(faults[cut], spared)
        return faults

    def _within(self, distance):
        near = np.zeros(len(self.points), bool)
        near[self.fault_tree.query(self.points, predicate="dwithin", distance=distance)[0]] = True
        return near

    def outside(self, lines):
        """Give what of each line lies outside of all faults."""
        rest = lines.copy()
        line, fault = self.fault_tree.query(lines, predicate="intersects")
        rows, group = np.unique(line, return_inverse=True)
        rest[rows] = shapely.difference(lines[rows], united(self.faults[fault], group))
        whole = self.fault_tree.query(lines, predicate="covered_by")[0]
        rest[whole] = shapely.LineString()
        return rest

    def drawn(self, node):
        """Give the places where the corners that are now at a node were drawn."""
        place = tuple(self.xy[node])
        return self.origin.get(place, [place])

    def pairs(self):
        """Give the pairs of corners within the tolerance of each other of which at least one is at a fault."""
        near = np.flatnonzero(self.near)
        if len(near) < 2:
            return np.empty((0, 2), int)
        pairs = near[cKDTree(self.xy[near]).query_pairs(self.tolerance, output_type="ndarray").reshape(-1, 2)]
        return pairs[self.at_fault[pairs].any(axis=1)]

    def same(self):
        """Give the pairs of corners that only rounding has parted."""
        free = np.flatnonzero(self.free)
        if len(free) < 2:
            return np.empty((0, 2), int)
        return free[cKDTree(self.xy[free]).query_pairs(NEAR_M, output_type="ndarray").reshape(-1, 2)]

    def gathered(self, pairs):
        """Move corners to their partner: to those that most can reach, that most units have, of the largest unit."""
        partners, has = {}, self.node_units
        for p, q in pairs.tolist():
            partners.setdefault(p, []).append(q)
            partners.setdefault(q, []).append(p)
        moves, settled = {}, set()
        order = sorted(
            partners, key=lambda n: (-len(partners[n]), -len(has[n]), min(self.rank[u] for u in has[n]), *self.xy[n])
        )
        for node in order:
            place = tuple(self.xy[node])
            for other in partners[node] if node not in settled else ():
                if other not in settled and self.may_move(other, place):
                    moves[other] = place
                    settled |= {other, node}
        return moves

    def may_move(self, node, place):
        return all(np.hypot(x - place[0], y - place[1]) <= self.tolerance for x, y in self.drawn(node))

    def applied(self, moves, inserts):
        """Rebuild the units that have a corner moved or a border with a new corner."""
        if not moves and not inserts:
            return self.shapes
        xy = [tuple(place) for place in self.xy]
        old = {node: self.drawn(node) for node in moves}
        for node, place in moves.items():
            self.origin[place] = sorted({*self.origin.get(place, [place]), *old[node]})
        new = {xy[node]: place for node, place in moves.items()}
        added = {}
        for edge, nodes in inserts.items():
            a, b = (xy[n] for n in self.edges[edge])
            added[a, b] = [xy[n] for _, n in sorted(nodes)]
        touched = {u for n in moves for u in self.node_units[n]} | {u for e in inserts for u in self.edge_units[e]}
        shapes = self.shapes.copy()
        for unit in touched:
            shapes[unit] = _rebuilt(shapes[unit], new, added, self.tolerance / 2)
        return shapes


def _grouped(keys, owner):
    """Give the distinct rows of `keys` and the set of owners of each."""
    if not len(keys):
        return keys, []
    distinct, number = np.unique(keys, axis=0, return_inverse=True)
    sets = [set() for _ in range(len(distinct))]
    for row, one in zip(number.reshape(-1).tolist(), owner.tolist(), strict=True):
        sets[row].add(one)
    return distinct, sets


# ---------------------------------------------------------------- moving


def _to_corners(net):
    """Bring corners of different units together, at the one that most of them can reach."""
    return net.gathered(np.concatenate([_reachable(net, net.pairs()), net.same()])), {}


def _to_kin(net):
    """Bring corners together that have units in common and a fault beside them: the last resort."""
    has, pairs = net.node_units, net.pairs()
    pairs = pairs[net.at_fault[pairs].all(axis=1)]
    kin = np.array([has[p] <= has[q] or has[q] <= has[p] for p, q in pairs.tolist()], bool)
    across = pairs[kin]
    if len(across):
        across = across[shapely.is_empty(net.outside(shapely.linestrings(net.xy[across])))]
    return net.gathered(np.concatenate([across, _reachable(net, pairs[~kin], kin=True)])), {}


def _reachable(net, pairs, kin=False):
    """Keep the pairs of corners of different units with nothing between them but faults, or land of the two."""
    has = net.node_units
    pairs = np.array([(p, q) for p, q in pairs.tolist() if has[p] - has[q] and has[q] - has[p]], int).reshape(-1, 2)
    lines = shapely.linestrings(net.xy[pairs]) if len(pairs) else np.empty(0, object)
    rest = net.outside(lines)
    free = shapely.is_empty(rest)
    apart = np.array([kin or not has[p] & has[q] for p, q in pairs.tolist()], bool) & ~free
    rest = rest[apart]
    line, unit = shapely.STRtree(net.shapes).query(rest, predicate="intersects")
    inside = shapely.length(shapely.intersection(rest[line], net.shapes[unit])) > NEAR_M
    rows = np.flatnonzero(apart)
    free[rows] = True
    for row, one in zip(rows[line[inside]], unit[inside], strict=True):
        p, q = pairs[row].tolist()
        free[row] &= one in has[p] or one in has[q]
    return pairs[free]


def _to_borders(net):
    """Bring corners to the borders of other units; the border of the larger unit stays."""
    if not len(net.edges):
        return {}, {}
    lines = shapely.linestrings(net.xy[net.edges])
    node, edge = shapely.STRtree(lines).query(net.points, predicate="dwithin", distance=net.tolerance)
    apart = np.array([not net.node_units[n] & net.edge_units[e] for n, e in zip(node, edge, strict=True)], bool)
    node, edge = node[apart], edge[apart]
    along = shapely.line_locate_point(lines[edge], net.points[node])
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[edge], along)).reshape(-1, 2)
    far = np.hypot(*(net.xy[node] - foot).T)
    inner = (along > 0) & (along < shapely.length(lines[edge]))
    across = far > NEAR_M
    across[across] = ~shapely.is_empty(net.outside(shapely.linestrings(np.stack([net.xy[node], foot], 1)[across])))
    spared = shapely.intersects(net.spared, net.points[node]) | shapely.intersects(net.spared, lines[edge])
    fit = np.flatnonzero(inner & ~across & ~spared)
    moves, inserts, done = {}, {}, set()
    for i in sorted(fit, key=lambda i: (far[i], *net.xy[node[i]], *foot[i])):
        n, e = int(node[i]), int(edge[i])
        if n in done:
            continue
        stays = min(net.rank[u] for u in net.node_units[n]) < min(net.rank[u] for u in net.edge_units[e])
        place = tuple(foot[i])
        if far[i] > SAME_M and not stays and net.may_move(n, place):
            moves[n] = place
        inserts.setdefault(e, []).append((along[i], n))
        done.add(n)
    return moves, inserts


def _rebuilt(shape, moves, added, radius):
    polygons = []
    for part in shapely.get_parts(shape):
        shell, *holes = (_ring(ring, moves, added) for ring in (part.exterior, *part.interiors))
        if shell:
            polygons.append(shapely.Polygon(shell, [hole for hole in holes if hole]))
    whole = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return whole if whole.is_valid else _untangled(whole, radius)


def _untangled(shape, radius):
    """Make a shape valid that crosses itself after its corners moved; the crumbs are dropped."""
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    whole = [shapely.Polygon(p.exterior, [h for h in p.interiors if not _is_crumb(h, radius)]) for p in parts]
    big = [p for p in whole if not _is_crumb(p.exterior, radius)]
    return big[0] if len(big) == 1 else shapely.MultiPolygon(big)


def _is_crumb(ring, radius):
    return shapely.is_empty(shapely.buffer(shapely.Polygon(ring), -radius))


def _ring(ring, moves, added):
    """Give the ring with its new corners, without doubles and without ways there and back; [] if nothing is left."""
    old = [tuple(place) for place in shapely.get_coordinates(ring).tolist()]
    path = []
    for a, b in pairwise(old):
        path.append(a)
        path += added.get((a, b)) or added.get((b, a), [])[::-1]
    kept = []
    for place in (moves.get(p, p) for p in path):
        kept.append(place)
        _unfold(kept)
    while len(kept) > 2 and (kept[0] == kept[-1] or kept[0] == kept[-2] or kept[1] == kept[-1]):
        if kept[1] == kept[-1] and kept[0] != kept[-1]:
            kept = kept[1:]
        kept.pop()
    return kept if len(kept) > 2 else []


def _unfold(kept):
    while len(kept) > 1 and kept[-1] == kept[-2]:
        kept.pop()
    if len(kept) > 2 and kept[-1] == kept[-3]:
        del kept[-2:]


# ---------------------------------------------------------------- limits


def _too_far(shapes, new, tolerance):
    """Give the places where a border has moved too far, or where a unit was lost."""
    lost = shapely.is_empty(new) | ~shapely.is_valid(new)
    far, places = shifts(shapes[~lost], new[~lost], tolerance)
    return [*shapes[lost], *places[far > tolerance + SAME_M]]
