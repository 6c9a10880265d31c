//! The same network under other tools' conventions, each as a sum of named parts.
//!
//! Each tool prints one number and calls it FLOPs or MACs; the parts say what it adds to the exact
//! multiplications. Worked for ResNet-18 on 32x32 with 100 classes (555,468,800 MACs, 614,400
//! BatchNorm elements, 557,056 ReLUs, 8,192 scalars into one average pool, 512 out of it):
//!
//! | view | its number |
//! |---|---|
//! | torch FlopCounterMode | 1,110,937,600 |
//! | fvcore | 556,705,792 |
//! | ptflops (module hooks) | 557,828,196 |
//! | ptflops (aten) | 555,468,900 |
//! | thop | 557,935,104 |
//! | torchinfo | 555,478,500 |
//! | onnx-tool, BatchNorm folded | 556,896,356 |
//! | onnx-opcounter, BatchNorm folded | 556,272,640 |
//!
//! The tools for PyTorch see modules: where the exporter folded BatchNorm into convolutions, the
//! file cannot tell how much there was, and their views need it from outside.

use super::{NodeCount, Status, Work, onnx_tool};
use crate::ir::graph::Graph;

/// BatchNorm of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchNorm {
    /// Scalars normalised.
    pub elements: u64,
    /// Scales and shifts.
    pub params: u64,
}

/// What the views are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Dense multiply-accumulates.
    pub macs: u64,
    /// Bias adds of convolutions, as the network had them before BatchNorm was folded.
    pub conv_bias: u64,
    /// Bias adds of other linear layers.
    pub linear_bias: u64,
    /// BatchNorm; None where the file cannot tell.
    pub batch_norm: Option<BatchNorm>,
    /// Bias adds of convolutions once BatchNorm is folded into them.
    pub folded_bias: u64,
    /// ReLU elements.
    pub relu: u64,
    /// Element-wise adds.
    pub adds: u64,
    /// Scalars into average pools.
    pub pool_inputs: u64,
    /// Scalars out of average pools.
    pub pool_outputs: u64,
    /// Scalars out of Flatten.
    pub flatten: u64,
    /// Scalars out of means that onnx-tool divides: all but those of AveragePool.
    pub divided: u64,
    /// What onnx-tool counts for other operators; None where that is not known.
    pub tool: Option<u64>,
}

/// A tool's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedView {
    /// The tool, and its mode.
    pub tool: &'static str,
    /// What it would print; None where the file cannot tell (see [`Tally::batch_norm`]) or on overflow.
    pub value: Option<u64>,
    /// What the number is made of: name, how often each counts, how many.
    pub parts: Vec<(&'static str, u64, u64)>,
}

/// Sums a network up. `outside` gives the BatchNorm that was folded away, where the caller knows it;
/// a file that holds BatchNorm speaks for itself.
pub fn tally(graph: &Graph, counts: &[NodeCount], outside: Option<BatchNorm>) -> Option<Tally> {
    let mut tally = Tally { tool: Some(0), ..Tally::default() };
    let mut inside = BatchNorm::default();
    let (mut conv_bias, mut found) = (0u64, false);
    for (node, count) in graph.nodes.iter().zip(counts) {
        let add = |sum: &mut u64, more: u64| -> Option<()> {
            *sum = sum.checked_add(more)?;
            Some(())
        };
        add(&mut tally.macs, count.macs)?;
        add(&mut tally.adds, count.adds)?;
        let convolves = count.work.iter().any(|w| matches!(w, Work::Conv(_) | Work::ConvTranspose(_)));
        add(if convolves { &mut conv_bias } else { &mut tally.linear_bias }, count.bias)?;
        if count.rule == "batch-norm" {
            found = true;
            add(&mut inside.elements, count.batch_norm)?;
            for used in &count.params {
                add(&mut inside.params, used.elements)?;
            }
            if count.work.is_empty() {
                add(&mut tally.folded_bias, count.batch_norm)?;
            }
        }
        if let Some(relu) = count.activation.filter(|a| a.kind == super::Kind::ReLU) {
            add(&mut tally.relu, relu.elements)?;
        }
        add(&mut tally.pool_outputs, count.average_pool)?;
        if !node.is("AveragePool") {
            add(&mut tally.divided, count.average_pool)?;
        }
        tally.tool = tally.tool.zip(onnx_tool::extra(graph, node, count)).and_then(|(a, b)| a.checked_add(b));
        add(&mut tally.pool_inputs, count.average_pool.checked_mul(count.average_pool_window)?)?;
        if node.is("Flatten") && count.status == Status::Free {
            let elements = node.output(0).and_then(|v| graph.elements(v)).unwrap_or(0);
            add(&mut tally.flatten, elements)?;
        }
    }
    if found {
        // A convolution with a bias under a BatchNorm folds both into one bias.
        tally.folded_bias = tally.folded_bias.max(conv_bias);
        (tally.conv_bias, tally.batch_norm) = (conv_bias, Some(inside));
    } else {
        tally.folded_bias = conv_bias;
        tally.batch_norm = outside.or((conv_bias == 0).then_some(inside));
        tally.conv_bias = if outside.is_some_and(|b| b.elements > 0) { 0 } else { conv_bias };
    }
    Some(tally)
}

