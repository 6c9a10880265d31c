//! What the dealer makes: random numbers that both parties draw from seeds of their own, and, since seeds are independent,
//! a correction that makes them fit, which the server is sent.
//!
//! | need | client draws | server draws | correction |
//! |---|---|---|---|
//! | product | a, b, c | a, b | c: the sum of both c is the product of the sums of a and of b |
//! | and | a, b, c | a, b | c: the same, bit by bit, with xor for sum |
//! | matrix | A, B, C | A, B | C: the same, with a matrix product |
//! | wrap | a, c | b | c: the sum of both c is a b, modulo 2^32 |
//! | bit | r, c | r | c: the sum of both c is the xor of both r |

use crate::fault::{Fault, Result};
use crate::matrix;
use crate::maximum::{Tournament, indices};
use crate::net::{Layer, Network, Op, Sizes};
use crate::random::{Seed, Stream};
use crate::ring::{Ring, to_bytes};
use crate::wire::{Kind, Message, Who};

/// Bytes of a number of the ring that truncation uses, of 2^32: wraps are known modulo 2^fraction, and that is at most 32 bits.
pub const WRAP: usize = 4;

/// What an operation needs of the dealer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// `n` triples of the ring.
    Product(usize),
    /// `n` triples of words of so many bytes.
    And(usize, usize),
    /// A triple of matrices.
    Matrix(Sizes),
    /// `n` products of a number of the client's and one of the server's, modulo 2^32.
    Wrap(usize),
    /// `n` random bits, as bits and as numbers of the ring.
    Bit(usize),
}

impl Need {
    /// Lists that a party draws: how many numbers, of how many bytes.
    pub fn draws(self, who: Who, ring: &Ring) -> Vec<(usize, usize)> {
        let word = ring.bytes();
        let mut all = match self {
            Self::Product(n) => vec![(n, word); 3],
            Self::And(n, width) => vec![(n, width); 3],
            Self::Matrix(sizes) => sizes.numbers().map(|n| (n, word)).to_vec(),
            Self::Wrap(n) => vec![(n, WRAP); 2],
            Self::Bit(n) => vec![(n.div_ceil(8), 1), (n, word)],
        };
        if who == Who::Server {
            all.pop();
        }
        all
    }

    /// Numbers of the correction and their bytes.
    pub fn correction(self, ring: &Ring) -> (usize, usize) {
        self.draws(Who::Client, ring).pop().unwrap_or_default()
    }

    /// The correction, from what both draw.
    fn correct(self, client: &[Vec<u64>], server: &[Vec<u64>], ring: &Ring) -> Option<Vec<u64>> {
        let pairs = |a: &[u64], b: &[u64], f: fn(u64, u64) -> u64| -> Vec<u64> {
            a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
        };
        let (sum, less) = (u64::wrapping_add, u64::wrapping_sub);
        let mut made = match (self, client, server) {
            (Self::Product(_), [a, b, c], [a2, b2]) => {
                pairs(&pairs(&pairs(a, a2, sum), &pairs(b, b2, sum), u64::wrapping_mul), c, less)
            }
            (Self::And(..), [a, b, c], [a2, b2]) => {
                let xor = |a: u64, b: u64| a ^ b;
                pairs(&pairs(&pairs(a, a2, xor), &pairs(b, b2, xor), |a, b| a & b), c, xor)
            }
            (Self::Matrix(sizes), [a, b, c], [a2, b2]) => {
                pairs(&matrix::product(&pairs(a, a2, sum), &pairs(b, b2, sum), sizes), c, less)
            }
            (Self::Wrap(_), [a, c], [b]) => pairs(&pairs(a, b, u64::wrapping_mul), c, less),
            (Self::Bit(_), [r, c], [r2]) => pairs(&unpacked(&pairs(r, r2, |a, b| a ^ b), c.len()), c, less),
            _ => return None,
        };
        // Bits are within their width; numbers have to be brought there.
        if let Self::Wrap(_) = self {
            made.iter_mut().for_each(|number| *number &= u64::from(u32::MAX));
        } else {
            made.iter_mut().for_each(|number| *number = ring.wrap(*number));
        }
        Some(made)
    }
}

/// Bits of bytes, low ones first.
pub fn unpacked(bytes: &[u64], n: usize) -> Vec<u64> {
    bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1)).take(n).collect()
}

/// Bits in bytes, low ones first; what is left of the last byte is 0.
pub fn packed(bits: &[u64]) -> Vec<u64> {
    bits.chunks(8).map(|part| part.iter().rev().fold(0, |byte, bit| byte << 1 | bit & 1)).collect()
}

/// What the adder needs for `n` elements: an AND of whole words, then two words an element at each level. See [`crate::adder`].
pub(crate) fn adder(n: usize, ring: &Ring) -> Vec<Need> {
    let levels = crate::adder::levels(ring).into_iter().map(|level| Need::And(2 * n, level.width));
    std::iter::once(Need::And(n, ring.bytes())).chain(levels).collect()
}

