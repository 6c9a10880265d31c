//! Which elements of activations stay where only a share of them does, and what they share a call with.
//!
//! Masks of pixels, positions or channels keep a part of every layer: each layer still has its call (its rounds, and what
//! a call costs whatever its size), and the replaced part answers in the same rounds. Whole layers or stages are kept or
//! replaced: the calls of those that are replaced go. Which ones stay is taken from the end, while the share lasts, as
//! the early layers have the most elements and matter least in the published searches.
//!
//! A plan says it layer by layer instead, and what the polynomial of each asks for. Its figures are those of the model
//! that the plan writes: a Mul by a constant, a Mul of two secrets a power. It may name convolutions too, of which it
//! drops places: what they compute no longer is left out of their work.

use super::ask::{Activations, Keep, Replacement, Stay};
use super::job::product;
use crate::count::{Activation, Conv, Granularity, Row, Work};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_POLY_DEGREE;

/// The entry of a row.
pub(super) fn stay(plan: &[Stay], row: &Row) -> Option<Stay> {
    let at = plan.binary_search_by_key(&row.index, |stay| stay.index).ok()?;
    plan.get(at).copied()
}

/// Something of an element-wise activation of the row stays.
pub(super) fn stays(row: &Row, activations: &Activations) -> bool {
    let is_activation = |work: &Work| matches!(work, Work::Activation(a) if a.kind.is_pointwise());
    let replaced = match activations {
        Activations::Keep => false,
        Activations::All(_) => true,
        Activations::Share { kept, .. } => kept.share == 0.0,
        Activations::Plan(plan) => plan.iter().any(|stay| stay.index == row.index && stay.kept == 0),
    };
    !replaced && row.work.iter().any(is_activation)
}

/// The plan without what it says of these rows.
pub(super) fn without(activations: &Activations, gone: &[u32]) -> Activations {
    let Activations::Plan(plan) = activations else { return activations.clone() };
    let rest = plan.iter().filter(|stay| !gone.contains(&stay.index));
    match rest.copied().collect::<Vec<_>>() {
        rest if rest.is_empty() => Activations::Keep,
        rest => Activations::Plan(rest),
    }
}

/// Every entry is of a row that has as many elements, in the rows' order, and of a degree that can be.
pub(super) fn check_plan(rows: &[Row], plan: &[Stay]) -> Result<()> {
    let bad = |stay: &Stay, why: &str| {
        Err(Error::new(Code::InvalidSetting, format!("the plan for row {} {why}", stay.index)))
    };
    let mut rest = rows.iter();
    for (position, stay) in plan.iter().enumerate() {
        if plan.get(position + 1).is_some_and(|next| next.index <= stay.index) {
            return bad(stay, "is out of order");
        }
        let row = rest.find(|row| row.index == stay.index);
        // What is dropped of a convolution has nothing in its place.
        let whole = |row: &&Row| elements_of(row) > 0 || (stay.scales, stay.products) == (0, 0);
        let most = row.filter(whole).map(planned_of);
        match most.filter(|most| *most > 0) {
            None => return bad(stay, "finds no activation there"),
            Some(most) if stay.kept > most => return bad(stay, &format!("keeps more than {most} elements")),
            Some(_) => {}
        }
        if stay.scales.max(stay.products) as usize > MAX_POLY_DEGREE {
            return bad(stay, "has too high a degree");
        }
    }
    Ok(())
}

/// Elements of a row that a plan can keep a part of: those of its activations, else the outputs of its convolution.
pub fn planned_of(row: &Row) -> u64 {
    match elements_of(row) {
        0 => outputs(row),
        elements => elements,
    }
}

/// Outputs of a convolution whose places can be dropped; 0 where the row is none.
fn outputs(row: &Row) -> u64 {
    let Some(Work::Conv(conv)) = row.work.first() else { return 0 };
    let outputs = product(&conv.output).saturating_mul(product(&[conv.batch, conv.out_channels]));
    u64::try_from(outputs).unwrap_or(u64::MAX)
}

