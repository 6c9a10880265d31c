//! Gates g(x) = 1 where x.h >= 0: which patterns over some points a direction h can make, and how often a Gaussian h
//! makes each. The points' planes through the origin cut the circle into arcs, the sphere into cells.

use std::collections::BTreeMap;
use std::f64::consts::{PI, TAU};

/// Directions that differ by less are one.
const SAME: f64 = 1e-9;

/// A pattern, point by point.
pub(super) type Mask = Vec<bool>;

/// The patterns of non-zero points in the plane, by the angle of their directions, with their measures.
pub(super) fn in_plane(points: &[[f64; 2]]) -> Vec<(Mask, f64)> {
    let arcs = arcs(points.iter().map(|[x, y]| y.atan2(*x)));
    arcs.into_iter()
        .map(|(middle, width)| {
            let (sin, cos) = middle.sin_cos();
            (points.iter().map(|[x, y]| x * cos + y * sin >= 0.0).collect(), width / TAU)
        })
        .collect()
}

/// The turn, cut at right angles to each of some directions, both ways: the middle of each arc, and its width.
fn arcs(normals: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
    let ways = normals.flat_map(|angle| [angle + PI / 2.0, angle - PI / 2.0]);
    let mut bounds: Vec<f64> = ways.map(|bound| bound.rem_euclid(TAU)).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup_by(|next, bound| (*next - *bound).abs() < SAME);
    // 0 and a turn less a hair are one bound.
    if bounds.len() > 1
        && bounds.last().zip(bounds.first()).is_some_and(|(last, first)| first + TAU - last < SAME)
    {
        bounds.pop();
    }
    let ends = bounds.iter().skip(1).copied().chain(bounds.first().map(|first| first + TAU));
    bounds.iter().zip(ends).map(|(from, to)| (f64::midpoint(*from, to), to - from)).collect()
}

type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(a: Vector) -> Option<Vector> {
    let length = dot(a, a).sqrt();
    (length > SAME).then(|| a.map(|x| x / length))
}

/// The patterns of non-zero points in space, with their measures: the area of a cell is the sum of its angles less
/// (corners - 2) pi, corner by corner of the arrangement.
pub(super) fn in_space(points: &[Vector]) -> Vec<(Mask, f64)> {
    let normals: Vec<Vector> = points.iter().filter_map(|point| unit(*point)).collect();
    let corners = corners(&normals);
    if corners.is_empty() {
        // All planes are one: two hemispheres.
        let h = normals.first().copied().unwrap_or_default();
        let side = |h: Vector| points.iter().map(|point| dot(*point, h) >= 0.0).collect();
        return vec![(side(h), 0.5), (side(h.map(|x| -x)), 0.5)];
    }
    let mut cells: BTreeMap<Mask, (f64, u32)> = BTreeMap::new();
    for corner in corners {
        for (middle, angle) in sectors(&normals, corner) {
            // The pattern just beside the corner: planes that do not meet there have their side already.
            let side = |point: &Vector| {
                let at = dot(*point, corner);
                let scale = dot(*point, *point).sqrt();
                if at.abs() > SAME * scale { at >= 0.0 } else { dot(*point, middle) >= 0.0 }
            };
            let cell = cells.entry(points.iter().map(side).collect()).or_default();
            *cell = (cell.0 + angle, cell.1 + 1);
        }
    }
    let area = |(angles, corners): (f64, u32)| angles - (f64::from(corners) - 2.0) * PI;
    cells.into_iter().map(|(mask, cell)| (mask, area(cell) / (4.0 * PI))).collect()
}

/// Where planes meet on the sphere, each once.
fn corners(normals: &[Vector]) -> Vec<Vector> {
    let mut found: Vec<Vector> = Vec::new();
    for (i, a) in normals.iter().enumerate() {
        for b in &normals[i + 1..] {
            let Some(corner) = unit(cross(*a, *b)) else { continue };
            for corner in [corner, corner.map(|x| -x)] {
                let near = |other: &Vector| (0..3).all(|k| (other[k] - corner[k]).abs() < SAME);
                if !found.iter().any(near) {
                    found.push(corner);
                }
            }
        }
    }
    found
}

/// The sectors around a corner between the planes that meet there: a direction in the middle, and the angle.
fn sectors(normals: &[Vector], corner: Vector) -> Vec<(Vector, f64)> {
    let through: Vec<Vector> = normals.iter().copied().filter(|n| dot(*n, corner).abs() < SAME).collect();
    let Some(east) = through.first().copied() else { return Vec::new() };
    let north = cross(corner, east);
    // A plane leaves the corner at a right angle to its normal, both ways.
    let arcs = arcs(through.iter().map(|n| dot(*n, north).atan2(dot(*n, east))));
    arcs.into_iter()
        .map(|(middle, angle)| {
            let (sin, cos) = middle.sin_cos();
            (std::array::from_fn(|k| cos * east[k] + sin * north[k]), angle)
        })
        .collect()
}
