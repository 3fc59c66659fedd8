//! Rows of data in little more memory than their file takes.
//!
//! Each row is its number of cells and then the cells, each after its length; both are variable-length numbers (LEB128, most of
//! one byte). Only every 16th row has an index entry: the rows between are skipped by their lengths.

/// Rows between two index entries.
const STRIDE: usize = 16;

/// Rows of cells; a cell may have no value.
#[derive(Debug, Default)]
pub(super) struct Rows {
    data: Vec<u8>,
    /// Offset of every 16th row.
    index: Vec<usize>,
    count: usize,
}

impl Rows {
    /// No rows yet, with room for as many bytes of data.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            data: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub(super) fn push<'a>(&mut self, cells: impl ExactSizeIterator<Item = Option<&'a str>>) {
        if self.count.is_multiple_of(STRIDE) {
            self.index.push(self.data.len());
        }
        self.count += 1;
        write_number(cells.len(), &mut self.data);
        for cell in cells {
            // 0 is a cell without a value.
            write_number(cell.map_or(0, |cell| cell.len() + 1), &mut self.data);
            self.data.extend_from_slice(cell.unwrap_or_default().as_bytes());
        }
    }

    /// Gives back the room that is not needed.
    pub(super) fn complete(&mut self) {
        self.data.shrink_to_fit();
        self.index.shrink_to_fit();
    }

    /// Number of rows.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Bytes that they hold in memory.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.data.capacity() + self.index.capacity() * size_of::<usize>()
    }

    /// A cell; `None` if there is no such row or column, or no value in it.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        if row >= self.count {
            return None;
        }
        let mut rest = self.data.get(*self.index.get(row / STRIDE)?..)?;
        for _ in 0..row % STRIDE {
            for _ in 0..read_number(&mut rest)? {
                read_cell(&mut rest)?;
            }
        }
        if column >= read_number(&mut rest)? {
            return None;
        }
        for _ in 0..column {
            read_cell(&mut rest)?;
        }
        let cell = read_cell(&mut rest)?;
        std::str::from_utf8(cell?).ok()
    }
}

fn write_number(mut number: usize, out: &mut Vec<u8>) {
    loop {
        // Seven bits fit a byte.
        let bits = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            out.push(bits);
            return;
        }
        out.push(bits | 0x80);
    }
}

fn read_number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The next cell; the inner `None` is one without a value.
#[expect(clippy::option_option, reason = "the outer one is the end of the data")]
fn read_cell<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let Some(length) = read_number(rest)?.checked_sub(1) else {
        return Some(None);
    };
    let (cell, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(Some(cell))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_cell_comes_back(table in prop::collection::vec(prop::collection::vec(prop::option::of(".{0,200}"), 0..5), 0..70)) {
            let mut rows = Rows::default();
            for row in &table {
                rows.push(row.iter().map(|cell| cell.as_deref()));
            }
            prop_assert_eq!(rows.count(), table.len());
            for (number, row) in table.iter().enumerate() {
                for (column, cell) in row.iter().enumerate() {
                    prop_assert_eq!(rows.cell(number, column), cell.as_deref());
                }
                prop_assert_eq!(rows.cell(number, row.len()), None);
            }
            prop_assert_eq!(rows.cell(table.len(), 0), None);
        }
    }
}
