//! Attention of the standard and its relatives.

use super::{like_input, of_rank};
use crate::ir::dim::Dim;
use crate::ir::graph::Shape;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::windows::agree;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "Attention") => attention,
        ("ai.onnx.preview", "FlexAttention") => flex,
        ("" | "com.microsoft", "LinearAttention") => linear,
        ("", "RotaryEmbedding") => like_input,
        _ => return None,
    })
}

/// Query, key or value, whatever its layout.
struct Heads {
    batch: Dim,
    heads: Dim,
    length: Dim,
    size: Dim,
}

/// From `[N, heads, length, size]`, or `[N, length, heads*size]` with the heads from an attribute.
fn heads(ctx: &Ctx<'_>, input: usize, attr: &str) -> Result<Heads, Why> {
    match of_rank(ctx, input, &[3, 4])? {
        [batch, heads, length, size] => {
            let (batch, heads) = (batch.clone(), heads.clone());
            Ok(Heads { batch, heads, length: length.clone(), size: size.clone() })
        }
        [batch, length, hidden] => {
            let heads = ctx
                .attrs()
                .int(attr)
                .filter(|n| *n > 0)
                .ok_or_else(|| Why::new(format!("{attr} is missing, which inputs of rank 3 need")))?;
            if hidden.known().is_some_and(|n| n % heads != 0) {
                return Err(Why::new(format!("the hidden size is not a multiple of {heads} heads")));
            }
            let heads = Dim::Known(heads);
            let size = hidden.div_exact(&heads);
            Ok(Heads { batch: batch.clone(), heads, length: length.clone(), size })
        }
        _ => Err(Why::new("attention needs rank 3 or 4")),
    }
}

/// The first of both that is known.
pub(super) fn either(a: &Dim, b: &Dim) -> Dim {
    if *a == Dim::Unknown { b.clone() } else { a.clone() }
}

/// Output `[N, q_heads, q, v_size]` (rank 3: `[N, q, q_heads*v_size]`); present key and value
/// `[N, kv_heads, past + kv, size]`; scores `[N, q_heads, q, past + kv]`. Queries 2x9x4x8, keys and
/// values 2x3x6x8, past 12: output 2x9x4x8, present 2x3x18x8, scores 2x9x4x18.
fn attention(ctx: &mut Ctx<'_>) -> Inferred {
    let (dtype, value_dtype) = (ctx.dtype(0), ctx.dtype(2));
    for (output, dtype) in [dtype, dtype, value_dtype, dtype].into_iter().enumerate() {
        ctx.set_dtype(output, dtype);
    }
    let (q, k, v) =
        (heads(ctx, 0, "q_num_heads")?, heads(ctx, 1, "kv_num_heads")?, heads(ctx, 2, "kv_num_heads")?);
    if ctx.rank(0)? != ctx.rank(1)? || ctx.rank(1)? != ctx.rank(2)? {
        return Err(Why::new("query, key and value differ in rank"));
    }
    agree(&q.size, &k.size, "head size of query and key")?;
    agree(&k.length, &v.length, "length of key and value")?;
    let batch = either(&q.batch, &k.batch);
    let past = match ctx.has(4) {
        true => ctx.shape(4).ok().and_then(|past| past.get(2)).cloned().unwrap_or(Dim::Unknown),
        false => Dim::Known(0),
    };
    let total = k.length.add(&past);
    let output: Shape = if ctx.rank(0)? == 4 {
        vec![batch.clone(), q.heads.clone(), q.length.clone(), v.size.clone()]
    } else {
        vec![batch.clone(), q.length.clone(), q.heads.mul(&v.size)]
    };
    ctx.set(0, dtype, output);
    ctx.set(1, dtype, vec![batch.clone(), k.heads, total.clone(), k.size]);
    ctx.set(2, value_dtype, vec![batch.clone(), v.heads, total.clone(), v.size]);
    ctx.set(3, dtype, vec![batch, q.heads, q.length, total]);
    Ok(())
}

/// `[N, q_heads, q, v_size]`. 1x4x8x16 with values 1x2x6x32: 1x4x8x32.
fn flex(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let query = of_rank(ctx, 0, &[4])?;
    let value = of_rank(ctx, 2, &[4])?;
    let shape = query.iter().take(3).chain(value.last()).cloned().collect();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Packed inputs: query `[N, T, q_heads*k_size]`, value `[N, T, kv_heads*v_size]`; output
/// `[N, T, q_heads*v_size]`, state `[N, kv_heads, k_size, v_size]`. 4 heads of each,
/// sizes 8 and 16, T 5: output Nx5x64, state Nx4x8x16.
fn linear(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let state_dtype = if ctx.has(3) { ctx.dtype(3) } else { dtype };
    ctx.set_dtype(1, state_dtype);
    let count = |name| {
        let heads = ctx.attrs().int(name).filter(|n| *n > 0);
        heads.map(Dim::Known).ok_or_else(|| Why::new(format!("{name} is missing")))
    };
    let (q_heads, kv_heads) = (count("q_num_heads")?, count("kv_num_heads")?);
    if q_heads.known() < kv_heads.known() {
        return Err(Why::new("fewer query heads than key heads"));
    }
    let query = of_rank(ctx, 0, &[3])?;
    let [batch, length, hidden] = query else { return Err(Why::new("the query needs rank 3")) };
    let values = of_rank(ctx, 2, &[3])?.last().cloned().unwrap_or(Dim::Unknown);
    let (k_size, v_size) = (hidden.div_exact(&q_heads), values.div_exact(&kv_heads));
    ctx.set(0, dtype, vec![batch.clone(), length.clone(), q_heads.mul(&v_size)]);
    ctx.set(1, state_dtype, vec![batch.clone(), kv_heads, k_size, v_size]);
    Ok(())
}
