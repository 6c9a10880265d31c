//! Activations that a plan wrote out (`rewrite`): Mul and Add by Horner, Where between them and the
//! activation itself by a stored mask. They become one activation behind a step again.
//!
//! Told by structure, whoever wrote it. A pattern is taken as a whole: nobody else reads or wants to
//! see what lies inside. It computes what the nodes say, in their order, in single precision.

use crate::ir::dtype::DType;
use crate::ir::graph::{Node, NodeId, Source, ValueId};
use crate::run::gpu::activation::{Activation, MAX_DEGREE, Polynomial};
use crate::run::gpu::program::Kind;

use super::Lower;

/// An activation, written out.
pub(super) struct Written {
    pub(super) nodes: Vec<NodeId>,
    pub(super) end: ValueId,
    pub(super) activation: Activation,
}

/// One coefficient of a polynomial: a number, or one a channel.
#[derive(Clone)]
struct Column {
    axis: Option<usize>,
    values: Vec<f32>,
}

impl Column {
    fn one(value: f32) -> Self {
        Self { axis: None, values: vec![value] }
    }
}

/// A polynomial on the way.
struct Horner {
    nodes: Vec<NodeId>,
    end: ValueId,
    /// Lowest power first.
    columns: Vec<Column>,
    /// The last operation was a product, so a constant may be added.
    open: bool,
}

