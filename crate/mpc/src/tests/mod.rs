//! The engine against whole numbers without bounds, its rates, and what its messages tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bytes;
mod layers;
mod operations;
mod secrecy;
mod traffic;

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use num_bigint::BigInt;

use crate::fault::Result;
use crate::material::{Dealer, Need};
use crate::net::{Layer, Network, Op, Weights};
use crate::port::Port;
use crate::protocol::Me;
use crate::random::{Stream, seeds};
use crate::ring::Ring;
use crate::wire::{Message, Who};

/// Both rings.
pub fn rings() -> [Ring; 2] {
    [Ring::new(64, 18).unwrap(), Ring::new(32, 8).unwrap()]
}

/// Numbers with no pattern.
pub struct Numbers(Stream);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(Stream::new(seeds(seed)[0]))
    }

    /// Any numbers of the ring.
    pub fn any(&mut self, n: usize, ring: &Ring) -> Vec<u64> {
        self.0.draw(n, ring.bytes())
    }

    /// Signed numbers of so many bits.
    pub fn small(&mut self, n: usize, bits: u32, ring: &Ring) -> Vec<u64> {
        self.0.draw(n, 8).into_iter().map(|x| ring.of(x as i64 >> (64 - bits))).collect()
    }
}

/// The signed number that a number of the ring stands for, without bounds.
pub fn big(ring: &Ring, x: u64) -> BigInt {
    BigInt::from(ring.signed(x))
}

/// A number without bounds, wrapped into the ring.
pub fn wrapped(ring: &Ring, x: &BigInt) -> u64 {
    let modulus = BigInt::from(1u8) << ring.bits;
    let low: BigInt = ((x % &modulus) + &modulus) % &modulus;
    u64::try_from(low).unwrap()
}

/// Shares of numbers: both parties'.
pub fn shared(ring: &Ring, numbers: &[u64], seed: u64) -> [Vec<u64>; 2] {
    let first = Numbers::new(seed ^ 0x5eed).any(numbers.len(), ring);
    let second = numbers.iter().zip(&first).map(|(x, own)| ring.wrap(x.wrapping_sub(*own))).collect();
    [first, second]
}

/// Both parties at one operation: what each made, and every message.
pub fn both<F: Future<Output = Result<Vec<u64>>>>(
    ring: Ring,
    needs: &[Need],
    seed: u64,
    operation: impl Fn(Me, usize) -> F,
) -> ([Vec<u64>; 2], Vec<Message>) {
    let mut dealer = Dealer::of(ring, needs.iter().map(|need| (0, *need)).collect(), seeds(seed)[2]);
    let ports = [Who::Client, Who::Server].map(|who| Port::new(who, 8));
    let seeds: Vec<Message> = (0..2).map(|_| dealer.deal().unwrap().unwrap()).collect();
    let me = |port: &Port, seed: &Message| Me {
        port: port.clone(),
        ring,
        dealt: Stream::new(seed.bytes.clone().try_into().unwrap()),
    };
    let mut client = pin!(operation(me(&ports[0], &seeds[0]), 0));
    let mut server = pin!(operation(me(&ports[1], &seeds[1]), 1));
    let (mut made, mut messages) = ([None, None], Vec::new());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        for at in 0..2 {
            let future = if at == 0 { client.as_mut() } else { server.as_mut() };
            if made[at].is_none()
                && let Poll::Ready(done) = future.poll(&mut context)
            {
                made[at] = Some(done.unwrap());
            }
            let mut sent: Vec<Message> = std::iter::from_fn(|| ports[at].leave()).collect();
            if made[at].is_none() && ports[at].waits() == Some(Who::Dealer) {
                sent.push(dealer.deal().unwrap().expect("the dealer has what is asked for"));
            }
            for message in sent {
                messages.push(message.clone());
                ports[usize::from(message.to == Who::Server)].arrive(message).unwrap();
            }
        }
        if let [Some(a), Some(b)] = &made {
            assert!(dealer.deal().unwrap().is_none(), "more was dealt than asked for");
            return ([a.clone(), b.clone()], messages);
        }
    }
    panic!("both wait");
}

/// The numbers of two shares.
pub fn joined(ring: &Ring, [a, b]: &[Vec<u64>; 2]) -> Vec<u64> {
    a.iter().zip(b).map(|(a, b)| ring.wrap(a.wrapping_add(*b))).collect()
}

/// A network of these layers, named by their place.
pub fn network(ring: Ring, input: usize, ops: Vec<Op>) -> Rc<Network> {
    let layers =
        ops.into_iter().enumerate().map(|(at, op)| Layer { name: format!("layer {at}"), op }).collect();
    Rc::new(Network { ring, input, layers })
}

/// Random weights that fit.
pub fn weights(network: &Network, numbers: &mut Numbers, bits: u32) -> Vec<Weights> {
    let ring = network.ring;
    let one = |layer: &Layer| Weights {
        factors: numbers.small(layer.op.weights(), bits, &ring),
        bias: match &layer.op {
            Op::Conv { outputs, .. } | Op::Dense { outputs, .. } => {
                numbers.small(*outputs, bits + ring.fraction, &ring)
            }
            op @ Op::Shift { .. } => numbers.small(op.biases(), bits, &ring),
            _ => Vec::new(),
        },
    };
    network.layers.iter().map(one).collect()
}
