//! Activations that rten has no operator for.

use super::{Made, attribute, float, input, int};
use crate::ir::dtype::DType;
use crate::onnx::NodeProto;

impl Made<'_> {
    /// The nodes of an activation, in `self.nodes`; None for any other node.
    pub(super) fn activation(&mut self, node: &NodeProto) -> Option<()> {
        if !node.domain().is_empty() && node.domain() != "ai.onnx" {
            return None;
        }
        let (x, y) = (input(node, 0).to_owned(), node.output.first()?.clone());
        let number = |name: &str, default: f32| attribute(node, name).map_or(default, |a| a.f());
        match node.op_type() {
            // gamma * Elu(x, alpha)
            "Selu" => {
                let alpha = number("alpha", 1.673_263_2);
                let elu = self.node("Elu", vec![x], vec![float("alpha", alpha)], node);
                let gamma = self.floats(&[number("gamma", 1.050_701)], true, node);
                self.put("Mul", vec![elu, gamma], Vec::new(), node, y);
            }
            // a * Elu(x/a, 1)
            "Celu" => {
                let alpha = self.floats(&[number("alpha", 1.0)], true, node);
                let scaled = self.node("Div", vec![x, alpha.clone()], Vec::new(), node);
                let elu = self.node("Elu", vec![scaled], vec![float("alpha", 1.0)], node);
                self.put("Mul", vec![elu, alpha], Vec::new(), node, y);
            }
            "ThresholdedRelu" => {
                let alpha = self.floats(&[number("alpha", 1.0)], true, node);
                let zero = self.floats(&[0.0], true, node);
                let above = self.node("Greater", vec![x.clone(), alpha], Vec::new(), node);
                self.put("Where", vec![above, x, zero], Vec::new(), node, y);
            }
            "Mish" => {
                let soft = self.node("Softplus", vec![x.clone()], Vec::new(), node);
                let tanh = self.node("Tanh", vec![soft], Vec::new(), node);
                self.put("Mul", vec![x, tanh], Vec::new(), node, y);
            }
            // x + bias below -lambd, x - bias above lambd, else 0.
            "Shrink" if self.dtype(&x).is_some_and(DType::is_float) => {
                let (bias, lambd) = (number("bias", 0.0), number("lambd", 0.5));
                let [bias, low, high, zero] =
                    [bias, -lambd, lambd, 0.0].map(|v| self.floats(&[v], true, node));
                let above = self.node("Greater", vec![x.clone(), high], Vec::new(), node);
                let below = self.node("Less", vec![x.clone(), low], Vec::new(), node);
                let less = self.node("Sub", vec![x.clone(), bias.clone()], Vec::new(), node);
                let more = self.node("Add", vec![x, bias], Vec::new(), node);
                let upper = self.node("Where", vec![above, less, zero], Vec::new(), node);
                self.put("Where", vec![below, more, upper], Vec::new(), node, y);
            }
            // rten gives 1 for 0.
            "Sign" if self.dtype(&x).is_some_and(DType::is_float) => {
                let zero = self.floats(&[0.0], true, node);
                let above = self.node("Greater", vec![x.clone(), zero.clone()], Vec::new(), node);
                let below = self.node("Less", vec![x, zero], Vec::new(), node);
                let above = self.node("Cast", vec![above], vec![int("to", 1)], node);
                let below = self.node("Cast", vec![below], vec![int("to", 1)], node);
                self.put("Sub", vec![above, below], Vec::new(), node, y);
            }
            _ => return None,
        }
        Some(())
    }
}
