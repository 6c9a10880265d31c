//! Pooling. A max pool is a tree of comparisons: outputs x (window - 1); 24,576 outputs of a 2x2
//! pool: 73,728. An average pool is a local sum and a truncation per output.

use super::basics::{activates, averages, product};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "MaxPool") => max_pool,
        ("", "AveragePool") => |v| Ok(averages(v.out_elements()?, window(v)?)),
        ("", "GlobalAveragePool") => |v| Ok(averages(v.out_elements()?, whole(v)?)),
        ("", "GlobalMaxPool") => |v| maximum(v.out_elements()?, whole(v)?),
        ("", "LpPool") => |v| lp_pool(v, window(v)?),
        ("", "GlobalLpPool") => |v| lp_pool(v, whole(v)?),
        _ => return None,
    })
}

/// Elements of the window, padding included.
fn window(view: &View<'_>) -> Result<u64, String> {
    let kernel = view.node.attrs.ints("kernel_shape").ok_or("kernel_shape is missing")?;
    let sizes: Option<Vec<u64>> = kernel.iter().map(|k| u64::try_from(*k).ok().filter(|k| *k > 0)).collect();
    product(&sizes.ok_or("kernel_shape is not positive")?)
}

/// Elements of all spatial axes.
fn whole(view: &View<'_>) -> Result<u64, String> {
    product(view.sizes(0)?.get(2..).ok_or("pooling needs a batch and channels")?)
}

fn max_pool(view: &View<'_>) -> Counted {
    let (elements, row_length) = (view.out_elements()?, window(view)?);
    let comparisons = product(&[elements, row_length.saturating_sub(1)])?;
    let kind = Kind::MaxPool;
    let pool = Activation { kind, elements, rows: elements, row_length, comparisons, folded: false };
    Ok(activates("max-pool", pool))
}

/// The largest of each row: rows x (length - 1) comparisons.
pub(super) fn maximum(rows: u64, row_length: u64) -> Counted {
    let comparisons = product(&[rows, row_length.saturating_sub(1)])?;
    let kind = Kind::ReduceMax;
    let reduce = Activation { kind, elements: rows, rows, row_length, comparisons, folded: false };
    Ok(activates("maximum", reduce))
}

fn lp_pool(view: &View<'_>, window: u64) -> Counted {
    if view.node.attrs.int_or("p", 2) != 2 {
        return Err("LpPool has a rule for p = 2 only".to_owned());
    }
    let outputs = view.out_elements()?;
    euclidean(outputs, product(&[outputs, window])?)
}

/// Square, sum, root: `inputs` squares into `outputs` roots.
pub(super) fn euclidean(outputs: u64, inputs: u64) -> Counted {
    let root = super::basics::activation(Kind::Sqrt, outputs)?;
    let work = vec![Work::Product { elements: inputs }, Work::Activation(root)];
    Ok(NodeCount {
        rule: "euclidean",
        products: inputs,
        truncations: inputs,
        activation: Some(root),
        work,
        ..NodeCount::default()
    })
}
