//! A family of specs: a base, numbers that vary, and the candidate at each place.

use serde::{Deserialize, Serialize};

use super::spec::{Relus, Sizes, Spec};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_SWEEP_VALUES;
use crate::names::unknown;

/// One number that varies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Vary {
    /// `base`, `multiplier.2`, `side`, `classes`, `stem.channels`, `stages.1.blocks`, ...: see `docs/design.md`.
    pub what: String,
    /// The values themselves, numbers, or names of ReLUs for `stages.N.relu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub values: Option<Vec<Choice>>,
    /// Or from this number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub from: Option<u32>,
    /// to that, both included,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub to: Option<u32>,
    /// in steps; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub step: Option<u32>,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Choice {
    /// A number.
    Number(u32),
    /// Which ReLUs stand.
    Relu(Relus),
}

/// What a number is of; stages from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Knob {
    Side,
    Classes,
    Base,
    StemChannels,
    StemKernel,
    StemStride,
    Blocks(usize),
    Channels(usize),
    /// After widths before it are set: channels of the stage over those of the one before.
    Multiplier(usize),
    Mid(usize),
    Expand(usize),
    Groups(usize),
    Stride(usize),
    Relu(usize),
}

impl Knob {
    fn parse(text: &str, stages: usize) -> Result<Self> {
        let stage = |text: &str, least: usize| -> Option<usize> {
            let place: usize = text.parse().ok()?;
            (least..=stages).contains(&place).then(|| place - 1)
        };
        let parts: Vec<&str> = text.split('.').collect();
        let knob = match *parts.as_slice() {
            ["side"] => Some(Self::Side),
            ["classes"] => Some(Self::Classes),
            ["base"] => Some(Self::Base),
            ["stem", "channels"] => Some(Self::StemChannels),
            ["stem", "kernel"] => Some(Self::StemKernel),
            ["stem", "stride"] => Some(Self::StemStride),
            ["multiplier", at] => stage(at, 2).map(Self::Multiplier),
            ["stages", at, what] => stage(at, 1).and_then(|at| {
                Some(match what {
                    "blocks" => Self::Blocks(at),
                    "channels" => Self::Channels(at),
                    "mid" => Self::Mid(at),
                    "expand" => Self::Expand(at),
                    "groups" => Self::Groups(at),
                    "stride" => Self::Stride(at),
                    "relu" => Self::Relu(at),
                    _ => return None,
                })
            }),
            _ => None,
        };
        let known = ["base", "multiplier.2", "side", "classes", "stem.channels", "stages.1.blocks"];
        knob.ok_or_else(|| unknown("what varies", text, &known))
    }

    fn set(self, spec: &mut Spec, value: u32) {
        let all = Sizes::All(value);
        let width = |spec: &Spec, at: usize| spec.stages.get(at).map_or(0, |stage| stage.channels.at(0));
        match self {
            Self::Side => {
                let [channels, ..] = spec.input;
                spec.input = [channels, value, value];
            }
            Self::Classes => spec.classes = value,
            Self::Base => {
                spec.stem.iter_mut().for_each(|stem| stem.channels = value);
                spec.stages.iter_mut().take(1).for_each(|stage| stage.channels = Sizes::All(value));
            }
            Self::StemChannels => spec.stem.iter_mut().for_each(|stem| stem.channels = value),
            Self::StemKernel => spec.stem.iter_mut().for_each(|stem| stem.kernel = value),
            Self::StemStride => spec.stem.iter_mut().for_each(|stem| stem.stride = value),
            Self::Multiplier(at) => {
                let wide = width(spec, at.saturating_sub(1)).saturating_mul(value);
                spec.stages.get_mut(at).into_iter().for_each(|stage| stage.channels = Sizes::All(wide));
            }
            Self::Blocks(at) => spec.stages.get_mut(at).into_iter().for_each(|stage| stage.blocks = value),
            Self::Channels(at) => {
                spec.stages.get_mut(at).into_iter().for_each(|stage| stage.channels = all.clone());
            }
            Self::Mid(at) => {
                spec.stages.get_mut(at).into_iter().for_each(|stage| stage.mid = Some(all.clone()))
            }
            Self::Expand(at) => {
                spec.stages.get_mut(at).into_iter().for_each(|stage| stage.expand = Some(value))
            }
            Self::Groups(at) => spec.stages.get_mut(at).into_iter().for_each(|stage| stage.groups = value),
            Self::Stride(at) => spec.stages.get_mut(at).into_iter().for_each(|stage| stage.stride = value),
            Self::Relu(at) => {
                let relu = Relus::ALL.get(value as usize).copied().unwrap_or_default();
                spec.stages.get_mut(at).into_iter().for_each(|stage| stage.relu = relu);
            }
        }
    }
}

