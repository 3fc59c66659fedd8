//! How many connections stay ready for their next request, buffers and all.

use std::cell::Cell;
use std::rc::Rc;

/// At 30 to 60 kB each, what they hold stays well below 100 MB.
const PLACES: u32 = 1_000;

/// The places of a run that are left; those who take none are parked between their requests.
#[derive(Debug)]
pub(super) struct Places(Rc<Cell<u32>>);

impl Default for Places {
    fn default() -> Self {
        Self::of(PLACES)
    }
}

impl Places {
    pub(super) fn of(count: u32) -> Self {
        Self(Rc::new(Cell::new(count)))
    }

    /// A place, if one is left.
    pub(super) fn take(&self) -> Option<Place> {
        let left = self.0.get().checked_sub(1)?;
        self.0.set(left);
        Some(Place(Rc::clone(&self.0)))
    }
}

/// A place that is taken, until this is dropped.
#[derive(Debug)]
pub(super) struct Place(Rc<Cell<u32>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let places = Places::of(2);
        let taken = (places.take(), places.take());
        assert!(taken.0.is_some() && taken.1.is_some() && places.take().is_none());
        drop(taken);
        assert!(places.take().is_some());
    }
}
