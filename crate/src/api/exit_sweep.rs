//! `exits sweep`: which samples leave where by a public threshold on the largest logit, as the model's own heads say.
//! `reluctant.exits-sweep/1`; field names are a contract: add, never rename.

use serde::Serialize;

use super::exits::{ExitPlace, end_of, value_of};
use super::model::Scored;
use super::run::{RunRequest, RunSession};
use crate::cost::{Ask, ExitCost};
use crate::error::{Code, Error, Result};
use crate::onnx::Progress;
use crate::open::Given;
use crate::run::accuracy::best;
use crate::run::tensor::Tensor;

/// What heads said of samples: of each exit, then of the end, the largest logit of every sample and its class.
#[derive(Clone, Debug)]
pub struct Seen {
    pub(super) heads: Vec<Vec<(f64, u32)>>,
    pub(super) end: Vec<u32>,
    pub(super) labels: Option<Vec<f64>>,
}

/// Where samples leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Share of the samples at each exit, and at the end.
    pub shares: Vec<f64>,
    /// Share that gets its label's class.
    pub accuracy: Option<f64>,
    /// Share that gets the class that the end would give.
    pub agreement: f64,
}

/// Exits of a model under thresholds.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitSweep {
    /// Always `reluctant.exits-sweep/1`.
    pub schema: &'static str,
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// Samples that were run.
    pub samples: u64,
    /// The exits, in the order of the network; shares are those of the last threshold.
    pub at: Vec<ExitPlace>,
    /// Accuracy of the end alone; None without labels.
    pub end_accuracy: Option<f64>,
    /// What the network costs without exits.
    pub none: ExitCost,
    /// By threshold, rising.
    pub points: Vec<ExitPoint>,
    /// What holds of every such report.
    pub note: &'static str,
}

/// One threshold.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitPoint {
    /// A sample leaves at the first exit whose largest logit is above this.
    pub threshold: f64,
    /// Share of the samples at each exit, and at the end.
    pub shares: Vec<f64>,
    /// Share that comes as far as each exit, and to the end.
    pub reach: Vec<f64>,
    /// Share that gets its label's class; None without labels.
    pub accuracy: Option<f64>,
    /// Share that gets the class that the end would give.
    pub agreement: f64,
    /// What a secure test at each exit costs, expected over these samples.
    pub secure: ExitCost,
}

const NOTE: &str = "Measured on these samples with the model's own heads. The threshold is public and one for all exits; all \
    parties learn where each sample leaves.";

impl Seen {
    /// Samples.
    pub fn samples(&self) -> usize {
        self.end.len()
    }

    /// Where samples leave with tests at these exits, in order.
    pub fn left(&self, exits: &[usize], threshold: f64) -> Left {
        let (mut counts, mut right, mut agree) = (vec![0u64; exits.len() + 1], 0u64, 0u64);
        for (sample, end) in self.end.iter().enumerate() {
            let told = |place: &usize| self.heads.get(*place).and_then(|head| head.get(sample)).copied();
            let leaves = exits.iter().position(|exit| told(exit).is_some_and(|(sure, _)| sure > threshold));
            let class = leaves.and_then(|at| told(exits.get(at)?)).map_or(*end, |(_, class)| class);
            if let Some(count) = counts.get_mut(leaves.unwrap_or(exits.len())) {
                *count += 1;
            }
            let label = self.labels.as_ref().and_then(|labels| labels.get(sample));
            right += u64::from(label.is_some_and(|label| *label == f64::from(class)));
            agree += u64::from(class == *end);
        }
        let share = |n: u64| n as f64 / self.end.len().max(1) as f64;
        Left {
            shares: counts.into_iter().map(share).collect(),
            accuracy: self.labels.as_ref().map(|_| share(right)),
            agreement: share(agree),
        }
    }

    /// Thresholds that tell something: all leave at once, tenths of what the exits said, nobody leaves.
    pub fn thresholds(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.heads.iter().flatten().map(|(sure, _)| *sure).collect();
        all.sort_by(f64::total_cmp);
        let at = |tenth: usize| all.get((all.len().saturating_sub(1)) * tenth / 10).copied();
        let mut tenths: Vec<f64> = (1..=10).filter_map(at).collect();
        tenths.dedup();
        all.first().map(|least| least - 1.0).into_iter().chain(tenths).collect()
    }
}

