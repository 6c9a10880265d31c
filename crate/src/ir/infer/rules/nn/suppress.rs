//! NonMaxSuppression. How many boxes stay is known where boxes and scores are stored.

use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

/// Pairs of boxes that are compared at most: 128 boxes of one class.
const MAX_PAIRS: u64 = 1 << 14;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    matches!((domain, op), ("", "NonMaxSuppression")).then_some(non_max_suppression as Rule)
}

/// `[kept, 3]`, each an image, a class and a box.
fn non_max_suppression(ctx: &mut Ctx<'_>) -> Inferred {
    let kept = kept(ctx);
    let count = kept.as_ref().map_or(Dim::Unknown, |kept| Dim::Known(kept.len() as i64));
    ctx.set(0, Some(DType::I64), vec![count, Dim::Known(3)]);
    let kept = kept.ok_or_else(|| Why::new("how many boxes NonMaxSuppression keeps depends on the data"))?;
    let elements = kept.iter().flatten().map(|place| Dim::Known(*place as i64)).collect();
    ctx.set_constant(0, Const { dims: vec![kept.len() as u64, 3], data: Data::Ints(elements) });
    Ok(())
}

/// The boxes of each image and class by falling score, the first of equal ones first, but those that overlap one kept
/// before by more than a share; numbers are float32, as the operator's. None where data enter.
fn kept(ctx: &Ctx<'_>) -> Option<Vec<[usize; 3]>> {
    let limit = |place: usize| match ctx.has(place) {
        true => ctx.constant(place)?.scalar().map(Some),
        false => Some(None),
    };
    // Without a number of boxes none is kept: so says the standard.
    let most = limit(2)?.unwrap_or(0.0);
    if most < 1.0 {
        return Some(Vec::new());
    }
    let (share, least) = (limit(3)?.unwrap_or(0.0) as f32, limit(4)?.map(|least| least as f32));
    let (boxes, scores) = (ctx.constant(0)?, ctx.constant(1)?);
    let (&[images, count, 4], &[of, classes, scored]) = (boxes.dims.as_slice(), scores.dims.as_slice())
    else {
        return None;
    };
    let pairs = [images, classes, count, count].iter().try_fold(1u64, |n, size| n.checked_mul(*size))?;
    if (of, scored) != (images, count) || pairs > MAX_PAIRS || count == 0 {
        return None;
    }
    let centred = ctx.attrs().int_or("center_point_box", 0) != 0;
    let (boxes, scores) = (boxes.to_floats()?, scores.to_floats()?);
    if boxes.iter().chain(&scores).any(|n| n.is_nan()) {
        return None;
    }
    let boxes: Vec<Sides> =
        boxes.as_chunks().0.iter().map(|numbers| sides(numbers.map(|n| n as f32), centred)).collect();
    let mut all = Vec::new();
    for (place, scores) in scores.chunks_exact(count as usize).enumerate() {
        let (image, class) = (place / classes as usize, place % classes as usize);
        let own = boxes.chunks_exact(count as usize).nth(image)?;
        let mut candidates: Vec<(usize, f32, &Sides)> = own
            .iter()
            .zip(scores)
            .enumerate()
            .map(|(at, (sides, score))| (at, *score as f32, sides))
            .filter(|(_, score, _)| least.is_none_or(|least| *score > least))
            .collect();
        candidates.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(std::cmp::Ordering::Equal));
        let mut chosen: Vec<&Sides> = Vec::new();
        for (at, _, sides) in candidates {
            if chosen.len() as f64 >= most {
                break;
            }
            if !chosen.iter().any(|other| overlap(sides, other) > share) {
                chosen.push(sides);
                all.push([image, class, at]);
            }
        }
    }
    Some(all)
}

/// From and to along both axes.
type Sides = [[f32; 2]; 2];

/// Of two opposite corners, or of a centre and sizes.
fn sides([a, b, c, d]: [f32; 4], centred: bool) -> Sides {
    if centred {
        [[a - c / 2.0, a + c / 2.0], [b - d / 2.0, b + d / 2.0]]
    } else {
        [[a.min(c), a.max(c)], [b.min(d), b.max(d)]]
    }
}

/// The share of two boxes' union that both have; below 0 where they have none. Squares of side 2, one moved by 1: 2/6.
fn overlap(a: &Sides, b: &Sides) -> f32 {
    let area = |sides: &Sides| (sides[0][1] - sides[0][0]) * (sides[1][1] - sides[1][0]);
    let common: Sides = [0, 1].map(|axis| [a[axis][0].max(b[axis][0]), a[axis][1].min(b[axis][1])]);
    let union = area(a) + area(b) - area(&common);
    let any = common.iter().all(|[from, to]| to > from) && area(a) > 0.0 && area(b) > 0.0 && union > 0.0;
    if any { area(&common) / union } else { f32::NEG_INFINITY }
}
