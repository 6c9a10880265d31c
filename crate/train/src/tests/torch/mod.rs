//! Layers, losses and steps against PyTorch's, in f64: `make.py` writes `cases.json`.

use std::collections::BTreeMap;

use ndarray::{Array2, Array4};
use serde::Deserialize;

use crate::data::{Set, Task};
use crate::fit::{Choose, Fit, Recipe, Search};
use crate::layers::gate::{self, Gradients};
use crate::layers::loss::{Blend, loss};
use crate::layers::{Map, Window, conv, norm, pool};
use crate::net::{Net, Role};
use crate::optimise::{Optimiser, Schedule};
use crate::random::Random;

#[derive(Deserialize)]
struct File {
    cosine: Vec<f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    arrays: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
    #[serde(default)]
    kernel: usize,
    #[serde(default)]
    stride: usize,
    #[serde(default)]
    pad: usize,
    #[serde(default)]
    groups: usize,
    #[serde(default)]
    train: bool,
    #[serde(default)]
    labels: Vec<u16>,
    #[serde(default)]
    rate: f64,
    #[serde(default)]
    decay: f64,
    clip: Option<f64>,
}

impl Case {
    fn numbers(&self, name: &str) -> &[f64] {
        &self.arrays[name].1
    }

    /// As a map.
    fn map(&self, name: &str) -> Map<f64> {
        let (shape, numbers) = &self.arrays[name];
        let nchw = Array4::from_shape_vec((shape[0], shape[1], shape[2], shape[3]), numbers.clone()).unwrap();
        nchw.permuted_axes([1, 2, 3, 0]).as_standard_layout().into_owned()
    }

    fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, pad: self.pad }
    }

    /// The file has ten digits.
    fn near(&self, found: &[f64], name: &str) {
        self.within(found, self.numbers(name), name, 1e-8);
    }

    fn near_map(&self, found: &Map<f64>, name: &str) {
        self.within(found.as_slice().unwrap(), self.map(name).as_slice().unwrap(), name, 1e-8);
    }

    fn within(&self, found: &[f64], expected: &[f64], what: &str, most: f64) {
        assert_eq!(found.len(), expected.len(), "{} {what}", self.name);
        let scale = expected.iter().fold(1.0f64, |m, v| m.max(v.abs()));
        for (at, (a, b)) in found.iter().zip(expected).enumerate() {
            assert!((a - b).abs() < most * scale, "{} {what} [{at}]: {a} against {b}", self.name);
        }
    }
}

fn file() -> File {
    serde_json::from_str(include_str!("cases.json")).unwrap()
}

fn zeros(like: &[f64]) -> Vec<f64> {
    vec![0.0; like.len()]
}

#[test]
fn layers() {
    for case in file().cases.iter().filter(|case| case.arrays.contains_key("aim")) {
        let (x, dy, window) = (case.map("x"), case.map("aim"), case.window());
        let (y, dx) = match case.name.as_str() {
            "conv" => {
                let (w, b) = (case.numbers("w"), case.numbers("b"));
                let (mut dw, mut db) = (zeros(w), zeros(b));
                let y = conv::forward(&x, w, Some(b), b.len(), window, case.groups);
                let dx = conv::backward(&x, w, &dy, window, case.groups, &mut dw, Some(&mut db), true);
                case.near(&dw, "d_w");
                case.near(&db, "d_b");
                (y, dx.unwrap())
            }
            "norm" => {
                let (s, b) = (case.numbers("s"), case.numbers("b"));
                let mut by = norm::Moments {
                    mean: case.numbers("mean").to_vec(),
                    variance: case.numbers("var").to_vec(),
                };
                if case.train {
                    let batch = norm::moments(&x);
                    norm::track(&mut by.mean, &mut by.variance, &batch, x.len() / s.len(), 0.1);
                    case.near(&by.mean, "mean_after");
                    case.near(&by.variance, "var_after");
                    by = batch;
                }
                let (mut ds, mut db) = (zeros(s), zeros(b));
                let y = norm::forward(&x, &by, s, b, 1e-5);
                let dx = norm::backward(&x, &by, s, 1e-5, case.train, dy, &mut ds, &mut db);
                case.near(&ds, "d_s");
                case.near(&db, "d_b");
                (y, dx)
            }
            "average" => (pool::average(&x, window), pool::average_backward(&x, window, &dy)),
            "maximum" => {
                let (y, places) = pool::maximum(&x, window);
                (y, pool::maximum_backward(&x, &places, &dy))
            }
            "gate" => {
                let (keep, c) = (case.numbers("keep"), case.numbers("c"));
                let (mut dk, mut dc) = (zeros(keep), zeros(c));
                let to = Gradients { keep: Some(&mut dk), coefficients: Some(&mut dc) };
                let dx = gate::backward(&x, keep, c, dy, to, 0.0);
                case.near(&dk, "d_keep");
                case.near(&dc, "d_c");
                (gate::forward(&x, keep, c, 0.0), dx)
            }
            other => panic!("no such case: {other}"),
        };
        case.near_map(&y, "y");
        case.near_map(&dx, "d_x");
    }
}

