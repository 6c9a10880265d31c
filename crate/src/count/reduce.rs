//! Reductions, searches and sums. A mean is an average pool over the reduced axes; a maximum is a
//! tree of comparisons.

use super::basics::{activates, activation, adds, averages, product, products};
use super::pool::{euclidean, maximum};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "ReduceMean") => |v| ratio(v).map(|(outputs, row)| averages(outputs, row)),
        ("", "ReduceSum" | "CumSum") => sum,
        ("", "ReduceMax" | "ReduceMin") => |v| ratio(v).and_then(|(outputs, row)| maximum(outputs, row)),
        ("", "ReduceL1") => magnitude,
        ("", "ReduceL2") => |v| euclidean(v.out_elements()?, v.elements(0)?),
        ("", "ReduceSumSquare") => |v| Ok(products(v.elements(0)?)),
        ("", "ReduceProd") => |v| Ok(products(v.elements(0)?.saturating_sub(v.out_elements()?))),
        ("", "ReduceLogSum") => |v| Ok(activates("reduce-log", activation(Kind::Log, v.out_elements()?)?)),
        ("", "ReduceLogSumExp") => log_sum_exp,
        ("", "ArgMax" | "ArgMin") => {
            |v| ratio(v).and_then(|(rows, row)| search(Kind::ArgMax, rows, rows, row))
        }
        ("", "Hardmax") => hardmax,
        ("", "TopK") => top_k,
        _ => return None,
    })
}

/// Outputs, and inputs of each.
fn ratio(view: &View<'_>) -> Result<(u64, u64), String> {
    let (inputs, outputs) = (view.elements(0)?, view.out_elements()?);
    Ok((outputs, inputs.checked_div(outputs).unwrap_or(0)))
}

fn sum(view: &View<'_>) -> Counted {
    let (inputs, outputs) = (view.elements(0)?, view.out_elements()?);
    if view.node.is("CumSum") {
        return Ok(adds(outputs));
    }
    Ok(adds(inputs.saturating_sub(outputs)))
}

fn magnitude(view: &View<'_>) -> Counted {
    Ok(activates("reduce-l1", activation(Kind::Abs, view.elements(0)?)?))
}

fn log_sum_exp(view: &View<'_>) -> Counted {
    let (exp, log) =
        (activation(Kind::Exp, view.elements(0)?)?, activation(Kind::Log, view.out_elements()?)?);
    let work = vec![Work::Activation(exp), Work::Activation(log)];
    Ok(NodeCount { rule: "log-sum-exp", activation: Some(exp), work, ..NodeCount::default() })
}

/// A search through rows: rows x (length - 1) comparisons find the largest.
fn search(kind: Kind, elements: u64, rows: u64, row_length: u64) -> Counted {
    let comparisons = product(&[rows, row_length.saturating_sub(1)])?;
    Ok(activates("search", Activation { kind, elements, rows, row_length, comparisons, folded: false }))
}

fn hardmax(view: &View<'_>) -> Counted {
    let (rows, row_length) = super::norm::softmax_rows(view)?;
    search(Kind::ArgMax, view.out_elements()?, rows, row_length)
}

/// TopK: how many comparisons depends on the protocol's sorting network, so the count gives none.
fn top_k(view: &View<'_>) -> Counted {
    let sizes = view.sizes(0)?;
    let axis = View::axis(view.node.attrs.int_or("axis", -1), sizes.len())?;
    let row_length = sizes.get(axis).copied().unwrap_or(0);
    let rows = product(&sizes)?.checked_div(row_length).unwrap_or(0);
    let elements = view.out_elements()?;
    let kind = Kind::TopK;
    let top = Activation { kind, elements, rows, row_length, comparisons: 0, folded: false };
    Ok(activates("search", top))
}
