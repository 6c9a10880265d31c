//! What can be fused behind a step: a residual addition, then an activation.

use crate::error::Result;
use crate::ir::graph::{Node, NodeId, ValueId};
use crate::run::gpu::activation::Activation;
use crate::run::gpu::program::{Kind, TensorId};

use super::written::Written;
use super::{Lower, lacking};

/// The tail of a step.
pub(super) struct Tail {
    /// Added before the activation.
    pub(super) residual: Option<TensorId>,
    /// The last thing done.
    pub(super) activation: Activation,
    /// The value that comes out.
    pub(super) end: ValueId,
}

impl Lower<'_> {
    /// The only node that reads a value, where nobody else wants to see it.
    pub(super) fn sole_reader(&self, id: ValueId) -> Option<(NodeId, &Node)> {
        let graph = self.graph;
        match self.readers.get(id.0 as usize)?.as_slice() {
            [only] if !self.kept.contains(&id) => {
                let node = graph.node(*only);
                let plain = node.domain.is_empty() && node.scope == Default::default();
                plain.then_some((*only, node))
            }
            _ => None,
        }
    }

    /// Whether nobody but these nodes reads a value.
    fn reads_alone(&self, id: ValueId, nodes: &[NodeId]) -> bool {
        let readers = self.readers.get(id.0 as usize);
        !self.kept.contains(&id) && readers.is_some_and(|all| all.iter().all(|one| nodes.contains(one)))
    }

    /// Follows a value through what can be fused behind the step that makes it. With `adds`, one
    /// residual addition of the same shape whose other operand is there already.
    pub(super) fn tail(&mut self, start: ValueId, adds: bool) -> Result<Tail> {
        let mut tail = Tail { residual: None, activation: Activation::NONE, end: start };
        let dims = self.sizes(start)?;
        loop {
            let whole = |written: &Written| self.reads_alone(tail.end, &written.nodes);
            if let Some(written) = self.written(tail.end, whole) {
                for id in written.nodes {
                    self.absorb(id);
                }
                (tail.activation, tail.end) = (written.activation, written.end);
                break;
            }
            let Some((id, node)) = self.sole_reader(tail.end) else { break };
            let node = node.clone();
            let Some(next) = node.output(0) else { break };
            if self.sizes(next).ok().as_ref() != Some(&dims) {
                break;
            }
            if adds && node.op == "Add" && tail.residual.is_none() {
                let mut others = node.inputs.iter().flatten().filter(|input| **input != tail.end);
                let Some(other) = others.next().copied() else { break };
                let ready = self.views.contains_key(&other) || self.is_constant(other);
                if !ready || self.sizes(other).ok().as_ref() != Some(&dims) {
                    break;
                }
                let view = self.view(other)?;
                if view.kind != Kind::F32 {
                    break;
                }
                tail.residual = Some(view.tensor);
            } else if let Some(activation) = self.activation_of(id, &node)? {
                tail.activation = activation;
                self.absorb(id);
                tail.end = next;
                break;
            } else {
                break;
            }
            self.absorb(id);
            tail.end = next;
        }
        Ok(tail)
    }

    /// The activation that a node is; None for any other operator.
    pub(super) fn activation_of(&self, id: NodeId, node: &Node) -> Result<Option<Activation>> {
        let float = |name: &str, default: f32| node.attrs.float(name).unwrap_or(default);
        let plain = |function| Some(Activation::plain(function, 0.0, 0.0));
        let with = |function, a, b| Some(Activation::plain(function, a, b));
        Ok(match node.op.as_str() {
            "Relu" => {
                let faults = self.faults.get(&id).map(|faults| (*faults, id.0));
                Some(Activation { faults, ..Activation::plain("relu", 0.0, 0.0) })
            }
            "LeakyRelu" => with("leaky_relu", float("alpha", 0.01), 0.0),
            "ThresholdedRelu" => with("thresholded_relu", float("alpha", 1.0), 0.0),
            "Clip" => {
                let (low, high) = self.bounds(node)?;
                with("clip", low, high)
            }
            "Sigmoid" => plain("sigmoid"),
            "HardSigmoid" => with("hard_sigmoid", float("alpha", 0.2), float("beta", 0.5)),
            "HardSwish" => plain("hard_swish"),
            "Swish" => with("silu", float("alpha", 1.0), 0.0),
            "Elu" => with("elu", float("alpha", 1.0), 0.0),
            "Selu" => with("selu", float("alpha", 1.673_263_2), float("gamma", 1.050_701)),
            "Celu" => with("celu", float("alpha", 1.0), 0.0),
            "Softsign" => plain("softsign"),
            "Softplus" => plain("softplus"),
            "Mish" => plain("mish"),
            "Tanh" => plain("hyperbolic_tangent"),
            "Gelu" if node.attrs.str("approximate") == Some("tanh") => plain("gelu_tanh"),
            "Gelu" => plain("gelu"),
            "Erf" => plain("error_function"),
            "Exp" => plain("exponential"),
            "Log" => plain("logarithm"),
            "Sqrt" => plain("square_root"),
            "Reciprocal" => plain("reciprocal"),
            "Abs" => plain("absolute"),
            "Neg" => plain("negative"),
            "Floor" => plain("floor_of"),
            "Ceil" => plain("ceiling"),
            "Round" => plain("round_even"),
            "Sign" => plain("sign_of"),
            "Sin" => plain("sine"),
            "Cos" => plain("cosine"),
            _ => None,
        })
    }

    /// Bounds of Clip: attributes before operator set 11, constant inputs since.
    fn bounds(&self, node: &Node) -> Result<(f32, f32)> {
        let bound = |place: usize, name: &str, default: f32| -> Result<f32> {
            if let Some(value) = node.attrs.float(name) {
                return Ok(value);
            }
            match self.numbers(node, place)?.as_deref() {
                None => Ok(default),
                Some([value]) => Ok(*value as f32),
                Some(_) => Err(lacking("a bound that is no scalar")),
            }
        };
        Ok((bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?))
    }
}