#[test]
fn losses() {
    let file = file();
    let case = file.cases.iter().find(|case| case.name == "loss").unwrap();
    let rows = |name: &str| Array2::from_shape_vec((5, 4), case.numbers(name).to_vec()).unwrap();
    let logits = Map::from_shape_fn((4, 1, 1, 5), |(class, .., image)| rows("logits")[[image, class]]);
    let blend = Blend { labels: 0.7, teacher: 0.4, temperature: 4.0 };
    let (value, d) = loss(&logits, &case.labels, Some(&rows("teacher")), blend);
    case.near(&[value], "value");
    let d = Array2::from_shape_fn((5, 4), |(image, class)| d[[class, 0, 0, image]]);
    case.near(d.as_slice().unwrap(), "d_logits");
}

#[test]
fn cosine() {
    let schedule = Schedule::Cosine(0.1, 1e-3);
    for (epoch, expected) in file().cosine.into_iter().enumerate() {
        assert!((schedule.rate(epoch, 7) - expected).abs() < 1e-12, "{epoch}");
    }
}

/// Three steps from the same weights on the same batch; 1e-5 is the bar, and f64 is far below it.
#[test]
fn steps() {
    for case in file().cases.iter().filter(|case| case.arrays.contains_key("conv_0")) {
        let mut net = Net::<f64>::new([2, 5, 4]);
        let x = net.conv(0, [Some("conv"), None], 4, Window { kernel: 3, stride: 1, pad: 1 }, 1).unwrap();
        let x = net.norm(x, ["scale", "shift", "m", "v"], 1e-5);
        let x = net.relu(x, "a");
        let x = net.global(x);
        net.dense(x, [Some("dense"), Some("bias")], 3).unwrap();
        for name in ["conv", "dense"] {
            let param = net.params.iter_mut().find(|p| p.name == name && p.role == Role::Weight).unwrap();
            param.value = case.numbers(name).to_vec().into();
        }
        let set = Set::new([2, 5, 4], case.numbers("x").to_vec(), case.labels.clone()).unwrap();
        let task = Task { train: set.clone(), validation: set.clone(), test: set };
        let recipe = Recipe {
            epochs: 3,
            batch: 6,
            optimiser: if case.name == "adam" { Optimiser::Adam } else { Optimiser::Sgd { momentum: 0.9 } },
            rate: Schedule::Constant(case.rate),
            masks: 0.0,
            decay: case.decay,
            clip: case.clip,
            blend: Blend::LABELS,
            search: Search::None,
            choose: Choose::Last,
        };
        let mut fit = Fit::new(recipe, net, Random::new(1));
        for step in 0..3 {
            fit.learn(&task, None, &[0, 1, 2, 3, 4, 5]).unwrap();
            for name in ["conv", "scale", "shift", "dense", "bias"] {
                let param = fit.net.params.iter().find(|p| p.name == name).unwrap();
                case.near(param.slice(), &format!("{name}_{step}"));
            }
        }
    }
}
