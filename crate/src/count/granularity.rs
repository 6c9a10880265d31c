//! What of an activation layer is kept or replaced together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

/// What is kept or replaced together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Granularity {
    /// Each element by itself.
    #[default]
    Pixel,
    /// One place of all channels: a map that the channels share.
    Spatial,
    /// A channel, at all places.
    Channel,
    /// A square of this side in one channel.
    Patch(u32),
    /// A layer.
    Layer,
    /// All layers of a stage: those at one resolution.
    Stage,
}

impl FromStr for Granularity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let patch = text.strip_prefix("patch").map(|side| side.trim_start_matches(':'));
        Ok(match text {
            "pixel" => Self::Pixel,
            "spatial" => Self::Spatial,
            "channel" => Self::Channel,
            "layer" => Self::Layer,
            "stage" => Self::Stage,
            "patch" => Self::Patch(2),
            _ => match patch.and_then(|side| side.parse().ok()).filter(|side| (1..=4096).contains(side)) {
                Some(side) => Self::Patch(side),
                None => {
                    return Err(Error::new(Code::InvalidSetting, format!("granularity cannot be {text}"))
                        .hint("pixel, spatial, channel, patch:SIDE, layer or stage"));
                }
            },
        })
    }
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixel => f.write_str("pixel"),
            Self::Spatial => f.write_str("spatial"),
            Self::Channel => f.write_str("channel"),
            Self::Patch(side) => write!(f, "patch:{side}"),
            Self::Layer => f.write_str("layer"),
            Self::Stage => f.write_str("stage"),
        }
    }
}

impl From<Granularity> for String {
    fn from(granularity: Granularity) -> Self {
        granularity.to_string()
    }
}

impl TryFrom<String> for Granularity {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}
