//! Fused attention: q.k^T, Softmax, a.v. With batch 1, 12 heads, 197 tokens and heads of 64:
//! 2*12*197*197*64 = 59,609,088 MACs and a Softmax over 12*197*197 = 465,708 scalars.

use super::basics::{OVERFLOW, activation, product, scales, sum};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "Attention") => standard,
        ("ai.onnx.preview", "FlexAttention") => flex,
        ("com.microsoft", "Attention") => |v| with_projection(v, Some(5), 4),
        ("com.microsoft", "QAttention") => |v| with_projection(v, None, 8),
        ("com.microsoft", "MultiHeadAttention") => multi_head,
        ("com.microsoft", "GroupQueryAttention") => group_query,
        ("" | "com.microsoft", "RotaryEmbedding") => rotary,
        _ => return None,
    })
}

/// Sizes of one attention.
#[derive(Clone, Copy, Debug)]
struct Heads {
    batch: u64,
    heads: u64,
    queries: u64,
    keys: u64,
    /// Width of a query and key.
    width: u64,
    /// Width of a value.
    value_width: u64,
}

/// Both products and the Softmax between them, in order.
fn core(h: Heads, softcap: bool) -> Counted {
    let batch = product(&[h.batch, h.heads])?;
    let rows = product(&[batch, h.queries])?;
    let elements = product(&[rows, h.keys])?;
    let scores = product(&[elements, h.width])?;
    let mixed = product(&[elements, h.value_width])?;
    let macs = sum(&[scores, mixed])?;
    let secret = true;
    let softmax =
        Activation { kind: Kind::Softmax, elements, rows, row_length: h.keys, comparisons: 0, folded: false };
    let mut work = vec![Work::MatMul { batch, m: h.queries, k: h.width, n: h.keys, secret, steps: 1 }];
    let mut marks = Vec::new();
    if softcap {
        work.push(Work::Activation(activation(Kind::Tanh, elements)?));
        marks.push(format!("also holds Tanh (softcap): {elements} elements"));
    }
    work.push(Work::Activation(softmax));
    work.push(Work::MatMul { batch, m: h.queries, k: h.keys, n: h.value_width, secret, steps: 1 });
    let outputs = product(&[rows, h.value_width])?;
    Ok(NodeCount {
        rule: "attention",
        macs,
        macs_valid: macs,
        activation: Some(softmax),
        truncations: sum(&[elements, outputs])?,
        work,
        marks,
        ..NodeCount::default()
    })
}

fn attr(view: &View<'_>, name: &str) -> Result<u64, String> {
    let value = view.node.attrs.int_or(name, 0);
    u64::try_from(value).ok().filter(|v| *v > 0).ok_or_else(|| format!("{name} is missing"))
}

/// Batch, heads, length, width of a (batch, heads, length, width) or (batch, length, heads*width) input.
fn split(sizes: &[u64], heads: impl Fn() -> Result<u64, String>) -> Result<[u64; 4], String> {
    match *sizes {
        [batch, heads, length, width] => Ok([batch, heads, length, width]),
        [batch, length, all] => {
            let heads = heads()?;
            Ok([batch, heads, length, all.checked_div(heads).unwrap_or(0)])
        }
        _ => Err("attention needs inputs of rank 3 or 4".to_owned()),
    }
}

/// Operator 23 of ai.onnx.
fn standard(view: &View<'_>) -> Counted {
    let [batch, heads, queries, width] = split(&view.sizes(0)?, || attr(view, "q_num_heads"))?;
    let [_, _, mut keys, _] = split(&view.sizes(1)?, || attr(view, "kv_num_heads"))?;
    let [_, _, _, value_width] = split(&view.sizes(2)?, || attr(view, "kv_num_heads"))?;
    if view.has(4) {
        let past = view.sizes(4)?.get(2).copied().unwrap_or(0);
        keys = sum(&[keys, past])?;
    }
    let softcap = view.node.attrs.float("softcap").is_some_and(|cap| cap > 0.0);
    let mut count = core(Heads { batch, heads, queries, keys, width, value_width }, softcap)?;
    masked(view, 3, &mut count);
    Ok(count)
}

/// Every query head meets every key; what its bodies do to the scores stands in rows of their own.
fn flex(view: &View<'_>) -> Counted {
    let four = |place| {
        <[u64; 4]>::try_from(view.sizes(place)?).map_err(|_| "attention needs inputs of rank 4".to_owned())
    };
    let ([batch, heads, queries, width], [_, _, keys, _], [_, _, _, value_width]) =
        (four(0)?, four(1)?, four(2)?);
    core(Heads { batch, heads, queries, keys, width, value_width }, false)
}

/// A mask is an add per score.
fn masked(view: &View<'_>, place: usize, count: &mut NodeCount) {
    if view.has(place) {
        let elements = count.activation.map_or(0, |softmax| softmax.elements);
        count.adds = elements;
        count.work.insert(1, Work::Add { elements });
    }
}

