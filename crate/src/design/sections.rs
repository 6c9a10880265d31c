//! A spec cut where a single value is alive: stem, stages, head. Networks of a family share most of these sections.

use std::ops::Range;

use super::closed::parts;
use super::layers::{is_wide, layers_of};
use super::rows::rows_of;
use super::spec::{Pool, Shortcut, Sizes, Spec, Stage, Stem};
use crate::count::Row;

/// Parts of a network one after another: 0 is the stem, then come the stages, then the head.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    spec: &'a Spec,
    parts: Range<usize>,
    /// Shape of what it reads.
    input: [u32; 3],
}

/// The sections of a spec in order, which is assumed to be checked. A convolution and the norm that reads it are in one, as
/// they are in one row.
pub fn sections(spec: &Spec) -> Vec<Section<'_>> {
    let mut all: Vec<Section<'_>> = Vec::with_capacity(spec.stages.len() + 2);
    let mut place = 0;
    parts(spec, &mut |part| {
        match all.last_mut() {
            Some(open) if !can_cut(spec, place) => open.parts.end = place + 1,
            _ => all.push(Section { spec, parts: place..place + 1, input: part.input }),
        }
        place += 1;
    });
    all
}

/// No convolution before the part is read by a norm in it. The stem begins a network.
fn can_cut(spec: &Spec, part: usize) -> bool {
    let Some(place) = part.checked_sub(1) else { return true };
    let before = place.checked_sub(1).and_then(|place| spec.stages.get(place));
    // Wide stages begin with a norm, and so does the head behind them.
    let norm = match spec.stages.get(place) {
        Some(stage) => is_wide(Some(stage)),
        None => is_wide(before),
    };
    let bare = match before {
        Some(stage) => is_wide(before) && stage.shortcut == Shortcut::None && stage.pool.is_none(),
        None => spec.stem.is_some_and(|stem| stem.pool.is_none()),
    };
    !(norm && bare)
}

impl Section<'_> {
    /// It ends the network.
    pub fn is_last(&self) -> bool {
        self.parts.end > self.spec.stages.len() + 1
    }

    /// Its rows; the first ones read what the section before makes.
    pub fn rows(&self) -> Vec<Row> {
        rows_of(&layers_of(self.spec, self.parts.clone(), self.input))
    }

    /// Numbers that only sections of the same rows have, and that begin no other section's.
    pub fn key(&self, key: &mut Vec<u32>) {
        let Spec { input: _, classes, stem, stages, head } = self.spec;
        key.clear();
        key.extend(self.input);
        for part in self.parts.clone() {
            match (part.checked_sub(1), stem) {
                (None, None) => {}
                (None, Some(stem)) => {
                    let Stem { channels, kernel, stride, relu, pool } = *stem;
                    let wide = is_wide(stages.first());
                    key.extend([0, channels, kernel, stride, relu.into(), wide.into()]);
                    pool_key(pool, key);
                }
                (Some(place), _) => match stages.get(place) {
                    Some(stage) => stage_key(stage, key),
                    None => key.extend([2, *classes, *head as u32, is_wide(stages.last()).into()]),
                },
            }
        }
        // What comes behind is no part.
        key.push(3);
    }
}

fn stage_key(stage: &Stage, key: &mut Vec<u32>) {
    let Stage { block, blocks, channels, mid, expand, groups, stride, shortcut, relu, pool } = stage;
    key.extend([1, *block as u32, *blocks, *groups, *stride, *shortcut as u32, *relu as u32]);
    key.extend([expand.is_some().into(), expand.unwrap_or(0), mid.is_some().into()]);
    for sizes in std::iter::once(channels).chain(mid) {
        match sizes {
            Sizes::All(size) => key.extend([0, *size]),
            Sizes::Each(sizes) => {
                key.extend([1, sizes.len() as u32]);
                key.extend(sizes);
            }
        }
    }
    pool_key(*pool, key);
}

fn pool_key(pool: Option<Pool>, key: &mut Vec<u32>) {
    match pool {
        Some(Pool { kernel, stride, pad }) => key.extend([1, kernel, stride, pad]),
        None => key.push(0),
    }
}
