//! Names of the two sides, and their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SideName {
    /// The version that is compared with.
    A,
    /// The version that is compared.
    B,
}

impl SideName {
    /// Both, A first.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// Position of the side in a pair of values.
    pub fn index(self) -> usize {
        usize::from(self == Self::B)
    }

    /// The order of the two runs of that pair, counted from 0: A B, B A, A B, …
    ///
    /// A machine that becomes steadily slower or faster gives neither side an advantage over two pairs.
    pub fn order(pair: usize) -> [Self; 2] {
        if pair.is_multiple_of(2) {
            [Self::A, Self::B]
        } else {
            [Self::B, Self::A]
        }
    }
}

impl fmt::Display for SideName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_a_b_b_a_a_b() {
        let turns: Vec<String> = (0..3).flat_map(SideName::order).map(|side| side.to_string()).collect();
        assert_eq!(turns.concat(), "ABBAAB");
    }
}