impl Lower<'_> {
    /// What the readers of a value write out, if it is accepted.
    pub(super) fn written(&self, x: ValueId, accept: impl Fn(&Written) -> bool) -> Option<Written> {
        let dims = self.sizes(x).ok()?;
        let firsts = self.readers.get(x.0 as usize)?;
        firsts.iter().filter_map(|first| self.from(x, *first, &dims)).find(accept)
    }

    /// What a node begins to write out, and of which value.
    pub(super) fn written_at(&self, id: NodeId, node: &Node) -> Option<(ValueId, Written)> {
        // One operation is a step of its own anyway.
        let whole = |written: &Written| written.nodes.len() > 1 && written.nodes.contains(&id);
        let inputs = node.inputs.iter().flatten().filter(|input| !self.is_constant(**input));
        inputs.filter_map(|x| Some((*x, self.written(*x, whole)?))).next()
    }

    fn from(&self, x: ValueId, first: NodeId, dims: &[usize]) -> Option<Written> {
        if self.kind(x).ok()? != Kind::F32 {
            return None;
        }
        let Horner { nodes, end, columns, .. } = self.horner(x, first, dims)?;
        let polynomial = polynomial(&columns)?;
        let mut written = Written {
            nodes,
            end,
            activation: Activation { polynomial: Some(polynomial), ..Activation::NONE },
        };
        self.masked(x, dims, &mut written);
        // An addition alone is the residual's business, and a copy nobody's.
        let [only] = written.nodes.as_slice() else { return Some(written) };
        (self.graph.node(*only).op == "Mul").then_some(written)
    }

    /// The longest chain of products and sums.
    fn horner(&self, x: ValueId, first: NodeId, dims: &[usize]) -> Option<Horner> {
        let (zero, one) = (Column::one(0.0), Column::one(1.0));
        let node = self.graph.node(first);
        let end = node.output(0).filter(|_| node.domain.is_empty() && node.scope == Default::default())?;
        if self.sizes(end).ok()? != dims {
            return None;
        }
        let square = node.inputs.iter().all(|input| *input == Some(x));
        let (columns, open) = match node.op.as_str() {
            "Identity" => (vec![zero, one], false),
            "Mul" if square => (vec![zero.clone(), zero, one], true),
            "Mul" => (vec![zero, self.column(other(node, x)?, dims)?], true),
            "Add" => (vec![self.column(other(node, x)?, dims)?, one], false),
            _ => return None,
        };
        let mut horner = Horner { nodes: vec![first], end, columns, open };
        while let Some((id, node)) = self.sole_reader(horner.end)
            && let Some((next, other)) = node.output(0).zip(other(node, horner.end))
            && self.sizes(next).ok().as_deref() == Some(dims)
        {
            match node.op.as_str() {
                "Add" if horner.open => {
                    let Some(column) = self.column(other, dims) else { break };
                    if let Some(lowest) = horner.columns.first_mut() {
                        *lowest = column;
                    }
                }
                "Mul" if other == x && horner.columns.len() <= MAX_DEGREE => {
                    horner.columns.insert(0, Column::one(0.0));
                }
                _ => break,
            }
            horner.open = node.op == "Mul";
            horner.nodes.push(id);
            horner.end = next;
        }
        Some(horner)
    }

    /// Takes in Where(mask, activation, polynomial), if that reads the polynomial.
    fn masked(&self, x: ValueId, dims: &[usize], written: &mut Written) -> Option<()> {
        let (choice, node) = self.sole_reader(written.end)?;
        let &[Some(mask), Some(kept), Some(gone)] = node.inputs.as_slice() else { return None };
        let Source::Node(by, _) = self.graph.value(kept).source else { return None };
        let (activates, end) = (self.graph.node(by), node.output(0)?);
        let alone = self.sole_reader(kept).is_some_and(|(reader, _)| reader == choice);
        if node.op != "Where" || gone != written.end || !alone || activates.input(0) != Some(x) {
            return None;
        }
        let plain = activates.domain.is_empty() && activates.scope == Default::default();
        let activation = self.activation_of(by, activates).ok().flatten().filter(|_| plain)?;
        let bits = self.bits(mask, dims).filter(|_| self.sizes(end).ok().as_deref() == Some(dims))?;
        let polynomial = written.activation.polynomial.take();
        written.activation = Activation { polynomial, mask: Some(bits), ..activation };
        written.nodes.extend([by, choice]);
        written.end = end;
        Some(())
    }

    /// Coefficients that are stored: one, or one for each step along an axis but the first.
    fn column(&self, id: ValueId, dims: &[usize]) -> Option<Column> {
        let own = self.stored(id, dims).filter(|_| self.kind(id).is_ok_and(|kind| kind == Kind::F32))?;
        let mut long = own.iter().zip(dims).enumerate().filter(|(_, (own, _))| **own != 1);
        let axis = match (long.next(), long.next()) {
            (None, _) => None,
            (Some((axis, (own, whole))), None) if axis > 0 && own == whole => Some(axis),
            _ => return None,
        };
        let values: Vec<f32> = self.numbers_of(id).ok()?.into_iter().map(|v| v as f32).collect();
        (values.len() == axis.and_then(|axis| dims.get(axis)).map_or(1, |n| *n)).then_some(())?;
        Some(Column { axis, values })
    }

    /// A stored mask, for each element of one sample.
    fn bits(&self, id: ValueId, dims: &[usize]) -> Option<Vec<bool>> {
        let own = self.stored(id, dims).filter(|_| self.model.dtype(id) == Some(DType::Bool))?;
        let ([first, own @ ..], [_, sample @ ..]) = (own.as_slice(), dims) else { return None };
        if *first != 1 || own.iter().zip(sample).any(|(own, whole)| *own != 1 && own != whole) {
            return None;
        }
        let stored = self.numbers_of(id).ok()?;
        let steps = super::strides(own);
        let place = |element: usize| {
            let axes = own.iter().zip(sample).zip(&steps).rev();
            let walk = |(rest, at): (usize, usize), ((own, whole), step): ((&usize, &usize), &usize)| {
                (rest / whole, at + if *own == 1 { 0 } else { rest % whole * step })
            };
            axes.fold((element, 0), walk).1
        };
        let bit = |element: usize| stored.get(place(element)).map(|bit| *bit != 0.0);
        (0..sample.iter().product()).map(bit).collect()
    }

    /// Sizes of a constant, with ones before them up to the rank of `dims`.
    fn stored(&self, id: ValueId, dims: &[usize]) -> Option<Vec<usize>> {
        let own = self.sizes(id).ok().filter(|_| self.is_constant(id))?;
        let mut all = vec![1; dims.len().checked_sub(own.len())?];
        all.extend(own);
        Some(all)
    }
}

/// The other of a node's two inputs.
fn other(node: &Node, one: ValueId) -> Option<ValueId> {
    match node.inputs.as_slice() {
        [Some(a), Some(b)] if *a == one => Some(*b),
        [Some(a), Some(b)] if *b == one => Some(*a),
        _ => None,
    }
}

/// Columns as rows, one a channel; None where they follow different axes.
fn polynomial(columns: &[Column]) -> Option<Polynomial> {
    let axis = columns.iter().find_map(|column| column.axis);
    if columns.iter().any(|column| column.axis.is_some() && column.axis != axis) {
        return None;
    }
    let channels = columns.iter().map(|column| column.values.len()).max()?;
    let at = |column: &Column, channel: usize| {
        let shared = if column.axis.is_none() { column.values.first() } else { None };
        shared.or_else(|| column.values.get(channel)).copied()
    };
    let rows = (0..channels).flat_map(|channel| columns.iter().map(move |column| at(column, channel)));
    let coefficients = rows.collect::<Option<_>>()?;
    Some(Polynomial { degree: columns.len() - 1, axis: axis.unwrap_or(1), coefficients })
}