/// What a layer needs, in the order in which it asks. `sizes` are those of the network's values.
pub fn needs(op: &Op, sizes: &[usize], ring: &Ring) -> Vec<Need> {
    let of = |value: &usize| sizes.get(*value).copied().unwrap_or(0);
    let relu = |n: usize| [adder(n, ring), vec![Need::Product(n)]].concat();
    match op {
        Op::Conv { .. } | Op::Dense { .. } => match op.product() {
            Some(sizes) => vec![Need::Matrix(sizes), Need::Wrap(sizes.numbers()[2])],
            None => Vec::new(),
        },
        Op::Norm { x, .. } | Op::Multiply { a: x, .. } => vec![Need::Product(of(x)), Need::Wrap(of(x))],
        Op::Relu { x } => relu(of(x)),
        Op::Sign { x } => [adder(of(x), ring), vec![Need::Bit(of(x))]].concat(),
        Op::Poly { x, coefficients } => {
            let degree = coefficients.first().map_or(0, Vec::len).saturating_sub(1);
            let n = of(x);
            let products = (1..degree).flat_map(|_| [Need::Product(n), Need::Wrap(n)]);
            std::iter::once(Need::Wrap(n)).chain(products).collect()
        }
        Op::Average { windows, .. } => vec![Need::Wrap(windows.channels * windows.positions())],
        Op::Maximum { windows, .. } => {
            let levels = Tournament::new(&matrix::windows(windows), windows.inputs()).levels;
            levels.iter().flat_map(|pairs| relu(pairs.len())).collect()
        }
        Op::Argmax { x } => {
            let level = |pairs: &Vec<(usize, usize)>| {
                [adder(pairs.len(), ring), vec![Need::Product(2 * pairs.len())]].concat()
            };
            Tournament::new(&indices(of(x)), of(x)).levels.iter().flat_map(level).collect()
        }
        Op::Scale { x, .. } => vec![Need::Wrap(of(x))],
        Op::Add { .. }
        | Op::Sub { .. }
        | Op::Times { .. }
        | Op::Shift { .. }
        | Op::Pick { .. }
        | Op::Put { .. } => Vec::new(),
    }
}

/// The dealer. It knows the network's sizes and receives nothing.
pub struct Dealer {
    ring: Ring,
    streams: [Stream; 2],
    seeds: Vec<Message>,
    needs: std::vec::IntoIter<(usize, Need)>,
}

impl Dealer {
    /// For one inference.
    ///
    /// # Errors
    /// A network whose sizes disagree.
    pub fn new(network: &Network, seed: Seed) -> Result<Self> {
        let sizes = network.sizes()?;
        let all = network.layers.iter().enumerate();
        let of = |(at, layer): (usize, &Layer)| {
            needs(&layer.op, &sizes, &network.ring).into_iter().map(move |need| (at, need))
        };
        Ok(Self::of(network.ring, all.flat_map(of).collect(), seed))
    }

    /// For these needs, each of a layer.
    pub(crate) fn of(ring: Ring, needs: Vec<(usize, Need)>, seed: Seed) -> Self {
        let mut own = Stream::new(seed);
        let [client, server] = [own.seed(), own.seed()];
        let message = |to, seed: Seed| Message {
            from: Who::Dealer,
            to,
            layer: 0,
            kind: Kind::Seed,
            bytes: seed.to_vec(),
        };
        Self {
            ring,
            streams: [Stream::new(client), Stream::new(server)],
            seeds: vec![message(Who::Server, server), message(Who::Client, client)],
            needs: needs.into_iter(),
        }
    }

    /// The next message: seeds first, then a correction for each need. None when all is dealt.
    ///
    /// # Errors
    /// None that a network can cause.
    pub fn deal(&mut self) -> Result<Option<Message>> {
        if let Some(seed) = self.seeds.pop() {
            return Ok(Some(seed));
        }
        let Some((layer, need)) = self.needs.next() else { return Ok(None) };
        let ring = self.ring;
        let [client, server] = &mut self.streams;
        let drawn = |stream: &mut Stream, who| -> Vec<Vec<u64>> {
            need.draws(who, &ring).into_iter().map(|(n, width)| stream.draw(n, width)).collect()
        };
        let (client, server) = (drawn(client, Who::Client), drawn(server, Who::Server));
        let made =
            need.correct(&client, &server, &ring).ok_or_else(|| Fault::new("a need with other lists"))?;
        let bytes = to_bytes(&made, need.correction(&ring).1);
        Ok(Some(Message { from: Who::Dealer, to: Who::Server, layer, kind: Kind::Correction, bytes }))
    }
}
