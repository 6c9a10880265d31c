//! The protocol of one party: operations on its shares. Both run the same code; where they differ, `me.first()` says so.
//!
//! A number x is a share of each, x = x0 + x1 in the ring; a bit is a share of each by xor. To open is to send one's share of
//! a value that is masked with a random number of the dealer's, so that what travels is uniform.

use crate::adder::{levels, split};
use crate::fault::Result;
use crate::material::{Need, WRAP, packed, unpacked};
use crate::matrix;
use crate::net::Sizes;
use crate::port::Port;
use crate::random::Stream;
use crate::ring::{Ring, from_bytes, to_bytes};
use crate::wire::{Kind, Who};

/// A party at work.
pub struct Me {
    /// Its end of the wire.
    pub port: Port,
    /// The arithmetic.
    pub ring: Ring,
    /// The seed that it shares with the dealer.
    pub dealt: Stream,
}

impl Me {
    /// The client: the one of two that adds what both would.
    pub fn first(&self) -> bool {
        self.port.who() == Who::Client
    }

    /// The other party.
    pub fn peer(&self) -> Who {
        if self.first() { Who::Server } else { Who::Client }
    }

    /// Its lists of what the dealer makes.
    async fn deal(&mut self, need: Need) -> Result<Vec<Vec<u64>>> {
        let draws = need.draws(self.port.who(), &self.ring);
        let mut lists: Vec<Vec<u64>> =
            draws.into_iter().map(|(n, width)| self.dealt.draw(n, width)).collect();
        if !self.first() {
            let (n, width) = need.correction(&self.ring);
            let bytes = self.port.receive(Who::Dealer, Kind::Correction, n * width).await?;
            lists.push(from_bytes(&bytes, width));
        }
        Ok(lists)
    }

    /// Sends its numbers and waits for as many: one round.
    async fn swap(&mut self, kind: Kind, numbers: &[u64], width: usize) -> Result<Vec<u64>> {
        let bytes = to_bytes(numbers, width);
        let length = bytes.len();
        self.port.send(kind, bytes);
        Ok(from_bytes(&self.port.receive(self.peer(), kind, length).await?, width))
    }

    /// Opens two masked operands: x - a and y - b.
    async fn open(&mut self, kind: Kind, x: [&[u64]; 2], masks: [&[u64]; 2]) -> Result<[Vec<u64>; 2]> {
        let ring = self.ring;
        let less = |x: &[u64], a: &[u64]| -> Vec<u64> { pairs(x, a, |x, a| ring.wrap(x.wrapping_sub(a))) };
        let mut own = less(x[0], masks[0]);
        own.extend(less(x[1], masks[1]));
        let theirs = self.swap(kind, &own, ring.bytes()).await?;
        let mut sum = pairs(&own, &theirs, u64::wrapping_add);
        let second = sum.split_off(x[0].len());
        Ok([sum, second])
    }

    /// x y, element by element. Beaver: with e = x - a and f = y - b in the open, x y = e f + e b + a f + a b.
    pub async fn product(&mut self, kind: Kind, x: &[u64], y: &[u64]) -> Result<Vec<u64>> {
        let [a, b, c] = three(self.deal(Need::Product(x.len())).await?);
        let [e, f] = self.open(kind, [x, y], [&a, &b]).await?;
        let first = self.first();
        let one = |((((e, f), a), b), c): ((((&u64, &u64), &u64), &u64), &u64)| {
            let b = if first { b.wrapping_add(*f) } else { *b };
            self.ring.wrap(e.wrapping_mul(b).wrapping_add(a.wrapping_mul(*f)).wrapping_add(*c))
        };
        Ok(e.iter().zip(&f).zip(&a).zip(&b).zip(&c).map(one).collect())
    }

    /// left x right, as matrices.
    pub async fn matrices(&mut self, left: &[u64], right: &[u64], sizes: Sizes) -> Result<Vec<u64>> {
        let [a, mut b, c] = three(self.deal(Need::Matrix(sizes)).await?);
        let [e, f] = self.open(Kind::Linear, [left, right], [&a, &b]).await?;
        if self.first() {
            b = pairs(&b, &f, u64::wrapping_add);
        }
        let sums = pairs(&matrix::product(&e, &b, sizes), &matrix::product(&a, &f, sizes), u64::wrapping_add);
        Ok(pairs(&sums, &c, |sum, c| self.ring.wrap(sum.wrapping_add(c))))
    }

    /// x and y, bit by bit, in words of so many bytes.
    async fn and(&mut self, x: &[u64], y: &[u64], width: usize) -> Result<Vec<u64>> {
        let [a, b, c] = three(self.deal(Need::And(x.len(), width)).await?);
        let xor = |x: u64, y: u64| x ^ y;
        let mut own = pairs(x, &a, xor);
        own.extend(pairs(y, &b, xor));
        let theirs = self.swap(Kind::Comparison, &own, width).await?;
        let mut e = pairs(&own, &theirs, xor);
        let f = e.split_off(x.len());
        let first = self.first();
        let one = |((((e, f), a), b), c): ((((&u64, &u64), &u64), &u64), &u64)| {
            let b = if first { b ^ f } else { *b };
            (e & b) ^ (a & f) ^ c
        };
        Ok(e.iter().zip(&f).zip(&a).zip(&b).zip(&c).map(one).collect())
    }

