//! The engines of this build behind one type.

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use crate::error::Result;

/// One of the engines.
pub enum AnyEngine {
    /// On the CPU.
    Cpu(Box<super::cpu::Cpu>),
    /// Our kernels on a GPU, checked against the CPU.
    Checked(Box<super::checked::Checked>),
}

impl AnyEngine {
    /// The engine on the CPU; made where the other one runs.
    ///
    /// # Errors
    /// As [`Cpu::new`](super::cpu::Cpu::new).
    pub fn cpu(&mut self, model: &Runnable) -> Result<&mut super::cpu::Cpu> {
        match self {
            Self::Cpu(cpu) => Ok(cpu),
            Self::Checked(both) => both.cpu(model),
        }
    }

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
            Self::Checked(both) => both.about(),
        }
    }

    fn any_batch(&self) -> bool {
        match self {
            Self::Cpu(cpu) => cpu.any_batch(),
            Self::Checked(both) => both.any_batch(),
        }
    }

    fn aside(&mut self) -> f64 {
        match self {
            Self::Cpu(cpu) => cpu.aside(),
            Self::Checked(both) => both.aside(),
        }
    }

    fn begin(&mut self) {
        match self {
            Self::Cpu(cpu) => cpu.begin(),
            Self::Checked(both) => both.begin(),
        }
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        match self {
            Self::Cpu(cpu) => cpu.run(model, ask, sink).await,
            Self::Checked(both) => both.run(model, ask, sink).await,
        }
    }
}
