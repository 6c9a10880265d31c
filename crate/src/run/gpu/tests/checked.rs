//! What a GPU that fails leads to, on one that fails as it is told; without a GPU.

use std::sync::Arc;

use super::build::Model;
use crate::engines::gpu::listing::Listing;
use crate::engines::gpu::{Adapter, Done, Executor, Fetch, Limits, Opened, Result, fault};
use crate::run::checked::Checked;
use crate::run::gpu::engine::GpuEngine;
use crate::run::session::{About, Ask, Engine};
use crate::run::tensor::Tensor;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It computes 2x + `off`.
    Works(f32),
    Full,
    /// From this run on.
    LostAt(usize),
}

#[derive(Debug)]
struct Fake {
    opened: Opened,
    fate: Fate,
    runs: std::cell::Cell<usize>,
}

impl Fake {
    fn new(fate: Fate) -> Self {
        let opened = Opened { adapter: Adapter::default(), limits: Limits::LEAST };
        Self { opened, fate, runs: 0.into() }
    }
}

impl Executor for Fake {
    type Loaded = ();

    /// One that is opened anew works.
    async fn open() -> Result<Self> {
        Ok(Self::new(Fate::Works(0.0)))
    }

    fn opened(&self) -> &Opened {
        &self.opened
    }

    async fn load(&self, _: &Listing, _: &mut Fetch<'_>) -> Result<()> {
        if self.fate == Fate::Full { Err(fault("the GPU's memory is full")) } else { Ok(()) }
    }

    fn bytes((): &()) -> u64 {
        0
    }

    async fn run(&self, (): &(), inputs: &[Vec<u32>], _: u32, _: bool) -> Result<Done> {
        let run = self.runs.replace(self.runs.get() + 1);
        let off = match self.fate {
            Fate::LostAt(at) if run >= at => return Err(fault("the GPU was lost")),
            Fate::Works(off) => off,
            _ => 0.0,
        };
        let twice = |word: &u32| (f32::from_bits(*word) * 2.0 + off).to_bits();
        Ok(Done { outputs: vec![inputs[0].iter().map(twice).collect()], nanoseconds: Vec::new() })
    }

    fn destroy(&self) {}
}

/// `[1, 2]` through `op`, in runs of two slices: what came out and what the engine says after each.
fn runs(op: &str, fate: Fate) -> [(Vec<Vec<f32>>, About); 2] {
    let x = Tensor::new(vec![1, 2], vec![1.0f32, 2.0]).unwrap();
    let mut model = Model::default();
    model.input("x", x.clone());
    model.node(op, if op == "Add" { &["x", "x"] } else { &["x"] }, "y", vec![]);
    let model = model.load();
    #[allow(clippy::arc_with_non_send_sync)]
    let gpu = Arc::new(Fake::new(fate));
    let mut engine = Checked::new(GpuEngine::on(gpu), &model).unwrap();
    let (inputs, wanted) = ([(model.graph.inputs[0], x)], model.graph.outputs.clone());
    [(); 2].map(|()| {
        engine.begin();
        let mut got = Vec::new();
        for _ in 0..2 {
            let mut sink = |_, tensor: Tensor| {
                got.push(tensor.to_f32().to_vec());
                Ok(())
            };
            let ask = Ask { inputs: &inputs, wanted: &wanted, timings: false };
            pollster::block_on(engine.run(&model, ask, &mut sink)).unwrap();
        }
        (got, engine.about())
    })
}

#[test]
fn what_agrees_stays_on_the_gpu() {
    for (got, about) in runs("Add", Fate::Works(0.0)) {
        assert_eq!(got, [[2.0, 4.0], [2.0, 4.0]]);
        assert_eq!((about.engine, about.largest_difference, about.fallback), ("gpu", Some(0.0), None));
    }
    // 0.001 of 4: rounding, as far as anyone can tell.
    let [(got, about), _] = runs("Add", Fate::Works(1e-3));
    assert_eq!((got[0][0], about.engine), (2.001, "gpu"));
    assert!((about.largest_difference.unwrap() - 2.5e-4).abs() < 1e-6);
}

/// Wrong, full or lost on the way: the CPU's results arrive, and the reason. What may pass is tried again.
#[test]
fn whatever_fails_ends_on_the_cpu() {
    for (fate, why, again) in [
        (Fate::Works(0.1), "results of GPU and CPU differ by 2.5e-2", "cpu"),
        (Fate::Full, "memory is full", "gpu"),
        (Fate::LostAt(0), "was lost", "gpu"),
        (Fate::LostAt(1), "was lost", "gpu"),
    ] {
        let [(first, about), (second, later)] = runs("Add", fate);
        assert_eq!([first, second].concat(), [[2.0, 4.0]; 4], "{fate:?}");
        assert_eq!((about.engine, about.largest_difference), ("cpu", None), "{fate:?}");
        assert!(about.fallback.as_ref().is_some_and(|text| text.contains(why)), "{fate:?}: {about:?}");
        assert_eq!((later.engine, later.fallback.is_some()), (again, again == "cpu"), "{fate:?}");
    }
}

#[test]
fn an_operator_that_is_lacking_is_named() {
    for (got, about) in runs("Acosh", Fate::Works(0.0)) {
        assert!((got[0][1] - 2f32.acosh()).abs() < 1e-6);
        assert!(about.fallback.unwrap().starts_with("Acosh: the GPU engine has no kernel"));
    }
}

/// The CPU engine has no LpPool: what the GPU gives stands, and is said to be unchecked.
#[test]
fn what_only_the_gpu_can_run_is_unchecked() {
    let mut model = Model::default();
    model.input("x", Tensor::new(vec![1, 1, 1], vec![3.0f32]).unwrap());
    model.node("LpPool", &["x"], "y", vec![super::build::ints("kernel_shape", &[1])]);
    let model = model.load();
    let inputs = [(model.graph.inputs[0], Tensor::new(vec![1, 1, 1], vec![3.0f32]).unwrap())];
    let mut engine = Checked::new(GpuEngine::<Fake>::default(), &model).unwrap();
    engine.begin();
    let mut got = Vec::new();
    let mut sink = |_, tensor: Tensor| {
        got.push(tensor.to_f32().to_vec());
        Ok(())
    };
    let ask = Ask { inputs: &inputs, wanted: &model.graph.outputs, timings: false };
    pollster::block_on(engine.run(&model, ask, &mut sink)).unwrap();
    assert_eq!(got, [[6.0]]);
    let about = engine.about();
    assert_eq!((about.engine, about.largest_difference), ("gpu", None));
    assert!(about.notes[0].starts_with("not repeated on the CPU: LpPool: "), "{about:?}");
}
