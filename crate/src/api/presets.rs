//! `presets`: named networks of the literature, with what they come to.

use serde::Serialize;

use crate::design::{self, CIFAR10, Op, Spec, count, layers, vgg16};
use crate::error::{Code, Error, Result};
use crate::select::senet_ratios;

/// A named network.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresetView {
    /// `design preset NAME` takes it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Paper or code; may be empty.
    pub source: String,
    /// What a reader must know; may be empty.
    pub note: String,
    /// ReLUs.
    pub relus: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters.
    pub params: u64,
    /// Share of each activation layer that stays, in order, where the preset is an allocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub ratios: Option<Vec<f64>>,
    /// ReLUs that stay under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub kept: Option<f64>,
    /// The network.
    pub spec: Spec,
}

/// All presets: networks, then SENet's allocations on theirs.
pub fn presets() -> Vec<PresetView> {
    let networks = design::presets().into_iter().map(|preset| {
        let spec = preset.spec.clone();
        view(preset.name, preset.title, preset.source, preset.note, spec)
    });
    let allocations = senet_ratios().into_iter().filter_map(|list| {
        let spec = senet_network(list.name)?;
        let kept = kept(&spec, &list.ratios)?;
        let title = format!("SENet, {}", list.name);
        let source = "SENet, arXiv 2301.09254; sreetamasarkar/rlnet, sensitivity_list.yaml";
        let view = view(format!("senet-{}", list.name), title, source, "", spec);
        Some(PresetView { ratios: Some(list.ratios), kept: Some(kept), ..view })
    });
    networks.chain(allocations).collect()
}

/// A preset by its name.
///
/// # Errors
/// `InvalidSetting` for a name that is none.
pub fn preset(name: &str) -> Result<PresetView> {
    let none = || {
        Error::new(Code::InvalidSetting, format!("there is no preset {name:?}"))
            .hint("`reluctant design preset` lists them")
    };
    presets().into_iter().find(|preset| preset.name == name).ok_or_else(none)
}

fn view(name: String, title: String, source: &str, note: &str, spec: Spec) -> PresetView {
    let counts = count(&spec);
    PresetView {
        name,
        title,
        source: source.to_owned(),
        note: note.to_owned(),
        relus: counts.relus,
        macs: counts.macs,
        params: counts.params,
        ratios: None,
        kept: None,
        spec,
    }
}

/// The network of one of SENet's lists. Its VGG has no pool before the last three convolutions: with one, the shares
/// miss their budgets.
fn senet_network(list: &str) -> Option<Spec> {
    let example = match list.rsplit_once("_relu")?.0 {
        "ResNet18_c100" => "resnet18-cifar100",
        "ResNet18_C10" => "resnet18-cifar10",
        "ResNet18_imagenet" => "resnet18-imagenet",
        "ResNet18_tiny_imagenet" => "resnet18-tiny",
        "ResNet34_C100" => "resnet34-cifar100",
        "WRN22_8_C100" => "wrn22-8-cifar100",
        "VGG16bn_C10" => {
            let mut spec = vgg16(CIFAR10);
            spec.stages.get_mut(3)?.pool = None;
            return Some(spec);
        }
        _ => return None,
    };
    design::spec_of(example)
}

/// ReLUs that stay; None where the list is of another length than the network.
fn kept(spec: &Spec, ratios: &[f64]) -> Option<f64> {
    let all = layers(spec);
    let relus: Vec<f64> = (all.iter().filter(|layer| layer.op == Op::Relu))
        .map(|layer| layer.shape.iter().map(|size| f64::from(*size)).product())
        .collect();
    (relus.len() == ratios.len()).then(|| relus.iter().zip(ratios).map(|(relus, ratio)| relus * ratio).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Budgets stand in the names of the lists, in thousands.
    #[test]
    fn senets_shares_reach_their_budgets() {
        let all: Vec<_> = presets().into_iter().filter(|preset| preset.kept.is_some()).collect();
        assert_eq!(all.len(), senet_ratios().len());
        let mut wrong = Vec::new();
        for preset in &all {
            let name = preset.name.trim_end_matches("_sensitivity").rsplit_once("_relu").map(|(_, end)| end);
            let nominal = name.and_then(|name| name.trim_end_matches('k').parse::<f64>().ok()).unwrap_or(0.0);
            let kept = preset.kept.unwrap_or(0.0) / 1e3;
            if (kept / nominal - 1.0).abs() > 0.014 {
                wrong.push((preset.name.clone(), nominal, kept));
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
        let vgg: Vec<f64> =
            all.iter().filter(|p| p.name.contains("VGG")).filter_map(|p| p.kept.map(f64::round)).collect();
        assert_eq!(vgg, [28_803.0, 48_546.0, 119_702.0]);
    }
}
