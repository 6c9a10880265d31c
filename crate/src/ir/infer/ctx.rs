//! What a rule may see and set.

use crate::ir::attrs::Attrs;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Graph, Node, Shape, Type};

/// Why a rule could not tell, shown to people; and whether shapes are in contradiction, so that no data makes it run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why(pub String, pub bool);

impl Why {
    /// From a sentence fragment: `the shape of input 1 is not known`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into(), false)
    }

    /// Shapes that contradict each other: `3 and 4 do not broadcast`.
    pub fn broken(text: impl Into<String>) -> Self {
        Self(text.into(), true)
    }
}

/// What a rule returns: what it set stands even when it returns a reason.
pub type Inferred = Result<(), Why>;

/// One output as a rule leaves it.
#[derive(Clone, Debug, Default)]
pub struct Out {
    pub(super) ty: Type,
    pub(super) constant: Option<Const>,
}

/// A node with its inputs' types, and its outputs to set.
pub struct Ctx<'a> {
    graph: &'a Graph,
    /// The node.
    pub node: &'a Node,
    outs: Vec<Out>,
    /// Elements that a constant may have.
    allowance: usize,
}

impl<'a> Ctx<'a> {
    pub(super) fn new(graph: &'a Graph, node: &'a Node, allowance: usize) -> Self {
        Self { graph, node, outs: vec![Out::default(); node.outputs.len()], allowance }
    }

    pub(super) fn into_outs(self) -> Vec<Out> {
        self.outs
    }

