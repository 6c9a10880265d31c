//! A party's end of the wire: what came in and was not read yet, what is to be sent. Waiting is a future, so that a protocol
//! is written as it is read, and a party is stopped wherever it waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use crate::fault::{Fault, Result};
use crate::wire::{Kind, Message, Who};

/// An end of the wire.
#[derive(Debug, Default)]
pub struct Ends {
    /// From the other party.
    peer: VecDeque<Message>,
    /// From the dealer.
    dealer: VecDeque<Message>,
    /// To be sent.
    out: VecDeque<Message>,
    /// Whom the party waits for.
    waits: Option<Who>,
    /// The layer that it works at.
    layer: usize,
}

/// An end that the party and its protocol share.
#[derive(Clone, Debug)]
pub struct Port {
    who: Who,
    /// Messages of one sender that may lie unread.
    most: usize,
    ends: Rc<RefCell<Ends>>,
}

impl Port {
    /// Nothing sent yet; up to `most` messages of one sender may lie unread.
    pub fn new(who: Who, most: usize) -> Self {
        Self { who, most, ends: Rc::default() }
    }

    /// Whose it is.
    pub fn who(&self) -> Who {
        self.who
    }

    /// The party begins a layer.
    pub fn begin(&self, layer: usize) {
        self.ends.borrow_mut().layer = layer;
    }

    /// The layer that the party works at.
    pub fn layer(&self) -> usize {
        self.ends.borrow().layer
    }

    /// A message arrives.
    ///
    /// # Errors
    /// It is for somebody else, or one too many lies unread.
    pub fn arrive(&self, message: Message) -> Result<()> {
        if message.to != self.who || message.from == self.who {
            return Err(Fault::new("a message for somebody else"));
        }
        let mut ends = self.ends.borrow_mut();
        let queue = if message.from == Who::Dealer { &mut ends.dealer } else { &mut ends.peer };
        if queue.len() >= self.most {
            return Err(Fault::new(format!("more than {} messages that nobody asked for", self.most)));
        }
        queue.push_back(message);
        Ok(())
    }

    /// The next message to be sent.
    pub fn leave(&self) -> Option<Message> {
        self.ends.borrow_mut().out.pop_front()
    }

    /// The dealer's messages that were not read yet.
    pub fn dealt(&self) -> usize {
        self.ends.borrow().dealer.len()
    }

    /// Stops for whoever drives the party, once.
    pub async fn rest(&self) {
        let mut rested = false;
        poll_fn(|_| match std::mem::replace(&mut rested, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// Whom the party waits for; None where it works or is done.
    pub fn waits(&self) -> Option<Who> {
        self.ends.borrow().waits
    }

    /// Sends to the other party.
    pub fn send(&self, kind: Kind, bytes: Vec<u8>) {
        let to = if self.who == Who::Client { Who::Server } else { Who::Client };
        let mut ends = self.ends.borrow_mut();
        let layer = ends.layer;
        ends.out.push_back(Message { from: self.who, to, layer, kind, bytes });
    }

    /// Waits for a message of this kind and length, of the layer that the party works at.
    ///
    /// # Errors
    /// The message that came is another.
    pub async fn receive(&self, from: Who, kind: Kind, length: usize) -> Result<Vec<u8>> {
        let message = poll_fn(|_| {
            let mut ends = self.ends.borrow_mut();
            let queue = if from == Who::Dealer { &mut ends.dealer } else { &mut ends.peer };
            match queue.pop_front() {
                Some(message) => {
                    ends.waits = None;
                    Poll::Ready(message)
                }
                None => {
                    ends.waits = Some(from);
                    Poll::Pending
                }
            }
        })
        .await;
        let layer = self.layer();
        if message.kind == kind && message.layer == layer && message.bytes.len() == length {
            return Ok(message.bytes);
        }
        let (came, bytes, of) = (message.kind, message.bytes.len(), message.layer);
        Err(Fault::new(format!(
            "{came:?} of {bytes} B for layer {of} came where {kind:?} of {length} B for layer {layer} was due"
        )))
    }
}
