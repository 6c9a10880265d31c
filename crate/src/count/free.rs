//! Operators that are known to hold no work: they move, rename, repeat or re-encode values. The list
//! is explicit; what is neither here nor in a rule is unknown.

use super::basics::{activates, adds, free, product, scales};
use super::view::View;
use super::{Activation, Counted, Kind};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    match (domain, op) {
        (
            "",
            "Reshape" | "Transpose" | "Flatten" | "Squeeze" | "Unsqueeze" | "Identity" | "Dropout" | "Cast"
            | "CastLike" | "Concat" | "ConcatFromSequence" | "Split" | "SplitToSequence" | "Slice" | "Pad"
            | "Tile" | "Expand" | "DepthToSpace" | "SpaceToDepth" | "Shape" | "Size" | "Constant"
            | "ConstantOfShape" | "EyeLike" | "Range" | "Trilu" | "Neg" | "Not" | "ReverseSequence"
            | "Col2Im" | "CenterCropPad" | "SequenceConstruct" | "SequenceEmpty" | "SequenceInsert"
            | "SequenceErase" | "SequenceAt" | "SequenceLength" | "Optional" | "OptionalGetElement"
            | "OptionalHasElement" | "BitCast" | "RandomNormal" | "RandomUniform" | "RandomNormalLike"
            | "RandomUniformLike",
        ) => Some(move_only),
        (
            "",
            "Gather" | "GatherElements" | "GatherND" | "Compress" | "Scatter" | "ScatterElements"
            | "ScatterND" | "TensorScatter",
        ) => Some(indexed),
        ("", "Resize" | "Upsample") => Some(resize),
        ("", "Where") | ("com.microsoft", "QLinearWhere") => Some(choose),
        _ => None,
    }
}

/// Nothing but movement, as long as what steers it (sizes, counts, positions) is public.
fn move_only(view: &View<'_>) -> Counted {
    let steering: &[usize] = match view.node.op.as_str() {
        "Reshape" | "Squeeze" | "Unsqueeze" | "Split" | "Tile" | "Expand" | "Trilu" | "Pad"
        | "ReverseSequence" | "SequenceAt" | "SequenceErase" => &[1],
        "Slice" => &[1, 2, 3, 4],
        "SequenceInsert" => &[2],
        _ => &[],
    };
    match steering.iter().find(|place| view.secret(**place)) {
        Some(place) => Err(format!("input {place} depends on the data: where values move is secret")),
        None => Ok(free()),
    }
}

/// Gather and Scatter: free at public positions; an oblivious look-up elsewhere.
fn indexed(view: &View<'_>) -> Counted {
    if view.secret(1) {
        if view.node.is("Gather") {
            return look_up(view);
        }
        return Err("the positions depend on the data: an oblivious look-up has no rule".to_owned());
    }
    match view.node.attrs.str("reduction").unwrap_or("none") {
        "none" => Ok(free()),
        "add" => Ok(adds(view.elements(2)?)),
        other => Err(format!("the reduction {other} has no rule")),
    }
}

/// Rows of a table at secret places.
fn look_up(view: &View<'_>) -> Counted {
    Ok(activates("look-up", looked_up(view, 1, 0, view.node.attrs.int_or("axis", 0))?))
}

/// 128 ids in a table of 30,522 rows of 768: 98,304 scalars come out of 128 searches.
pub(super) fn looked_up(view: &View<'_>, ids: usize, table: usize, axis: i64) -> Result<Activation, String> {
    let sizes = view.sizes(table)?;
    let axis = View::axis(axis, sizes.len())?;
    let row_length = sizes.get(axis).copied().unwrap_or(0);
    let rows = view.elements(ids)?;
    let found = view.elements(table)?.checked_div(row_length).unwrap_or(0);
    let elements = product(&[rows, found])?;
    Ok(Activation { kind: Kind::LookUp, elements, rows, row_length, comparisons: 0, folded: false })
}

/// Nearest repeats values; the others are weighted sums with public weights.
fn resize(view: &View<'_>) -> Counted {
    if (1..4).any(|place| view.secret(place)) {
        return Err("the size depends on the data".to_owned());
    }
    if view.node.attrs.str("mode").unwrap_or("nearest") == "nearest" {
        return Ok(free());
    }
    Ok(scales(view.out_elements()?))
}

/// A public choice is free; a secret one is a multiplexer per element.
fn choose(view: &View<'_>) -> Counted {
    if view.secret(0) {
        let chosen = super::basics::activation(Kind::Choice, view.out_elements()?)?;
        return Ok(activates("choice", chosen));
    }
    Ok(free())
}
