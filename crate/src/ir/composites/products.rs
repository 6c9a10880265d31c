//! Composites that end in a product, a logarithm, a Clip or a choice. A product is flattened to a
//! coefficient and its factors, so that the order and grouping of the factors do not matter:
//! `(0.5*x)*(1+erf(x/1.414))` and `x*((1+erf(0.707*x))*0.5)` are one GELU.

use super::{Finder, Match, near};
use crate::ir::graph::{NodeId, ValueId};
use crate::ir::kind::Kind;

/// A product of values and a number.
struct Product {
    coefficient: f64,
    factors: Vec<ValueId>,
    nodes: Vec<NodeId>,
}

impl Finder<'_> {
    fn product(&self, id: NodeId) -> Option<Product> {
        let mut product = Product { coefficient: 1.0, factors: Vec::new(), nodes: Vec::new() };
        self.flatten(id, &mut product, 4).then_some(product)
    }

    /// A value as a product; itself as the only factor where it is none.
    fn product_of(&self, value: ValueId) -> Product {
        let value = self.through(value);
        let node = self.graph.producer(value).filter(|(_, node)| node.is("Mul") || node.is("Div"));
        node.and_then(|(id, _)| self.product(id)).unwrap_or_else(|| Product {
            coefficient: 1.0,
            factors: vec![value],
            nodes: Vec::new(),
        })
    }

    fn flatten(&self, id: NodeId, product: &mut Product, depth: u32) -> bool {
        let node = self.graph.node(id);
        let (Some(a), Some(b)) = (node.input(0), node.input(1)) else { return false };
        let by = self.scalar(b);
        if node.is("Div") && by.is_none_or(|by| by == 0.0) {
            return false;
        }
        product.nodes.push(id);
        match by {
            Some(by) if node.is("Div") => product.coefficient /= by,
            Some(by) => product.coefficient *= by,
            None => {}
        }
        let operands = if by.is_some() { vec![a] } else { vec![a, b] };
        for operand in operands {
            if let Some(number) = self.scalar(operand) {
                product.coefficient *= number;
                continue;
            }
            let value = self.through(operand);
            let inner = self.graph.producer(value).filter(|(_, n)| n.is("Mul") || n.is("Div"));
            let alone = self.readers(value).len() <= 1;
            let opened = depth > 0
                && alone
                && inner.is_some_and(|(inner, _)| {
                    let mark = (product.nodes.len(), product.factors.len(), product.coefficient);
                    let opened = self.flatten(inner, product, depth - 1);
                    if !opened {
                        product.nodes.truncate(mark.0);
                        product.factors.truncate(mark.1);
                        product.coefficient = mark.2;
                    }
                    opened
                });
            if !opened {
                product.factors.push(value);
            }
            if product.factors.len() > 4 {
                return false;
            }
        }
        true
    }
}

/// A composite that ends in this Mul or Div.
pub(super) fn find(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let product = finder.product(id)?;
    match product.factors.as_slice() {
        [one] => {
            let (clip, inner, low, high) = finder.clip(*one)?;
            let (add, _) = finder.shifted(inner, 3.0)?;
            let holds = low == 0.0 && high == 6.0 && near(product.coefficient, 1.0 / 6.0);
            holds.then(|| (Kind::HardSigmoid, None, with(&product, &[clip, add])))
        }
        [a, b] => gated(finder, &product, *a, *b).or_else(|| gated(finder, &product, *b, *a)),
        _ => None,
    }
}

fn with(product: &Product, nodes: &[NodeId]) -> Vec<NodeId> {
    product.nodes.iter().chain(nodes).copied().collect()
}

/// `x * gate(x)`.
fn gated(finder: &Finder<'_>, product: &Product, x: ValueId, gate: ValueId) -> Option<Match> {
    let coefficient = product.coefficient;
    let (gate_id, node) = finder.maker(gate)?;
    let done = |kind: Kind, nodes: &[NodeId]| Some((kind, None, with(product, nodes)));
    match node.op.as_str() {
        "Sigmoid" if near(coefficient, 1.0) => {
            let inner = finder.through(node.input(0)?);
            if inner == x {
                return done(Kind::SiLU, &[gate_id]);
            }
            let scaled = finder.product_of(inner);
            let quick = scaled.factors == [x] && near(scaled.coefficient, 1.702);
            let nodes: Vec<NodeId> = scaled.nodes.iter().copied().chain([gate_id]).collect();
            quick.then(|| (Kind::QuickGELU, None, with(product, &nodes)))
        }
        "HardSigmoid" if near(coefficient, 1.0) => {
            let sixth = near(f64::from(node.attrs.float("alpha").unwrap_or(0.2)), 1.0 / 6.0);
            (sixth && finder.through(node.input(0)?) == x)
                .then(|| (Kind::HardSwish, None, with(product, &[gate_id])))
        }
        "Clip" => {
            let (inner, low, high) = finder.clip_of(node)?;
            if low == 0.0 && high == 6.0 && near(coefficient, 1.0 / 6.0) {
                let (add, y) = finder.shifted(inner, 3.0)?;
                return if y == x { done(Kind::HardSwish, &[gate_id, add]) } else { None };
            }
            None
        }
        "Tanh" if near(coefficient, 1.0) => {
            let soft = node.input(0)?;
            if let Some((softplus, y)) = finder.unary(soft, "Softplus") {
                return if y == x { done(Kind::Mish, &[gate_id, softplus]) } else { None };
            }
            let (log, y, mut nodes) = softplus_at(finder, soft)?;
            nodes.extend([log, gate_id]);
            if y == x { done(Kind::Mish, &nodes) } else { None }
        }
        "Add" if near(coefficient, 0.5) => {
            let (add, inner) = finder.shifted(gate, 1.0)?;
            if let Some((erf, u)) = finder.unary(inner, "Erf") {
                let scaled = finder.product_of(u);
                let holds =
                    scaled.factors == [x] && near(scaled.coefficient, std::f64::consts::FRAC_1_SQRT_2);
                let nodes: Vec<NodeId> = scaled.nodes.iter().copied().chain([add, erf]).collect();
                return if holds { done(Kind::GELU, &nodes) } else { None };
            }
            let (tanh, u) = finder.unary(inner, "Tanh")?;
            let mut nodes = cubic(finder, u, x)?;
            nodes.extend([add, tanh]);
            done(Kind::GELUTanh, &nodes)
        }
        _ => None,
    }
}

