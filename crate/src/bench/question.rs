//! A wish held against the model: which activations count, and how each would go.

use super::fit::Way;
use super::network::Network;
use super::wish::ReplaceSettings;
use crate::error::{Code, Error, Result};
use crate::select::Activation;

/// What is asked of this model.
pub struct Question {
    /// As it was asked.
    pub wish: ReplaceSettings,
    /// The activations that count: without gates, unless they may go too.
    pub sites: Vec<Activation>,
    /// How each goes.
    pub(super) ways: Vec<Way>,
}

impl Question {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// None in practice: the default names no layer.
    pub fn first(network: &Network) -> Result<Self> {
        Self::of(network, &ReplaceSettings::default())
    }

    /// Holds a wish against a model.
    ///
    /// # Errors
    /// `InvalidSetting` for a method or a layer that is none, `NotSupported` where nothing is left to replace.
    pub fn new(network: &Network, wish: &ReplaceSettings) -> Result<Self> {
        if !network.activations.iter().any(|activation| wish.gates || !activation.gate) {
            return Err(Error::new(Code::NotSupported, "only gates of this model can be replaced")
                .file(&network.name)
                .hint("let Sigmoid and Tanh go too: --gates"));
        }
        Self::of(network, wish)
    }

    fn of(network: &Network, wish: &ReplaceSettings) -> Result<Self> {
        let counts = network.activations.iter().filter(|activation| wish.gates || !activation.gate);
        let sites: Vec<Activation> = counts.cloned().collect();
        let all = Way { method: Way::method(&wish.method)?, degree: wish.degree };
        let mut ways = vec![all; sites.len()];
        for layer in &wish.layers {
            let site = sites.iter().position(|site| network.output(site) == layer.output);
            let way = site.and_then(|site| ways.get_mut(site)).ok_or_else(|| {
                Error::new(Code::InvalidSetting, "the model has no such activation")
                    .value(layer.output.clone())
            })?;
            if let Some(method) = &layer.method {
                way.method = Way::method(method)?;
            }
            way.degree = layer.degree.unwrap_or(way.degree);
        }
        Ok(Self { wish: wish.clone(), sites, ways })
    }
}
