//! Recurrent layers: LSTM, GRU, RNN.

use super::unknown;
use crate::ir::dim::Dim;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::windows::agree;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "LSTM" | "GRU" | "RNN") => |ctx| recurrent(ctx, 2),
        // Its weights are inputs x gates: the hidden size is their middle axis.
        ("com.microsoft", "DynamicQuantizeLSTM") => |ctx| recurrent(ctx, 1),
        _ => return None,
    })
}

/// Every step `[T, dirs, N, H]` and the last state `[dirs, N, H]` (LSTM: two of them); with layout 1
/// the batch comes first: `[N, T, dirs, H]` and `[N, dirs, H]`. 5x2x8 in, hidden size 16,
/// bidirectional: 5x2x2x16 and 2x2x16. `unit_axis`: where the recurrence weight has the inputs' size.
fn recurrent(ctx: &mut Ctx<'_>, unit_axis: usize) -> Inferred {
    let dtype = ctx.dtype(0);
    for output in 0..ctx.outputs() {
        ctx.set_dtype(output, dtype);
    }
    let directions = match ctx.attrs().str("direction").unwrap_or("forward") {
        "forward" | "reverse" => Dim::Known(1),
        "bidirectional" => Dim::Known(2),
        other => return Err(Why::new(format!("direction {other} is not known"))),
    };
    let from_weight = ctx.shape(2).ok().and_then(|r| r.get(unit_axis)).cloned().unwrap_or(Dim::Unknown);
    let hidden = ctx.attrs().int("hidden_size").map_or(from_weight.clone(), Dim::Known);
    agree(&hidden, &from_weight, "hidden_size against the recurrence weight")?;
    let weights = ctx.shape(1).ok().and_then(|w| w.first()).cloned().unwrap_or(Dim::Unknown);
    agree(&directions, &weights, "directions against the weight")?;
    let batch_first = ctx.attrs().int_or("layout", 0) != 0;
    let input = ctx.shape(0);
    let dims = input.as_ref().map_or_else(|_| unknown(3), |shape| shape.to_vec());
    let [first, second, _] = dims.as_slice() else {
        return Err(Why::new("the input of a recurrent layer needs rank 3"));
    };
    let (time, batch) = if batch_first { (second, first) } else { (first, second) };
    let (time, batch) = (time.clone(), batch.clone());
    let (steps, state) = if batch_first {
        (vec![batch.clone(), time, directions.clone(), hidden.clone()], vec![batch, directions, hidden])
    } else {
        (vec![time, directions.clone(), batch.clone(), hidden.clone()], vec![directions, batch, hidden])
    };
    ctx.set(0, dtype, steps);
    ctx.set(1, dtype, state.clone());
    ctx.set(2, dtype, state);
    input.map(drop)
}
