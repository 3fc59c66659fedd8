//! Limit on the connections that keep their buffers between requests.

use std::cell::Cell;
use std::rc::Rc;

/// Connections that may keep their buffers. At 30 to 60 kB each, they hold well below 100 MB.
const PLACES: u32 = 1_000;

/// Places left in a run. A connection that gets none is parked between its requests.
#[derive(Debug)]
pub(super) struct BufferPermits(Rc<Cell<u32>>);

impl Default for BufferPermits {
    fn default() -> Self {
        Self::new(PLACES)
    }
}

impl BufferPermits {
    pub(super) fn new(count: u32) -> Self {
        Self(Rc::new(Cell::new(count)))
    }

    /// Takes a place; `None` if none is left.
    pub(super) fn take(&self) -> Option<BufferPermit> {
        let left = self.0.get().checked_sub(1)?;
        self.0.set(left);
        Some(BufferPermit(Rc::clone(&self.0)))
    }
}

/// A taken place; it is given back on drop.
#[derive(Debug)]
pub(super) struct BufferPermit(Rc<Cell<u32>>);

impl Drop for BufferPermit {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let places = BufferPermits::new(2);
        let taken = (places.take(), places.take());
        assert!(taken.0.is_some() && taken.1.is_some() && places.take().is_none());
        drop(taken);
        assert!(places.take().is_some());
    }
}
