//! Whether a network that came as bytes is one: every place, shape and size that a pass relies on, before a pass.

use crate::layers::Window;
use crate::layers::gate::COEFFICIENTS;
use crate::net::{Net, Node, Op, Unfit};
use crate::real::Real;
use crate::site::Site;

/// Numbers of all values of one image together: a batch of 128 takes 1 GB.
const MOST_NUMBERS: usize = 1 << 21;
/// Longest side of a window, and of its step and padding.
const MOST_WINDOW: usize = 1 << 10;

/// Products of an output channel of a convolution, for one image.
const MOST_PRODUCTS: usize = 1 << 24;
/// Numbers of all values of a batch.
const MOST_BATCH: usize = 1 << 28;

fn bad(what: &str, place: usize) -> Unfit {
    Unfit(format!("this is no network of this version: {what} {place} does not fit"))
}

/// Product of sizes; nothing past what a network may hold.
fn product(sizes: &[usize]) -> Option<usize> {
    sizes.iter().try_fold(1usize, |product, size| product.checked_mul(*size)).filter(|all| *all <= 1 << 28)
}

impl<T: Real> Net<T> {
    /// Checks a network that came from elsewhere.
    ///
    /// # Errors
    /// What does not fit.
    pub fn sound(&self) -> Result<(), Unfit> {
        if self.nodes.is_empty() || self.shapes.len() != self.nodes.len() + 1 {
            return Err(bad("the count of nodes,", self.nodes.len()));
        }
        let mut numbers = self.shapes.iter().map(|shape| product(shape).filter(|numbers| *numbers > 0));
        let all = numbers.try_fold(0usize, |sum, numbers| sum.checked_add(numbers?));
        if all.is_none_or(|all| all > MOST_NUMBERS) {
            return Err(Unfit(format!("its values hold more than {MOST_NUMBERS} numbers an image, or none")));
        }
        for (place, param) in self.params.iter().enumerate() {
            if product(&param.dims) != Some(param.value.len()) {
                return Err(bad("parameter", place));
            }
        }
        let own = self.own();
        let mut last = own;
        for (place, site) in self.sites.iter().enumerate() {
            self.site(site, &mut last).ok_or_else(|| bad("activation", place))?;
        }
        for (place, node) in self.nodes.iter().enumerate() {
            let inputs = if matches!(node.op, Op::Add) { 2 } else { 1 };
            let known = node.inputs.len() == inputs && node.inputs.iter().all(|input| *input <= place);
            let made = if known { self.made(node) } else { None };
            if made != Some(self.shape(place + 1)) {
                return Err(bad("node", place));
            }
        }
        Ok(())
    }

    /// Whether it has the values, activations and parameters of another, their numbers and what searches hold aside.
    pub(crate) fn alike(&self, other: &Self) -> bool {
        let params = |net: &Self| -> Vec<(String, Vec<usize>)> {
            net.params.iter().take(net.own()).map(|param| (param.name.clone(), param.dims.clone())).collect()
        };
        let sites = |net: &Self| -> Vec<(String, usize, usize)> {
            net.sites.iter().map(|site| (site.name.clone(), site.keep, site.coefficients)).collect()
        };
        // Outputs that a method drops are no layers of their own.
        let shapes = |net: &Self| -> Vec<[usize; 3]> {
            let made = net.nodes.iter().zip(net.shapes.iter().skip(1));
            let own = made.filter(|(node, _)| !matches!(node.op, Op::Drop { .. })).map(|(_, shape)| *shape);
            net.shapes.first().copied().into_iter().chain(own).collect()
        };
        shapes(self) == shapes(other) && sites(self) == sites(other) && params(self) == params(other)
    }

    /// Whether so many images at once are few enough.
    pub(crate) fn takes(&self, batch: usize) -> bool {
        batch > 0 && batch <= self.most(1)
    }

