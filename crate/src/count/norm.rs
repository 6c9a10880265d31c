//! Normalisations, whose elements are their outputs and whose rows are normalised on their own, and
//! Softmax. BatchNorm is an affine map with public numbers: after a linear layer it folds into the
//! weights and is no work; elsewhere it is one product with a constant per element. In training mode it is none: each
//! channel is normalised by the batch's own moments, as a row.

use super::basics::{activates, product};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};
use crate::ir::graph::Node;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "BatchNormalization") => batch_norm,
        ("" | "com.microsoft", "LayerNormalization") => |v| from_axis(v, Kind::LayerNorm),
        ("", "RMSNormalization") | ("" | "com.microsoft", "SimplifiedLayerNormalization") => {
            |v| from_axis(v, Kind::RMSNorm)
        }
        ("com.microsoft", "SkipLayerNormalization") => |v| skip(v, Kind::LayerNorm),
        ("com.microsoft", "SkipSimplifiedLayerNormalization") => |v| skip(v, Kind::RMSNorm),
        ("com.microsoft", "EmbedLayerNormalization") => embed,
        ("", "InstanceNormalization") => |v| per_channel(v, Kind::InstanceNorm),
        ("", "MeanVarianceNormalization") => mean_variance,
        ("" | "com.microsoft", "GroupNormalization" | "GroupNorm") => group_norm,
        ("", "LRN") => |v| Ok(rows_of("lrn", Kind::LRN, v.out_elements()?, 0)),
        ("", "LpNormalization") => lp_norm,
        ("", "Softmax") => |v| softmax(v, Kind::Softmax),
        ("", "LogSoftmax") => |v| softmax(v, Kind::LogSoftmax),
        ("com.microsoft", "BiasSoftmax") => biased_softmax,
        _ => return None,
    })
}

/// An activation of `elements` scalars in rows of `row_length`; 0 where rows mean nothing.
pub(super) fn rows_of(rule: &'static str, kind: Kind, elements: u64, row_length: u64) -> NodeCount {
    let rows = elements.checked_div(row_length).unwrap_or(0);
    activates(rule, Activation { kind, elements, rows, row_length, comparisons: 0, folded: false })
}

/// Takes the moments of the batch: the attribute since operator set 14, before that whether the moments come out.
fn is_training(node: &Node) -> bool {
    match node.opset {
        14.. => node.attrs.int_or("training_mode", 0) != 0,
        7.. => node.outputs.iter().skip(1).any(Option::is_some),
        _ => node.attrs.int_or("is_test", 0) == 0 && node.outputs.iter().skip(1).any(Option::is_some),
    }
}

/// Each of 4 channels of 2x4x6x6 is a row of 72: 4 means, 4 variances, 4 inverse roots and 288 products. Nothing of that
/// is known before the data is.
fn batch_moments(view: &View<'_>) -> Counted {
    let sizes = view.sizes(0)?;
    let elements = product(&sizes)?;
    let channels = sizes.get(1).copied().ok_or("a rank of 2 or more is needed")?;
    let values = elements.checked_div(channels).unwrap_or(0);
    let mut count = rows_of("norm", Kind::InstanceNorm, elements, values);
    count.marks.push(format!(
        "training mode, not foldable: mean and variance of {values} values for each of {channels} channels, \
         {channels} inverse roots, {elements} products"
    ));
    // The running moments: a mix with public shares.
    let moments = view.node.outputs.iter().skip(1).flatten().count() as u64;
    if moments > 0 {
        let mixed = product(&[channels, moments])?;
        count.truncations = mixed;
        count.work.push(Work::Scale { elements: mixed });
    }
    Ok(count)
}

fn batch_norm(view: &View<'_>) -> Counted {
    if is_training(view.node) {
        return batch_moments(view);
    }
    let elements = view.out_elements()?;
    let folds = view.producer(0).is_some_and(|(id, node)| {
        let alone = node
            .output(0)
            .is_some_and(|v| view.facts.consumers.get(v.0 as usize).is_some_and(|c| c.len() == 1));
        alone
            && ["Conv", "ConvTranspose", "Gemm", "MatMul"].iter().any(|op| node.is(op))
            && id != view.id
            && node.input(1).is_some_and(|w| !view.facts.is_secret(w))
    });
    let mut count = NodeCount { rule: "batch-norm", batch_norm: elements, ..NodeCount::default() };
    if folds {
        count.marks.push("folds into the layer before".to_owned());
    } else {
        count.truncations = elements;
        count.work = vec![Work::BatchNorm { elements }];
    }
    Ok(count)
}

fn from_axis(view: &View<'_>, kind: Kind) -> Counted {
    let sizes = view.sizes(0)?;
    let axis = View::axis(view.node.attrs.int_or("axis", -1), sizes.len())?;
    let row_length = product(sizes.get(axis..).unwrap_or_default())?;
    Ok(rows_of("norm", kind, product(&sizes)?, row_length))
}

/// com.microsoft: adds a skip connection, then normalises the last axis.
fn skip(view: &View<'_>, kind: Kind) -> Counted {
    let sizes = view.sizes(0)?;
    let elements = product(&sizes)?;
    let mut count = rows_of("norm", kind, elements, sizes.last().copied().unwrap_or(0));
    count.work.insert(0, Work::Add { elements });
    count.adds = elements;
    Ok(count)
}

