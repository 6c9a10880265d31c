//! A name for a network's structure: equal for two files that differ in names, weights, layout or
//! producer only, and different once an operator, an attribute, a wire or a shape differs.
//!
//! Covers what the file states (ops, attributes, wiring, input and weight shapes) and nothing that is
//! derived from it, so that a better shape rule never changes a hash.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::attrs::{Attr, TensorAttr};
use super::dim::{Dim, SymbolId};
use super::dtype::DType;
use super::graph::{Graph, Node, Source, Type, ValueId};

/// SHA-256 of the structure: hex of its first 16 bytes. Depends on the shapes that the inputs have
/// now: take it before symbols are bound to name the file, after to name the bound network.
pub fn structural_hash(graph: &Graph) -> String {
    let mut writer = Writer { graph, hash: Sha256::new(), values: HashMap::new(), symbols: HashMap::new() };
    writer.all();
    let digest = writer.hash.finalize();
    digest.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Every item is written with a tag or a length in front, so that no two structures write the same.
struct Writer<'a> {
    graph: &'a Graph,
    hash: Sha256,
    values: HashMap<ValueId, u64>,
    symbols: HashMap<SymbolId, u64>,
}

impl Writer<'_> {
    fn all(&mut self) {
        let graph = self.graph;
        self.text("reluctant.structure/1");
        self.number(graph.inputs.len() as u64);
        for input in &graph.inputs {
            self.value(*input);
        }
        for node in &graph.nodes {
            self.node(node);
        }
        self.number(graph.outputs.len() as u64);
        for output in &graph.outputs {
            self.value(*output);
        }
    }

    fn node(&mut self, node: &Node) {
        self.text(&node.domain);
        self.text(&node.op);
        self.number(node.opset as u64);
        self.number(u64::from(node.scope.0));
        self.number(node.attrs.0.len() as u64);
        for (name, attr) in node.attrs.0.iter() {
            self.text(name);
            self.attr(attr);
        }
        for list in [&node.inputs, &node.outputs] {
            self.number(list.len() as u64);
            for value in list {
                match value {
                    Some(value) => self.value(*value),
                    None => self.byte(0),
                }
            }
        }
        self.number(node.bodies.len() as u64);
        for body in &node.bodies {
            self.text(&body.attr);
            self.number(u64::from(body.scope.0));
            for list in [&body.inputs, &body.outputs] {
                self.number(list.len() as u64);
                for value in list {
                    self.value(*value);
                }
            }
        }
    }

    /// A value by its order of appearance; at the first, with what the file says of it.
    fn value(&mut self, id: ValueId) {
        let next = self.values.len() as u64;
        if let Some(seen) = self.values.get(&id).copied() {
            self.byte(1);
            self.number(seen);
            return;
        }
        self.values.insert(id, next);
        let value = self.graph.value(id);
        match (&value.weight, value.source) {
            (Some(weight), _) => {
                self.byte(2);
                self.dtype(weight.dtype);
                self.dims(&weight.dims);
            }
            (None, Source::Input) => {
                self.byte(3);
                self.ty(&value.ty);
            }
            (None, _) => self.byte(4),
        }
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Tensor(tensor) | Type::Sparse(tensor) => {
                self.byte(if matches!(ty, Type::Tensor(_)) { 1 } else { 2 });
                self.dtype(tensor.dtype);
                let Some(shape) = &tensor.shape else { return self.byte(0) };
                self.byte(1);
                self.number(shape.len() as u64);
                for dim in shape {
                    self.dim(dim);
                }
            }
            Type::Sequence(one, _) => {
                self.byte(3);
                self.ty(one);
            }
            Type::Optional(one) => {
                self.byte(4);
                self.ty(one);
            }
            Type::Map => self.byte(5),
            Type::Unknown => self.byte(6),
        }
    }

    fn dim(&mut self, dim: &Dim) {
        match dim {
            Dim::Known(size) => {
                self.byte(1);
                self.number(*size as u64);
            }
            Dim::Expr(terms) => {
                self.byte(2);
                self.number(terms.len() as u64);
                for (monomial, coefficient) in terms.iter() {
                    self.number(monomial.len() as u64);
                    for symbol in monomial {
                        let next = self.symbols.len() as u64;
                        let index = *self.symbols.entry(*symbol).or_insert(next);
                        self.number(index);
                    }
                    self.number(*coefficient as u64);
                }
            }
            Dim::Unknown => self.byte(3),
        }
    }

    fn attr(&mut self, attr: &Attr) {
        match attr {
            Attr::Int(value) => {
                self.byte(1);
                self.number(*value as u64);
            }
            Attr::Float(value) => {
                self.byte(2);
                self.number(u64::from(value.to_bits()));
            }
            Attr::Str(value) => {
                self.byte(3);
                self.text(value);
            }
            Attr::Ints(values) => {
                self.byte(4);
                self.number(values.len() as u64);
                values.iter().for_each(|v| self.number(*v as u64));
            }
            Attr::Floats(values) => {
                self.byte(5);
                self.number(values.len() as u64);
                values.iter().for_each(|v| self.number(u64::from(v.to_bits())));
            }
            Attr::Strs(values) => {
                self.byte(6);
                self.number(values.len() as u64);
                values.iter().for_each(|v| self.text(v));
            }
            Attr::Tensor(TensorAttr { dtype, dims, .. }) => {
                self.byte(7);
                self.dtype(*dtype);
                self.dims(dims);
            }
            Attr::Type(ty) => {
                self.byte(8);
                self.ty(ty);
            }
            Attr::Other => self.byte(9),
        }
    }

    fn dtype(&mut self, dtype: Option<DType>) {
        self.number(dtype.map_or(0, |d| d as u64));
    }

    fn dims(&mut self, dims: &[u64]) {
        self.number(dims.len() as u64);
        dims.iter().for_each(|d| self.number(*d));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.hash.update(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.hash.update(number.to_le_bytes());
    }

    fn byte(&mut self, byte: u8) {
        self.hash.update([byte]);
    }
}

#[cfg(test)]
mod tests;
