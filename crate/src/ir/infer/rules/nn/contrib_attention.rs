//! Attention of com.microsoft.

use super::attention::either;
use super::{of_rank, whole};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    if domain != "com.microsoft" {
        return None;
    }
    Some(match op {
        "Attention" => |ctx| attention(ctx, 4, ctx.dtype(0)),
        "QAttention" => |ctx| attention(ctx, 8, ctx.dtype(3)),
        "MultiHeadAttention" => multi_head,
        "GroupQueryAttention" => group_query,
        _ => return None,
    })
}

fn positive(ctx: &Ctx<'_>, name: &str) -> Result<Dim, Why> {
    let value = ctx.attrs().int(name).filter(|n| *n > 0).map(Dim::Known);
    value.ok_or_else(|| Why::new(format!("{name} is missing")))
}

/// Merged weights: `[N, T, in]` by `[in, q + k + v]` gives `[N, T, v]`; present
/// `[2, N, heads, past + T, size]`. 2x7x64 by 64x192, 4 heads: 2x7x64 and 2x2x4x7x16.
fn attention(ctx: &mut Ctx<'_>, past: usize, dtype: Option<DType>) -> Inferred {
    ctx.set_dtype(0, dtype);
    ctx.set_dtype(1, dtype);
    let [batch, length, _] = of_rank(ctx, 0, &[3])? else {
        return Err(Why::new("the input needs rank 3"));
    };
    let values = match ctx.attrs().ints("qkv_hidden_sizes") {
        Some([_, _, values]) => Dim::Known(*values),
        Some([]) | None => {
            let merged = of_rank(ctx, 1, &[2])?.last().cloned().unwrap_or(Dim::Unknown);
            merged.div_exact(&Dim::Known(3))
        }
        Some(_) => return Err(Why::new("qkv_hidden_sizes needs three numbers")),
    };
    ctx.set(0, dtype, vec![batch.clone(), length.clone(), values.clone()]);
    let heads = positive(ctx, "num_heads")?;
    let size = values.div_exact(&heads);
    let two = Dim::Known(2);
    let shared = ctx.attrs().int_or("past_present_share_buffer", 0) != 0;
    let present: Shape = match (ctx.has(past), shared) {
        (true, true) => ctx.shape(past)?.to_vec(),
        (true, false) => {
            let past = of_rank(ctx, past, &[5])?.get(3).cloned().unwrap_or(Dim::Unknown);
            vec![two, batch.clone(), heads, past.add(length), size]
        }
        (false, true) => return Err(Why::new("a shared buffer without a past")),
        (false, false) => vec![two, batch.clone(), heads, length.clone(), size],
    };
    ctx.set(1, dtype, present);
    Ok(())
}

/// Output `[N, q, v]`; present `[N, heads, past + kv, size]`; scores `[N, heads, q, past + kv]`.
/// Query, key and value may be packed (`[N, q, heads, 3, size]`, key `[N, kv, heads, 2, size]`) or
/// already split into heads. 2x5x64 on 2x9x64, 4 heads: 2x5x64, 2x4x9x16, 2x4x5x9.
fn multi_head(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let heads = positive(ctx, "num_heads")?;
    let query = of_rank(ctx, 0, &[3, 5])?;
    let (batch, length) = match query {
        [batch, length, ..] => (batch.clone(), length.clone()),
        _ => return Err(Why::new("the query needs rank 3 or 5")),
    };
    // Length of key and value, size of a key's head, hidden size of the values.
    let (keys, size, values) = match query {
        [_, _, heads, _, size] => (length.clone(), size.clone(), heads.mul(size)),
        _ if !ctx.has(1) => return Err(Why::new("a query of rank 3 without a key")),
        _ => match of_rank(ctx, 1, &[3, 4, 5])? {
            [_, keys, packed, _, size] => (keys.clone(), size.clone(), packed.mul(size)),
            [_, _, keys, size] => {
                let value = of_rank(ctx, 2, &[4])?.last().cloned().unwrap_or(Dim::Unknown);
                (keys.clone(), size.clone(), value.mul(&heads))
            }
            [_, keys, hidden] => {
                let value = of_rank(ctx, 2, &[3])?.last().cloned().unwrap_or(Dim::Unknown);
                (keys.clone(), hidden.div_exact(&heads), value)
            }
            _ => return Err(Why::new("the key needs rank 3, 4 or 5")),
        },
    };
    ctx.set(0, dtype, vec![batch.clone(), length.clone(), values.clone()]);
    let value_size = values.div_exact(&heads);
    let past = |input: usize| match ctx.has(input) {
        true => ctx.shape(input).ok().and_then(|s| s.get(2)).cloned().unwrap_or(Dim::Unknown),
        false => Dim::Known(0),
    };
    // A past sequence length means that past and present are one buffer.
    let total = if ctx.has(8) { Dim::Unknown } else { keys.add(&past(6)) };
    let present = if ctx.has(8) { past(6) } else { total.clone() };
    ctx.set(1, dtype, vec![batch.clone(), heads.clone(), present.clone(), size]);
    ctx.set(2, dtype, vec![batch.clone(), heads.clone(), present, value_size]);
    ctx.set(3, dtype, vec![batch, heads, length, total]);
    Ok(())
}

/// Output `[N, T, heads*size]`; present `[N, kv_heads, max(past, total), size]`. Packed queries are
/// `(heads + 2*kv_heads)*size` wide. 1x7x64 with 8 heads, keys 1x7x16 with 2, no past, total 7:
/// 1x7x64 and 1x2x7x8.
fn group_query(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let cache = if ctx.has(3) { ctx.dtype(3) } else { dtype };
    ctx.set_dtype(1, cache);
    ctx.set_dtype(2, cache);
    let (heads, kv_heads) = (positive(ctx, "num_heads")?, positive(ctx, "kv_num_heads")?);
    let [batch, length, hidden] = of_rank(ctx, 0, &[3])? else {
        return Err(Why::new("the query needs rank 3"));
    };
    let packed = !ctx.has(1);
    let all = if packed { heads.add(&kv_heads.mul(&Dim::Known(2))) } else { heads.clone() };
    let size = hidden.div_exact(&all);
    let output = vec![batch.clone(), length.clone(), heads.mul(&size)];
    ctx.set(0, dtype, output.clone());
    let total = scalar(ctx, 6).unwrap_or(Dim::Unknown);
    for (input, output) in [(3, 1), (4, 2)] {
        let present = if ctx.has(input) {
            let [past_batch, past_heads, past, size] = of_rank(ctx, input, &[4])? else {
                return Err(Why::new("the past needs rank 4"));
            };
            let longest = past.max(&total);
            vec![either(past_batch, batch), either(past_heads, &kv_heads), longest, size.clone()]
        } else {
            vec![batch.clone(), kv_heads.clone(), total.clone(), size.clone()]
        };
        let window = ctx.attrs().int_or("sliding_window_cache", 0) != 0;
        let present = if window { super::unknown(4) } else { present };
        ctx.set(output, cache, present);
    }
    if ctx.attrs().int_or("qk_output", 0) != 0 {
        ctx.set(3, dtype, vec![batch.clone(), heads, length.clone(), total]);
    }
    whole(&output)?;
    Err(Why::new("the length of the cache is computed from data"))
}

/// The only integer of an input: a scalar or a vector of one.
fn scalar(ctx: &Ctx<'_>, input: usize) -> Result<Dim, Why> {
    match ctx.ints(input)? {
        [one] => Ok(one.clone()),
        other => Err(Why::new(format!("input {input} has {} elements, not 1", other.len()))),
    }
}
