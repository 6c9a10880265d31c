//! What policies ask for, measured by forward passes.
//!
//! What a layer or a stage is worth is tried out with one polynomial, whatever the plan takes
//! ([`TRIAL`](super::fit::TRIAL)), on the first samples of the data; SENet's score is of the plan's own
//! polynomials, on all of them. Each is a function of what it is told; what was told before is the
//! bench's to remember.

use std::rc::Rc;

use super::compare::loss;
use super::draft::Draft;
use super::fit::Fitted;
use super::run::{Runs, values};
use super::samples::{Arrays, samples};
use crate::error::{Code, Error, Result};
use crate::poly;
use crate::run::accuracy::accuracy;
use crate::run::tensor::Tensor;
use crate::select::{Activation, criticality_order, senet_ratios};

/// Loss of replacing one layer alone, over its squared error: by divergence of the outputs, or by
/// their relative error where they are no scores.
pub(super) async fn sensitivity(
    runs: &Runs<'_>,
    sites: &[Activation],
    fits: &[Rc<Fitted>],
    inputs: &Arrays,
) -> Result<Vec<f64>> {
    runs.meter.expect((sites.len() as u64 + 1) * samples(inputs));
    let before = runs.first(None, inputs).await?;
    let mut sensitivity = Vec::with_capacity(sites.len());
    for (place, (activation, fit)) in sites.iter().zip(fits).enumerate() {
        let changed = Draft::trial(sites, fits, |other| other == place).splice(runs.network, sites, None)?;
        let loss = loss(&before, &runs.first(Some(&changed), inputs).await?)?;
        let squares = fit.error() * activation.site.elements() as f64;
        sensitivity.push(if squares > 0.0 { loss / squares } else { 0.0 });
    }
    Ok(sensitivity)
}

/// SENet's score: |activation - replacement| of each element, summed over the data; empty where there
/// is none.
pub(super) async fn difference(
    runs: &Runs<'_>,
    sites: &[Activation],
    fits: &[Rc<Fitted>],
    data: &Arrays,
) -> Result<Rc<[Vec<f32>]>> {
    runs.meter.expect(samples(data));
    let mut sums: Vec<Vec<f32>> = sites.iter().map(|a| vec![0.0; a.site.elements() as usize]).collect();
    let mut see = |place: usize, tensor: &Tensor| {
        let (Some(sum), Some(activation), Some(fit)) =
            (sums.get_mut(place), sites.get(place), fits.get(place))
        else {
            return;
        };
        let elements = sum.len().max(1);
        for sample in tensor.to_f32().chunks(elements) {
            for (element, (x, slot)) in sample.iter().zip(sum.iter_mut()).enumerate() {
                let channel = activation.site.channel_of(element as u64) as usize;
                let row = fit.rows.get(channel).or(fit.rows.first());
                let x = f64::from(*x);
                let replaced = row.map_or(0.0, |row| poly::value(row, x));
                *slot += (activation.target.value(x) - replaced).abs() as f32;
            }
        }
    };
    let mut session = runs.session(None)?;
    let names: Vec<&str> = sites.iter().map(|site| runs.network.input(site)).collect();
    let ids = values(&session, &names)?;
    runs.run(&mut session, data, false, &ids, &mut see).await?;
    let seen = sums.iter().flatten().any(|v| *v > 0.0);
    Ok(if seen { sums.into() } else { Rc::default() })
}

/// DeepReDuce's order, from the accuracy of keeping each stage alone.
pub(super) async fn stage_order(
    runs: &Runs<'_>,
    sites: &[Activation],
    fits: &[Rc<Fitted>],
    inputs: &Arrays,
    labels: &Tensor,
) -> Result<Vec<u32>> {
    let mut stages: Vec<u32> = sites.iter().map(|a| a.site.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    runs.meter.expect(stages.len() as u64 * samples(inputs));
    let mut measured = Vec::new();
    for stage in stages {
        let gone = |place: usize| sites.get(place).is_some_and(|a| a.site.stage != stage);
        let changed = Draft::trial(sites, fits, gone).splice(runs.network, sites, None)?;
        let scores = runs.first(Some(&changed), inputs).await?;
        let own = sites.iter().filter(|a| a.site.stage == stage);
        let elements = own.map(|a| a.site.elements()).sum();
        measured.push((stage, accuracy(&scores, labels)?.top1, elements));
    }
    Ok(criticality_order(&measured))
}

/// SENet's published ratios: the list of that name, or the first that has as many layers. The note says which.
pub(super) fn ratios(name: Option<&str>, layers: usize) -> Result<(Vec<f64>, String)> {
    let lists = senet_ratios();
    let fitting = || lists.iter().filter(|list| list.ratios.len() == layers);
    let found = match name {
        Some(name) => lists.iter().find(|list| list.name == name),
        None => fitting().next(),
    };
    let known = || {
        let names: Vec<&str> = fitting().map(|list| list.name).collect();
        if names.is_empty() {
            "none fits this model".to_owned()
        } else {
            format!("of this length: {}", names.join(", "))
        }
    };
    match found.filter(|list| list.ratios.len() == layers) {
        Some(list) => Ok((list.ratios.clone(), format!("ratios of {}", list.name))),
        None => {
            let text = format!("no list of SENet has {layers} layers");
            Err(Error::new(Code::InvalidSetting, text).hint(known()))
        }
    }
}
