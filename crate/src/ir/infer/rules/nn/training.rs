//! Training steps (ai.onnx.preview.training): every new tensor is like the old one.

use crate::ir::attrs::Attr;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("ai.onnx.preview.training", "Adagrad") => |ctx| step(ctx, 3, &[0, 2]),
        ("ai.onnx.preview.training", "Momentum") => |ctx| step(ctx, 3, &[0, 2]),
        ("ai.onnx.preview.training", "Adam") => |ctx| step(ctx, 4, &[0, 2, 3]),
        ("ai.onnx.preview.training", "Gradient") => gradient,
        _ => return None,
    })
}

/// Inputs: rate, count, then `groups` groups of n tensors (weights, gradients, states); outputs: the
/// groups that change. Adam with one 2x3 weight: three outputs of 2x3.
fn step(ctx: &mut Ctx<'_>, groups: usize, changed: &[usize]) -> Inferred {
    let tensors = ctx.inputs().saturating_sub(2);
    if tensors == 0 || !tensors.is_multiple_of(groups) {
        return Err(Why::new(format!("{tensors} tensors do not form {groups} groups")));
    }
    let each = tensors / groups;
    for (place, group) in changed.iter().enumerate() {
        for tensor in 0..each {
            ctx.set_type(place * each + tensor, ctx.ty(2 + group * each + tensor).clone());
        }
    }
    (0..each).try_for_each(|tensor| ctx.shape(2 + tensor).map(drop))
}

/// One output for each name in `xs`, like the input of that place.
fn gradient(ctx: &mut Ctx<'_>) -> Inferred {
    let Some(Attr::Strs(xs)) = ctx.attrs().get("xs") else {
        return Err(Why::new("xs is missing"));
    };
    for place in 0..xs.len().min(ctx.outputs()) {
        ctx.set_type(place, ctx.ty(place).clone());
    }
    (0..xs.len()).try_for_each(|place| ctx.shape(place).map(drop))
}