impl RunSession {
    /// Runs the model's heads at the values named, and its end: the first other output that has as many axes.
    ///
    /// # Errors
    /// `InvalidSetting` for a value that tells no classes, or classes of each place, and labels that are not one a
    /// sample; as [`RunSession::run`].
    pub async fn heads(&mut self, at: &[String], given: Given, progress: &mut Progress<'_>) -> Result<Seen> {
        let model = &self.session.model;
        let named = at.iter().map(|name| value_of(&model.graph, name)).collect::<Result<Vec<_>>>()?;
        let end =
            end_of(&model.graph, &named).map(|end| model.value_name(end).to_owned()).ok_or_else(|| {
                Error::new(Code::InvalidSetting, "one output of the network is its end, and no exit")
            })?;
        let labels = given.labels.as_ref().map(|labels| labels.data().convert());
        let mut heads = Vec::new();
        let asked: Vec<String> = at.iter().cloned().chain([end]).collect();
        let ask = RunRequest { outputs: asked.clone(), ..RunRequest::default() };
        let outcome = self.run(Given { labels: None, ..given }, &ask, progress).await?;
        for name in &asked {
            let found = outcome.outputs.iter().find(|(other, _)| other == name);
            let (_, tensor) =
                found.ok_or_else(|| Error::new(Code::InvalidSetting, "named twice").value(name))?;
            heads.push(told(tensor, name)?);
        }
        let end: Vec<u32> = heads.pop().unwrap_or_default().into_iter().map(|(_, class)| class).collect();
        let of_one_length = heads.iter().all(|head| head.len() == end.len())
            && labels.as_ref().is_none_or(|labels: &Vec<f64>| labels.len() == end.len());
        if !of_one_length || end.is_empty() {
            return Err(Error::new(Code::InvalidSetting, "exits, end and labels are of as many samples"));
        }
        Ok(Seen { heads, end, labels })
    }
}

/// The largest logit of each sample, and its class.
fn told(tensor: &Tensor, name: &str) -> Result<Vec<(f64, u32)>> {
    let &[samples, classes] = tensor.shape() else {
        return Err(Error::new(Code::InvalidSetting, "an exit that is measured tells one class a sample")
            .value(name)
            .hint("name the outputs of the model's own heads: samples x classes"));
    };
    let logits: Vec<f64> = tensor.data().convert();
    let first = best(tensor, 1)?.into_iter().map(|all| all.first().map_or(0, |guess| guess.class));
    let of = |(sample, class): (usize, u32)| {
        (logits.get(sample * classes + class as usize).copied().unwrap_or(f64::NAN), class)
    };
    Ok((0..samples).zip(first).map(of).collect())
}

impl Scored {
    /// What was seen of the model's own heads at the values named, by threshold, priced under the first protocol of the ask.
    ///
    /// # Errors
    /// `InvalidSetting` for a threshold that is no number; as [`Scored::exits`].
    pub fn exit_sweep(&self, at: &[String], seen: &Seen, thresholds: &[f64], ask: &Ask) -> Result<ExitSweep> {
        let mut thresholds = if thresholds.is_empty() { seen.thresholds() } else { thresholds.to_vec() };
        if thresholds.iter().any(|threshold| !threshold.is_finite()) {
            return Err(Error::new(Code::InvalidSetting, "a threshold is a finite number"));
        }
        thresholds.sort_by(f64::total_cmp);
        let exits: Vec<usize> = (0..at.len()).collect();
        let mut points = Vec::new();
        let mut last = None;
        for threshold in thresholds {
            let Left { shares, accuracy, agreement } = seen.left(&exits, threshold);
            let report = self.exits(at, &shares, 2, ask)?;
            let mut reach = vec![1.0];
            for share in shares.iter().take(at.len()) {
                reach.push(reach.last().map_or(0.0, |before| before - share));
            }
            points.push(ExitPoint {
                threshold,
                shares,
                reach,
                accuracy,
                agreement,
                secure: report.exits.secure.clone(),
            });
            last = Some(report);
        }
        let report = last.ok_or_else(|| Error::new(Code::InvalidSetting, "there is no threshold"))?;
        Ok(ExitSweep {
            schema: "reluctant.exits-sweep/1",
            protocol: report.protocol,
            profile_version: report.profile_version,
            link: report.link,
            samples: seen.samples() as u64,
            at: report.at,
            end_accuracy: seen.left(&[], 0.0).accuracy,
            none: report.exits.none,
            points,
            note: NOTE,
        })
    }
}
