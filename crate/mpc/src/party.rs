//! A party: a state machine that takes messages, works until it must wait, and gives messages.

use std::cell::{Ref, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::fault::{Fault, Result};
use crate::layers::layer;
use crate::net::{Network, Weights};
use crate::port::Port;
use crate::protocol::{Me, pairs};
use crate::random::{Seed, Stream};
use crate::ring::{Ring, from_bytes, to_bytes};
use crate::wire::{Kind, Message, Who};

/// Messages that one sender may be ahead by, apart from the weights, which come at once: the other party is a round ahead
/// at most, and the dealer is asked for a few at a time.
const AHEAD: usize = 8;

/// What only one party has.
pub enum Secret {
    /// The client's input, as numbers of the ring.
    Input(Vec<u64>),
    /// The server's weights, a layer each.
    Weights(Vec<Weights>),
}

/// Where a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It shared its secret, or is done with a layer, and goes on when it is asked to.
    Rests,
    /// It waits for a message of theirs.
    Waits(Who),
    /// It is done.
    Done,
}

/// Shares of each value of the network, as far as they are there.
type Shares = Rc<RefCell<Vec<Vec<u64>>>>;

/// A party.
pub struct Party {
    port: Port,
    ring: Ring,
    shares: Shares,
    work: Pin<Box<dyn Future<Output = Result<Option<Vec<u64>>>>>>,
    /// None while it works; the client's has the result in it. A fault stays.
    done: Option<Result<Option<Vec<u64>>>>,
}

impl Party {
    /// The party that has this secret; `seed` is what it hides its secret with.
    ///
    /// # Errors
    /// A network whose sizes disagree; a secret of another size.
    pub fn new(network: Rc<Network>, secret: Secret, seed: Seed) -> Result<Self> {
        let sizes = network.sizes()?;
        let who = match &secret {
            Secret::Input(input) => match Some(&input.len()) == sizes.first() {
                true => Who::Client,
                false => {
                    return Err(Fault::new(format!(
                        "an input of {} numbers for {}",
                        input.len(),
                        network.input
                    )));
                }
            },
            Secret::Weights(weights) => {
                network.fits(weights)?;
                Who::Server
            }
        };
        let (port, shares) = (Port::new(who, network.layers.len().saturating_add(AHEAD)), Shares::default());
        let ring = network.ring;
        let work = Box::pin(infer(port.clone(), network, secret, Stream::new(seed), shares.clone()));
        Ok(Self { port, ring, shares, work, done: None })
    }

    /// Who it is.
    pub fn who(&self) -> Who {
        self.port.who()
    }

    /// The layer that it works at.
    pub fn layer(&self) -> usize {
        self.port.layer()
    }

    /// A message arrives.
    ///
    /// # Errors
    /// It is for somebody else, more lie unread than the protocol can send, or the party is done.
    pub fn arrive(&self, message: Message) -> Result<()> {
        if self.done.is_some() {
            return Err(Fault::new("a message for a party that is done"));
        }
        self.port.arrive(message)
    }

    /// The next message to be sent.
    pub fn leave(&self) -> Option<Message> {
        self.port.leave()
    }

    /// The dealer's messages that it has not read yet.
    pub fn dealt(&self) -> usize {
        self.port.dealt()
    }

    /// Works until it must wait or is done with a layer.
    ///
    /// # Errors
    /// A message that is none of the protocol's; from then on, the same again.
    pub fn work(&mut self) -> Result<State> {
        if let Some(done) = &self.done {
            return done.as_ref().map(|_| State::Done).map_err(Clone::clone);
        }
        match self.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => {
                let state = result.as_ref().map(|_| State::Done).map_err(Clone::clone);
                self.done = Some(result);
                state
            }
            Poll::Pending => Ok(self.port.waits().map_or(State::Rests, State::Waits)),
        }
    }

    /// Its share of a value, once it is there: 0 is the input, i + 1 what layer i makes.
    pub fn share(&self, value: usize) -> Option<Ref<'_, [u64]>> {
        Ref::filter_map(self.shares.borrow(), |all| all.get(value).map(Vec::as_slice)).ok()
    }

    /// The high bytes of the first numbers of its share of a value, of `most` at most.
    pub fn high_bytes(&self, value: usize, most: usize) -> Option<Vec<u8>> {
        let shift = self.ring.bits - 8;
        Some(self.share(value)?.iter().take(most).map(|number| (number >> shift) as u8).collect())
    }

    /// The result, once the client has it.
    pub fn result(&self) -> Option<&[u64]> {
        self.done.as_ref()?.as_ref().ok()?.as_deref()
    }
}

/// An inference, as one party sees it.
async fn infer(
    port: Port,
    network: Rc<Network>,
    secret: Secret,
    mut own: Stream,
    shares: Shares,
) -> Result<Option<Vec<u64>>> {
    let (ring, word) = (network.ring, network.ring.bytes());
    let seed = port.receive(Who::Dealer, Kind::Seed, 32).await?;
    let seed = seed.try_into().map_err(|_| Fault::new("a seed of another length"))?;
    let mut me = Me { port, ring, dealt: Stream::new(seed) };
    // What is hidden is a random number of its owner's, its own share; the other party gets the difference.
    let mut hide = |numbers: &[u64]| {
        let own = own.draw(numbers.len(), word);
        let sent = pairs(numbers, &own, |x, own| ring.wrap(x.wrapping_sub(own)));
        (own, to_bytes(&sent, word))
    };
    let weights: Vec<usize> = network.layers.iter().map(|layer| layer.op.weights()).collect();
    let (input, factors, biases) = match secret {
        Secret::Input(input) => {
            let (share, sent) = hide(&input);
            me.port.send(Kind::Input, sent);
            let mut factors = Vec::new();
            for (at, n) in weights.iter().enumerate().filter(|(_, n)| **n > 0) {
                me.port.begin(at);
                let bytes = me.port.receive(Who::Server, Kind::Weights, n * word).await?;
                factors.resize(at, Vec::new());
                factors.push(from_bytes(&bytes, word));
            }
            me.port.begin(0);
            factors.resize(weights.len(), Vec::new());
            (share, factors, vec![Vec::new(); weights.len()])
        }
        Secret::Weights(all) => {
            let (mut factors, mut biases) = (Vec::new(), Vec::new());
            for (at, Weights { factors: numbers, bias }) in all.into_iter().enumerate() {
                me.port.begin(at);
                let (share, sent) = hide(&numbers);
                if !sent.is_empty() {
                    me.port.send(Kind::Weights, sent);
                }
                factors.push(share);
                biases.push(bias);
            }
            me.port.begin(0);
            let bytes = me.port.receive(Who::Client, Kind::Input, network.input * word).await?;
            (from_bytes(&bytes, word), factors, biases)
        }
    };
    let mut values = vec![input];
    shares.borrow_mut().extend(values.first().cloned());
    me.port.rest().await;
    for (at, ((one, factors), bias)) in network.layers.iter().zip(&factors).zip(&biases).enumerate() {
        me.port.begin(at);
        let made = layer(&mut me, &one.op, &values, factors, bias).await?;
        shares.borrow_mut().push(made.clone());
        values.push(made);
        me.port.rest().await;
    }
    let last = values.pop().unwrap_or_default();
    if !me.first() {
        me.port.send(Kind::Output, to_bytes(&last, word));
        return Ok(None);
    }
    let bytes = me.port.receive(Who::Server, Kind::Output, last.len() * word).await?;
    Ok(Some(pairs(&last, &from_bytes(&bytes, word), |a, b| ring.wrap(a.wrapping_add(b)))))
}