/// What each tool would print.
pub fn views(t: &Tally) -> Vec<NamedView> {
    let known = t.batch_norm.is_some();
    let norm = t.batch_norm.unwrap_or_default();
    let bias = t.conv_bias.saturating_add(t.linear_bias);
    let view = |tool, known: bool, parts: &[(&'static str, u64, u64)]| {
        let add = |sum: u64, (_, times, n): &(&str, u64, u64)| sum.checked_add(times.checked_mul(*n)?);
        let value = if known { parts.iter().try_fold(0u64, add) } else { None };
        NamedView { tool, value, parts: parts.to_vec() }
    };
    let macs = ("MACs", 1, t.macs);
    vec![
        view("torch FlopCounterMode", true, &[("MACs", 2, t.macs)]),
        view(
            "fvcore",
            known,
            &[macs, ("BatchNorm elements", 2, norm.elements), ("pool inputs", 1, t.pool_inputs)],
        ),
        view(
            "ptflops (module hooks)",
            known,
            &[
                macs,
                ("BatchNorm elements", 2, norm.elements),
                ("ReLUs", 2, t.relu),
                ("pool inputs", 2, t.pool_inputs),
                ("bias", 1, bias),
            ],
        ),
        view("ptflops (aten)", known, &[macs, ("bias", 1, bias)]),
        view(
            "thop",
            known,
            &[
                macs,
                ("BatchNorm elements", 4, norm.elements),
                ("pool inputs", 1, t.pool_inputs),
                ("pool outputs", 1, t.pool_outputs),
            ],
        ),
        view("torchinfo", known, &[macs, ("BatchNorm parameters", 1, norm.params), ("bias", 1, bias)]),
        view(
            "onnx-tool, BatchNorm folded",
            t.tool.is_some(),
            &[
                macs,
                ("convolution bias", 1, t.folded_bias),
                ("ReLUs", 1, t.relu),
                ("adds", 1, t.adds),
                ("pool inputs", 1, t.pool_inputs),
                ("means, divided", 4, t.divided),
                ("bias", 1, t.linear_bias),
                ("other operators", 1, t.tool.unwrap_or(0)),
            ],
        ),
        view(
            "onnx-opcounter, BatchNorm folded",
            true,
            &[
                macs,
                ("ReLUs", 1, t.relu),
                ("adds", 1, t.adds),
                ("pool outputs", 1, t.pool_outputs),
                ("Flatten outputs", 1, t.flatten),
            ],
        ),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::{count, reference_tests};
    use super::*;

    const PRINTED: [u64; 8] = [
        1_110_937_600,
        556_705_792,
        557_828_196,
        555_468_900,
        557_935_104,
        555_478_500,
        556_896_356,
        556_272_640,
    ];

    fn printed(graph: &Graph, outside: Option<BatchNorm>) -> Vec<Option<u64>> {
        let tally = tally(graph, &count(graph), outside).unwrap();
        views(&tally).into_iter().map(|view| view.value).collect()
    }

    #[test]
    fn every_tool_to_the_unit() {
        let want: Vec<Option<u64>> = PRINTED.into_iter().map(Some).collect();
        assert_eq!(
            printed(&reference_tests::built("resnet18-cifar100"), None),
            want,
            "BatchNorm in the file"
        );
        let folded = reference_tests::open("cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx");
        let outside = BatchNorm { elements: 614_400, params: 9_600 };
        assert_eq!(printed(&folded, Some(outside)), want, "BatchNorm folded, given from outside");
    }

    #[test]
    fn a_folded_file_does_not_guess() {
        let folded = reference_tests::open("cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx");
        let known: Vec<bool> = printed(&folded, None).iter().map(Option::is_some).collect();
        assert_eq!(known, [true, false, false, false, false, false, true, true]);
    }
}
