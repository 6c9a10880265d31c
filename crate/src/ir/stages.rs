//! Stages and blocks: runs of layers at one resolution, and the residual blocks inside them.
//!
//! The graph is cut wherever a single value that depends on the input is alive; what lies between two
//! cuts is a segment. A segment that holds a join (Add, Sub, Sum or Concat of values that depend on
//! the input) is a block. Layers before the first block are the `stem`, the segments from it on form
//! `S1`, `S2`, ... by the resolution of their result, and what follows the last change to a result
//! without space is the `head`. A network without blocks has no stem. Deterministic, linear.

use super::graph::{Graph, Node, NodeId, ValueId};

/// A run of layers at one resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `stem`, `S1`, ..., `head`.
    pub name: String,
    /// Spatial size; None in a head or a transformer.
    pub resolution: Option<Vec<u64>>,
    /// Blocks in it.
    pub blocks: u32,
}

/// Where every node stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// In order.
    pub list: Vec<Stage>,
    /// Per node: index into `list`, and block inside the stage from 1 (0: in none).
    pub node: Vec<(u32, u32)>,
}

/// More stages than this say nothing: the network is shown as one.
const MAX_STAGES: usize = 48;

/// Nodes between two cuts.
struct Segment {
    /// Top-level nodes.
    nodes: std::ops::Range<usize>,
    block: bool,
    attention: bool,
    pool: bool,
    resolution: Option<Vec<u64>>,
}

/// Finds stages; `secret` flags the values that depend on the input (see [`super::depend`]).
pub fn stages(graph: &Graph, secret: &[bool]) -> Stages {
    let segments = segments(graph, secret);
    let spots = place(&segments);
    let mut stages = Stages { list: Vec::new(), node: vec![(0, 0); graph.nodes.len()] };
    let mut names: Vec<(Part, u32)> = Vec::new();
    for (segment, (part, number, block)) in segments.iter().zip(&spots) {
        let key = (*part, *number);
        let index = names.iter().rposition(|k| *k == key).unwrap_or_else(|| {
            names.push(key);
            let (name, resolution) = match part {
                Part::Stem => ("stem".to_owned(), segment.resolution.clone()),
                Part::Body => (format!("S{number}"), segment.resolution.clone()),
                Part::Head => ("head".to_owned(), None),
            };
            stages.list.push(Stage { name, resolution, blocks: 0 });
            names.len() - 1
        });
        if let Some(stage) = stages.list.get_mut(index) {
            stage.blocks = stage.blocks.max(*block);
            if *part == Part::Stem {
                stage.resolution.clone_from(&segment.resolution);
            }
        }
        for node in segment.nodes.clone() {
            if let Some(spot) = stages.node.get_mut(node) {
                *spot = (index as u32, *block);
            }
        }
    }
    stages
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Stem,
    Body,
    Head,
}

/// Part, stage number and block of every segment.
fn place(segments: &[Segment]) -> Vec<(Part, u32, u32)> {
    let first = segments.iter().position(|s| s.block);
    let last_block = segments.iter().rposition(|s| s.block).unwrap_or(0);
    let spatial_network = segments.iter().skip(first.unwrap_or(0)).any(|s| s.resolution.is_some());
    // In a network over space the head begins where space ends; in another, after the last block.
    let head = if spatial_network {
        segments.iter().rposition(|s| s.resolution.is_some()).map_or(segments.len(), |p| p + 1)
    } else if first.is_some() {
        last_block + 1
    } else {
        segments.len()
    };
    let has_attention = segments.iter().any(|s| s.block && s.attention);
    let mut spots = Vec::with_capacity(segments.len());
    let (mut number, mut block) = (0u32, 0u32);
    let mut current: Option<&Option<Vec<u64>>> = None;
    let mut pending_pool = false;
    for (index, segment) in segments.iter().enumerate() {
        if first.is_some_and(|first| index < first) {
            spots.push((Part::Stem, 0, 0));
            continue;
        }
        if index >= head {
            spots.push((Part::Head, 0, 0));
            continue;
        }
        // A pool between blocks closes the stage that it shrinks.
        let closes = segment.pool && !segment.block && current.is_some();
        let moved = current.is_none_or(|at| *at != segment.resolution) || pending_pool;
        if closes && current.is_some_and(|at| *at != segment.resolution) {
            pending_pool = true;
        } else if moved && (current.is_none() || segment.resolution.is_some() || pending_pool) {
            number += 1;
            block = 0;
            current = Some(&segment.resolution);
            pending_pool = false;
        }
        if segment.block
            && (!has_attention || segment.attention || block == 0 || segment.resolution.is_some())
        {
            block += 1;
        }
        let inside = block > 0 && (segment.block || follows(segments, index));
        spots.push((Part::Body, number.max(1), if inside { block } else { 0 }));
    }
    if number as usize > MAX_STAGES {
        spots.fill((Part::Body, 1, 0));
    }
    spots
}

/// A node right after a join (its ReLU) belongs to the block.
fn follows(segments: &[Segment], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|i| segments.get(i));
    let here = segments.get(index);
    before
        .zip(here)
        .is_some_and(|(b, h)| b.block && !h.pool && b.resolution == h.resolution && h.nodes.len() == 1)
}

