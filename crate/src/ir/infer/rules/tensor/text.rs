//! Texts.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why, broadcast};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "StringConcat" => concat,
        "RegexFullMatch" => matches,
        "StringSplit" => split,
        "StringNormalizer" => normalizer,
        "TfIdfVectorizer" => tf_idf,
        _ => return None,
    })
}

fn concat(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::Str);
    ctx.set_dtype(0, dtype);
    let shape = broadcast(ctx.shape(0)?, ctx.shape(1)?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

fn matches(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_dtype(0, Some(DType::Bool));
    let shape = ctx.shape(0)?.to_vec();
    ctx.set(0, Some(DType::Bool), shape);
    Ok(())
}

/// Parts (as many as the longest text has) and how many each text has.
fn split(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_dtype(0, Some(DType::Str));
    ctx.set_dtype(1, Some(DType::I64));
    let shape: Shape = ctx.shape(0)?.to_vec();
    ctx.set(1, Some(DType::I64), shape.clone());
    ctx.set(0, Some(DType::Str), [shape.as_slice(), &[Dim::Unknown]].concat());
    Err(Why::new("a text has as many parts as the data says"))
}

/// `[c]` or `[1, c]`; stop words go, so the last size is known only without them.
fn normalizer(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::Str);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let whole = ctx.attrs().get("stopwords").is_none();
    if let (Some(last), false) = (shape.last_mut(), whole) {
        *last = Dim::Unknown;
    }
    ctx.set(0, dtype, shape);
    if whole { Ok(()) } else { Err(Why::new("stop words go as the data says")) }
}

/// The last axis becomes the size of the output vocabulary, `max(ngram_indexes) + 1`.
fn tf_idf(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::F32);
    ctx.set_dtype(0, dtype);
    let words = ctx.attrs().ints("ngram_indexes").and_then(|indexes| indexes.iter().max());
    let words = words.map(|last| Dim::Known(*last).add(&Dim::Known(1)));
    let words = words.ok_or_else(|| Why::new("TfIdfVectorizer without ngram_indexes"))?;
    let shape = match ctx.shape(0)? {
        [] | [_] => vec![words],
        [batch, _] => vec![batch.clone(), words],
        _ => return Err(Why::new("TfIdfVectorizer takes one or two dimensions")),
    };
    ctx.set(0, dtype, shape);
    Ok(())
}