/// com.microsoft: words, positions and segments are looked up and added, then the last axis is normalised. 2x7 ids in
/// tables of 8 columns: 112 scalars of each table, 224 adds, 14 rows of 8. Ids that are secret are
/// searched for, one table after the other.
fn embed(view: &View<'_>) -> Counted {
    const SEGMENTS: usize = 4;
    let sizes = view.sizes(2)?;
    let (elements, width) = (view.out_elements()?, sizes.last().copied().unwrap_or(0));
    let mut count = rows_of("norm", Kind::LayerNorm, elements, width);
    let sums = 1 + u64::from(view.has(SEGMENTS));
    let mut work = vec![Work::Add { elements: product(&[elements, sums])? }];
    count.adds = product(&[elements, sums])?;
    for (ids, table) in [(8, 3), (1, SEGMENTS), (0, 2)] {
        if view.has(ids) && view.has(table) && view.secret(ids) {
            let found = super::free::looked_up(view, ids, table, 0)?;
            count.marks.push(format!("also holds LookUp: {} elements", found.elements));
            work.insert(0, Work::Activation(found));
        }
    }
    count.work.splice(0..0, work);
    Ok(count)
}

fn per_channel(view: &View<'_>, kind: Kind) -> Counted {
    let sizes = view.sizes(0)?;
    let row_length = product(sizes.get(2..).ok_or("a rank of 3 or more is needed")?)?;
    Ok(rows_of("norm", kind, product(&sizes)?, row_length))
}

fn mean_variance(view: &View<'_>) -> Counted {
    let sizes = view.sizes(0)?;
    let axes = view.node.attrs.ints("axes").map_or_else(|| vec![0, 2, 3], <[i64]>::to_vec);
    let mut row = Vec::with_capacity(axes.len());
    for axis in axes {
        row.push(sizes.get(View::axis(axis, sizes.len())?).copied().unwrap_or(1));
    }
    Ok(rows_of("norm", Kind::InstanceNorm, product(&sizes)?, product(&row)?))
}

fn group_norm(view: &View<'_>) -> Counted {
    let sizes = view.sizes(0)?;
    let attrs = &view.node.attrs;
    let groups = attrs.int("num_groups").or_else(|| attrs.int("groups")).unwrap_or(0);
    let groups = u64::try_from(groups).ok().filter(|g| *g > 0).ok_or("num_groups is missing")?;
    let elements = product(&sizes)?;
    let rows = product(&[sizes.first().copied().unwrap_or(1), groups])?;
    let mut count = rows_of("norm", Kind::GroupNorm, elements, elements.checked_div(rows).unwrap_or(0));
    if attrs.int_or("activation", 0) == 1 {
        let silu = super::basics::activation(Kind::SiLU, elements)?;
        count.work.push(Work::Activation(silu));
        count.marks.push(format!("also holds SiLU: {elements} elements"));
    }
    Ok(count)
}

/// x / |x|: squares and a sum, a root per row, and a division per element.
fn lp_norm(view: &View<'_>) -> Counted {
    let sizes = view.sizes(0)?;
    let axis = View::axis(view.node.attrs.int_or("axis", -1), sizes.len())?;
    let elements = product(&sizes)?;
    let rows = elements.checked_div(sizes.get(axis).copied().unwrap_or(0)).unwrap_or(0);
    let division = super::basics::activation(Kind::Division, elements)?;
    let mut count = if view.node.attrs.int_or("p", 2) == 2 {
        super::pool::euclidean(rows, elements)?
    } else {
        activates("norm", super::basics::activation(Kind::Abs, elements)?)
    };
    count.activation = Some(division);
    count.work.push(Work::Activation(division));
    Ok(count)
}

/// Rows and row length: the axis alone since opset 13, all axes from it on before.
pub(super) fn softmax_rows(view: &View<'_>) -> Result<(u64, u64), String> {
    let sizes = view.sizes(0)?;
    let rank = sizes.len();
    let elements = product(&sizes)?;
    let row_length = if view.node.opset >= 13 {
        let axis = View::axis(view.node.attrs.int_or("axis", -1), rank)?;
        sizes.get(axis).copied().unwrap_or(0)
    } else {
        let axis = View::axis(view.node.attrs.int_or("axis", 1), rank + 1)?;
        product(sizes.get(axis..).unwrap_or_default())?
    };
    Ok((elements.checked_div(row_length).unwrap_or(0), row_length))
}

/// com.microsoft: a bias is added to what goes in.
fn biased_softmax(view: &View<'_>) -> Counted {
    let mut count = softmax(view, Kind::Softmax)?;
    count.adds = view.out_elements()?;
    count.work.insert(0, Work::Add { elements: count.adds });
    Ok(count)
}

fn softmax(view: &View<'_>, kind: Kind) -> Counted {
    let (rows, row_length) = softmax_rows(view)?;
    let elements = product(&[rows, row_length])?;
    Ok(activates("softmax", Activation { kind, elements, rows, row_length, comparisons: 0, folded: false }))
}
