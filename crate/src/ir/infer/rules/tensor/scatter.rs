//! Writing into a tensor by index.

use super::Rule;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        // The shape and type of the data that is written into.
        "Scatter" | "ScatterElements" | "ScatterND" | "TensorScatter" => |ctx| ctx.same_as(0, 0),
        _ => return None,
    })
}
