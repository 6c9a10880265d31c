//! Activation layers, the units in which they are kept, and masks.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::count::Granularity;

/// One activation layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Sizes of its input without the batch: `[64, 32, 32]`.
    pub shape: Vec<u64>,
    /// Which of them are the channels.
    pub channel_axis: usize,
    /// Stage that it stands in.
    pub stage: u32,
    /// Cost units of one element that stays; 1 for a budget in ReLUs.
    pub unit_cost: u64,
}

/// Which elements of a site stay: a tensor that broadcasts to the site's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Sizes: the site's, or 1.
    pub shape: Vec<u64>,
    /// Row-major.
    pub bits: Vec<bool>,
}

impl Site {
    /// Elements of the layer.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Channels; 1 where there is no such axis.
    pub fn channels(&self) -> u64 {
        self.shape.get(self.channel_axis).copied().unwrap_or(1)
    }

    /// Product of the sizes behind the channel axis.
    pub(super) fn inner(&self) -> u64 {
        self.shape.iter().skip(self.channel_axis + 1).product()
    }

    /// Channel of an element.
    pub fn channel_of(&self, element: u64) -> u64 {
        (element / self.inner().max(1)) % self.channels().max(1)
    }
}

impl Granularity {
    /// Units of a site; a stage's sites hold one each here.
    pub(super) fn units(self, site: &Site) -> u64 {
        match self {
            Self::Pixel => site.elements(),
            Self::Spatial => site.elements() / site.channels().max(1),
            Self::Channel => site.channels(),
            Self::Patch(side) => self.tiles(site, side).iter().product(),
            Self::Layer | Self::Stage => 1,
        }
    }

    /// The unit of an element.
    pub(super) fn unit_of(self, site: &Site, element: u64) -> u64 {
        let inner = site.inner().max(1);
        match self {
            Self::Pixel => element,
            Self::Spatial => element / (inner * site.channels().max(1)) * inner + element % inner,
            Self::Channel => site.channel_of(element),
            Self::Patch(side) => {
                let (mut left, mut unit, mut stride) = (element, 0, 1);
                for (axis, size) in site.shape.iter().enumerate().rev() {
                    let side = if axis == site.channel_axis { 1 } else { u64::from(side.max(1)) };
                    unit += left % size / side * stride;
                    stride *= size.div_ceil(side);
                    left /= size;
                }
                unit
            }
            Self::Layer | Self::Stage => 0,
        }
    }

    fn tiles(self, site: &Site, side: u32) -> Vec<u64> {
        let side = u64::from(side.max(1));
        let of =
            |(axis, size): (usize, &u64)| if axis == site.channel_axis { *size } else { size.div_ceil(side) };
        site.shape.iter().enumerate().map(of).collect()
    }

    /// Elements of each unit of a site.
    pub(super) fn sizes(self, site: &Site) -> Vec<u64> {
        let units = self.units(site);
        if let Self::Patch(_) = self {
            let mut sizes = vec![0; units as usize];
            for element in 0..site.elements() {
                if let Some(size) = sizes.get_mut(self.unit_of(site, element) as usize) {
                    *size += 1;
                }
            }
            return sizes;
        }
        vec![site.elements().checked_div(units).unwrap_or(0); units as usize]
    }

    /// The mask of a site whose units are these bits.
    pub(super) fn mask(self, site: &Site, bits: &[bool]) -> Mask {
        let shape: Vec<u64> = match self {
            Self::Pixel | Self::Patch(_) => site.shape.clone(),
            Self::Spatial => axes(site, |axis, size| if axis == site.channel_axis { 1 } else { size }),
            Self::Channel => axes(site, |axis, size| if axis == site.channel_axis { size } else { 1 }),
            Self::Layer | Self::Stage => axes(site, |_, _| 1),
        };
        let bits = match self {
            Self::Patch(_) => {
                let bit = |e: u64| bits.get(self.unit_of(site, e) as usize).copied().unwrap_or(false);
                (0..site.elements()).map(bit).collect()
            }
            _ => bits.to_vec(),
        };
        Mask { shape, bits }
    }
}

fn axes(site: &Site, size: impl Fn(usize, u64) -> u64) -> Vec<u64> {
    site.shape.iter().enumerate().map(|(axis, n)| size(axis, *n)).collect()
}

impl Mask {
    /// One answer for the whole site.
    pub fn whole(site: &Site, keep: bool) -> Self {
        Self { shape: axes(site, |_, _| 1), bits: vec![keep] }
    }

    /// Elements of the site that stay.
    pub fn kept(&self, site: &Site) -> u64 {
        let each = site.elements().checked_div(self.bits.len() as u64).unwrap_or(0);
        self.bits.iter().filter(|bit| **bit).count() as u64 * each
    }

    /// The answer for each element of the site, row-major.
    pub fn each(&self, site: &Site) -> Vec<bool> {
        let place = |mut at: u64| {
            let (mut place, mut step) = (0, 1);
            for (extent, own) in site.shape.iter().zip(&self.shape).rev() {
                place += step * (at % extent % own);
                at /= extent;
                step *= own;
            }
            place as usize
        };
        (0..site.elements()).map(|at| self.bits.get(place(at)) == Some(&true)).collect()
    }

    /// `Some(true)` where all stay, `Some(false)` where none does.
    pub fn uniform(&self) -> Option<bool> {
        let first = *self.bits.first()?;
        self.bits.iter().all(|bit| *bit == first).then_some(first)
    }
}

/// Units of consecutive sites in one row: where each site's lie.
pub(super) fn spans(sites: &[Site], granularity: Granularity) -> Vec<Range<usize>> {
    let mut end = 0;
    let span = |site| {
        let start = end;
        end += granularity.units(site) as usize;
        start..end
    };
    sites.iter().map(span).collect()
}
