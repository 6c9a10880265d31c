//! Batch normalisations that the linear layers after them take in.
//!
//! ReLU(a x + b) is |a| ReLU(sign(a) x + b / |a|): the sign and the shift are local, and |a| passes through whatever is
//! positively homogeneous (ReLU, LeakyReLU, maxima, average pools) into the weights of the linear layers that read it.
//! A pre-activation block, BatchNorm, ReLU, convolution, computes its normalisation nowhere. What an addition, another
//! function or the network's result reads is computed.

use crate::count::{Activation, Kind, Row, Work};

/// For each row, whether it is a normalisation that all that read it take in. `kept` says, by row and place, whether an
/// activation is there as in the file.
pub(super) fn absorbed(rows: &[Row], kept: impl Fn(usize, usize, &Activation) -> bool) -> Vec<bool> {
    let is_norm = |row: &Row| matches!(row.work[..], [Work::BatchNorm { .. }]);
    if !rows.iter().any(is_norm) {
        return Vec::new();
    }
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for (position, row) in rows.iter().enumerate() {
        for read in row.reads(position) {
            if let Some(readers) = readers.get_mut(read) {
                readers.push(position);
            }
        }
    }
    // From the end: whether a positive scale of what a row reads ends in weights, through the row and its readers.
    let mut takes = vec![false; rows.len()];
    for (position, row) in rows.iter().enumerate().rev() {
        let passes = |(place, work): (usize, &Work)| match work {
            Work::Activation(a) => is_homogeneous(a.kind) && !a.folded && kept(position, place, a),
            Work::AvgPool { .. } => true,
            _ => false,
        };
        let taken = match row.work.first() {
            _ if row.unknown.is_some() => false,
            Some(Work::Conv(_) | Work::ConvTranspose(_)) => true,
            // Of one vector, each entry meets weights of its own; rows of several share them.
            Some(&Work::MatMul { batch, m, steps, secret, .. }) => {
                !secret && steps <= 1 && batch.saturating_mul(m) == 1
            }
            _ => row.work.iter().enumerate().all(passes) && all_take(&readers, position, &takes),
        };
        if let Some(takes) = takes.get_mut(position) {
            *takes = taken;
        }
    }
    let one = |(position, row): (usize, &Row)| is_norm(row) && all_take(&readers, position, &takes);
    rows.iter().enumerate().map(one).collect()
}

/// Some row reads it, and all that do take its scale in.
fn all_take(readers: &[Vec<usize>], position: usize, takes: &[bool]) -> bool {
    let readers = readers.get(position).map_or(&[][..], Vec::as_slice);
    !readers.is_empty() && readers.iter().all(|reader| takes.get(*reader) == Some(&true))
}

/// f(c x) = c f(x) for c > 0.
fn is_homogeneous(kind: Kind) -> bool {
    matches!(kind, Kind::ReLU | Kind::LeakyReLU | Kind::PReLU | Kind::MaxPool)
}
