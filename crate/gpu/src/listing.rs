//! What an executor runs: numbers and kernels, and no word of the model that they came from.

use super::shader::Kernel;

/// Index of a tensor of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorId(pub u32);

/// One dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Index of its kernel.
    pub kernel: u32,
    /// Its parameters, as the struct `Params` of the kernel lays them out.
    pub params: Vec<u32>,
    /// Tensors that it reads, in the order of its bindings; fewer than the kernel's leave the last unused.
    pub reads: Vec<TensorId>,
    /// The tensor that it writes.
    pub writes: TensorId,
    /// Workgroups.
    pub groups: [u32; 3],
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Elements of each tensor: 32-bit words, row-major.
    pub elements: Vec<u32>,
    /// Tensors that are there from the start.
    pub constants: Vec<TensorId>,
    /// Tensors that each run is given.
    pub inputs: Vec<TensorId>,
    /// Tensors that each run returns.
    pub outputs: Vec<TensorId>,
    /// Every kernel, once.
    pub kernels: Vec<Kernel>,
    /// Steps that read constants only: done once.
    pub once: Vec<Dispatch>,
    /// Steps of every run.
    pub steps: Vec<Dispatch>,
}
