//! Places that go in every layer alike, all channels at once, and the linear outputs that go with them.
//!
//! After semi-structured activation sparsity (arXiv 2309.06626, Deeplite/activ-sparse at ed76728): one map of random scores as
//! large as the largest layer is averaged to the size of each other, and of each layer the lowest places go; an output of a
//! convolution of several taps that goes is 0, one of a single tap stays. Theirs are drawn anew until they are frozen midway
//! through training; here they are drawn once and frozen from the start, on a network that was trained with all its ReLUs.
//! Ours too: the map's size (theirs is as large as the input), the count of ReLUs that is met, that an output goes only where
//! nothing but the activation needs it, and behind its normalisation.

use crate::net::{Net, Node, Op, Param, Role};
use crate::random::Random;
use crate::real::Real;

/// Scores of the places of the largest layer.
struct Scores {
    size: [usize; 2],
    all: Vec<f64>,
}

impl Scores {
    fn draw(size: [usize; 2], random: &mut Random) -> Self {
        Self { size, all: (0..size[0] * size[1]).map(|_| random.unit()).collect() }
    }

    /// The mean over what a place of a layer of `size` covers.
    fn at(&self, place: [usize; 2], size: [usize; 2]) -> f64 {
        let covered = |axis: usize| {
            let (at, of, all) = (place[axis], size[axis].max(1), self.size[axis]);
            let start = at * all / of;
            start..((at + 1) * all).div_ceil(of).max(start + 1).min(all)
        };
        let (mut sum, mut count) = (0.0, 0);
        for row in covered(0) {
            for column in covered(1) {
                sum += self.all.get(row * self.size[1] + column).copied().unwrap_or(0.0);
                count += 1;
            }
        }
        sum / f64::from(count.max(1))
    }
}

/// By the first, then the second: one sort for all lists that are ranked here.
pub(crate) fn in_order(list: &mut [(f64, usize, usize)]) {
    list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

impl<T: Real> Net<T> {
    /// Keeps places of all channels by one map from the generator, about the same share of each layer, as many as `budget` ReLUs
    /// allow; what goes is x, and the outputs that it alone needs are 0. Nothing of it is trained from here on. From the same
    /// state of the generator the places of a smaller budget lie within those of a larger.
    pub fn nest(&mut self, budget: usize, random: &mut Random) {
        self.open(None);
        self.identities();
        let sizes: Vec<[usize; 2]> = self.sites.iter().map(|site| [site.shape[1], site.shape[2]]).collect();
        let largest = sizes.iter().copied().max_by_key(|[h, w]| h * w).unwrap_or_default();
        let scores = Scores::draw(largest, random);
        // How far down its layer's order a place stands, then the layer: a budget is a beginning of this list.
        let mut order: Vec<(f64, usize, usize)> = Vec::new();
        for (site, [h, w]) in sizes.into_iter().enumerate() {
            let score = |place: usize| scores.at([place / w.max(1), place % w.max(1)], [h, w]);
            let mut places: Vec<(f64, usize, usize)> =
                (0..h * w).map(|place| (-score(place), place, site)).collect();
            in_order(&mut places);
            let count = places.len() as f64;
            let ranks = places.iter().zip(0u32..);
            // Within a rank of a layer stands one place alone.
            order.extend(
                ranks.map(|((_, place, site), rank)| ((f64::from(rank) + 0.5) / count, *site, *place)),
            );
        }
        in_order(&mut order);
        for site in &self.sites {
            let keep = &mut self.params[site.keep];
            keep.value.fill(T::zero());
            keep.role = Role::Running;
        }
        let mut left = budget;
        for (_, site, place) in order {
            let of = &self.sites[site];
            let ([channels, h, w], keep) = (of.shape, of.keep);
            if channels > left {
                break;
            }
            left -= channels;
            for channel in 0..channels {
                self.params[keep].value[channel * h * w + place] = T::one();
            }
        }
        self.drop_outputs(|_| true);
    }

    /// From here on the outputs that these sites alone need are 0 where their ReLUs do not stay.
    pub fn drop_outputs(&mut self, of: impl Fn(usize) -> bool) {
        // Of each value the mask that drops it.
        let mut masks: Vec<Option<usize>> = vec![None; self.shapes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Op::Activation(site) = node.op
                && of(site)
            {
                for value in self.alone(at) {
                    masks[value] = Some(self.sites[site].keep);
                }
            }
        }
        let (nodes, shapes) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.shapes));
        self.shapes.extend(shapes.first());
        // Where a value stands now.
        let mut place = vec![0];
        for (value, node) in (1..).zip(nodes) {
            let inputs: Vec<usize> = node.inputs.iter().map(|input| place[*input]).collect();
            let mut made = self.push(node.op, &inputs, shapes[value]);
            if let Some(keep) = masks[value] {
                made = self.push(Op::Drop { keep }, &[made], shapes[value]);
            }
            place.push(made);
        }
    }

    /// A value whose places outside a mask of its own, `[channels, height, width]` of 0 and 1, are 0: as a file says it.
    pub fn masked(&mut self, x: usize, name: &str, keep: Vec<T>) -> usize {
        let shape = self.shape(x);
        let param =
            Param { name: name.to_owned(), dims: shape.to_vec(), role: Role::Running, value: keep.into() };
        self.params.push(param);
        self.push(Op::Drop { keep: self.params.len() - 1 }, &[x], shape)
    }

    /// Whether outputs are dropped with a site's ReLUs.
    pub fn drops(&self, site: usize) -> bool {
        !self.dropped(site).is_empty()
    }

    /// The weights of the convolutions whose outputs are dropped with a site's ReLUs, by name.
    pub fn dropped(&self, site: usize) -> Vec<&str> {
        let keep = self.sites.get(site).map(|site| site.keep);
        let behind = |node: &Node| node.inputs.first().and_then(|input| input.checked_sub(1));
        let convolution = |node: &Node| {
            let at = behind(node)?;
            self.weight(at).or_else(|| self.weight(behind(self.nodes.get(at)?)?))
        };
        let own = |node: &&Node| matches!(node.op, Op::Drop { keep: of } if Some(of) == keep);
        self.nodes.iter().filter(own).filter_map(convolution).collect()
    }

    /// The values, made by convolutions of several taps, that an activation alone needs: what it reads, and through sums.
    fn alone(&self, activation: usize) -> Vec<usize> {
        let whole = self.shape(activation + 1);
        let only = |value: usize, by: usize| {
            let others =
                self.nodes.iter().enumerate().filter(|(at, node)| *at != by && node.inputs.contains(&value));
            self.shape(value) == whole && others.count() == 0
        };
        let taps = |value: usize| {
            let node = value.checked_sub(1).and_then(|at| self.nodes.get(at));
            matches!(node, Some(Node { op: Op::Conv { window, .. }, .. }) if window.kernel > 1)
        };
        let mut found = Vec::new();
        let mut open = vec![(self.nodes[activation].inputs[0], activation)];
        while let Some((value, by)) = open.pop() {
            let Some(at) = value.checked_sub(1).filter(|_| only(value, by)) else { continue };
            let node = &self.nodes[at];
            match node.op {
                // One value twice is dropped once.
                Op::Add => open.extend(node.inputs.iter().map(|input| (*input, at))),
                Op::Norm { .. } if taps(node.inputs[0]) && only(node.inputs[0], at) => found.push(value),
                Op::Conv { .. } if taps(value) => found.push(value),
                _ => {}
            }
        }
        found
    }
}