/// The row of a convolution of which so many outputs are computed; without any it does nothing.
fn dropped(row: &Row, kept: u64) -> Row {
    let of_work = |work: &Work| match work {
        Work::Conv(conv) => {
            Work::Conv(Conv { places: Some(kept / conv.out_channels.max(1)), ..conv.clone() })
        }
        Work::BatchNorm { elements } => Work::BatchNorm { elements: kept.min(*elements) },
        other => other.clone(),
    };
    Row { work: row.work.iter().filter(|_| kept > 0).map(of_work).collect(), ..row.clone() }
}

/// The rows with polynomials in the place of the activations of which nothing stays, and convolutions without the
/// outputs that a plan drops.
pub(super) fn replaced(rows: &[Row], plan: &[Stay]) -> Vec<Row> {
    let of_row = |row: &Row| {
        if let (0, Some(stay)) = (elements_of(row), stay(plan, row)) {
            return dropped(row, stay.kept);
        }
        let Some(stay) = stay(plan, row).filter(|stay| stay.kept == 0) else { return row.clone() };
        let of_work = |work: &Work| match elements(work) {
            0 => vec![work.clone()],
            n => stay.polynomial(n).collect(),
        };
        Row { work: row.work.iter().flat_map(of_work).collect(), ..row.clone() }
    };
    rows.iter().map(of_row).collect()
}

/// What stays under a plan; all of what it does not name.
pub(super) fn planned(rows: &[Row], plan: &[Stay]) -> Kept {
    let of_row = |row: &Row| {
        let stay = stay(plan, row);
        let of_work = |work| elements(work).min(stay.map_or(u64::MAX, |stay| stay.kept));
        row.work.iter().map(of_work).collect()
    };
    rows.iter().map(of_row).collect()
}

fn elements_of(row: &Row) -> u64 {
    row.work.iter().map(elements).fold(0, u64::saturating_add)
}

/// What becomes of the replaceable activations of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Becomes {
    /// Elements that a polynomial, or nothing, stands for.
    pub replaced: u64,
    /// Products with a public number that those take.
    pub scales: u64,
    /// Products of two secrets that those take.
    pub products: u64,
}

/// What becomes of each row's element-wise activations; None for a row without any.
pub fn becomes(rows: &[Row], activations: &Activations) -> Vec<Option<Becomes>> {
    let plan = activations.plan();
    let stays = match activations.kept() {
        Some(keep) => kept(rows, keep),
        None if activations.others().is_some() => Vec::new(),
        None => planned(rows, plan),
    };
    let of_row = |(position, row): (usize, &Row)| {
        let elements = Some(elements_of(row)).filter(|n| *n > 0)?;
        let kept = stays.get(position).map_or(0, |places| places.iter().sum());
        // As `Work::Poly2` and `Stay::polynomial` take them, for each element.
        let (scales, products) = match activations.others() {
            None => stay(plan, row).map_or((0, 0), |stay| (stay.scales, stay.products)),
            Some(Replacement::Identity) => (0, 0),
            Some(Replacement::Poly2Public) => (1, 1),
            Some(Replacement::Poly2Secret) => (0, 2),
            Some(Replacement::Aespa) => (0, 1),
        };
        let replaced = elements.saturating_sub(kept);
        let of_others = |each: u32| replaced.saturating_mul(each.into());
        Some(Becomes { replaced, scales: of_others(scales), products: of_others(products) })
    };
    rows.iter().enumerate().map(of_row).collect()
}

/// Of each row that a plan drops outputs of: all that its convolution has, and those that are computed.
pub fn linear_of(rows: &[Row], activations: &Activations) -> Vec<Option<[u64; 2]>> {
    let of_row = |row: &Row| {
        let stay = stay(activations.plan(), row).filter(|_| elements_of(row) == 0)?;
        let all = outputs(row);
        (all > 0).then_some([all, stay.kept.min(all)])
    };
    rows.iter().map(of_row).collect()
}

/// Kept elements of each piece of work, by row and place; 0 for what is no element-wise activation.
pub(super) type Kept = Vec<Vec<u64>>;

