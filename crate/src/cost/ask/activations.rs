//! What becomes of the network's element-wise activations (softmax, pooling and norms stay). All stay, all go, a share
//! stays, or a plan says it layer by layer: one of these, never two.

use serde::{Deserialize, Serialize};

use crate::count::{Granularity, Work};
use crate::names::names;

names! {
    "activation",
    /// What stands in the place of an activation.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Replacement {
        /// Nothing: it is dropped.
        Identity = "identity",
        /// a x^2 + b x + c with coefficients that both parties know, by Horner.
        Poly2Public = "poly2:public",
        /// The same with secret coefficients per channel.
        Poly2Secret = "poly2:secret",
        /// x (x + b) + c, its scale in the weights of the layer that follows (AESPA): one level of a ciphertext. Where
        /// there are no levels it is priced as a polynomial with public coefficients.
        Aespa = "aespa",
    }
}

/// What becomes of the activations.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Activations {
    /// They are as in the model.
    #[default]
    Keep,
    /// Each is replaced.
    All(Replacement),
    /// A share of the elements stays.
    Share {
        /// Which.
        kept: Keep,
        /// What the others become.
        others: Replacement,
    },
    /// As a plan says, in the order of the rows; what it does not name stays.
    Plan(Vec<Stay>),
}

/// A share of the elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keep {
    /// Part of the elements, 0 to 1; whole layers and stages never keep more.
    pub share: f64,
    /// What is kept or replaced together.
    pub granularity: Granularity,
}

/// What a plan does to one activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Stay {
    /// Index of the row's node.
    pub index: u32,
    /// Elements that stay.
    pub kept: u64,
    /// Products with a public number that each other element takes.
    pub scales: u32,
    /// Products of two secrets that each other element takes.
    pub products: u32,
}

impl Stay {
    /// The polynomial on `elements`. Degree 2 by Horner: one Scale, one Product.
    pub(in crate::cost) fn polynomial(self, elements: u64) -> impl Iterator<Item = Work> {
        let scales = (0..self.scales).map(move |_| Work::Scale { elements });
        scales.chain((0..self.products).map(move |_| Work::Product { elements }))
    }
}

impl Activations {
    /// What is replaced becomes; None where all stays, or a plan says it.
    pub(in crate::cost) fn others(&self) -> Option<Replacement> {
        match self {
            Self::Keep => None,
            Self::All(others) => Some(*others),
            Self::Share { others, .. } => Some(*others),
            Self::Plan(_) => None,
        }
    }

    /// The share that stays, where one does.
    pub(in crate::cost) fn kept(&self) -> Option<Keep> {
        if let Self::Share { kept, .. } = self { Some(*kept) } else { None }
    }

    /// The plan; empty where there is none.
    pub(in crate::cost) fn plan(&self) -> &[Stay] {
        if let Self::Plan(plan) = self { plan } else { &[] }
    }
}
