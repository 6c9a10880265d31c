//! What every handler of an operator works on: the program so far, and the values in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::engines::gpu::Limits;
use crate::engines::gpu::shader::{File, Kernel};
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, Node, NodeId, ValueId};
use crate::run::gpu::activation::Faults;
use crate::run::gpu::program::{Constant, Kind, Program, TensorId};
use crate::run::model::Runnable;
use crate::run::tensor::Tensor;

/// Elements that a workgroup of an element-wise kernel makes: SIZE x EACH of `common.wgsl`.
pub(super) const GROUP_ELEMENTS: usize = 256;
/// Rows that a workgroup of a row-wise kernel makes: SIZE.
pub(super) const GROUP_ROWS: usize = 64;

/// ReLUs that are Circa's, by node: what no file can say.
pub type Stochastic = BTreeMap<NodeId, Faults>;

/// A tensor of the program, seen with some dimensions.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) tensor: TensorId,
    pub(super) dims: Vec<usize>,
    pub(super) kind: Kind,
}

/// The state of lowering.
pub(super) struct Lower<'a> {
    pub(super) model: &'a Runnable,
    pub(super) graph: &'a Graph,
    pub(super) limits: Limits,
    pub(super) faults: &'a Stochastic,
    pub(super) readers: Vec<Vec<NodeId>>,
    /// Values that someone wants to see, and that no fusion may swallow.
    pub(super) kept: BTreeSet<ValueId>,
    pub(super) views: BTreeMap<ValueId, View>,
    /// Tensors that depend on constants only.
    pub(super) constant: BTreeSet<TensorId>,
    /// Nodes that another step took in.
    pub(super) absorbed: BTreeSet<NodeId>,
    pub(super) node: u32,
    pub(super) program: Program<ValueId>,
}

/// A refusal; the driver adds the node.
pub(super) fn lacking(reason: impl Into<String>) -> Error {
    Error::new(Code::NotSupported, reason)
}

