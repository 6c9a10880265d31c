//! The engines of this build behind one type.

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use crate::error::Result;

/// One of the engines.
pub enum AnyEngine {
    /// rten.
    #[cfg(feature = "cpu")]
    Cpu(Box<super::cpu::Cpu>),
}

impl Engine for AnyEngine {
    fn about(&self) -> About {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.about(),
        }
    }

    fn any_batch(&self) -> bool {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.any_batch(),
        }
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu(cpu) => cpu.run(model, ask, sink).await,
        }
    }
}
