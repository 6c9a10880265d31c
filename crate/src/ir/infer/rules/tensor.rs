//! Operators that move, cut and join tensors.

use super::Rule;
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "Identity") => unary,
        _ => return None,
    })
}

/// Shape and type of input 0.
fn unary(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_type(0, ctx.ty(0).clone());
    ctx.shape(0).map(drop)
}
