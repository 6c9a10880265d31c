//! Polynomials for what flows in: each layer by its own method and degree.

use std::rc::Rc;

use super::bench::Workbench;
use super::flow::Flow;
use crate::error::{Code, Error, Result};
use crate::poly::{self, Method, Spec};

/// Fits that are kept at most; one is a layer under a method and a degree.
const KEPT_FITS: usize = 1 << 14;

/// How a layer is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) method: Method,
    pub(super) degree: usize,
}

/// How layers are replaced to learn about them, whatever the plan takes: what a layer is worth is its
/// own, and a change of method or degree asks for no run.
pub(super) const TRIAL: Way = Way { method: Method::Dapa, degree: 2 };

/// What a fit hangs on, besides the data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FitKey {
    site: usize,
    method: &'static str,
    degree: usize,
    per_channel: bool,
}

/// Polynomials of one activation.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) rows: Vec<Vec<f64>>,
    /// Expected squared error of an element, by channel.
    pub(super) errors: Vec<f64>,
    /// Share outside the fitted range, all channels.
    pub(super) outside: f64,
}

impl Fitted {
    /// Expected squared error of an element.
    pub(super) fn error(&self) -> f64 {
        self.errors.iter().sum::<f64>() / self.errors.len().max(1) as f64
    }
}

impl Way {
    /// Fixed coefficients have no degree of their own.
    pub(super) fn has_degrees(self) -> bool {
        matches!(
            self.method,
            Method::Dapa | Method::Fit | Method::Minimax | Method::Chebyshev | Method::Autorep
        )
    }
}

impl Workbench {
    /// How each layer of the wish is replaced.
    pub(super) fn ways(&self) -> Result<Vec<Way>> {
        let parse = |text: &str| -> Result<Method> {
            match Method::written(text)? {
                Method::Sign => Err(Error::new(
                    Code::NotSupported,
                    "a chain of polynomials cannot be written into a model yet",
                )
                .hint("choose another method")),
                method => Ok(method),
            }
        };
        let wish = &self.wish;
        let all = Way { method: parse(&wish.method)?, degree: wish.degree };
        let mut ways = vec![all; self.sites.len()];
        for layer in &wish.layers {
            let site = (0..self.sites.len()).find(|site| self.output(*site) == layer.output);
            let way = site.and_then(|site| ways.get_mut(site)).ok_or_else(|| {
                Error::new(Code::InvalidSetting, "the model has no such activation")
                    .value(layer.output.clone())
            })?;
            if let Some(method) = &layer.method {
                way.method = parse(method)?;
            }
            way.degree = layer.degree.unwrap_or(way.degree);
        }
        Ok(ways)
    }

    pub(super) fn way(&self, site: usize) -> Way {
        self.ways.get(site).copied().unwrap_or(TRIAL)
    }

    pub(super) fn fit_key(&self, site: usize, way: Way, per_channel: bool) -> FitKey {
        FitKey { site, method: way.method.name(), degree: way.degree, per_channel }
    }

    /// Polynomials of every layer for what flows in the original.
    pub(super) async fn fits(&mut self) -> Result<Vec<Rc<Fitted>>> {
        let per_channel = self.wish.per_channel;
        self.fits_of(&|bench, site| bench.way(site), per_channel).await
    }

    /// The same as layers are tried out.
    pub(super) async fn trial_fits(&mut self) -> Result<Vec<Rc<Fitted>>> {
        self.fits_of(&|_, _| TRIAL, true).await
    }

    async fn fits_of(
        &mut self,
        way: &dyn Fn(&Self, usize) -> Way,
        per_channel: bool,
    ) -> Result<Vec<Rc<Fitted>>> {
        let flows = self.flows().await?;
        let mut fits = Vec::with_capacity(flows.len());
        for (site, flow) in flows.iter().enumerate() {
            let way = way(self, site);
            let key = self.fit_key(site, way, per_channel);
            if let Some(known) = self.seen.fits.get(&key) {
                fits.push(Rc::clone(known));
                continue;
            }
            let fitted = Rc::new(self.fit(site, flow, way, per_channel)?);
            if self.seen.fits.len() >= KEPT_FITS {
                self.seen.fits.clear();
            }
            self.seen.fits.insert(key, Rc::clone(&fitted));
            fits.push(fitted);
        }
        Ok(fits)
    }

    /// Polynomials for what flows in.
    pub(super) fn fit(&self, site: usize, flow: &Flow, way: Way, per_channel: bool) -> Result<Fitted> {
        let activation =
            self.sites.get(site).ok_or_else(|| Error::new(Code::InvalidSetting, "no such layer"))?;
        let spreads = flow.spreads(per_channel);
        let mut fitted = Fitted { rows: Vec::new(), errors: Vec::new(), outside: 0.0 };
        for spread in spreads {
            let spec = Spec::new(activation.target, way.method, way.degree, spread.law(way.method));
            let fit = poly::fit(&spec)?;
            fitted.rows.push(fit.coefficients);
            fitted.errors.push(fit.measured.mse);
            let outside = spread.seen.as_ref().map_or(fit.measured.outside, |seen| seen.outside(fit.range));
            fitted.outside += outside / spreads.len() as f64;
        }
        Ok(fitted)
    }
}
