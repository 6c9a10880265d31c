//! The input that maximises a class, by gradients through a copy of the network whose ReLUs have a slope left of 0.
//!
//! After arXiv 2410.16958, whose steps are not public: the network's own gradient is 0 where its ReLUs are off, the copy's is
//! not. The slope falls to 0 in equal steps, so that the last steps climb the network itself. A step moves the number of
//! largest gradient by `step` of the box, the others in proportion; the best value of the network itself is kept. A ReLU that
//! was replaced has its polynomial in both. Step, fall and start are ours.

use crate::layers::Map;
use crate::net::{Net, Unfit};
use crate::random::Random;
use crate::real::Real;

/// How to climb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climb {
    /// The class whose logit is climbed.
    pub class: usize,
    /// Steps.
    pub steps: usize,
    /// What the number of largest gradient moves in a step, as a share of the box.
    pub step: f64,
    /// Slope of the copy at first; it falls to 0.
    pub slope: f64,
    /// Smallest and largest number of an input.
    pub bounds: [f64; 2],
}

/// Where a climb came to.
#[derive(Clone, Debug)]
pub struct Top<T> {
    /// The logit of the class, by the network itself.
    pub value: f64,
    /// The input, `[channels, height, width, 1]`.
    pub x: Map<T>,
}

/// The middle of the box, with a little noise from a seed: an input without any edge is flat for many networks.
pub fn start<T: Real>(net: &Net<T>, bounds: [f64; 2], seed: u64) -> Map<T> {
    let [c, h, w] = net.shape(0);
    let (middle, width) = (0.5 * (bounds[0] + bounds[1]), bounds[1] - bounds[0]);
    let mut random = Random::new(seed);
    Map::from_shape_simple_fn((c, h, w, 1), || T::of(middle + 0.1 * width * (random.unit() - 0.5)))
}

/// The gradient of a class's logit in one input, of a copy of slope `below` left of 0. `class` is one of the network's.
pub fn gradient<T: Real>(net: &Net<T>, x: &Map<T>, class: usize, below: f64) -> Map<T> {
    let tape = net.copy_pass(x.clone(), T::of(below));
    let mut toward = Map::zeros(tape.logits().dim());
    toward[[class, 0, 0, 0]] = T::one();
    net.gradients(&tape, toward, true).1.unwrap_or_else(|| Map::zeros(x.dim()))
}

/// Climbs from `x`.
///
/// # Errors
/// A class or an input that the network does not have; a box, a slope or a step that is none.
pub fn climb<T: Real>(net: &Net<T>, how: &Climb, x: Map<T>) -> Result<Top<T>, Unfit> {
    let [low, high] = how.bounds;
    let [c, h, w] = net.shape(0);
    if how.class >= net.classes() {
        return Err(Unfit(format!("there is no class {} among {}", how.class, net.classes())));
    }
    if x.dim() != (c, h, w, 1) {
        return Err(Unfit(format!("one input of {c}x{h}x{w} is climbed from")));
    }
    if !(low < high && (high - low).is_finite() && how.slope.is_finite() && how.step.is_finite()) {
        return Err(Unfit("the box, the slope and the step are numbers, the box not empty".to_owned()));
    }
    let bound = |v: T| {
        if v < T::of(low) {
            T::of(low)
        } else if v > T::of(high) {
            T::of(high)
        } else {
            v
        }
    };
    let mut x = x.mapv(bound);
    let mut best = Top { value: f64::NEG_INFINITY, x: x.clone() };
    for step in 0..=how.steps {
        let left = how.steps.saturating_sub(step + 1) as f64 / how.steps.saturating_sub(1).max(1) as f64;
        let value = net.pass(x.clone()).logits()[[how.class, 0, 0, 0]].f64();
        if value > best.value {
            best = Top { value, x: x.clone() };
        }
        let dx = gradient(net, &x, how.class, how.slope * left);
        let largest = dx.iter().fold(T::zero(), |most, v| if v.abs() > most { v.abs() } else { most });
        // Flat, or past what numbers hold: nothing shows the way.
        if !(largest > T::zero() && largest.is_finite()) {
            break;
        }
        let scale = T::of(how.step * (high - low)) / largest;
        x.zip_mut_with(&dx, |v, d| *v = bound(*v + scale * *d));
    }
    if best.value.is_finite() {
        Ok(best)
    } else {
        Err(Unfit("the network answers with no number".to_owned()))
    }
}
