//! Seeds of random draws that depend on names and numbers only, so that they are the same in every run.

/// Spreads consecutive numbers over 64 bits, so that neighbouring numbers give unrelated seeds: Fibonacci hashing (Knuth, "The
/// Art of Computer Programming", volume 3, section 6.4).
pub fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The FNV-1a hash of a text in 64 bits (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub fn fnv_1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_draft() {
        // Appendix C of the draft.
        assert_eq!(fnv_1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn neighbours_are_spread() {
        assert_eq!(spread(0), 0);
        let differ = (1..1_000_u64).map(|number| (spread(number) ^ spread(number + 1)).count_ones());
        assert!(differ.min().unwrap() > 10);
    }
}
