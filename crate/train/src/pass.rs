//! Forward and backward through a network.

use ndarray::Array1;

use crate::layers::norm::{Moments, moments, track};
use crate::layers::{Map, conv, gate, norm, pool, react};
use crate::net::{Net, Op, Role};
use crate::real::Real;

/// Momentum of running moments, as PyTorch's default.
const MOMENTUM: f64 = 0.1;

/// What a forward pass leaves for the backward pass.
pub struct Tape<T> {
    values: Vec<Map<T>>,
    asides: Vec<Aside<T>>,
    train: bool,
    /// Slope of ReLUs left of 0: 0, but in a copy through which a gradient is taken.
    below: T,
}

enum Aside<T> {
    None,
    Moments(Moments<T>),
    Places(Vec<u32>),
}

impl<T: Real> Tape<T> {
    /// The logits, `[classes, 1, 1, images]`.
    pub fn logits(&self) -> &Map<T> {
        &self.values[self.values.len() - 1]
    }

    /// A value of the pass.
    pub fn value(&self, place: usize) -> &Map<T> {
        &self.values[place]
    }

    /// The same, to be changed: what was made of it stays as it is.
    pub(crate) fn value_mut(&mut self, place: usize) -> &mut Map<T> {
        &mut self.values[place]
    }
}

/// Gradients in the order of the parameters.
pub type Gradients<T> = Vec<Array1<T>>;

impl<T: Real> Net<T> {
    /// A training pass: normalisations take the batch's moments and track them, searches move on.
    pub fn train_pass(&mut self, x: Map<T>) -> Tape<T> {
        for site in &mut self.sites {
            if let Some(search) = &site.search {
                let m = self.params[search.auxiliary].value.to_vec();
                search.states(self.params[site.keep].slice_mut(), &m);
            }
        }
        let mut tape = Tape { values: vec![x], asides: Vec::new(), train: true, below: T::zero() };
        for place in 0..self.nodes.len() {
            let node = &self.nodes[place];
            let x = &tape.values[node.inputs[0]];
            let count = x.len() / x.dim().0.max(1);
            match node.op {
                Op::Norm { places: [.., mean, variance], .. } => {
                    let batch = moments(x);
                    let (mut m, mut v) =
                        (self.params[mean].value.to_vec(), self.params[variance].value.to_vec());
                    track(&mut m, &mut v, &batch, count, MOMENTUM);
                    self.params[mean].value = m.into();
                    self.params[variance].value = v.into();
                    tape.asides.push(Aside::Moments(batch));
                }
                Op::Activation(site) => {
                    let site = &mut self.sites[site];
                    if let Some(search) = &mut site.search
                        && let Some(made) = search.saw(&moments(x), count)
                    {
                        self.params[site.coefficients].value = made.into();
                    }
                    tape.asides.push(Aside::None);
                }
                _ => tape.asides.push(Aside::None),
            }
            let y = self.node(place, &mut tape);
            tape.values.push(y);
        }
        tape
    }

    /// A pass that changes nothing: normalisations take their running moments.
    pub fn pass(&self, x: Map<T>) -> Tape<T> {
        self.copy_pass(x, T::zero())
    }

    /// The same of a copy of the network whose ReLUs that stay have slope `below` left of 0.
    pub(crate) fn copy_pass(&self, x: Map<T>, below: T) -> Tape<T> {
        let mut tape = Tape { values: vec![x], asides: Vec::new(), train: false, below };
        for (place, node) in self.nodes.iter().enumerate() {
            tape.asides.push(match node.op {
                Op::Norm { places: [.., mean, variance], .. } => Aside::Moments(Moments {
                    mean: self.params[mean].value.to_vec(),
                    variance: self.params[variance].value.to_vec(),
                }),
                _ => Aside::None,
            });
            let y = self.node(place, &mut tape);
            tape.values.push(y);
        }
        tape
    }

    /// Makes again what some nodes made.
    pub(crate) fn again(&self, tape: &mut Tape<T>, nodes: std::ops::Range<usize>) {
        for place in nodes {
            tape.values[place + 1] = self.node(place, tape);
        }
    }

    /// What a node makes. Its aside is there, but a maximum's places are put there here.
    fn node(&self, place: usize, tape: &mut Tape<T>) -> Map<T> {
        let node = &self.nodes[place];
        let x = &tape.values[node.inputs[0]];
        let array = |at: usize| self.params[at].slice();
        match &node.op {
            Op::Conv { window, groups, outputs, weight, bias } => {
                conv::forward(x, array(*weight), bias.map(array), *outputs, *window, *groups)
            }
            Op::Norm { places: [scale, shift, ..], eps } => match &tape.asides[place] {
                Aside::Moments(by) => norm::forward(x, by, array(*scale), array(*shift), *eps),
                _ => x.clone(),
            },
            Op::Activation(site) => {
                let site = &self.sites[*site];
                if site.plain {
                    gate::relu(x, tape.below)
                } else {
                    gate::forward(x, array(site.keep), array(site.coefficients), tape.below)
                }
            }
            Op::Rprelu { places: [shift, slope, lift] } => {
                react::rprelu(x, array(*shift), array(*slope), array(*lift))
            }
            Op::Rsign { shift } => react::rsign(x, array(*shift)),
            Op::Drop { keep } => gate::dropped(x.clone(), array(*keep)),
            Op::Average(window) => pool::average(x, *window),
            Op::Maximum(window) => {
                let (y, places) = pool::maximum(x, *window);
                tape.asides[place] = Aside::Places(places);
                y
            }
            Op::Global => pool::global(x),
            Op::Flatten => {
                let (c, h, w, n) = x.dim();
                reshaped(x.clone(), (c * h * w, 1, 1, n))
            }
            Op::Add => x + &tape.values[node.inputs[1]],
        }
    }

