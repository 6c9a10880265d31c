//! The line between the parties.
//!
//! Time on a link = bytes up / rate up + bytes down / rate down + rounds x RTT. 9,437,184 B each
//! way and 8 rounds on `lan` (384 MB/s, 0.3 ms): 2 x 24.576 ms + 2.4 ms = 51.55 ms.

use std::borrow::Cow;

use serde::Serialize;

use crate::error::{Code, Error, Result};

/// A line between client and server; "up" is what the client sends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Link {
    /// `lan`, `wan`, ..., or `custom`.
    pub id: Cow<'static, str>,
    /// Bytes per second that the client can send; None takes no time.
    pub up_bytes_per_s: Option<f64>,
    /// Bytes per second that the client can receive; None takes no time.
    pub down_bytes_per_s: Option<f64>,
    /// Round-trip time.
    pub rtt_ms: f64,
    /// Where the preset comes from.
    pub source: &'static str,
}

const fn preset(
    id: &'static str,
    up: Option<f64>,
    down: Option<f64>,
    rtt_ms: f64,
    source: &'static str,
) -> Link {
    Link { id: Cow::Borrowed(id), up_bytes_per_s: up, down_bytes_per_s: down, rtt_ms, source }
}

/// The presets, as the papers used them.
pub static LINKS: [Link; 6] = [
    preset("loopback", None, None, 0.0, "both parties on one host: no link time"),
    preset("lan", Some(384e6), Some(384e6), 0.3, "384 MB/s and 0.3 ms, as Cheetah set it and calls 3 Gbps"),
    preset("wan", Some(44e6), Some(44e6), 40.0, "44 MB/s and 40 ms, as Cheetah set it and calls 400 Mbps"),
    preset(
        "gbit-down",
        Some(12.5e6),
        Some(112.5e6),
        0.0,
        "ASPLOS'23 artifact: 1 Gbps split 100 up / 900 down Mbps, no RTT",
    ),
    preset(
        "gbit-up",
        Some(108.125e6),
        Some(16.875e6),
        0.0,
        "ASPLOS'23 artifact: 1 Gbps split 865 up / 135 down Mbps, no RTT",
    ),
    preset("mbit100", Some(12.5e6), Some(12.5e6), 50.0, "SecretFlow: 100 Mbps, 50 ms"),
];

/// No link at all.
pub(super) static LOOPBACK: &Link = &LINKS[0];
/// The preset that stands where none is named.
pub(super) static LAN: &Link = &LINKS[1];

impl Link {
    /// A preset by its id.
    pub fn preset(id: &str) -> Result<&'static Self> {
        LINKS.iter().find(|link| link.id == id).ok_or_else(|| {
            let known: Vec<&str> = LINKS.iter().map(|link| link.id.as_ref()).collect();
            Error::new(Code::InvalidSetting, format!("no link is called {id}"))
                .hint(format!("one of {}, or up, down and rtt", known.join(", ")))
        })
    }

    /// A link of one's own: megabytes (1e6 B) per second and milliseconds.
    pub fn custom(up_mbytes_per_s: f64, down_mbytes_per_s: f64, rtt_ms: f64) -> Self {
        Self {
            id: Cow::Borrowed("custom"),
            up_bytes_per_s: Some(up_mbytes_per_s * 1e6),
            down_bytes_per_s: Some(down_mbytes_per_s * 1e6),
            rtt_ms,
            source: "set by hand",
        }
    }

    /// Rates are positive numbers, the RTT is not negative.
    pub fn check(&self) -> Result<()> {
        let rate = |r: Option<f64>| r.is_none_or(|r| r.is_finite() && r >= 1.0);
        if !rate(self.up_bytes_per_s) || !rate(self.down_bytes_per_s) {
            return Err(Error::new(
                Code::InvalidSetting,
                "a link's rate must be at least one byte per second",
            ));
        }
        if !(self.rtt_ms.is_finite() && self.rtt_ms >= 0.0) {
            return Err(Error::new(
                Code::InvalidSetting,
                "a link's RTT must be a number of milliseconds, not negative",
            ));
        }
        Ok(())
    }

    /// Seconds for so many bytes and rounds.
    pub fn seconds(&self, up: u64, down: u64, rounds: u64) -> f64 {
        let time = |bytes: u64, rate: Option<f64>| rate.map_or(0.0, |rate| bytes as f64 / rate);
        time(up, self.up_bytes_per_s) + time(down, self.down_bytes_per_s) + rounds as f64 * self.rtt_ms / 1e3
    }
}