/// Elements of an activation that can be replaced.
fn elements(work: &Work) -> u64 {
    match work {
        Work::Activation(a) if a.kind.is_pointwise() => a.elements,
        _ => 0,
    }
}

/// `part` of `n`, to the nearest.
fn part(n: u64, share: f64) -> u64 {
    ((n as f64 * share).round() as u64).min(n)
}

/// 65,536 elements at 32 x 32, share 0.1: 6,554 pixels; 102 positions x 64 channels = 6,528; 6 channels x 1,024 = 6,144.
pub(super) fn kept(rows: &[Row], keep: Keep) -> Kept {
    let places = places(rows);
    let by_row = |group: &dyn Fn(u64, u64) -> u64| -> Kept {
        let rows = rows.iter().zip(&places);
        rows.map(|(row, place)| row.work.iter().map(|work| group(elements(work), *place)).collect()).collect()
    };
    match keep.granularity {
        Granularity::Pixel => by_row(&|n, _| part(n, keep.share)),
        Granularity::Spatial => by_row(&|n, place| grouped(n, n.checked_div(place), keep.share)),
        Granularity::Channel => {
            by_row(&|n, place| grouped(n, Some(place).filter(|place| *place > 0), keep.share))
        }
        Granularity::Patch(side) => {
            let size = u64::from(side).saturating_mul(side.into());
            by_row(&|n, _| grouped(n, Some(size), keep.share))
        }
        Granularity::Layer => whole(rows, (0..rows.len()).map(|row| row as u64).collect(), keep.share),
        Granularity::Stage => {
            // A stage is a run of one resolution; each run has a number.
            let runs = places.iter().scan((0, u64::MAX), |(run, before), place| {
                if place != before {
                    (*run, *before) = (*run + 1, *place);
                }
                Some(*run)
            });
            whole(rows, runs.collect(), keep.share)
        }
    }
}

/// Whole groups of `size` elements; single elements where the size is not known.
fn grouped(n: u64, size: Option<u64>, share: f64) -> u64 {
    match size.filter(|size| *size > 0 && n.is_multiple_of(*size)) {
        Some(size) => part(n / size, share) * size,
        None => part(n, share),
    }
}

/// Positions of the maps at each row: those of the convolution before it; 0 before the first.
fn places(rows: &[Row]) -> Vec<u64> {
    let mut place = 0;
    let of_row = |row: &Row| {
        for work in &row.work {
            if let Work::Conv(conv) | Work::ConvTranspose(conv) = work {
                place = u64::try_from(product(&conv.output)).unwrap_or(0);
            }
        }
        place
    };
    rows.iter().map(of_row).collect()
}

/// Keeps groups of rows from the last one back, all or nothing, while the share lasts; what is too large is replaced,
/// and smaller ones before it may still fit.
fn whole(rows: &[Row], group: Vec<u64>, share: f64) -> Kept {
    let sizes: Vec<u64> = rows.iter().map(elements_of).collect();
    let all = sizes.iter().copied().fold(0, u64::saturating_add);
    let mut left = part(all, share);
    let mut kept: Kept = rows.iter().map(|row| vec![0; row.work.len()]).collect();
    let mut end = rows.len();
    while end > 0 {
        let start = group[..end].iter().rposition(|g| *g != group[end - 1]).map_or(0, |before| before + 1);
        let size = sizes[start..end].iter().copied().fold(0, u64::saturating_add);
        if size <= left {
            left -= size;
            for (kept, row) in kept[start..end].iter_mut().zip(&rows[start..end]) {
                *kept = row.work.iter().map(elements).collect();
            }
        }
        end = start;
    }
    kept
}

/// The activation on the kept elements, and on the others.
pub(super) fn split(a: &Activation, kept: u64) -> [Activation; 2] {
    let of = |elements: u64| {
        let comparisons = u128::from(a.comparisons) * u128::from(elements) / u128::from(a.elements.max(1));
        Activation { elements, comparisons: u64::try_from(comparisons).unwrap_or(u64::MAX), ..*a }
    };
    [of(kept), of(a.elements.saturating_sub(kept))]
}