impl Lower<'_> {
    /// Whether a value is known before the run.
    pub(super) fn is_constant(&self, id: ValueId) -> bool {
        let value = self.graph.value(id);
        value.weight.is_some() || value.constant.as_ref().is_some_and(|c| c.is_known())
    }

    /// Sizes of a value.
    pub(super) fn sizes(&self, id: ValueId) -> Result<Vec<usize>> {
        self.model
            .sizes(id)
            .ok_or_else(|| lacking("a size that only running tells").value(self.graph.value(id).name.clone()))
    }

    /// What an element's 32 bits are on the GPU.
    pub(super) fn kind(&self, id: ValueId) -> Result<Kind> {
        match self.model.dtype(id) {
            Some(DType::F32 | DType::F16) => Ok(Kind::F32),
            Some(DType::I32 | DType::I64 | DType::Bool | DType::U8 | DType::I8 | DType::U16 | DType::I16) => {
                Ok(Kind::I32)
            }
            Some(other) => Err(lacking(format!("{} on the GPU", other.name()))),
            None => Err(lacking("a value without an element type")),
        }
    }

    /// An input of a node.
    pub(super) fn input(&mut self, node: &Node, place: usize) -> Result<View> {
        let id = node.input(place).ok_or_else(|| lacking(format!("input {place} is missing")))?;
        self.view(id)
    }

    /// An input that must hold floats.
    pub(super) fn floats(&mut self, node: &Node, place: usize) -> Result<View> {
        let view = self.input(node, place)?;
        match view.kind {
            Kind::F32 => Ok(view),
            Kind::I32 => Err(lacking("whole numbers in this operator")),
        }
    }

    /// A value as a tensor of the program; constants enter it here.
    pub(super) fn view(&mut self, id: ValueId) -> Result<View> {
        if let Some(view) = self.views.get(&id) {
            return Ok(view.clone());
        }
        let value = self.graph.value(id);
        if !self.is_constant(id) {
            return Err(lacking("a value that the GPU engine did not compute").value(value.name.clone()));
        }
        let kind = self.kind(id)?;
        let (dims, constant) = match (&value.constant, &value.weight) {
            (Some(known), _) if known.is_known() => {
                let numbers = known.to_floats().unwrap_or_default();
                (known.dims.clone(), Constant::Words(words(&numbers, kind)?))
            }
            (_, Some(weight)) => (weight.dims.clone(), Constant::Weight { value: id, scale: None }),
            _ => return Err(lacking("a constant without elements")),
        };
        let dims: Vec<usize> = dims.iter().map(|d| usize::try_from(*d).unwrap_or(usize::MAX)).collect();
        let view = self.tensor(dims, kind)?;
        self.program.constants.push((view.tensor, constant));
        self.constant.insert(view.tensor);
        self.views.insert(id, view.clone());
        Ok(view)
    }

    /// Numbers of a constant input, read now; None where the input is left out.
    pub(super) fn numbers(&self, node: &Node, place: usize) -> Result<Option<Vec<f64>>> {
        node.input(place).map(|id| self.numbers_of(id)).transpose()
    }

    /// Numbers of a constant, read now.
    pub(super) fn numbers_of(&self, id: ValueId) -> Result<Vec<f64>> {
        let value = self.graph.value(id);
        let computed = || lacking("a parameter that is computed while running").value(value.name.clone());
        if let Some(known) = value.constant.as_ref().filter(|c| c.is_known()) {
            return known.to_floats().ok_or_else(computed);
        }
        match &value.weight {
            Some(_) => Ok(self.model.weight(id)?.ok_or_else(computed)?.data().convert()),
            None => Err(computed()),
        }
    }

    /// Whole numbers of a constant input.
    pub(super) fn wholes(&self, node: &Node, place: usize) -> Result<Option<Vec<i64>>> {
        Ok(self.numbers(node, place)?.map(|all| all.into_iter().map(|v| v as i64).collect()))
    }

    /// A new tensor.
    pub(super) fn tensor(&mut self, dims: Vec<usize>, kind: Kind) -> Result<View> {
        let elements = dims.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
        let bytes = elements.and_then(|n| n.checked_mul(4)).map_or(u64::MAX, |n| n as u64);
        if bytes > self.limits.binding_bytes {
            let (has, may) = (bytes >> 20, self.limits.binding_bytes >> 20);
            return Err(Error::new(
                Code::LimitExceeded,
                format!("a tensor of {has} MiB, where this GPU takes {may} MiB"),
            )
            .hint("a smaller batch may fit; otherwise the CPU engine"));
        }
        let tensor = self.program.add(elements.unwrap_or(0), kind);
        if elements == Some(0) {
            // Nothing will ever write it.
            self.program.constants.push((tensor, Constant::Words(Vec::new())));
            self.constant.insert(tensor);
        }
        Ok(View { tensor, dims, kind })
    }

    /// A new tensor for the output of a node.
    pub(super) fn output(&mut self, id: ValueId, kind: Kind) -> Result<View> {
        let dims = self.sizes(id)?;
        self.tensor(dims, kind)
    }

    /// The first output of a node.
    pub(super) fn first_output(&self, node: &Node) -> Result<ValueId> {
        node.output(0).ok_or_else(|| lacking("a node without an output"))
    }

    /// A value is this tensor from now on.
    pub(super) fn bind(&mut self, id: ValueId, view: View) {
        self.views.insert(id, view);
    }

    /// Whether a tensor depends on constants only.
    pub(super) fn is_fixed(&self, view: &View) -> bool {
        self.constant.contains(&view.tensor)
    }

    /// Outputs but the first must be of no interest to anybody.
    pub(super) fn only_first_output(&self, node: &Node) -> Result<()> {
        for output in node.outputs.iter().skip(1).flatten() {
            let read = self.readers.get(output.0 as usize).is_some_and(|readers| !readers.is_empty());
            if read || self.kept.contains(output) {
                return Err(lacking("only its first output is made on the GPU"));
            }
        }
        Ok(())
    }
}

/// Numbers as 32-bit words.
fn words(numbers: &[f64], kind: Kind) -> Result<Vec<u32>> {
    let one = |v: &f64| match kind {
        Kind::F32 => Ok((*v as f32).to_bits()),
        Kind::I32 if (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(v) => Ok(*v as i32 as u32),
        Kind::I32 => Err(lacking("an integer beyond 32 bits")),
    };
    numbers.iter().map(one).collect()
}

/// A tensor's elements as the GPU's words.
///
/// # Errors
/// `NotSupported` for an integer beyond 32 bits.
pub(in crate::run::gpu) fn words_from_tensor(tensor: &Tensor) -> Result<Vec<u32>> {
    if tensor.dtype().is_float() {
        return Ok(tensor.to_f32().iter().map(|v| v.to_bits()).collect());
    }
    let one = |v: i64| i32::try_from(v).map(|v| v as u32).map_err(|_| lacking("an integer beyond 32 bits"));
    tensor.data().convert::<i64>().into_iter().map(one).collect()
}

/// Elements of one step along each axis.
pub(super) fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(dims[axis]);
    }
    strides
}

/// An axis, counted from the end where negative.
pub(super) fn axis_of(axis: i64, rank: usize) -> Result<usize> {
    let at = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(at).ok().filter(|at| *at < rank.max(1)).ok_or_else(|| lacking(format!("axis {axis}")))
}

/// Eight numbers as the two `vec4` of a kernel's parameters; `fill` after the last.
pub(super) fn eight(values: &[u32], fill: u32) -> Vec<u32> {
    let mut eight = values.to_vec();
    eight.resize(8, fill);
    eight
}

/// A kernel file without head lines.
pub(super) fn kernel(file: File) -> Kernel {
    Kernel::new(file)
}
