//! Gradients of every layer and of whole networks against central differences in f64.

use crate::layers::loss::{Blend, loss};
use crate::layers::{Map, Window};
use crate::net::{Net, Role};
use crate::random::Random;
use ndarray::Array2;

const fn window(kernel: usize, stride: usize, pad: usize) -> Window {
    Window { kernel, stride, pad }
}

fn normal(random: &mut Random, shape: (usize, usize, usize, usize)) -> Map<f64> {
    Map::from_shape_fn(shape, |_| random.normal())
}

/// The loss of a fixed batch, as a training or a plain pass has it.
struct Case {
    net: Net<f64>,
    x: Map<f64>,
    labels: Vec<u16>,
    teacher: Array2<f64>,
    train: bool,
}

impl Case {
    fn new(mut net: Net<f64>, train: bool, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let [c, h, w] = net.shape(0);
        let classes = net.classes();
        for param in &mut net.params {
            let (center, spread) = match param.role {
                Role::Weight | Role::Bias => (0.1, 0.5),
                Role::Coefficient => (0.2, 0.2),
                Role::Running => (1.0, 0.1),
                Role::Mask => (0.5, 0.3),
            };
            param.value.iter_mut().for_each(|v| *v = center + spread * random.normal());
        }
        let x = normal(&mut random, (c, h, w, 5));
        let labels = (0..5).map(|_| random.below(classes) as u16).collect();
        let teacher = Array2::from_shape_fn((5, classes), |_| random.normal());
        Self { net, x, labels, teacher, train }
    }

    fn pass(&self, net: &Net<f64>, x: &Map<f64>) -> (f64, Vec<ndarray::Array1<f64>>, Map<f64>) {
        let mut net = net.clone();
        let tape = if self.train { net.train_pass(x.clone()) } else { net.pass(x.clone()) };
        let blend = Blend { labels: 0.7, teacher: 0.4, temperature: 4.0 };
        let (value, d) = loss(tape.logits(), &self.labels, Some(&self.teacher), blend);
        let (grads, dx) = net.gradients(&tape, d, true);
        (value, grads, dx.unwrap())
    }

    /// Every tenth or so of all gradients agrees with (f(x + h) - f(x - h)) / 2h to 1e-5 of the largest of its array.
    fn check(&self, what: &str) {
        const STEP: f64 = 1e-5;
        let (_, grads, dx) = self.pass(&self.net, &self.x);
        let mut random = Random::new(9);
        let near = |found: f64, expected: f64, scale: f64, place: &str| {
            let apart = (found - expected).abs() / scale.max(1e-3);
            assert!(apart < 1e-5, "{what}: {place}: {found} against {expected}, {apart:.1e} apart");
        };
        let largest = |row: &[f64]| row.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for (place, param) in self.net.params.iter().enumerate() {
            if param.role == Role::Running {
                continue;
            }
            let scale = largest(grads[place].as_slice().unwrap());
            for _ in 0..param.value.len().div_ceil(8).min(24) {
                let at = random.below(param.value.len());
                let mut moved = self.net.clone();
                let mut value = |step: f64| {
                    moved.params[place].value[at] = self.net.params[place].value[at] + step;
                    self.pass(&moved, &self.x).0
                };
                let expected = (value(STEP) - value(-STEP)) / (2.0 * STEP);
                near(grads[place][at], expected, scale, &format!("{} [{at}]", param.name));
            }
        }
        let scale = largest(dx.as_slice().unwrap());
        for _ in 0..20 {
            let at = random.below(self.x.len());
            let value = |step: f64| {
                let mut x = self.x.clone();
                x.as_slice_mut().unwrap()[at] += step;
                self.pass(&self.net, &x).0
            };
            let expected = (value(STEP) - value(-STEP)) / (2.0 * STEP);
            near(dx.as_slice().unwrap()[at], expected, scale, &format!("input [{at}]"));
        }
    }
}

/// One layer of interest between the input and a dense end, so that its input's gradient is checked too.
fn around(shape: [usize; 3], layer: impl Fn(&mut Net<f64>, usize) -> usize) -> Net<f64> {
    let mut net = Net::new(shape);
    let x = layer(&mut net, 0);
    let x = net.flatten(x);
    net.dense(x, [Some("end"), Some("end.bias")], 3).unwrap();
    net
}

fn gate(net: &mut Net<f64>, x: usize, name: &str) -> usize {
    let x = net.relu(x, name);
    let site = net.sites.last_mut().unwrap();
    (site.plain, site.degree) = (false, Some(2));
    x
}

