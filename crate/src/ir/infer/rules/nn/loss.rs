//! Losses.

use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "NegativeLogLikelihoodLoss" | "SoftmaxCrossEntropyLoss") => loss,
        _ => return None,
    })
}

/// A scalar, or like the labels without reduction; log probabilities like the scores. Scores 3x5x2,
/// labels 3x2, `none`: 3x2 and 3x5x2.
fn loss(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    if ctx.node.op == "SoftmaxCrossEntropyLoss" {
        ctx.set_type(1, ctx.ty(0).clone());
    }
    match ctx.attrs().str("reduction").unwrap_or("mean") {
        "mean" | "sum" => {
            ctx.set(0, dtype, Vec::new());
            Ok(())
        }
        "none" => {
            let labels = ctx.shape(1)?.to_vec();
            ctx.set(0, dtype, labels);
            Ok(())
        }
        other => Err(Why::new(format!("reduction {other} is not known"))),
    }
}
