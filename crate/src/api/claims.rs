//! `claims`: headline claims of papers beside what this model computes today. What cannot be recomputed says why.

use serde::Serialize;

use super::presets::presets;
use crate::cost::{Activations, Detail, Keep, Pricing, Replacement, Tariff, Terms, estimate};
use crate::count::Granularity;
use crate::design::rows;
use crate::error::Result;

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Claim {
    /// What is claimed, a sentence.
    pub claim: String,
    /// Paper and place.
    pub source: &'static str,
    /// The published figure; None where only words are public.
    pub published: Option<f64>,
    /// What comes out here; None where it cannot be computed.
    pub computed: Option<f64>,
    /// Unit of both.
    pub unit: &'static str,
    /// How the figure comes about, or why there is none.
    pub how: String,
}

/// SiLU elements of EfficientNet-B2 at 224x224, as PyTorch's exporter writes it (`tests/corpus/models`).
pub const EFFICIENTNET_B2: u64 = 8_803_536;

const RESHAPE: &str = "DeepReShape, arXiv 2304.10593, abstract";

/// All claims.
///
/// # Errors
/// None but those of a fault in the tables.
pub fn claims() -> Result<Vec<Claim>> {
    let mut all = vec![Claim {
        claim: "EfficientNet-B2 on ImageNet with 176.1 times fewer ReLUs".to_owned(),
        source: "AutoReP, arXiv 2308.10134, abstract",
        published: Some(176.1),
        computed: Some(EFFICIENTNET_B2 as f64 / 50_000.0),
        unit: "x",
        how: format!("{EFFICIENTNET_B2} SiLU elements at 224x224 over a budget of 50,000"),
    }];
    for preset in presets() {
        let Some(published) = named_relus(&preset.name) else { continue };
        all.push(Claim {
            claim: format!("{}: ReLUs, in thousands, as its name says", preset.title),
            source: if preset.name.starts_with("drd-") {
                "DeepReDuce, arXiv 2103.01396"
            } else {
                "Sphynx, arXiv 2106.11755"
            },
            published: Some(published),
            computed: Some(preset.relus as f64 / 1e3),
            unit: "K ReLUs",
            how: preset.note,
        });
    }
    let not = |claim: &str, published, unit, how: &str| Claim {
        claim: claim.to_owned(),
        source: RESHAPE,
        published,
        computed: None,
        unit,
        how: how.to_owned(),
    };
    let baselines = "not recomputable: neither the baselines' networks nor ReLU-reuse are public";
    all.push(not("5.2 times lower runtime at equal ReLUs (CIFAR-100)", Some(5.2), "x", baselines));
    all.push(not("8.7 times lower runtime at equal accuracy (TinyImageNet)", Some(8.7), "x", baselines));
    all.push(not(
        "2.1 points more accuracy at equal ReLUs (CIFAR-100)",
        Some(2.1),
        "points",
        "not recomputable: accuracy takes training",
    ));
    for threads in [1, 16] {
        let seconds = |id: &str| offline_at(id, threads);
        let (wide, hybrid) = (seconds("wrn22-8-cifar100")?, seconds("hrn-2x5x3x-cifar100")?);
        all.push(Claim {
            claim: format!(
                "Offline time of WRN-22-8 over that of HRN-2x5x3x at 180K ReLUs, {threads} thread(s)"
            ),
            source: "ours: no paper's figure",
            published: None,
            computed: wide.zip(hybrid).map(|(wide, hybrid)| wide / hybrid),
            unit: "x",
            how: "DELPHI, server as garbler; ReLU-reuse and the paper's own networks are not modelled"
                .to_owned(),
        });
    }
    Ok(all)
}

/// `230` of `drd-c100-230k`.
fn named_relus(name: &str) -> Option<f64> {
    let of_family = name.starts_with("drd-") || name.starts_with("sphynx-");
    name.rsplit('-').next().filter(|_| of_family)?.strip_suffix('k')?.parse().ok()
}

/// Offline seconds under DELPHI with 180,000 ReLUs left.
fn offline_at(id: &str, he_threads: u32) -> Result<Option<f64>> {
    let Some(spec) = crate::design::spec_of(id) else { return Ok(None) };
    let share = 180_000.0 / crate::design::count(&spec).relus as f64;
    let activations = Activations::Share {
        kept: Keep { share, granularity: Granularity::Pixel },
        others: Replacement::Identity,
    };
    let terms = Terms { he_threads, ..Terms::default() };
    let tariff = Tariff::of("delphi:server-garbler", &terms)?;
    let found = estimate(&rows(&spec), &Pricing::new(&tariff, &terms, &activations), Detail::Totals)?;
    Ok(found.offline.seconds.map(|[_, middle, _]| middle))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::api::{Model, NamedFile, Settings};

    #[test]
    fn named_networks_have_the_relus_of_their_names() {
        let all = claims().unwrap();
        let named = all.iter().filter(|claim| claim.unit == "K ReLUs");
        let mut count = 0;
        for claim in named {
            let (published, computed) = (claim.published.unwrap(), claim.computed.unwrap());
            // Names are rounded: 30,720 is called 30K.
            assert!((computed / published - 1.0).abs() < 0.03, "{claim:?}");
            count += 1;
        }
        assert_eq!(count, 17 + 16);
        assert!(
            all.iter()
                .filter(|claim| claim.computed.is_none())
                .all(|claim| claim.how.starts_with("not recomputable"))
        );
    }

    #[test]
    fn efficientnet_b2_is_counted_off_its_file() {
        let path = "../tests/corpus/models/efficientnet_b2_224.legacy.op13.b1.noweights.onnx";
        let bytes = std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let file = NamedFile { name: "b2.onnx".into(), bytes: &bytes };
        let model = Model::open(&file, Vec::new(), &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
        let totals = model.score(&Settings::default()).unwrap().score.totals;
        // Those in squeeze-excite gates are no part of the published count.
        let silu = totals.activations["SiLU"].elements;
        assert!(silu == EFFICIENTNET_B2 || silu == EFFICIENTNET_B2 + 626, "{silu}");
    }

    /// Audited: 1,229 / 485 = 2.5 with one thread, 187 / 125 = 1.5 with sixteen.
    #[test]
    fn ratios_under_delphi_are_those_of_the_audit() {
        let ratio = |threads| {
            offline_at("wrn22-8-cifar100", threads).unwrap().unwrap()
                / offline_at("hrn-2x5x3x-cifar100", threads).unwrap().unwrap()
        };
        assert!((ratio(1) - 2.5).abs() < 0.1, "{}", ratio(1));
        assert!((ratio(16) - 1.5).abs() < 0.1, "{}", ratio(16));
    }
}
