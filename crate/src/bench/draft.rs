//! What becomes of each activation, and the model that this changes.

use std::rc::Rc;

use super::fit::{Fitted, TRIAL, Way};
use super::meter::go;
use super::network::Network;
use crate::error::Result;
use crate::onnx::Spliced;
use crate::rewrite::{Replacement, change};
use crate::select::{Activation, Mask};

/// For each activation that counts: what stays, and what stands for the rest.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) masks: Vec<Mask>,
    pub(super) fits: Vec<Rc<Fitted>>,
    pub(super) ways: Vec<Way>,
}

/// One activation of a draft.
pub(super) struct Part<'a> {
    pub(super) activation: &'a Activation,
    pub(super) mask: &'a Mask,
    pub(super) fit: &'a Fitted,
    pub(super) way: Way,
}

impl Part<'_> {
    /// Elements of one sample, and those that stay.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.activation.site.elements(), self.mask.kept(&self.activation.site))
    }

    /// Some of its elements go.
    pub(super) fn changes(&self) -> bool {
        let (elements, kept) = self.counts();
        kept < elements
    }

    /// Its polynomials; none where everything stays.
    pub(super) fn polynomials(&self) -> &[Vec<f64>] {
        if self.changes() { &self.fit.rows } else { &[] }
    }
}

impl Draft {
    /// To learn what layers are worth: all stay but those that `gone` names.
    pub(super) fn trial(sites: &[Activation], fits: &[Rc<Fitted>], gone: impl Fn(usize) -> bool) -> Self {
        let mask = |(place, activation): (usize, &Activation)| Mask::whole(&activation.site, !gone(place));
        Self {
            masks: sites.iter().enumerate().map(mask).collect(),
            fits: fits.to_vec(),
            ways: vec![TRIAL; sites.len()],
        }
    }

    /// Its activations in order.
    pub(super) fn parts<'a>(&'a self, sites: &'a [Activation]) -> impl Iterator<Item = Part<'a>> {
        let drawn = self.masks.iter().zip(&self.fits).zip(&self.ways);
        sites.iter().zip(drawn).map(|(activation, ((mask, fit), way))| Part {
            activation,
            mask,
            fit,
            way: *way,
        })
    }

    /// The changed model; `record` is what its file says of the plan.
    ///
    /// # Errors
    /// `MissingData` of an example; `InvalidSetting` for a polynomial that is no number, `NotSupported` for an
    /// activation that the file does not show.
    pub fn splice(&self, network: &Network, sites: &[Activation], record: Option<&str>) -> Result<Spliced> {
        let replacements: Vec<Replacement<'_>> = self
            .parts(sites)
            .filter(|part| part.changes())
            .map(|Part { activation, mask, fit, .. }| Replacement {
                activation,
                mask,
                coefficients: &fit.rows,
            })
            .collect();
        let file = network.file()?;
        change(file.bytes, &network.proto, &network.graph, &replacements, record, &mut go)
    }
}