    /// Gradients of all parameters, given the gradient of the logits.
    pub fn backward(&self, tape: &Tape<T>, dlogits: Map<T>) -> Gradients<T> {
        self.gradients(tape, dlogits, false).0
    }

    /// Gradients of all parameters and, where it is asked for, of the input.
    pub fn gradients(&self, tape: &Tape<T>, dlogits: Map<T>, input: bool) -> (Gradients<T>, Option<Map<T>>) {
        let mut grads: Gradients<T> = self.params.iter().map(|p| Array1::zeros(p.value.len())).collect();
        let mut flows: Vec<Option<Map<T>>> = vec![None; tape.values.len()];
        if let Some(last) = flows.last_mut() {
            *last = Some(dlogits);
        }
        for (place, node) in self.nodes.iter().enumerate().rev() {
            let Some(dy) = flows[place + 1].take() else { continue };
            let from = node.inputs[0];
            let x = &tape.values[from];
            let array = |at: usize| self.params[at].slice();
            let dx = match &node.op {
                Op::Conv { window, groups, weight, bias, .. } => {
                    let mut dw = std::mem::take(&mut grads[*weight]);
                    let mut db = bias.map(|at| std::mem::take(&mut grads[at]));
                    let wants = input || from > 0;
                    let to = dw.as_slice_mut().unwrap_or_default();
                    let to_bias = db.as_mut().and_then(|b| b.as_slice_mut());
                    let dx = conv::backward(x, array(*weight), &dy, *window, *groups, to, to_bias, wants);
                    grads[*weight] = dw;
                    if let (Some(at), Some(db)) = (bias, db) {
                        grads[*at] = db;
                    }
                    dx
                }
                Op::Norm { places: [scale, shift, ..], eps } => {
                    let Aside::Moments(by) = &tape.asides[place] else { continue };
                    let mut dscale = grads[*scale].to_vec();
                    let mut dshift = grads[*shift].to_vec();
                    let dx =
                        norm::backward(x, by, array(*scale), *eps, tape.train, dy, &mut dscale, &mut dshift);
                    grads[*scale] = dscale.into();
                    grads[*shift] = dshift.into();
                    Some(dx)
                }
                Op::Activation(site) => Some(self.activation_backward(*site, x, dy, &mut grads, tape.below)),
                Op::Rprelu { places: [shift, slope, lift] } => {
                    let mut to = [*shift, *slope, *lift].map(|at| grads[at].to_vec());
                    let dx = react::rprelu_backward(x, array(*shift), array(*slope), dy, &mut to);
                    for (at, made) in [*shift, *slope, *lift].into_iter().zip(to) {
                        grads[at] = made.into();
                    }
                    Some(dx)
                }
                Op::Rsign { shift } => {
                    let mut to = grads[*shift].to_vec();
                    let dx = react::rsign_backward(x, array(*shift), dy, &mut to);
                    grads[*shift] = to.into();
                    Some(dx)
                }
                Op::Drop { keep } => Some(gate::dropped(dy, array(*keep))),
                Op::Average(window) => Some(pool::average_backward(x, *window, &dy)),
                Op::Maximum(_) => match &tape.asides[place] {
                    Aside::Places(places) => Some(pool::maximum_backward(x, places, &dy)),
                    _ => None,
                },
                Op::Global => Some(pool::global_backward(x, &dy)),
                Op::Flatten => Some(reshaped(dy, x.dim())),
                Op::Add => {
                    add(&mut flows[node.inputs[1]], dy.clone());
                    Some(dy)
                }
            };
            if let Some(dx) = dx {
                add(&mut flows[from], dx);
            }
        }
        (grads, flows[0].take())
    }

    fn activation_backward(
        &self,
        site: usize,
        x: &Map<T>,
        dy: Map<T>,
        grads: &mut Gradients<T>,
        below: T,
    ) -> Map<T> {
        let site = &self.sites[site];
        if site.plain {
            return gate::relu_backward(x, dy, below);
        }
        let mut keep = std::mem::take(&mut grads[site.keep]);
        let mut coefficients = std::mem::take(&mut grads[site.coefficients]);
        let to = gate::Gradients {
            keep: keep.as_slice_mut().filter(|_| self.params[site.keep].role == Role::Mask),
            coefficients: coefficients.as_slice_mut().filter(|_| site.degree.is_some()),
        };
        let (k, c) = (self.params[site.keep].slice(), self.params[site.coefficients].slice());
        let dx = gate::backward(x, k, c, dy, to, below);
        // Powers above the degree stay what they are.
        for row in coefficients.as_slice_mut().unwrap_or_default().chunks_exact_mut(gate::COEFFICIENTS) {
            row.iter_mut().skip(site.degree.map_or(0, |degree| degree + 1)).for_each(|g| *g = T::zero());
        }
        grads[site.keep] = keep;
        grads[site.coefficients] = coefficients;
        dx
    }
}

fn add<T: Real>(to: &mut Option<Map<T>>, part: Map<T>) {
    match to {
        Some(sum) => *sum += &part,
        None => *to = Some(part),
    }
}

/// The same numbers in another shape of as many.
fn reshaped<T: Real>(map: Map<T>, shape: (usize, usize, usize, usize)) -> Map<T> {
    map.into_shape_with_order(shape).unwrap_or_else(|_| Map::zeros(shape))
}
