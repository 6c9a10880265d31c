//! The engines of this build behind one type.

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use crate::error::Result;

/// One of the engines.
pub enum AnyEngine {
    /// rten.
    Cpu(Box<super::cpu::Cpu>),
    /// Our kernels, checked against rten.
    #[cfg(feature = "lower")]
    Checked(Box<super::checked::Checked>),
}

#[cfg(feature = "lower")]
impl AnyEngine {
    /// Loses the GPU after as many slices more; nothing where there is none.
    pub fn lose_gpu(&mut self, slices: usize) {
        if let Self::Checked(both) = self {
            both.lose_gpu(slices);
        }
    }
}

impl Engine for AnyEngine {
    fn about(&self) -> About {
        match self {
            Self::Cpu(cpu) => cpu.about(),
            #[cfg(feature = "lower")]
            Self::Checked(both) => both.about(),
        }
    }

    fn any_batch(&self) -> bool {
        match self {
            Self::Cpu(cpu) => cpu.any_batch(),
            #[cfg(feature = "lower")]
            Self::Checked(both) => both.any_batch(),
        }
    }

    fn begin(&mut self) {
        match self {
            Self::Cpu(cpu) => cpu.begin(),
            #[cfg(feature = "lower")]
            Self::Checked(both) => both.begin(),
        }
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        match self {
            Self::Cpu(cpu) => cpu.run(model, ask, sink).await,
            #[cfg(feature = "lower")]
            Self::Checked(both) => both.run(model, ask, sink).await,
        }
    }
}