    /// Bits: 1 where x is negative. See [`crate::adder`].
    pub async fn negative(&mut self, x: &[u64]) -> Result<Vec<u64>> {
        let ring = self.ring;
        // Each share is one operand of the adder, which the other has no part in.
        let mut p: Vec<u64> = x.iter().map(|x| ring.wrap(x << 1)).collect();
        let none = vec![0; x.len()];
        let mut g = match self.first() {
            true => self.and(&p, &none, ring.bytes()).await?,
            false => self.and(&none, &p, ring.bytes()).await?,
        };
        for level in levels(&ring) {
            let (p1, p0): (Vec<u64>, Vec<u64>) = p.iter().map(|p| split(*p, level.merge)).unzip();
            let (g1, g0): (Vec<u64>, Vec<u64>) = g.iter().map(|g| split(*g, level.merge)).unzip();
            let both = self.and(&[&p1[..], &p1].concat(), &[p0, g0].concat(), level.width).await?;
            let (passed, made) = both.split_at(x.len());
            p = passed.to_vec();
            g = pairs(&g1, made, |g1, made| g1 ^ made);
        }
        Ok(pairs(x, &g, |x, g| x >> (ring.bits - 1) ^ g >> 7))
    }

    /// x times a shared bit. (x0 + x1)(y0 xor y1) = x0 y0 + x1 y1 + x0 (1 - 2 y0) y1 + x1 (1 - 2 y1) y0: one product of what
    /// each can make alone, less its parts of one party.
    pub async fn choose(&mut self, x: &[u64], bits: &[u64]) -> Result<Vec<u64>> {
        let ring = self.ring;
        let signed = pairs(x, bits, |x, bit| if bit == 1 { ring.wrap(x.wrapping_neg()) } else { x });
        let crossed = self.product(Kind::Choice, &signed, bits).await?;
        let own = pairs(x, bits, |x, bit| x.wrapping_mul(bit).wrapping_mul(2));
        Ok(pairs(&crossed, &own, |all, own| ring.wrap(all.wrapping_add(own))))
    }

    /// max(x, 0).
    pub async fn relu(&mut self, x: &[u64]) -> Result<Vec<u64>> {
        let stays = self.not_negative(x).await?;
        self.choose(x, &stays).await
    }

    /// Bits: 1 where x is not negative.
    pub async fn not_negative(&mut self, x: &[u64]) -> Result<Vec<u64>> {
        let mut bits = self.negative(x).await?;
        if self.first() {
            bits.iter_mut().for_each(|bit| *bit ^= 1);
        }
        Ok(bits)
    }

    /// Shared bits as shared numbers: with c = bit xor r in the open, the bit is c + r - 2 c r.
    pub async fn numbers(&mut self, bits: &[u64]) -> Result<Vec<u64>> {
        let lists = self.deal(Need::Bit(bits.len())).await?;
        let [r, numbers, _] = three(lists);
        let own = pairs(&packed(bits), &r, |bit, r| bit ^ r);
        let theirs = self.swap(Kind::Bit, &own, 1).await?;
        let open = unpacked(&pairs(&own, &theirs, |a, b| a ^ b), bits.len());
        let first = u64::from(self.first());
        let one = |c: u64, r: u64| self.ring.wrap(if c == 1 { first.wrapping_sub(r) } else { r });
        Ok(pairs(&open, &numbers, one))
    }

    /// x / 2^fraction: one above the floor at the share of what is cut off, never anything else, for |x| below 2^(bits - 2).
    ///
    /// x + 2^(bits - 2) is positive. Then the shares' sum wrapped around if and only if a share has its top bit set: w =
    /// m0 + m1 - m0 m1. The shares are shifted, the first down, the second up, and w 2^(bits - fraction) is taken off;
    /// so w is needed modulo 2^fraction only, and m0 m1 travels as numbers of 32 bits.
    pub async fn truncate(&mut self, x: &[u64]) -> Result<Vec<u64>> {
        let Ring { bits, fraction, .. } = self.ring;
        let (first, ring) = (self.first(), self.ring);
        let offset = if first { 1u64 << (bits - 2) } else { 0 };
        let x: Vec<u64> = x.iter().map(|x| ring.wrap(x.wrapping_add(offset))).collect();
        let tops: Vec<u64> = x.iter().map(|x| x >> (bits - 1)).collect();
        let mut lists = self.deal(Need::Wrap(x.len())).await?.into_iter();
        let (mask, c) = (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
        let low = u64::from(u32::MAX);
        let own = pairs(&tops, &mask, |top, mask| top.wrapping_sub(mask) & low);
        let theirs = self.swap(Kind::Truncation, &own, WRAP).await?;
        // m0 m1 = (m0 - a) m1 + a (m1 - b) + a b.
        let known = if first { &mask } else { &tops };
        let both = pairs(&pairs(known, &theirs, u64::wrapping_mul), &c, u64::wrapping_add);
        let wraps = pairs(&tops, &both, u64::wrapping_sub);
        let cut = (1u64 << fraction) - 1;
        let one = |x: u64, wraps: u64| {
            let up = u64::from(!first && x & cut != 0);
            let shifted = (x >> fraction) + up;
            let less = wraps.wrapping_shl(bits - fraction).wrapping_add(offset >> fraction);
            ring.wrap(shifted.wrapping_sub(less))
        };
        Ok(pairs(&x, &wraps, one))
    }
}

/// A function of two lists, element by element.
pub fn pairs(a: &[u64], b: &[u64], f: impl Fn(u64, u64) -> u64) -> Vec<u64> {
    a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
}

/// Three lists; empty ones where there are fewer, which never is: the need says how many.
fn three(lists: Vec<Vec<u64>>) -> [Vec<u64>; 3] {
    let mut lists = lists.into_iter();
    std::array::from_fn(|_| lists.next().unwrap_or_default())
}
