//! Which ReLUs stay: counted, cut to a budget, drawn at random.

use ndarray::Array1;

use crate::dapa;
use crate::layers::gate::IDENTITY;
use crate::layers::norm::Moments;
use crate::net::{Net, Param, Role, Unfit};
use crate::random::Random;
use crate::real::Real;
use crate::site::{Search, Site};

/// A unit that stays or goes: a pixel of a site, or a channel where m is one a channel.
struct Unit {
    site: usize,
    from: usize,
    to: usize,
    /// Whether its ReLU is on now, then its value.
    rank: (bool, f64),
}

impl<T: Real> Net<T> {
    /// ReLUs of one image when nothing is replaced.
    pub fn activations(&self) -> usize {
        self.sites.iter().map(crate::site::Site::elements).sum()
    }

    /// Elements of one image whose k is above `threshold`.
    pub fn count(&self, threshold: f64) -> usize {
        let on = |value: &&T| value.f64() > threshold;
        self.sites.iter().map(|site| self.params[site.keep].value.iter().filter(on).count()).sum()
    }

    /// ReLUs of one image: elements whose k is not 0.
    pub fn relus(&self) -> usize {
        self.count(0.0)
    }

    /// The states of a site, in order.
    pub fn kept(&self, site: usize) -> Vec<bool> {
        let site = self.sites.get(site).map(|site| site.keep);
        let on = site.map(|at| self.params[at].value.iter().map(|k| *k > T::zero()).collect());
        on.unwrap_or_default()
    }

    /// Keeps the ReLUs of a site at these places, and no others.
    pub fn keep(&mut self, site: usize, stays: impl Fn(usize) -> bool) {
        let Some(keep) = self.sites.get(site).map(|site| site.keep) else { return };
        for (place, k) in self.params[keep].value.iter_mut().enumerate() {
            *k = if stays(place) { T::one() } else { T::zero() };
        }
    }

    /// Lets methods into every site: k and polynomials, of the degree whose coefficients are trained.
    pub fn open(&mut self, degree: Option<usize>) {
        for site in &mut self.sites {
            (site.plain, site.degree) = (false, degree);
        }
    }

    /// Gives every activation the polynomial for what goes into it.
    pub fn fit_polynomials(&mut self, flows: &[Moments<f64>], start: dapa::Start) {
        for (site, flow) in self.sites.iter().zip(flows) {
            let rows = flow.mean.iter().zip(&flow.variance);
            let value = rows.flat_map(|(m, v)| start.coefficients(*m, *v).map(T::of)).collect();
            self.params[site.coefficients].value = value;
        }
    }

    /// The same network without a ReLU, each one's polynomial in its place.
    pub(crate) fn without_relus(&self) -> Self {
        let mut net = self.clone();
        for site in &mut net.sites {
            site.plain = false;
            net.params[site.keep].value.fill(T::zero());
        }
        net
    }

    /// Gives every activation x.
    pub fn identities(&mut self) {
        for site in &self.sites {
            let value = &mut self.params[site.coefficients].value;
            value.iter_mut().zip(IDENTITY.iter().cycle()).for_each(|(to, from)| *to = T::of(*from));
        }
    }

    /// Fixes what becomes of every site's ReLUs, as someone else decided it. Coefficients are trained up to the highest
    /// power that is used; where it is x everywhere, none.
    ///
    /// # Errors
    /// Where the sites or their sizes are others, or a coefficient is no number.
    pub fn hold(&mut self, held: &[Held]) -> Result<(), Unfit> {
        let fits = |site: &Site<T>, of: &Held| {
            of.kept.len() == site.elements() && of.coefficients.len() == site.shape[0]
        };
        if held.len() != self.sites.len() || !self.sites.iter().zip(held).all(|(site, of)| fits(site, of)) {
            return Err(Unfit("masks of another network".to_owned()));
        }
        let rows = || held.iter().flat_map(|of| &of.coefficients);
        if rows().flatten().any(|c| !c.is_finite()) {
            return Err(Unfit("a coefficient is no number".to_owned()));
        }
        let plain = rows().all(|row| row.iter().zip(IDENTITY).all(|(c, x)| f64::from(*c) == x));
        let squares = rows().any(|row| row[2] != 0.0);
        self.open((!plain).then_some(if squares { 2 } else { 1 }));
        for (site, of) in self.sites.iter().zip(held) {
            let kept = of.kept.iter().map(|kept| if *kept { T::one() } else { T::zero() });
            self.params[site.keep].value = kept.collect();
            self.params[site.keep].role = Role::Running;
            let all = of.coefficients.iter().flatten().map(|c| T::of(f64::from(*c)));
            self.params[site.coefficients].value = all.collect();
        }
        if held.iter().any(|of| of.drops) {
            self.drop_outputs(|site| held.get(site).is_some_and(|of| of.drops));
        }
        Ok(())
    }

