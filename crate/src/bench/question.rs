//! A wish held against the model: which activations count, and how each would go.

use super::fit::Way;
use super::network::Network;
use super::wish::ReplaceSettings;
#[cfg(feature = "cli")]
use crate::cost::profile;
use crate::error::{Code, Error, Result};
use crate::poly::Method;
use crate::select::{Activation, Granularity, drops};

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
        let mut sites: Vec<Activation> = counts.cloned().collect();
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
        if wish.drop_outputs {
            drop_outputs(network, wish, &mut sites)?;
            ways.fill(Way { method: Method::Identity, degree: 1 });
        }
        Ok(Self { wish: wish.clone(), sites, ways })
    }
}

#[cfg(feature = "cli")]
impl Question {
    /// What a reader must know of dropped outputs.
    pub(super) fn dropped_notes(&self) -> Vec<String> {
        if !self.wish.drop_outputs {
            return Vec::new();
        }
        let all = self.sites.len();
        let none = self.sites.iter().filter(|site| site.drops.is_empty()).count();
        let some = (none > 0).then(|| {
            format!("{none} of {all} activations drop no outputs: no convolution of more than one tap is theirs alone")
        });
        let whole = self.wish.cost.protocols.iter().filter_map(|id| {
            let profile = profile(id).ok()?;
            let why = profile.keeps_outputs()?;
            Some(format!("dropped outputs save nothing in linear layers under {}: {why}", profile.title))
        });
        some.into_iter().chain(whole).collect()
    }
}

/// Finds what goes with the places of each activation.
fn drop_outputs(network: &Network, wish: &ReplaceSettings, sites: &mut [Activation]) -> Result<()> {
    if !matches!(wish.granularity.parse(), Ok(Granularity::Spatial)) {
        return Err(Error::new(
            Code::InvalidSetting,
            "outputs are dropped at places of all channels: rows of the unfolded input are wanted or not as a whole",
        )
        .hint("--granularity spatial"));
    }
    let readers = network.graph.consumers();
    for site in sites.iter_mut() {
        site.drops = drops(&network.graph, &readers, site);
    }
    if sites.iter().all(|site| site.drops.is_empty()) {
        return Err(Error::new(
            Code::NotSupported,
            "no convolution of more than one tap is needed by one activation alone",
        )
        .file(&network.name)
        .hint("leave --drop-outputs out"));
    }
    Ok(())
}
