//! A graph to a program: one handler an operator, one family of operators a file.
//!
//! Reads shapes from the graph, which knows them all; weights stay where they are and are named in
//! the program. Steps that depend on constants only are done once. An operator, element type or form
//! without a kernel refuses the whole graph.

mod conv;
mod elementwise;
mod fuse;
mod gemm;
mod layout;
mod pairwise;
mod pool;
mod reduce;
mod resize;
mod state;
mod steps;
mod stretch;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use super::program::{Kind, Port, Program};
use crate::engines::gpu::Limits;
use crate::error::Result;
use crate::ir::graph::{Node, NodeId, Source, ValueId};
use crate::run::model::Runnable;
pub use state::Stochastic;
pub(in crate::run::gpu) use state::words_from_tensor;
use state::{GROUP_ELEMENTS, GROUP_ROWS, Lower, View, axis_of, eight, kernel, lacking, strides};

/// Lowers what computes the wanted values.
///
/// # Errors
/// `NotSupported` with the first operator that has no kernel; `LimitExceeded` for a tensor larger
/// than the device takes.
pub fn lower(
    model: &Runnable,
    wanted: &[ValueId],
    faults: &Stochastic,
    limits: Limits,
) -> Result<Program<ValueId>> {
    let graph = &model.graph;
    let mut lower = Lower {
        model,
        graph,
        limits,
        faults,
        readers: graph.consumers(),
        kept: wanted.iter().copied().collect(),
        views: BTreeMap::new(),
        constant: BTreeSet::new(),
        absorbed: BTreeSet::new(),
        node: 0,
        program: Program::default(),
    };
    for input in &graph.inputs {
        let dims = lower.sizes(*input)?;
        let kind = lower.kind(*input)?;
        let view = lower.tensor(dims.clone(), kind)?;
        let name = graph.value(*input).name.clone();
        lower.program.inputs.push(Port { name, tensor: view.tensor, dims });
        lower.views.insert(*input, view);
    }
    for id in lower.needed(wanted) {
        if lower.absorbed.contains(&id) {
            continue;
        }
        lower.node = id.0;
        let node = graph.node(id);
        lower.lower(id, node).map_err(|e| match e.place.node {
            Some(_) => e,
            None => e.node(graph.label(node), crate::ir::infer::title(node)),
        })?;
    }
    for id in wanted {
        let view = lower.view(*id)?;
        let name = graph.value(*id).name.clone();
        lower.program.outputs.push(Port { name, tensor: view.tensor, dims: view.dims });
    }
    Ok(lower.program)
}

impl Lower<'_> {
    /// Nodes that the wanted values depend on, in order.
    fn needed(&self, wanted: &[ValueId]) -> BTreeSet<NodeId> {
        let mut needed = BTreeSet::new();
        let mut open = wanted.to_vec();
        while let Some(id) = open.pop() {
            if self.is_constant(id) {
                continue;
            }
            if let Source::Node(node, _) = self.graph.value(id).source
                && needed.insert(node)
            {
                open.extend(self.graph.node(node).inputs.iter().flatten());
            }
        }
        needed
    }

    fn lower(&mut self, id: NodeId, node: &Node) -> Result<()> {
        if !node.domain.is_empty() {
            return Err(lacking("the GPU engine has no kernel for this operator"));
        }
        if let Some((x, written)) = self.written_at(id, node) {
            return elementwise::written(self, x, written);
        }
        match node.op.as_str() {
            "Conv" | "ConvTranspose" => conv::conv(self, node),
            "Gemm" => gemm::gemm(self, node),
            "MatMul" => gemm::matmul(self, node),
            "BatchNormalization" => elementwise::batch_norm(self, node),
            "Add" | "Sub" | "Mul" | "Div" | "Pow" | "PRelu" | "Equal" | "Less" | "LessOrEqual"
            | "Greater" | "GreaterOrEqual" | "And" | "Or" | "Xor" | "Mod" => pairwise::binary(self, node),
            "Sum" | "Max" | "Min" | "Mean" => pairwise::variadic(self, node),
            "Not" => pairwise::not(self, node),
            "Cast" | "CastLike" => pairwise::cast(self, node),
            "Clip" if self.input(node, 0)?.kind == Kind::I32 => pairwise::clip(self, node),
            "Where" => elementwise::choose(self, node),
            "Identity" | "Dropout" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
                layout::alias(self, node)
            }
            "Transpose" => layout::transpose(self, node),
            "Slice" => layout::slice(self, node),
            "Split" => layout::split(self, node),
            "Concat" => layout::concat(self, node),
            "Gather" => layout::gather(self, node),
            "Expand" => stretch::expand(self, node),
            "Tile" => stretch::tile(self, node),
            "Pad" => stretch::pad(self, node),
            "ConstantOfShape" => stretch::fill(self, node),
            "DepthToSpace" | "SpaceToDepth" => stretch::blocks(self, node),
            "MaxPool" | "AveragePool" | "LpPool" => pool::pool(self, node),
            "GlobalAveragePool" | "GlobalMaxPool" => reduce::global(self, node),
            "Softmax" | "LogSoftmax" => reduce::softmax(self, node),
            "LayerNormalization" | "RMSNormalization" => reduce::layer_norm(self, node),
            "InstanceNormalization" | "GroupNormalization" => reduce::group_norm(self, node),
            "Resize" | "Upsample" => resize::resize(self, node),
            op if op.starts_with("Reduce") => reduce::reduce(self, node),
            _ => match self.activation_of(id, node)? {
                Some(activation) => elementwise::map(self, node, &activation),
                None => Err(lacking("the GPU engine has no kernel for this operator")),
            },
        }
    }
}