    /// Attributes.
    pub fn attrs(&self) -> &'a Attrs {
        &self.node.attrs
    }

    /// Version of the operator set that the node's domain has in this file.
    pub fn opset(&self) -> i64 {
        self.node.opset
    }

    /// Number of inputs, left-out ones in the middle included.
    pub fn inputs(&self) -> usize {
        self.node.inputs.len()
    }

    /// Number of outputs, left-out ones in the middle included.
    pub fn outputs(&self) -> usize {
        self.node.outputs.len()
    }

    /// Whether an optional input is given.
    pub fn has(&self, input: usize) -> bool {
        self.node.input(input).is_some()
    }

    /// Type of an input; `Unknown` where it is left out.
    pub fn ty(&self, input: usize) -> &'a Type {
        self.node.input(input).map_or(&Type::Unknown, |id| &self.graph.value(id).ty)
    }

    /// Element type of an input.
    pub fn dtype(&self, input: usize) -> Option<DType> {
        self.ty(input).dtype()
    }

    /// Shape of an input, or why there is none.
    pub fn shape(&self, input: usize) -> Result<&'a [Dim], Why> {
        self.ty(input).shape().ok_or_else(|| self.why(input))
    }

    /// Rank of an input.
    pub fn rank(&self, input: usize) -> Result<usize, Why> {
        Ok(self.shape(input)?.len())
    }

    fn why(&self, input: usize) -> Why {
        let Some(id) = self.node.input(input) else {
            return Why::new(format!("input {input} is missing"));
        };
        let value = self.graph.value(id);
        // One root cause travels down; it is not wrapped again at every node.
        Why::new(value.why.clone().unwrap_or_else(|| format!("the shape of {} is not known", value.name)))
    }

    /// Elements of an input, where small and at least partly known.
    pub fn constant(&self, input: usize) -> Option<&'a Const> {
        let constant = self.graph.value(self.node.input(input)?).constant.as_ref();
        constant.filter(|constant| constant.len() <= self.allowance)
    }

    /// Integer elements of an input, or why they are not known.
    pub fn ints(&self, input: usize) -> Result<&'a [Dim], Why> {
        self.constant(input).and_then(Const::as_ints).ok_or_else(|| {
            let name = self.node.input(input).map_or("", |id| self.graph.value(id).name.as_str());
            Why::new(format!("the value of {name} (input {input}) is computed from data"))
        })
    }

    /// Integer elements of an input, all numbers.
    pub fn numbers(&self, input: usize) -> Result<Vec<i64>, Why> {
        let known: Option<Vec<i64>> = self.ints(input)?.iter().map(Dim::known).collect();
        known.ok_or_else(|| Why::new(format!("input {input} depends on a symbolic dimension")))
    }

    /// Integers from an input where given (newer operator sets), else from an attribute (older ones);
    /// None when neither is there.
    pub fn ints_or_attr(&self, input: usize, attr: &str) -> Result<Option<Vec<Dim>>, Why> {
        if self.has(input) {
            return Ok(Some(self.ints(input)?.to_vec()));
        }
        Ok(self.attrs().ints(attr).map(|values| values.iter().copied().map(Dim::Known).collect()))
    }

    /// Sets the type of an output.
    pub fn set_type(&mut self, output: usize, ty: Type) {
        if let Some(out) = self.outs.get_mut(output) {
            out.ty = ty;
        }
    }

    /// Sets element type and shape of an output.
    pub fn set(&mut self, output: usize, dtype: Option<DType>, shape: Shape) {
        self.set_type(output, Type::tensor(dtype, Some(shape)));
    }

    /// Sets the element type of an output whose shape is not known (yet).
    pub fn set_dtype(&mut self, output: usize, dtype: Option<DType>) {
        self.set_type(output, Type::tensor(dtype, None));
    }

    /// Sets the elements of an output; too many are dropped.
    pub fn set_constant(&mut self, output: usize, constant: Const) {
        if constant.len() <= self.allowance
            && let Some(out) = self.outs.get_mut(output)
        {
            out.constant = Some(constant);
        }
    }

    /// Sets the elements of an output where they could be told.
    pub fn fold(&mut self, output: usize, constant: Option<Const>) {
        if let Some(constant) = constant {
            self.set_constant(output, constant);
        }
    }

    /// Sets an output to the type of an input.
    ///
    /// # Errors
    /// Why the input's shape is not known; the element type stands.
    pub fn same_as(&mut self, output: usize, input: usize) -> Inferred {
        self.set_type(output, self.ty(input).clone());
        self.shape(input).map(drop)
    }

    /// Number of elements of a one-dimensional input, from its values or its shape.
    ///
    /// # Errors
    /// Neither is known.
    pub fn length(&self, input: usize) -> Result<usize, Why> {
        if let Some(constant) = self.constant(input) {
            return Ok(constant.len());
        }
        let shape = self.shape(input)?;
        let size = shape.first().filter(|_| shape.len() == 1).and_then(Dim::known);
        size.and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| Why::new(format!("the number of elements of input {input} is not known")))
    }

    /// Integer elements of an input as far as they are known: where none is, one unknown for each
    /// element of a small integer tensor. None for other tensors.
    pub fn partial(&self, input: usize) -> Option<Const> {
        if let Some(constant) = self.constant(input) {
            return Some(constant.clone());
        }
        self.dtype(input).filter(|dtype| dtype.is_int())?;
        let sizes = self.shape(input).ok()?.iter().map(Dim::known);
        let dims: Vec<u64> = sizes.map(|n| n.and_then(|n| u64::try_from(n).ok())).collect::<Option<_>>()?;
        let elements = dims.iter().try_fold(1u64, |n, dim| n.checked_mul(*dim))?;
        let elements = usize::try_from(elements).ok().filter(|n| *n <= self.allowance)?;
        Some(Const { dims, data: Data::Ints(vec![Dim::Unknown; elements]) })
    }

    /// An axis attribute or element in `0..rank`, negative ones counted from the end.
    pub fn axis(axis: i64, rank: usize) -> Result<usize, Why> {
        let rank = rank as i64;
        let place = if axis < 0 { axis + rank } else { axis };
        usize::try_from(place)
            .ok()
            .filter(|place| (*place as i64) < rank)
            .ok_or_else(|| Why::broken(format!("axis {axis} is outside rank {rank}")))
    }
}

/// Shape of two tensors that broadcast (right-aligned, 1 stretches). A symbolic dimension against a
/// number above 1 gives the number; two different symbols give unknown; two different numbers are an error.
pub fn broadcast(a: &[Dim], b: &[Dim]) -> Result<Shape, Why> {
    let rank = a.len().max(b.len());
    let one = Dim::Known(1);
    let at = |shape: &[Dim], place: usize| {
        (place + shape.len()).checked_sub(rank).and_then(|i| shape.get(i)).unwrap_or(&one).clone()
    };
    (0..rank)
        .map(|place| match (at(a, place), at(b, place)) {
            (Dim::Known(1), other) | (other, Dim::Known(1)) => Ok(other),
            (Dim::Known(x), Dim::Known(y)) if x != y => {
                Err(Why::broken(format!("{x} and {y} do not broadcast")))
            }
            (Dim::Known(n), _) | (_, Dim::Known(n)) => Ok(Dim::Known(n)),
            (x, y) if x.same(&y) == Some(true) => Ok(x),
            _ => Ok(Dim::Unknown),
        })
        .collect()
}