#[test]
fn every_layer() {
    let shape = [4, 7, 5];
    type Layer = Box<dyn Fn(&mut Net<f64>, usize) -> usize>;
    let conv = |outputs: usize, w: Window, groups: usize, bias: bool| -> Layer {
        Box::new(move |net, x| net.conv(x, [Some("w"), bias.then_some("b")], outputs, w, groups).unwrap())
    };
    let cases: Vec<(&str, Layer)> = vec![
        ("conv 3/1/1", conv(6, window(3, 1, 1), 1, true)),
        ("conv 3/2/1", conv(6, window(3, 2, 1), 1, false)),
        ("conv 3/2/0", conv(2, window(3, 2, 0), 1, true)),
        ("conv 5/3/2 in groups", conv(6, window(5, 3, 2), 2, true)),
        ("conv by channel", conv(8, window(3, 1, 1), 4, false)),
        ("conv 1/1/0 in groups", conv(6, window(1, 1, 0), 2, true)),
        ("conv 1/2/0", conv(5, window(1, 2, 0), 1, false)),
        ("conv with much padding", conv(3, window(3, 1, 3), 1, false)),
        ("norm", Box::new(|net, x| net.norm(x, ["s", "b", "m", "v"], 1e-5))),
        ("relu", Box::new(|net, x| net.relu(x, "a"))),
        ("gate", Box::new(|net, x| gate(net, x, "a"))),
        ("rprelu", Box::new(|net, x| net.rprelu(x, ["g", "b", "z"]))),
        ("average 2/2/0", Box::new(|net, x| net.average(x, window(2, 2, 0)).unwrap())),
        ("average 3/2/1", Box::new(|net, x| net.average(x, window(3, 2, 1)).unwrap())),
        ("maximum 3/2/1", Box::new(|net, x| net.maximum(x, window(3, 2, 1)).unwrap())),
        ("global", Box::new(|net, x| net.global(x))),
        ("add to itself", Box::new(|net, x| net.add(x, x).unwrap())),
        (
            "dense",
            Box::new(|net, x| {
                let x = net.flatten(x);
                net.dense(x, [Some("d"), Some("d.b")], 6).unwrap()
            }),
        ),
    ];
    for (name, layer) in &cases {
        for train in [true, false] {
            Case::new(around(shape, layer), train, 3).check(name);
        }
    }
}

#[test]
fn whole_networks() {
    for train in [true, false] {
        // Plain: convolution, norm, gate, pool, dense, norm, gate.
        let mut net = Net::new([2, 8, 6]);
        let x = net.conv(0, [Some("c1"), None], 4, window(3, 1, 1), 1).unwrap();
        let x = net.norm(x, ["n1.s", "n1.b", "n1.m", "n1.v"], 1e-5);
        let x = gate(&mut net, x, "a1");
        let x = net.average(x, window(2, 2, 0)).unwrap();
        let x = net.flatten(x);
        let x = net.dense(x, [Some("d1"), None], 7).unwrap();
        let x = net.norm(x, ["n2.s", "n2.b", "n2.m", "n2.v"], 1e-5);
        let x = gate(&mut net, x, "a2");
        net.dense(x, [Some("d2"), Some("d2.b")], 5).unwrap();
        Case::new(net, train, 5).check("plain");

        // Residual: a stem with maximum pooling, a block that strides, a global end.
        let mut net = Net::new([3, 9, 9]);
        let x = net.conv(0, [Some("stem"), None], 4, window(3, 1, 1), 1).unwrap();
        let x = net.norm(x, ["n.s", "n.b", "n.m", "n.v"], 1e-5);
        let x = net.relu(x, "a0");
        let x = net.maximum(x, window(3, 2, 1)).unwrap();
        let y = net.conv(x, [Some("c1"), None], 6, window(3, 2, 1), 2).unwrap();
        let y = net.norm(y, ["n1.s", "n1.b", "n1.m", "n1.v"], 1e-5);
        let y = gate(&mut net, y, "a1");
        let y = net.conv(y, [Some("c2"), None], 6, window(3, 1, 1), 1).unwrap();
        let s = net.conv(x, [Some("short"), None], 6, window(1, 2, 0), 1).unwrap();
        let z = net.add(y, s).unwrap();
        let z = gate(&mut net, z, "a2");
        let z = net.global(z);
        net.dense(z, [Some("d"), Some("d.b")], 4).unwrap();
        Case::new(net, train, 6).check("residual");
    }
}

/// Through outputs that are dropped, directly and in a residual block; where they are, ReLUs are polynomials.
#[test]
fn dropped_outputs() {
    for train in [true, false] {
        let mut net = Net::new([2, 6, 6]);
        let x = net.conv(0, [Some("stem"), None], 4, window(3, 1, 1), 1).unwrap();
        let x = net.norm(x, ["n.s", "n.b", "n.m", "n.v"], 1e-5);
        let x = net.relu(x, "a0");
        let y = net.conv(x, [Some("c"), None], 4, window(3, 1, 1), 1).unwrap();
        let y = net.add(x, y).unwrap();
        let y = net.relu(y, "a1");
        let y = net.global(y);
        net.dense(y, [Some("d"), Some("d.b")], 4).unwrap();
        let mut case = Case::new(net, train, 7);
        case.net.nest(150, &mut Random::new(2));
        assert!([0, 1].iter().all(|site| case.net.drops(*site)));
        case.net.sites.iter_mut().for_each(|site| site.degree = Some(2));
        case.check("dropped outputs");
    }
}