    /// Images at once, at most, where each of their values is held so many times; 0 where not one is few enough.
    pub(crate) fn most(&self, times: usize) -> usize {
        let one: usize = self.shapes.iter().map(|shape| shape.iter().product::<usize>()).sum();
        MOST_BATCH / one.saturating_mul(times).max(1)
    }

    /// Parameters before those of searches, which stand at the end and go with their searches.
    fn own(&self) -> usize {
        let searching = self.sites.iter().filter(|site| site.search.is_some()).count();
        self.params.len().saturating_sub(searching)
    }

    fn numbers(&self, param: usize, numbers: Option<usize>) -> Option<()> {
        (self.params.get(param)?.value.len() == numbers?).then_some(())
    }

    /// A parameter that stays when searches end.
    fn holds(&self, param: usize, numbers: Option<usize>) -> Option<()> {
        self.numbers(param, numbers).filter(|()| param < self.own())
    }

    /// `last`: the place of the next search's parameter; they stand at the end, in the order of the activations.
    fn site(&self, site: &Site<T>, last: &mut usize) -> Option<()> {
        let elements = product(&site.shape);
        self.holds(site.keep, elements)?;
        self.holds(site.coefficients, product(&[site.shape[0], COEFFICIENTS]))?;
        if let Some(search) = &site.search {
            if search.auxiliary != *last {
                return None;
            }
            *last += 1;
            let channels = Some(site.shape[0]);
            self.numbers(search.auxiliary, elements).or_else(|| self.numbers(search.auxiliary, channels))?;
            if search.mean.len() != site.shape[0] || search.variance.len() != site.shape[0] {
                return None;
            }
        }
        (site.degree.unwrap_or(0) < COEFFICIENTS).then_some(())
    }

    /// Channels, height and width of what a node makes.
    fn made(&self, node: &Node) -> Option<[usize; 3]> {
        let [c, h, w] = self.shape(*node.inputs.first()?);
        let slid = |window: Window, channels: usize| {
            let Window { kernel, stride, pad } = window;
            let fits = kernel > 0 && stride > 0 && kernel.max(stride).max(pad) <= MOST_WINDOW;
            (fits && h.min(w) + 2 * pad >= kernel).then(|| [channels, window.out(h), window.out(w)])
        };
        match &node.op {
            Op::Conv { window, groups, outputs, weight, bias } => {
                let divide = *groups > 0 && c.is_multiple_of(*groups) && outputs.is_multiple_of(*groups);
                let shape = slid(*window, *outputs).filter(|_| divide)?;
                let taps = product(&[c / groups, window.kernel, window.kernel, shape[1], shape[2]]);
                taps.filter(|taps| *taps <= MOST_PRODUCTS)?;
                self.holds(*weight, product(&[*outputs, c / groups, window.kernel, window.kernel]))?;
                if let Some(bias) = bias {
                    self.holds(*bias, Some(*outputs))?;
                }
                Some(shape)
            }
            Op::Norm { places, .. } => {
                places.iter().try_for_each(|place| self.holds(*place, Some(c)))?;
                Some([c, h, w])
            }
            Op::Activation(site) => {
                self.sites.get(*site).map(|site| site.shape).filter(|shape| *shape == [c, h, w])
            }
            Op::Rprelu { places } => {
                places.iter().try_for_each(|place| self.holds(*place, Some(c)))?;
                Some([c, h, w])
            }
            Op::Rsign { shift } => {
                self.holds(*shift, Some(c))?;
                Some([c, h, w])
            }
            Op::Drop { keep } => {
                self.holds(*keep, product(&[c, h, w]))?;
                Some([c, h, w])
            }
            Op::Average(window) => slid(*window, c),
            Op::Maximum(window) => slid(*window, c).filter(|_| 2 * window.pad <= window.kernel),
            Op::Global => Some([c, 1, 1]),
            Op::Flatten => Some([c * h * w, 1, 1]),
            Op::Add => (self.shape(*node.inputs.get(1)?) == [c, h, w]).then_some([c, h, w]),
        }
    }
}