/// The candidates of a base and what varies, by place: the last number changes fastest.
#[derive(Clone, Debug)]
pub struct Space {
    base: Spec,
    /// In the order in which they are set, each with its place among what varies.
    knobs: Vec<(Knob, usize)>,
    values: Vec<Vec<u32>>,
}

impl Space {
    /// Reads what varies.
    ///
    /// # Errors
    /// `InvalidSetting` for a number that the base lacks, or no values; `LimitExceeded` for too many.
    pub fn new(base: &Spec, vary: &[Vary]) -> Result<Self> {
        let mut knobs = Vec::new();
        let mut values = Vec::new();
        for (place, one) in vary.iter().enumerate() {
            let knob = Knob::parse(&one.what, base.stages.len())?;
            let relus = matches!(knob, Knob::Relu(_));
            knobs.push((knob, place));
            values.push(one.list(relus)?);
        }
        knobs.sort_unstable();
        let twice = |pair: &[(Knob, usize)]| matches!(pair, [(a, _), (b, _)] if a == b);
        if knobs.windows(2).any(twice) {
            return Err(Error::new(Code::InvalidSetting, "a number varies twice"));
        }
        let space = Self { base: base.clone(), knobs, values };
        space.size().ok_or_else(|| Error::new(Code::LimitExceeded, "there are more than 2^53 candidates"))?;
        Ok(space)
    }

    /// How many candidates; None past 2^53.
    fn size(&self) -> Option<u64> {
        let sizes = self.values.iter().map(|values| values.len() as u64);
        sizes.into_iter().try_fold(1u64, |n, size| n.checked_mul(size).filter(|n| *n <= 1 << 53))
    }

    /// How many candidates there are.
    pub fn len(&self) -> u64 {
        self.size().unwrap_or(0)
    }

    /// A spec to set candidates in.
    pub fn base(&self) -> Spec {
        self.base.clone()
    }

    /// The values of a candidate, in the order of what varies, into `values`.
    pub fn values(&self, index: u64, values: &mut Vec<u32>) {
        values.clear();
        let mut rest = index;
        for list in self.values.iter().rev() {
            let size = list.len() as u64;
            values.push(list.get((rest % size) as usize).copied().unwrap_or(0));
            rest /= size;
        }
        values.reverse();
    }

    /// Sets the values in a spec that was made by [`base`](Self::base); every number that varies is set.
    pub fn set(&self, spec: &mut Spec, values: &[u32]) {
        for (knob, place) in &self.knobs {
            knob.set(spec, values.get(*place).copied().unwrap_or(0));
        }
    }

    /// A value as it was given: a number, or the name of which ReLUs stand.
    pub fn choice(&self, place: usize, value: u32) -> Choice {
        let relu = self.knobs.iter().any(|(knob, at)| *at == place && matches!(knob, Knob::Relu(_)));
        match Relus::ALL.get(value as usize) {
            Some(name) if relu => Choice::Relu(*name),
            _ => Choice::Number(value),
        }
    }
}

impl Vary {
    fn list(&self, relus: bool) -> Result<Vec<u32>> {
        let bad = |text: &str| Error::new(Code::InvalidSetting, format!("{}: {text}", self.what));
        let all: Vec<u32> = match (&self.values, self.from, self.to) {
            (Some(values), None, None) => {
                let value = |choice: &Choice| match choice {
                    Choice::Number(value) if !relus => Some(*value),
                    Choice::Relu(relu) if relus => {
                        Relus::ALL.iter().position(|one| one == relu).map(|place| place as u32)
                    }
                    _ => None,
                };
                let all: Option<Vec<u32>> = values.iter().take(MAX_SWEEP_VALUES + 1).map(value).collect();
                all.ok_or_else(|| bad("numbers, or names of ReLUs where these vary"))?
            }
            (None, Some(from), Some(to)) if !relus => {
                let step = self.step.unwrap_or(1).max(1);
                (from..=to).step_by(step as usize).take(MAX_SWEEP_VALUES + 1).collect()
            }
            _ => return Err(bad("either values, or from and to")),
        };
        match all.len() {
            0 => Err(bad("there are no values")),
            n if n > MAX_SWEEP_VALUES => Err(Error::new(
                Code::LimitExceeded,
                format!("{}: more than {MAX_SWEEP_VALUES} values", self.what),
            )),
            _ => Ok(all),
        }
    }
}