/// `sqrt(2/pi) * (x + 0.044715 x^3)`, or with x factored out; the nodes.
fn cubic(finder: &Finder<'_>, u: ValueId, x: ValueId) -> Option<Vec<NodeId>> {
    let outer = finder.product_of(u);
    if !near(outer.coefficient, (2.0 / std::f64::consts::PI).sqrt()) {
        return None;
    }
    let mut nodes = outer.nodes.clone();
    match outer.factors.as_slice() {
        [sum] => {
            let (add, node) = finder.maker(*sum).filter(|(_, n)| n.op == "Add")?;
            let (a, b) = (finder.through(node.input(0)?), finder.through(node.input(1)?));
            let cube = if a == x { b } else { a };
            nodes.push(add);
            (a == x || b == x).then_some(())?;
            nodes.extend(power_of(finder, cube, x, 0.044715, 3)?);
            Some(nodes)
        }
        [a, b] => {
            let sum = if *a == x { *b } else { *a };
            let (add, square) = finder.shifted(sum, 1.0)?;
            nodes.push(add);
            (*a == x || *b == x).then_some(())?;
            nodes.extend(power_of(finder, square, x, 0.044715, 2)?);
            Some(nodes)
        }
        _ => None,
    }
}

/// The nodes of `c * x^n`.
fn power_of(finder: &Finder<'_>, value: ValueId, x: ValueId, c: f64, n: u32) -> Option<Vec<NodeId>> {
    let product = finder.product_of(value);
    let mut nodes = product.nodes;
    let mut degree = 0.0;
    for factor in product.factors {
        if factor == x {
            degree += 1.0;
        } else {
            let (id, node) = finder.maker(factor)?;
            if node.op == "Pow" && finder.through(node.input(0)?) == x {
                degree += finder.scalar(node.input(1)?)?;
            } else if node.op == "Mul" && node.inputs.iter().flatten().all(|v| finder.through(*v) == x) {
                degree += 2.0;
            } else {
                return None;
            }
            nodes.push(id);
        }
    }
    (near(product.coefficient, c) && degree == f64::from(n)).then_some(nodes)
}

/// `log(1 + exp(x))`.
pub(super) fn softplus(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let (log, _, mut nodes) = softplus_at(finder, finder.graph.node(id).output(0)?)?;
    nodes.push(log);
    Some((Kind::Softplus, None, nodes))
}

fn softplus_at(finder: &Finder<'_>, value: ValueId) -> Option<(NodeId, ValueId, Vec<NodeId>)> {
    let (log, sum) = finder.unary(value, "Log")?;
    let (add, exp_out) = finder.shifted(sum, 1.0)?;
    let (exp, x) = finder.unary(exp_out, "Exp")?;
    Some((log, x, vec![add, exp]))
}

/// `Clip(x/6 + 0.5, 0, 1)`.
pub(super) fn clipped(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let (inner, low, high) = finder.clip_of(finder.graph.node(id))?;
    let (add, scaled) = finder.shifted(inner, 0.5)?;
    let product = finder.product_of(scaled);
    let holds =
        low == 0.0 && high == 1.0 && product.factors.len() == 1 && near(product.coefficient, 1.0 / 6.0);
    holds.then(|| (Kind::HardSigmoid, None, with(&product, &[add, id])))
}

/// `Max(x, a*x)` with 0 < a < 1, and `Where(x > 0, x, a*x)`; a = 0 is ReLU.
pub(super) fn choice(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let node = finder.graph.node(id);
    let slope_of = |value: ValueId, x: ValueId| -> Option<(f64, Vec<NodeId>)> {
        if let Some(number) = finder.scalar(value) {
            return (number == 0.0).then(|| (0.0, Vec::new()));
        }
        let product = finder.product_of(value);
        (product.factors == [x] && !product.nodes.is_empty()).then_some((product.coefficient, product.nodes))
    };
    if node.is("Max") {
        let (a, b) = (finder.through(node.input(0)?), finder.through(node.input(1)?));
        let (slope, mut nodes) = slope_of(b, a).or_else(|| slope_of(a, b))?;
        nodes.push(id);
        return (slope > 0.0 && slope < 1.0).then_some((Kind::LeakyReLU, None, nodes));
    }
    let (test, test_node) = finder.maker(node.input(0)?)?;
    let above = ["Greater", "GreaterOrEqual"].contains(&test_node.op.as_str());
    let x = finder.through(test_node.input(0)?);
    if !above || finder.scalar(test_node.input(1)?)? != 0.0 || finder.through(node.input(1)?) != x {
        return None;
    }
    let (slope, mut nodes) = slope_of(node.input(2)?, x)?;
    nodes.extend([test, id]);
    let kind = if slope == 0.0 { Kind::ReLU } else { Kind::LeakyReLU };
    Some((kind, None, nodes))
}