fn segments(graph: &Graph, secret: &[bool]) -> Vec<Segment> {
    let is_secret = |v: &ValueId| secret.get(v.0 as usize).copied().unwrap_or(true);
    let top = top_level(graph);
    let mut last_use = vec![0usize; graph.values.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let at = top.get(index).copied().unwrap_or(index);
        for input in node.inputs.iter().flatten() {
            if let Some(last) = last_use.get_mut(input.0 as usize) {
                *last = at.max(*last);
            }
        }
    }
    let conv_rank = graph
        .nodes
        .iter()
        .filter(|n| n.is("Conv") || n.is("ConvTranspose"))
        .find_map(|n| Some(graph.shape(n.input(0)?)?.len()));
    // Values alive after each node: +1 where made, -1 at the last use.
    let mut change = vec![0i64; graph.nodes.len() + 1];
    let mut alive: i64 = 0;
    for input in graph.inputs.iter().filter(|v| is_secret(v)) {
        let last = last_use.get(input.0 as usize).copied().unwrap_or(0);
        alive += 1;
        change[last.min(graph.nodes.len())] -= 1;
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        if top.get(index) != Some(&index) {
            continue;
        }
        for output in node.outputs.iter().flatten().filter(|v| is_secret(v)) {
            let last = last_use.get(output.0 as usize).copied().unwrap_or(0);
            if last > index {
                change[index] += 1;
                change[last.min(graph.nodes.len())] -= 1;
            }
        }
    }
    let mut segments = Vec::new();
    let mut start = 0;
    let mut state = State::default();
    for (index, node) in graph.nodes.iter().enumerate() {
        let own = top.get(index) == Some(&index);
        if own {
            alive += change.get(index).copied().unwrap_or(0);
        }
        state.see(graph, (index, node), &is_secret, conv_rank, own);
        let next_is_body = top.get(index + 1).is_some_and(|t| *t != index + 1);
        if (alive == 1 && state.secret && !next_is_body) || index + 1 == graph.nodes.len() {
            std::mem::take(&mut state).close(start..index + 1, &mut segments);
            start = index + 1;
        }
    }
    segments
}

/// For each node, the node of the main graph that it stands in.
fn top_level(graph: &Graph) -> Vec<usize> {
    let mut top: Vec<usize> = (0..graph.nodes.len()).collect();
    let mut index = 0;
    while let Some(node) = graph.nodes.get(index) {
        let end = node.bodies.iter().map(|b| b.nodes.end as usize).max().unwrap_or(0).min(top.len());
        for inner in top.iter_mut().take(end).skip(index + 1) {
            *inner = index;
        }
        index = end.max(index + 1);
    }
    top
}

/// What a segment has shown so far.
#[derive(Default)]
struct State {
    secret: bool,
    join: bool,
    attention: bool,
    pool: bool,
    resolution: Option<Vec<u64>>,
    /// Where the resolution of convolutions, pools and resizes changed, and to what.
    runs: Vec<(usize, Vec<u64>)>,
}

impl State {
    fn see(
        &mut self,
        graph: &Graph,
        (index, node): (usize, &Node),
        is_secret: &dyn Fn(&ValueId) -> bool,
        conv_rank: Option<usize>,
        own: bool,
    ) {
        let made: Option<ValueId> = node.outputs.iter().flatten().copied().find(|v| is_secret(v));
        let Some(made) = made else { return };
        self.secret = true;
        let joins = node.inputs.iter().flatten().filter(|v| is_secret(v)).count() > 1;
        self.join |= joins && ["Add", "Sub", "Sum", "Concat"].iter().any(|op| node.is(op));
        self.join |= joins
            && node.op.starts_with("QLinear")
            && (node.op.ends_with("Add") || node.op.ends_with("Concat"));
        self.join |= joins && node.op.starts_with("Skip") && node.op.ends_with("Normalization");
        self.attention |= node.is("Softmax") || node.op.ends_with("Attention");
        self.pool |= node.op.ends_with("Pool");
        if own {
            self.resolution = graph.sizes(made).filter(|s| Some(s.len()) == conv_rank).and_then(|s| {
                let space = s.get(2..)?.to_vec();
                space.iter().any(|n| *n != 1).then_some(space)
            });
            let slides = ["Conv", "Pool", "Resize", "Upsample"].iter().any(|part| node.op.contains(part));
            if slides
                && let Some(space) = &self.resolution
                && self.runs.last().is_none_or(|(_, last)| last != space)
            {
                self.runs.push((index, space.clone()));
            }
        }
    }

    /// The segment; where the resolution comes back to what it was (an hourglass), one for each run.
    fn close(self, nodes: std::ops::Range<usize>, segments: &mut Vec<Segment>) {
        let mut seen = std::collections::HashSet::new();
        let hourglass = self.runs.iter().any(|(_, space)| !seen.insert(space));
        if !hourglass {
            let block = self.join && nodes.len() > 1;
            let (attention, pool, resolution) = (self.attention, self.pool, self.resolution);
            segments.push(Segment { nodes, block, attention, pool, resolution });
            return;
        }
        let ends = self.runs.iter().skip(1).map(|(start, _)| *start).chain([nodes.end]);
        let mut start = nodes.start;
        for (end, (_, space)) in ends.zip(&self.runs) {
            let resolution = Some(space.clone());
            segments.push(Segment {
                nodes: start..end,
                block: false,
                attention: false,
                pool: false,
                resolution,
            });
            start = end;
        }
    }
}

/// The stage of a node.
impl Stages {
    /// Stage of a node, where there is one.
    pub fn of(&self, id: NodeId) -> Option<&Stage> {
        self.list.get(self.node.get(id.0 as usize)?.0 as usize)
    }
}