/// com.microsoft: projects the input to queries, keys and values first. 7 tokens of 16 by 16x48 are 5,376 MACs before both
/// products. Where the bias of the scores stands, and the past, is the operator's.
fn with_projection(view: &View<'_>, bias: Option<usize>, past: usize) -> Counted {
    let (x, w) = (view.sizes(0)?, view.sizes(1)?);
    let ([batch, length, inputs], [_, columns]) = (x.as_slice(), w.as_slice()) else {
        return Err("attention needs an input of rank 3 and a weight of rank 2".to_owned());
    };
    let (batch, length, inputs, columns) = (*batch, *length, *inputs, *columns);
    let heads = attr(view, "num_heads")?;
    let parts: Vec<u64> = match view.node.attrs.ints("qkv_hidden_sizes") {
        Some(sizes) => sizes.iter().map(|n| u64::try_from(*n).unwrap_or(0)).collect(),
        None => vec![columns / 3; 3],
    };
    let part = |place: usize| parts.get(place).copied().unwrap_or(0) / heads;
    let past = if view.has(past) { view.sizes(past)?.get(3).copied().unwrap_or(0) } else { 0 };
    let keys = sum(&[length, past])?;
    let sizes = Heads { batch, heads, queries: length, keys, width: part(0), value_width: part(2) };
    let mut count = core(sizes, false)?;
    if let Some(bias) = bias {
        masked(view, bias, &mut count);
    }
    let rows = product(&[batch, length])?;
    let projection = super::linear::matrix(1, rows, inputs, columns, false)?;
    count.macs = count.macs.checked_add(projection.macs).ok_or(OVERFLOW)?;
    count.macs_valid = count.macs;
    count.truncations = count.truncations.checked_add(projection.truncations).ok_or(OVERFLOW)?;
    count.bias = if view.has(2) { projection.truncations } else { 0 };
    count.work.splice(0..0, projection.work);
    Ok(count)
}

fn multi_head(view: &View<'_>) -> Counted {
    let heads = attr(view, "num_heads")?;
    let query = view.sizes(0)?;
    let ([batch, heads, queries, width], keys, value_width) = match *query.as_slice() {
        // Batch, length, heads, 3, width: queries, keys and values in one.
        [batch, length, heads, 3, width] => ([batch, heads, length, width], length, width),
        // Batch, length, heads, 2, width: keys and values in one.
        _ if view.has(1) && !view.has(2) => match *view.sizes(1)?.as_slice() {
            [_, keys, _, 2, width] => (split(&query, || Ok(heads))?, keys, width),
            _ => return Err("keys without values have no rule".to_owned()),
        },
        _ => {
            let [_, _, keys, _] = split(&view.sizes(1)?, || Ok(heads))?;
            let [_, _, _, value_width] = split(&view.sizes(2)?, || Ok(heads))?;
            (split(&query, || Ok(heads))?, keys, value_width)
        }
    };
    let past = if view.has(6) { view.sizes(6)?.get(2).copied().unwrap_or(0) } else { 0 };
    let keys = sum(&[keys, past])?;
    let mut count = core(Heads { batch, heads, queries, keys, width, value_width }, false)?;
    masked(view, 5, &mut count);
    Ok(count)
}

/// Keys and values of fewer heads are shared; every query head still meets every key.
fn group_query(view: &View<'_>) -> Counted {
    let (heads, shared) = (attr(view, "num_heads")?, attr(view, "kv_num_heads")?);
    let query = view.sizes(0)?;
    let (batch, queries, width, new, value_width) = match *query.as_slice() {
        // Packed, the heads of queries, keys and values one after another: 5x128 of 4, 2 and 2 heads are heads of 16.
        [batch, length, all] if !view.has(1) => {
            let parts = shared.checked_mul(2).and_then(|n| n.checked_add(heads));
            let width = parts.filter(|parts| all % parts == 0).and_then(|parts| all.checked_div(parts));
            let width = width.ok_or("the packed heads do not fit their width")?;
            (batch, length, width, length, width)
        }
        _ => {
            let [batch, _, queries, width] = split(&query, || Ok(heads))?;
            let [_, _, new, value_width] = split(&view.sizes(2)?, || Ok(shared))?;
            (batch, queries, width, new, value_width)
        }
    };
    let past = if view.has(3) { view.sizes(3)?.get(2).copied().unwrap_or(0) } else { 0 };
    let keys = sum(&[new, past])?;
    let softcap = view.node.attrs.float("softcap").is_some_and(|cap| cap > 0.0);
    let mut count = core(Heads { batch, heads, queries, keys, width, value_width }, softcap)?;
    if view.node.attrs.int_or("do_rotary", 0) != 0 {
        // Queries and keys are turned.
        let turned = product(&[batch, queries, heads, width])?;
        let keys = product(&[batch, new, shared, width])?;
        let elements = product(&[sum(&[turned, keys])?, 2])?;
        count.work.insert(0, Work::Scale { elements });
    }
    Ok(count)
}

/// Two products with public numbers an element, and an add.
fn rotary(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let mut count = scales(product(&[elements, 2])?);
    count.adds = elements;
    count.work.push(Work::Add { elements });
    Ok(count)
}
