//! The engines of this build behind one type.

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use crate::error::Result;

/// One of the engines.
pub enum AnyEngine {
    /// rten.
    #[cfg(feature = "cpu")]
    Cpu(Box<super::cpu::Cpu>),
    /// Our kernels, checked against rten.
    #[cfg(all(feature = "gpu", feature = "cpu"))]
    Checked(Box<super::checked::Checked>),
    /// Our kernels; whoever runs them checks them.
    #[cfg(all(feature = "gpu", not(feature = "cpu")))]
    Gpu(Box<super::gpu::engine::GpuEngine>),
}

#[cfg(feature = "gpu")]
impl AnyEngine {
    /// Loses the GPU after as many slices more; nothing where there is none.
    pub fn lose_gpu(&mut self, slices: usize) {
        match self {
            #[cfg(feature = "cpu")]
            Self::Checked(both) => both.lose_gpu(slices),
            #[cfg(not(feature = "cpu"))]
            Self::Gpu(gpu) => gpu.lose_after(slices),
            #[allow(unreachable_patterns)]
            _ => {}
        }
    }
}

impl Engine for AnyEngine {
    fn about(&self) -> About {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.about(),
            #[cfg(all(feature = "gpu", feature = "cpu"))]
            Self::Checked(both) => both.about(),
            #[cfg(all(feature = "gpu", not(feature = "cpu")))]
            Self::Gpu(gpu) => gpu.about(),
        }
    }

    fn any_batch(&self) -> bool {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.any_batch(),
            #[cfg(all(feature = "gpu", feature = "cpu"))]
            Self::Checked(both) => both.any_batch(),
            #[cfg(all(feature = "gpu", not(feature = "cpu")))]
            Self::Gpu(gpu) => gpu.any_batch(),
        }
    }

    fn begin(&mut self) {
        match self {
            #[cfg(all(feature = "gpu", feature = "cpu"))]
            Self::Checked(both) => both.begin(),
            #[allow(unreachable_patterns)]
            _ => {}
        }
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.run(model, ask, sink).await,
            #[cfg(all(feature = "gpu", feature = "cpu"))]
            Self::Checked(both) => both.run(model, ask, sink).await,
            #[cfg(all(feature = "gpu", not(feature = "cpu")))]
            Self::Gpu(gpu) => gpu.run(model, ask, sink).await,
        }
    }
}
