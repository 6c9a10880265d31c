//! Parameters: stored tensors of numbers that take part in the computation.
//!
//! A node's parameters are the stored floating-point tensors among its inputs, found through nodes
//! that only compute with constants (a Transpose or DequantizeLinear of a weight), and the integer
//! tensors that a DequantizeLinear or a quantised layer reads as its weight. Left out: running
//! statistics of BatchNorm (inputs 3 and 4), scales and zero points of quantisers, bounds, sizes,
//! and single numbers outside the weight and bias of a layer (`x / 1.41421` holds no parameter).
//!
//! What ConstantOfShape makes of a stored shape stands for a stored tensor: files from which the weights were taken out
//! hold it in their place. Where the shape is computed, it is a mask or a state of the input's size, and no parameter.

use super::node::ParamUse;
use super::view::View;
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, Node, ValueId};

/// Nodes of constant computation that are walked from one input.
const MAX_WALK: usize = 64;

/// What a node reads as parameters, each tensor once.
pub(super) fn of(view: &View<'_>) -> Vec<ParamUse> {
    let mut uses = Vec::new();
    for (place, input) in view.node.inputs.iter().enumerate() {
        let Some(input) = *input else { continue };
        if !view.facts.is_secret(input) {
            let role = role(view.node, place);
            if role != Role::Other {
                let mut steps = MAX_WALK;
                walk(view.graph, input, role, &mut steps, &mut uses);
            }
        }
    }
    // Of packed weights the file says how many there are in the attributes.
    if let Some(packed) = packed(view.node)
        && let Some(weight) = view.node.input(1)
        && let Some(used) = uses.iter_mut().find(|used: &&mut ParamUse| used.value == weight)
    {
        used.elements = packed;
    }
    uses.sort_by_key(|used: &ParamUse| used.value);
    uses.dedup_by_key(|used| used.value);
    uses
}

/// Weights of a matrix of `K` by `N` that are packed, a few bits each.
fn packed(node: &Node) -> Option<u64> {
    if node.domain != "com.microsoft" || !["MatMulNBits", "MatMulBnb4"].contains(&node.op.as_str()) {
        return None;
    }
    let size = |name: &str| node.attrs.int(name).and_then(|n| u64::try_from(n).ok());
    size("K")?.checked_mul(size("N")?).filter(|n| *n <= i64::MAX as u64)
}

/// What an input is to its operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Weight or bias of a layer, of any size and floating-point type.
    Layer,
    /// The same as integers.
    Integer,
    /// Several weights a byte: as many as the operator's sizes say.
    Packed,
    /// A number to compute with: a parameter unless it is single.
    Operand,
    /// Neither.
    Other,
}

impl Role {
    /// A tensor in this role is a parameter.
    fn counts(self, dtype: DType, elements: u64) -> bool {
        dtype != DType::Str
            && match self {
                Self::Layer => dtype.is_float(),
                Self::Integer | Self::Packed => true,
                Self::Operand => dtype.is_float() && elements > 1,
                Self::Other => false,
            }
    }
}

