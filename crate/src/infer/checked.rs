//! The GPU, trusted as far as it was checked: the first slice of every run is repeated on the CPU. A
//! graph that the GPU engine lacks kernels for, no GPU, a lost one, a full memory, and results that
//! differ all end on the CPU, with a note that says so.

use super::cpu::Cpu;
use super::difference::difference;
use super::gpu::engine::GpuEngine;
use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use super::tensor::Tensor;
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;

/// Largest difference that is taken for rounding, as a share of the largest magnitude of the value.
/// Single precision through a hundred layers stays below 1e-4; a wrong kernel is far above.
pub const MAX_DIFFERENCE: f64 = 1e-3;

/// Both engines.
pub struct Checked {
    /// None once it was given up.
    gpu: Option<Box<GpuEngine>>,
    cpu: Option<Box<Cpu>>,
    /// What the check of this run found; None before it.
    difference: Option<f64>,
    /// Why the CPU runs.
    fallback: Option<String>,
}

impl Checked {
    /// Prefers the GPU. Whether there is one is found out at the first run.
    ///
    /// # Errors
    /// As [`Cpu::new`], where the GPU engine lacks a kernel and the CPU engine too.
    pub fn new(gpu: GpuEngine, model: &Runnable) -> Result<Self> {
        let mut checked = Self { gpu: Some(Box::new(gpu)), cpu: None, difference: None, fallback: None };
        if let Some(Err(why)) = checked.gpu.as_ref().map(|gpu| gpu.lacks_nothing(model)) {
            checked.give_up(&why);
            checked.cpu(model)?;
        }
        Ok(checked)
    }

    /// Loses the GPU after as many slices more: for tests.
    pub fn lose_gpu(&mut self, slices: usize) {
        if let Some(gpu) = &mut self.gpu {
            gpu.lose_after(slices);
        }
    }

    fn give_up(&mut self, why: &Error) {
        self.gpu = None;
        self.difference = None;
        let op = why.place.op.as_ref().map_or_else(String::new, |op| format!("{op}: "));
        self.fallback = Some(format!("{op}{}", why.message));
    }

    fn cpu(&mut self, model: &Runnable) -> Result<&mut Cpu> {
        let cpu = match self.cpu.take() {
            Some(cpu) => cpu,
            // The CPU engine takes the weights that it is given; the GPU may still need them.
            None => Box::new(Cpu::new(&mut model.clone())?),
        };
        Ok(self.cpu.insert(cpu))
    }

    /// Repeats on the CPU what the GPU gave.
    async fn check(&mut self, model: &Runnable, ask: Ask<'_>, got: &[(ValueId, Tensor)]) -> Result<()> {
        let mut worst = 0.0f64;
        let mut compare = |id: ValueId, want: Tensor| {
            let got = got.iter().find(|(other, _)| *other == id);
            worst = worst.max(got.map_or(f64::INFINITY, |(_, got)| difference(got, &want)));
            Ok(())
        };
        let ask = Ask { timings: false, ..ask };
        self.cpu(model)?.run(model, ask, &mut compare).await?;
        self.difference = Some(worst);
        if worst <= MAX_DIFFERENCE {
            // Its memory is worth more than the time of a later check.
            self.cpu = None;
            return Ok(());
        }
        let text = format!("results of GPU and CPU differ by {worst:.1e} of the largest magnitude");
        Err(Error::new(Code::Gpu, text))
    }

    /// The slice on the GPU, checked if none was before.
    async fn on_gpu(
        &mut self,
        model: &Runnable,
        ask: Ask<'_>,
    ) -> Result<Option<(Vec<(ValueId, Tensor)>, Vec<LayerTime>)>> {
        let Some(gpu) = &mut self.gpu else { return Ok(None) };
        let mut got = Vec::with_capacity(ask.wanted.len());
        let mut keep = |id, tensor| {
            got.push((id, tensor));
            Ok(())
        };
        let ran = gpu.run(model, ask, &mut keep).await;
        let ran = match ran {
            // What the GPU cannot give is computed on the CPU, which gives it alone.
            Ok(times) if self.difference.is_some() => Ok(times),
            Ok(times) => self.check(model, ask, &got).await.map(|()| times),
            Err(e) => Err(e),
        };
        match ran {
            Ok(times) => Ok(Some((got, times))),
            Err(e) if matches!(e.code, Code::Gpu | Code::NotSupported | Code::LimitExceeded) => {
                self.give_up(&e);
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }
}

impl Engine for Checked {
    fn about(&self) -> About {
        match (&self.gpu, &self.cpu) {
            (Some(gpu), _) => About { largest_difference: self.difference, ..gpu.about() },
            (None, cpu) => {
                let about = cpu.as_ref().map(|cpu| cpu.about());
                let about = about.unwrap_or(About { engine: "cpu", ..About::default() });
                About { fallback: self.fallback.clone(), ..about }
            }
        }
    }

    fn any_batch(&self) -> bool {
        false
    }

    fn begin(&mut self) {
        self.difference = None;
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        if let Some((values, times)) = self.on_gpu(model, ask).await? {
            for (id, tensor) in values {
                sink(id, tensor)?;
            }
            return Ok(times);
        }
        self.cpu(model)?.run(model, ask, sink).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn the_notice_names_the_operator() {
        let mut checked = Checked { gpu: None, cpu: None, difference: None, fallback: None };
        checked.give_up(&Error::new(Code::NotSupported, "no kernel").node("n", "Acosh"));
        assert_eq!(checked.fallback.unwrap(), "Acosh: no kernel");
    }
}
