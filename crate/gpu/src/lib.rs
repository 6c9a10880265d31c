//! Runs kernels on a GPU; knows no models.
//!
//! A [`Listing`] is what runs: tensors, kernels, dispatches. An [`Executor`] runs it, and there are
//! two: `device` and `run`, on wgpu, and `remote`, which is that one in another wasm package, reached
//! through JavaScript (`wasm` is its face there). The page's package with the models has the second, so that the GPU's
//! costs a download only where it is used. Nothing here panics: a browser without WebGPU, a machine without
//! Vulkan, a lost device and a full memory are a [`Fault`].
//!
//! | module | may import |
//! |---|---|
//! | listing | shader |
//! | shader, wait | nothing |
//! | memory | listing |
//! | wire | listing, shader |
//! | device | shader |
//! | pipelines | device, shader |
//! | run | device, listing, memory, pipelines, shader, wait |
//! | remote | listing, wire |
//! | wasm | device, run, wire |

#[cfg(feature = "wgpu")]
pub mod device;
pub mod listing;
pub mod memory;
#[cfg(feature = "wgpu")]
mod pipelines;
#[cfg(feature = "remote")]
pub mod remote;
#[cfg(feature = "wgpu")]
pub mod run;
pub mod shader;
#[cfg(feature = "wgpu")]
mod wait;
#[cfg(feature = "wasm")]
mod wasm;
pub mod wire;

use std::future::Future;

use serde::{Deserialize, Serialize};

use listing::Listing;

/// The executor of this build.
#[cfg(feature = "wgpu")]
pub use device::Gpu;
#[cfg(all(feature = "remote", not(feature = "wgpu")))]
pub use remote::Remote as Gpu;

/// What to do when the GPU cannot.
pub const ON_CPU: &str = "the CPU engine gives the same results, more slowly";

/// A fault of the device, never of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened, one plain sentence.
    pub text: String,
    /// What to do next.
    pub hint: String,
}

/// A fault for which the CPU is the way out.
pub fn fault(text: impl Into<String>) -> Fault {
    Fault { text: text.into(), hint: ON_CPU.into() }
}

impl Fault {
    /// With another hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// Result of the engine.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Which GPU it is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Adapter {
    /// Its name, as the driver or browser gives it; browsers often give none.
    pub name: String,
    /// `vulkan`, `webgpu`.
    pub backend: String,
    /// It runs on the CPU (lavapipe, SwiftShader).
    pub software: bool,
    /// Times of single kernels can be measured.
    pub timings: bool,
}

/// What listings must keep to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Limits {
    /// Bytes of one tensor.
    pub binding_bytes: u64,
    /// Workgroups along one dimension of a dispatch.
    pub workgroups: u32,
    /// Bytes to which the places of kernel parameters are aligned.
    pub uniform_alignment: u64,
    /// The device is a CPU: short loops and large tiles pay, occupancy does not matter.
    pub software: bool,
}

impl Limits {
    /// What every WebGPU device has: 128 MiB, 65,535 workgroups.
    pub const LEAST: Self =
        Self { binding_bytes: 128 << 20, workgroups: 65_535, uniform_alignment: 256, software: true };

    /// No device is known yet: only what no device could do is refused.
    pub const MOST: Self =
        Self { binding_bytes: 1 << 31, workgroups: 65_535, uniform_alignment: 256, software: true };
}

/// An open device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "Device"))]
pub struct Opened {
    /// Which it is.
    pub adapter: Adapter,
    /// What it takes.
    pub limits: Limits,
}

/// What a run returns.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Words of each output.
    pub outputs: Vec<Vec<u32>>,
    /// Nanoseconds of each step; empty where the GPU cannot tell, or was not asked.
    pub nanoseconds: Vec<f64>,
}

/// Gives words of a constant, by its place in the listing, from one of its elements on: as many as it likes, and none past
/// the last.
pub type Fetch<'a> = dyn FnMut(usize, usize) -> Result<Vec<u32>> + 'a;

/// Something that runs listings.
pub trait Executor: Sized {
    /// A listing whose buffers and pipelines are on the GPU.
    type Loaded: std::fmt::Debug;

    /// Opens the fastest GPU there is.
    ///
    /// # Errors
    /// There is none, or it does not give a device.
    fn open() -> impl Future<Output = Result<Self>>;

    /// Which GPU it is, and what it takes.
    fn opened(&self) -> &Opened;

    /// Puts a listing on the GPU. Constants are fetched one at a time, in the order of use, each part by part.
    ///
    /// # Errors
    /// Memory is full or the device is gone; what `fetch` says.
    fn load(&self, listing: &Listing, fetch: &mut Fetch<'_>) -> impl Future<Output = Result<Self::Loaded>>;

    /// Bytes of everything that it has on the GPU.
    fn bytes(loaded: &Self::Loaded) -> u64;

    /// Runs a loaded listing once. `inputs` are words, in order; `seed` drives stochastic activations.
    /// With `timed`, every step is timed where the GPU can.
    ///
    /// # Errors
    /// The device is lost on the way or memory is full.
    fn run(
        &self,
        loaded: &Self::Loaded,
        inputs: &[Vec<u32>],
        seed: u32,
        timed: bool,
    ) -> impl Future<Output = Result<Done>>;

    /// Ends the device as a driver reset would: every later run fails.
    fn destroy(&self);
}
