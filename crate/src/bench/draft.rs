//! What becomes of each activation, and the model that this changes.

use std::rc::Rc;

use super::fit::{Fitted, TRIAL, Way};
use super::meter::go;
use super::network::Network;
use crate::error::Result;
use crate::onnx::Spliced;
use crate::rewrite::{Replacement, change};
use crate::select::{Activation, Dropped, Mask};

/// For each activation that counts: what stays, and what stands for the rest.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) masks: Vec<Mask>,
    pub(super) fits: Vec<Rc<Fitted>>,
    pub(super) ways: Vec<Way>,
    /// Linear outputs go with the places of activations.
    pub(super) drops: bool,
}

/// One activation of a draft.
pub(super) struct Part<'a> {
    pub(super) activation: &'a Activation,
    pub(super) mask: &'a Mask,
    pub(super) fit: &'a Fitted,
    pub(super) way: Way,
    drops: bool,
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

    /// Linear outputs that go with it.
    pub(super) fn drops(&self) -> &[Dropped] {
        if self.drops && self.changes() { &self.activation.drops } else { &[] }
    }

    fn replacement(&self) -> Replacement<'_> {
        let &Part { activation, mask, fit, .. } = self;
        Replacement { activation, mask, coefficients: &fit.rows, drops: self.drops() }
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
            drops: false,
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
            drops: self.drops,
        })
    }

    /// The changed model; `record` is what its file says of the plan.
    ///
    /// # Errors
    /// `MissingData` of an example; `InvalidSetting` for a polynomial that is no number, `NotSupported` for an
    /// activation that the file does not show.
    pub fn splice(&self, network: &Network, sites: &[Activation], record: Option<&str>) -> Result<Spliced> {
        let parts: Vec<Part<'_>> = self.parts(sites).filter(Part::changes).collect();
        let replacements: Vec<Replacement<'_>> = parts.iter().map(Part::replacement).collect();
        let file = network.file()?;
        change(file.bytes, &network.proto, &network.graph, &replacements, record, &mut go)
    }
}