fn role(node: &Node, place: usize) -> Role {
    if node.domain == "com.microsoft" {
        return match (node.op.as_str(), place) {
            ("FusedConv" | "FusedGemm" | "Attention", 1 | 2) => Role::Layer,
            ("MatMulNBits" | "MatMulBnb4", 1) => Role::Packed,
            ("MatMulNBits" | "MatMulBnb4", 5) => Role::Layer,
            ("MatMulNBits" | "MatMulBnb4", _) => Role::Other,
            ("DynamicQuantizeLSTM", 1 | 2) => Role::Integer,
            ("DynamicQuantizeLSTM", 3 | 7) => Role::Layer,
            ("DynamicQuantizeLSTM", _) => Role::Other,
            ("DynamicQuantizeMatMul" | "MatMulIntegerToFloat", 1) => Role::Integer,
            ("DynamicQuantizeMatMul", 4) | ("MatMulIntegerToFloat", 6) => Role::Layer,
            ("DynamicQuantizeMatMul" | "MatMulIntegerToFloat", _) => Role::Other,
            ("QGemm" | "QLinearConv" | "QLinearMatMul", 3) | ("QGemm", 6) | ("QLinearConv", 8) => {
                Role::Integer
            }
            ("QLinearAdd" | "QLinearMul", 0 | 3) => Role::Integer,
            (op, _) if op.starts_with('Q') && op != "QuickGelu" => Role::Other,
            ("DequantizeLinear" | "QuantizeLinear", 1..) => Role::Other,
            _ => Role::Operand,
        };
    }
    if !node.domain.is_empty() {
        return Role::Operand;
    }
    match (node.op.as_str(), place) {
        ("Conv" | "ConvTranspose" | "Gemm", 1 | 2) | ("DeformConv", 1 | 3) => Role::Layer,
        ("Gemm" | "MatMul", _) => Role::Layer,
        ("LSTM" | "GRU" | "RNN", 1..=3 | 7) => Role::Layer,
        ("LSTM" | "GRU" | "RNN", _) => Role::Other,
        (
            "BatchNormalization" | "InstanceNormalization" | "LayerNormalization" | "GroupNormalization",
            1 | 2,
        ) => Role::Layer,
        ("RMSNormalization" | "SimplifiedLayerNormalization" | "PRelu", 1) => Role::Layer,
        ("BatchNormalization", _) => Role::Other,
        ("ConvInteger" | "MatMulInteger", 0 | 1) => Role::Integer,
        ("QLinearConv", 3 | 8) => Role::Integer,
        ("QLinearMatMul", 0 | 3) => Role::Integer,
        ("ConvInteger" | "MatMulInteger" | "QLinearConv" | "QLinearMatMul", _) => Role::Other,
        ("QuantizeLinear" | "DequantizeLinear", 1..) => Role::Other,
        (
            "Clip" | "Resize" | "Upsample" | "Pad" | "Dropout" | "Reshape" | "Expand" | "Tile" | "TopK"
            | "Slice" | "OneHot" | "Range" | "CumSum" | "NonMaxSuppression" | "RoiAlign" | "Cast" | "Trilu"
            | "Where" | "Pow" | "Equal" | "Greater" | "Less" | "GreaterOrEqual" | "LessOrEqual" | "Max"
            | "Min" | "Loop" | "Scan" | "If",
            _,
        ) => Role::Other,
        _ => Role::Operand,
    }
}

fn walk(graph: &Graph, id: ValueId, role: Role, steps: &mut usize, uses: &mut Vec<ParamUse>) {
    let value = graph.value(id);
    if let Some(weight) = &value.weight {
        let Some(dtype) = weight.dtype else { return };
        let elements = weight.elements();
        if role.counts(dtype, elements) {
            uses.push(ParamUse { value: id, elements, bytes: dtype.bytes(elements).unwrap_or(0) });
        }
        return;
    }
    let Some((_, node)) = graph.producer(id) else { return };
    if node.is("ConstantOfShape") {
        let stored = node.input(0).is_some_and(|shape| graph.value(shape).weight.is_some());
        if let (true, Some(dtype), Some(elements)) = (stored, value.ty.dtype(), graph.elements(id))
            && role.counts(dtype, elements)
        {
            uses.push(ParamUse { value: id, elements, bytes: 0 });
        }
        return;
    }
    let Some(left) = steps.checked_sub(1) else { return };
    *steps = left;
    for (place, input) in node.inputs.iter().enumerate() {
        let Some(input) = *input else { continue };
        let next = match (node.op.as_str(), place) {
            ("DequantizeLinear", 0) => Role::Integer,
            ("DequantizeLinear" | "QuantizeLinear", 1..) => Role::Other,
            ("Cast" | "Transpose" | "Identity" | "Reshape" | "QuantizeLinear", 0) => role,
            _ => self::role(node, place),
        };
        if next != Role::Other {
            walk(graph, input, next, steps, uses);
        }
    }
}
