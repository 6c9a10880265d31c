//! The GPU, trusted as far as it was checked: the first slice of every run is repeated on the CPU. A
//! graph that the GPU engine lacks kernels for, no GPU, a lost one, a full memory, and results that
//! differ all end on the CPU, with a note that says so. What may pass, a lost GPU or a full memory, is tried
//! again by the next run.

use super::cpu::Cpu;
use super::difference::difference;
use super::gpu::engine::GpuEngine;
use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use super::tensor::Tensor;
use crate::engines::clock;
use crate::engines::gpu::{Executor, Gpu};
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;

/// Largest difference that is taken for rounding, as a share of the largest magnitude of the value.
/// Single precision through a hundred layers stays below 1e-4; a wrong kernel is far above.
pub const MAX_DIFFERENCE: f64 = 1e-3;

/// Bytes of weights up to which the engine on the CPU stays for the check of the next run. To make it takes a small model longer
/// than to run; a large one's memory is worth more than that.
const KEPT: u64 = 16 << 20;

/// Both engines.
pub struct Checked<X: Executor = Gpu> {
    gpu: Box<GpuEngine<X>>,
    cpu: Option<Box<Cpu>>,
    /// What the check of this run found, or why it found nothing; None before it.
    checked: Option<Result<f64>>,
    /// Seconds that the check took, until they were asked for.
    aside: f64,
    /// Why the CPU runs.
    fallback: Option<Fallback>,
}

/// Why the CPU runs.
struct Fallback {
    why: String,
    /// The next run would find the same.
    lasts: bool,
}

impl<X: Executor> Checked<X> {
    /// Prefers the GPU. Whether there is one is found out at the first run.
    ///
    /// # Errors
    /// As [`Cpu::new`], where the GPU engine lacks a kernel and the CPU engine too.
    pub fn new(gpu: GpuEngine<X>, model: &Runnable) -> Result<Self> {
        let gpu = Box::new(gpu);
        let mut checked = Self { gpu, cpu: None, checked: None, aside: 0.0, fallback: None };
        if let Err(why) = checked.gpu.lacks_nothing(model) {
            checked.give_up(&why, true);
            checked.cpu(model)?;
        }
        Ok(checked)
    }

    /// Loses the GPU after as many slices more: for tests.
    pub fn lose_gpu(&mut self, slices: usize) {
        self.gpu.lose_after(slices);
    }

    fn give_up(&mut self, why: &Error, lasts: bool) {
        self.gpu.close();
        self.checked = None;
        self.fallback = Some(Fallback { why: words(why), lasts });
    }

    /// The engine on the CPU.
    ///
    /// # Errors
    /// As [`Cpu::new`].
    pub fn cpu(&mut self, model: &Runnable) -> Result<&mut Cpu> {
        let cpu = match self.cpu.take() {
            Some(cpu) => cpu,
            None => Box::new(Cpu::beside(model)?),
        };
        Ok(self.cpu.insert(cpu))
    }

    /// Repeats on the CPU what the GPU gave; how far both are apart.
    async fn check(&mut self, model: &Runnable, ask: Ask<'_>, got: &[(ValueId, Tensor)]) -> Result<f64> {
        let mut worst = 0.0f64;
        let mut compare = |id: ValueId, want: Tensor| {
            let got = got.iter().find(|(other, _)| *other == id);
            worst = worst.max(got.map_or(f64::INFINITY, |(_, got)| difference(got, &want)));
            Ok(())
        };
        let ask = Ask { timings: false, ..ask };
        let start = clock::seconds();
        self.cpu(model)?.run(model, ask, &mut compare).await?;
        self.aside = clock::seconds() - start;
        Ok(worst)
    }

    /// The slice on the GPU, checked if none was before.
    async fn on_gpu(
        &mut self,
        model: &Runnable,
        ask: Ask<'_>,
    ) -> Result<Option<(Vec<(ValueId, Tensor)>, Vec<LayerTime>)>> {
        if self.fallback.is_some() {
            return Ok(None);
        }
        let mut got = Vec::with_capacity(ask.wanted.len());
        let mut keep = |id, tensor| {
            got.push((id, tensor));
            Ok(())
        };
        let times = match self.gpu.run(model, ask, &mut keep).await {
            Ok(times) => times,
            Err(e) if matches!(e.code, Code::Gpu | Code::NotSupported | Code::LimitExceeded) => {
                self.give_up(&e, false);
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        if self.checked.is_none() {
            match self.check(model, ask, &got).await {
                Ok(worst) if worst > MAX_DIFFERENCE => {
                    let text =
                        format!("results of GPU and CPU differ by {worst:.1e} of the largest magnitude");
                    self.give_up(&Error::new(Code::Gpu, text), true);
                    return Ok(None);
                }
                // What only the GPU can run is shown unchecked, and said to be.
                found @ Ok(_) | found @ Err(Error { code: Code::NotSupported, .. }) => {
                    self.checked = Some(found)
                }
                Err(e) => return Err(e),
            }
            if model.weight_bytes > KEPT {
                self.cpu = None;
            }
        }
        Ok(Some((got, times)))
    }
}

/// A reason, with its operator.
fn words(why: &Error) -> String {
    let op = why.place.op.as_ref().map_or_else(String::new, |op| format!("{op}: "));
    format!("{op}{}", why.message)
}

impl<X: Executor> Engine for Checked<X> {
    fn about(&self) -> About {
        let Some(fallback) = &self.fallback else {
            let mut about = self.gpu.about();
            match &self.checked {
                Some(Ok(worst)) => about.largest_difference = Some(*worst),
                Some(Err(why)) => about.notes.push(format!("not repeated on the CPU: {}", words(why))),
                None => {}
            }
            return about;
        };
        let about = self.cpu.as_ref().map(|cpu| cpu.about());
        let about = about.unwrap_or(About { engine: "cpu", ..About::default() });
        About { fallback: Some(fallback.why.clone()), ..about }
    }

    fn any_batch(&self) -> bool {
        false
    }

    fn begin(&mut self) {
        self.checked = None;
        self.fallback = self.fallback.take().filter(|fallback| fallback.lasts);
    }

    fn aside(&mut self) -> f64 {
        std::mem::take(&mut self.aside) + self.gpu.aside()
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
