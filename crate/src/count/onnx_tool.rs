//! What onnx-tool 1.0.1 counts for the operators that are no linear layer, ReLU, add or mean: its own weights for each
//! function, read off its `node.py` and held to its runs.

use crate::ir::graph::{Graph, Node};

use super::{NodeCount, Status};

const EXP: u64 = 32;
const DIV: u64 = 4;
const LOG: u64 = 43;
const SQRT: u64 = 24;
/// Two adds and a division around an exponential.
const TANH: u64 = EXP + 2 + DIV;

/// Its count of a node beside what the other parts of the view hold; None where it is not known.
pub(super) fn extra(graph: &Graph, node: &Node, count: &NodeCount) -> Option<u64> {
    if count.rule == "constant" || count.rule == "not-taken" {
        return Some(0);
    }
    let elements = || node.output(0).and_then(|v| graph.elements(v));
    let each = |times: u64| elements()?.checked_mul(times);
    let inner = matches!(count.status, Status::Part(_)) || count.rule == "composite";
    if !node.domain.is_empty() {
        return count.work.is_empty().then_some(0);
    }
    match node.op.as_str() {
        "MaxPool" => {
            let kernel = node.attrs.ints("kernel_shape")?;
            // Of a box it multiplies by the first side alone.
            let taps = if kernel.len() == 2 { kernel.iter().product() } else { *kernel.first()? };
            each(u64::try_from(taps).ok()?)
        }
        "Softmax" => each(EXP + DIV),
        "LogSoftmax" => each(EXP + DIV + 1 + LOG),
        "Sigmoid" | "Exp" | "Pow" => each(EXP),
        "Tanh" => each(2 * TANH),
        "LeakyRelu" | "PRelu" | "Clip" => each(2),
        "HardSigmoid" => each(4),
        "HardSwish" => each(5),
        "Elu" => each(3 + EXP),
        "Gelu" => each(2 + EXP),
        "Softplus" => each(EXP + 1 + LOG),
        "Log" => each(LOG),
        "Sqrt" => each(SQRT),
        "Div" => each(DIV),
        "Mul" => each(1),
        "Erf" => Some(0),
        "InstanceNormalization" => each(2 * (3 + DIV)),
        "LSTM" => cell(graph, node, count, 4, 4 + 3 * EXP + 2 * TANH + 4),
        "GRU" => cell(graph, node, count, 3, 3 + 2 * EXP + TANH + 5),
        "Add" | "Sub" | "Relu" if inner => each(1),
        // A part of a composite whose weight is not listed, or a function that it does not have.
        _ if count.activation.is_some_and(|a| a.kind != super::Kind::ReLU) => None,
        _ if matches!(count.status, Status::Unknown(_)) => None,
        _ => Some(0),
    }
}

/// Its functions of a recurrent layer, one direction's, and the bias of both products of each step; the bias that other
/// parts hold goes.
fn cell(graph: &Graph, node: &Node, count: &NodeCount, gates: u64, each: u64) -> Option<u64> {
    let (x, w) = (graph.sizes(node.input(0)?)?, graph.sizes(node.input(1)?)?);
    let ([a, b, _], [_, rows, _]) = (*x.first_chunk::<3>()?, *w.first_chunk::<3>()?);
    // Without a bias it stops.
    let bias = graph.elements(node.input(3)?)?.checked_mul(a.checked_mul(b)?)?;
    let functions = a.checked_mul(b)?.checked_mul(rows.checked_div(gates)?)?.checked_mul(each)?;
    functions.checked_add(bias)?.checked_sub(count.bias)
}
