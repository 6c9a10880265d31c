//! A program: what lowering writes. Tensors, constants, and kernels in order; plain data, made without
//! a GPU, and turned into the listing that one runs.

use std::collections::HashMap;

use crate::engines::gpu::listing::{Dispatch, Listing};
use crate::engines::gpu::shader::Kernel;
use crate::error::Result;

pub use crate::engines::gpu::listing::TensorId;

/// What an element's 32 bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A float.
    F32,
    /// An integer, or a boolean as 0 and 1.
    I32,
}

/// A tensor: 32-bit words, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Tensor {
    /// Elements.
    pub elements: usize,
    /// What they are.
    pub kind: Kind,
}

/// Words that a program starts with.
#[derive(Clone, Debug)]
pub enum Constant<W> {
    /// Here.
    Words(Vec<u32>),
    /// A stored weight, each slice along `axis` times its factor (a normalisation that was folded).
    Weight {
        /// Whose it is.
        value: W,
        /// Folded factors: one per index along the axis.
        scale: Option<Scale>,
    },
}

/// Factors along an axis.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Elements of one step along the axis.
    pub inner: usize,
    /// The factors; elements `[k*inner, (k+1)*inner)` take factor `k` modulo their number.
    pub factors: Vec<f32>,
}

/// One dispatch.
#[derive(Clone, Debug)]
pub struct Step {
    /// What runs.
    pub kernel: Kernel,
    /// Its parameters, as the struct `Params` of its file lays them out.
    pub params: Vec<u32>,
    /// Tensors that it reads, in the order of its bindings.
    pub reads: Vec<TensorId>,
    /// The tensor that it writes; several steps may each write a part of one.
    pub writes: TensorId,
    /// Workgroups.
    pub groups: [u32; 3],
    /// Node that asked for it, by its index in the graph.
    pub node: u32,
    /// Multiply-accumulates, for speeds; 0 where nobody counts them.
    pub macs: u64,
}

/// An input or output of a program.
#[derive(Clone, Debug)]
pub struct Port {
    /// Name in the model.
    pub name: String,
    /// Its tensor.
    pub tensor: TensorId,
    /// Dimensions.
    pub dims: Vec<usize>,
}

/// What a GPU runs.
#[derive(Clone, Debug)]
pub struct Program<W> {
    /// All tensors.
    pub tensors: Vec<Tensor>,
    /// Those that are there from the start.
    pub constants: Vec<(TensorId, Constant<W>)>,
    /// Those that each run is given.
    pub inputs: Vec<Port>,
    /// Those that each run returns.
    pub outputs: Vec<Port>,
    /// Steps that read constants only: done once.
    pub once: Vec<Step>,
    /// Steps of every run.
    pub steps: Vec<Step>,
}

impl<W> Default for Program<W> {
    fn default() -> Self {
        Self {
            tensors: Vec::new(),
            constants: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            once: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl<W> Program<W> {
    /// A tensor; out of range is the empty one.
    pub fn tensor(&self, id: TensorId) -> Tensor {
        self.tensors.get(id.0 as usize).copied().unwrap_or(Tensor { elements: 0, kind: Kind::F32 })
    }

    /// What an executor takes of it.
    pub fn listing(&self) -> Listing {
        let ports = |ports: &[Port]| ports.iter().map(|port| port.tensor).collect();
        let (mut kernels, mut known) = (Vec::new(), HashMap::new());
        let mut dispatch = |step: &Step| {
            let kernel = *known.entry(step.kernel.clone()).or_insert_with_key(|kernel| {
                kernels.push(kernel.clone());
                (kernels.len() - 1) as u32
            });
            let (params, reads) = (step.params.clone(), step.reads.clone());
            Dispatch { kernel, params, reads, writes: step.writes, groups: step.groups }
        };
        let [once, steps] = [&self.once, &self.steps].map(|steps| steps.iter().map(&mut dispatch).collect());
        Listing {
            elements: self.tensors.iter().map(|t| u32::try_from(t.elements).unwrap_or(u32::MAX)).collect(),
            constants: self.constants.iter().map(|(id, _)| *id).collect(),
            inputs: ports(&self.inputs),
            outputs: ports(&self.outputs),
            kernels,
            once,
            steps,
        }
    }

    /// Words of a constant, by its place, from an element on; `fetch` reads some of a stored weight from there.
    ///
    /// # Errors
    /// What `fetch` says.
    pub fn constant(
        &self,
        place: usize,
        from: usize,
        fetch: &mut dyn FnMut(&W, usize) -> Result<Vec<u32>>,
    ) -> Result<Vec<u32>> {
        match self.constants.get(place).map(|(_, constant)| constant) {
            None => Ok(Vec::new()),
            Some(Constant::Words(words)) => Ok(words.get(from..).unwrap_or_default().to_vec()),
            Some(Constant::Weight { value, scale }) => {
                let mut words = fetch(value, from)?;
                if let Some(scale) = scale {
                    scale.apply(&mut words, from);
                }
                Ok(words)
            }
        }
    }

    /// Adds a tensor.
    pub fn add(&mut self, elements: usize, kind: Kind) -> TensorId {
        self.tensors.push(Tensor { elements, kind });
        TensorId((self.tensors.len() - 1) as u32)
    }

    /// Adds words that are there from the start.
    pub fn words(&mut self, words: Vec<u32>, kind: Kind) -> TensorId {
        let id = self.add(words.len(), kind);
        self.constants.push((id, Constant::Words(words)));
        id
    }

    /// Adds floats that are there from the start.
    pub fn floats(&mut self, values: &[f32]) -> TensorId {
        self.words(values.iter().map(|v| v.to_bits()).collect(), Kind::F32)
    }
}

impl Scale {
    /// Multiplies floats, given as words, in place; the first of them is element `from`.
    pub fn apply(&self, words: &mut [u32], from: usize) {
        let (inner, factors) = (self.inner.max(1), self.factors.len().max(1));
        let mut rest = words;
        let mut at = from;
        while !rest.is_empty() {
            let (slice, more) = rest.split_at_mut((inner - at % inner).min(rest.len()));
            let factor = self.factors.get(at / inner % factors).copied().unwrap_or(1.0);
            for word in &mut *slice {
                *word = (f32::from_bits(*word) * factor).to_bits();
            }
            (at, rest) = (at + slice.len(), more);
        }
    }
}