    /// Begins AutoReP: a parameter m for each pixel, or channel, uniform in 0 .. `from`.
    pub fn begin_search(&mut self, random: &mut Random, of: &Begin) {
        for site in &mut self.sites {
            let [c, h, w] = site.shape;
            let dims = if of.channels { vec![c] } else { vec![c, h, w] };
            let numbers = dims.iter().product::<usize>();
            let value = Array1::from_shape_fn(numbers, |_| T::of(of.from * random.unit()));
            self.params.push(Param { name: format!("{}/m", site.name), dims, role: Role::Mask, value });
            site.search = Some(Search::new(self.params.len() - 1, of.threshold, c, of.start));
        }
    }

    /// Ends what searches, keeps the `budget` units of most value, and freezes: on before off, then the larger alpha
    /// or m, then the earlier. Channels stay as a whole, so that fewer may.
    pub fn cut(&mut self, budget: usize) {
        let mut units = Vec::new();
        for (place, site) in self.sites.iter().enumerate() {
            let keep = &self.params[site.keep].value;
            let m = site.search.as_ref().map_or(keep, |search| &self.params[search.auxiliary].value);
            let per = (keep.len() / m.len().max(1)).max(1);
            units.extend(m.iter().enumerate().map(|(at, m)| {
                let on = site.search.is_some() && keep[at * per] > T::zero();
                Unit { site: place, from: at * per, to: (at + 1) * per, rank: (on, m.f64()) }
            }));
        }
        units.sort_by(|a, b| b.rank.0.cmp(&a.rank.0).then(b.rank.1.total_cmp(&a.rank.1)));
        let mut left = budget;
        for unit in units {
            let cost = unit.to - unit.from;
            let stays = cost <= left;
            left -= if stays { cost } else { 0 };
            let value = if stays { T::one() } else { T::zero() };
            let keep = self.sites[unit.site].keep;
            self.params[keep].slice_mut()[unit.from..unit.to].fill(value);
        }
        for site in self.sites.iter_mut().rev() {
            if let Some(search) = site.search.take() {
                // They were put last, all at once.
                self.params.truncate(search.auxiliary);
            }
            self.params[site.keep].role = Role::Running;
        }
    }

    /// Keeps `budget` ReLUs at random and freezes.
    pub fn draw(&mut self, budget: usize, random: &mut Random) {
        for site in &self.sites {
            self.params[site.keep].value.iter_mut().for_each(|k| *k = T::of(random.unit()));
        }
        self.cut(budget);
    }

    /// Keeps so many of the ReLUs that stay, at random; what stands for the others is what it was.
    pub fn thin(&mut self, stay: usize, random: &mut Random) {
        let mut kept = self.places();
        random.shuffle(&mut kept);
        self.sites.iter_mut().for_each(|site| site.plain = false);
        self.replace(kept.get(stay..).unwrap_or_default());
    }

    /// The kept ReLUs, by site and element.
    pub(crate) fn places(&self) -> Vec<(usize, usize)> {
        let sites = 0..self.sites.len();
        sites
            .flat_map(|site| {
                let kept = self.kept(site).into_iter().enumerate();
                kept.filter(|(_, on)| *on).map(move |(at, _)| (site, at))
            })
            .collect()
    }

    /// Replaces these ReLUs.
    pub(crate) fn replace(&mut self, units: &[(usize, usize)]) {
        for (site, at) in units {
            let keep = self.sites[*site].keep;
            self.params[keep].value[*at] = T::zero();
        }
    }
}

/// What becomes of a site's ReLUs, decided elsewhere.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Held {
    /// Which stay, by channel, row and column.
    pub kept: Vec<bool>,
    /// Constant, x and x^2 of each channel, where they do not.
    pub coefficients: Vec<[f32; 3]>,
    /// The linear outputs that only this activation needs are 0 where its ReLUs do not stay.
    #[serde(default)]
    pub drops: bool,
}

/// How AutoReP begins.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Begin {
    /// One m a channel.
    pub channels: bool,
    /// m begins uniform in 0 .. this.
    pub from: f64,
    /// Hysteresis threshold.
    pub threshold: f64,
    /// What coefficients are made of, on the schedule of [`dapa::due`]; none: they stay as they are.
    pub start: Option<dapa::Start>,
}
