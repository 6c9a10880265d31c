//! Both parties and the dealer in one thread, in turn: whoever waits lets the others work.

use std::rc::Rc;

use crate::fault::{Fault, Result};
use crate::material::Dealer;
use crate::net::{Network, Weights};
use crate::party::{Party, Secret, State};
use crate::random::seeds;
use crate::wire::{Message, Who, Wire};

/// A finished inference.
pub struct Ran {
    /// The result, as numbers of the ring.
    pub output: Vec<u64>,
    /// What was sent.
    pub wire: Wire,
    /// The client and the server, with their shares of each value.
    pub parties: [Party; 2],
}

/// Runs an inference; `watch` sees each message as it is sent.
///
/// # Errors
/// A network, an input or weights whose sizes disagree.
pub fn run(
    network: &Rc<Network>,
    weights: &[Weights],
    input: &[u64],
    seed: u64,
    watch: &mut dyn FnMut(&Message),
) -> Result<Ran> {
    let [client, server, dealer] = seeds(seed);
    let mut parties = [
        Party::new(network.clone(), Secret::Input(input.to_vec()), client)?,
        Party::new(network.clone(), Secret::Weights(weights.to_vec()), server)?,
    ];
    let (mut dealer, mut wire) = (Dealer::new(network, dealer)?, Wire::new());
    loop {
        let (mut states, mut moved) = ([State::Done; 2], false);
        for (at, state) in states.iter_mut().enumerate() {
            let Some(party) = parties.get_mut(at) else { continue };
            *state = party.work()?;
            let mut sent: Vec<Message> = std::iter::from_fn(|| party.leave()).collect();
            if *state == State::Waits(Who::Dealer) {
                sent.extend(dealer.deal()?);
            }
            moved |= !sent.is_empty() || *state == State::Rests;
            for message in sent {
                wire.carry(&message);
                watch(&message);
                let [client, server] = &parties;
                if message.to == Who::Client { client } else { server }.arrive(message)?;
            }
        }
        if states == [State::Done; 2] {
            let result = parties.first().and_then(Party::result);
            let output = result.ok_or_else(|| Fault::new("it ended without a result"))?.to_vec();
            return Ok(Ran { output, wire, parties });
        }
        if !moved {
            return Err(Fault::new("both parties wait for one another"));
        }
    }
}
