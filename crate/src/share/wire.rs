//! Numbers and texts to bytes and back: varints, and a table of the texts seen so far. Reading is
//! bounded: every item and every character is taken from a budget before it is allocated.

use std::collections::HashMap;

use crate::error::{Code, Error, Result};
use crate::limits::{MAX_LINK_ITEMS, MAX_LINK_TEXT};

/// A link that does not say what a link says.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(Code::InvalidLink, format!("the link cannot be read: {what}"))
        .hint("Copy the whole link again.")
}

/// Writes a body.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    texts: HashMap<String, u64>,
}

impl Writer {
    /// Seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, mut value: u64) {
        while value > 0x7f {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// 0 where it is what was expected; else one more than the value.
    pub(super) fn expected(&mut self, value: u64, expected: u64) {
        self.number(if value == expected { 0 } else { value.saturating_add(1) });
    }

    /// 0 for none; else one more than the value.
    pub(super) fn optional(&mut self, value: Option<u64>) {
        self.number(value.map_or(0, |value| value.saturating_add(1)));
    }

    /// A new text: 0, length, bytes. A text that was written before: its place, from 1.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(place) = self.texts.get(text) {
            return self.number(*place);
        }
        self.number(0);
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
        self.texts.insert(text.to_owned(), self.texts.len() as u64 + 1);
    }
}

/// Reads a body.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    texts: Vec<&'a str>,
    items: usize,
    characters: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, texts: Vec::new(), items: MAX_LINK_ITEMS, characters: MAX_LINK_TEXT }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Any number of 63 bits, in its shortest form.
    pub(super) fn number(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.bytes.split_first().ok_or_else(|| damaged("it ends too early"))?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let shortest = *byte != 0 || shift == 0;
                return if shortest { Ok(value) } else { Err(damaged("a number is written too long")) };
            }
        }
        Err(damaged("a number is out of range"))
    }

    pub(super) fn number_to(&mut self, limit: u64) -> Result<u64> {
        let value = self.number()?;
        if value <= limit { Ok(value) } else { Err(damaged("a number is out of range")) }
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| damaged("a number is out of range"))
    }

    pub(super) fn expected(&mut self, expected: u64) -> Result<u64> {
        match self.number()? {
            0 if expected > i64::MAX as u64 => Err(damaged("a number is out of range")),
            0 => Ok(expected),
            value => Ok(value - 1),
        }
    }

    pub(super) fn optional(&mut self) -> Result<Option<u64>> {
        Ok(self.number()?.checked_sub(1))
    }

    /// How many follow; each costs at least a byte, or part of the budget.
    pub(super) fn count(&mut self, limit: usize) -> Result<usize> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > limit {
            return Err(damaged("a list is too long"));
        }
        self.take(count)?;
        Ok(count)
    }

    /// Takes items from the budget.
    pub(super) fn take(&mut self, items: usize) -> Result<()> {
        self.items = self.items.checked_sub(items).ok_or_else(|| damaged("it holds too much"))?;
        Ok(())
    }

    pub(super) fn text(&mut self) -> Result<String> {
        let place = self.number()?;
        let text = match place.checked_sub(1) {
            Some(known) => {
                let known = usize::try_from(known).ok().and_then(|known| self.texts.get(known));
                *known.ok_or_else(|| damaged("it refers to a text that it does not hold"))?
            }
            None => {
                let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
                let (text, rest) =
                    self.bytes.split_at_checked(length).ok_or_else(|| damaged("it ends too early"))?;
                self.bytes = rest;
                let text = std::str::from_utf8(text).map_err(|_| damaged("a text is not UTF-8"))?;
                self.texts.push(text);
                text
            }
        };
        let left = self.characters.checked_sub(text.len());
        self.characters = left.ok_or_else(|| damaged("it holds too much text"))?;
        Ok(text.to_owned())
    }
}
