//! Questions to a search on the command line: values to search for one after the other, and a load that must hold.

use super::CapacityError;
use crate::report::ExpectedLoad;
use crate::units::Rate;

/// `--sweep KEY=VALUE,VALUE,…`: one search for each value of a key of the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The dotted key, as for `--set`.
    pub key: String,
    /// Its values, in order.
    pub values: Vec<String>,
}

impl Sweep {
    /// Parses the value of `--sweep`.
    pub fn parse(text: &str) -> Result<Self, CapacityError> {
        let unclear = || CapacityError::Unclear {
            given: text.to_owned(),
            expected: "a sweep such as `stack.limits.api.cpus=1,2,4`",
        };
        let (key, values) = text.split_once('=').ok_or_else(unclear)?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        let key = key.trim();
        if key.is_empty() || values.iter().any(String::is_empty) {
            return Err(unclear());
        }
        Ok(Self {
            key: key.to_owned(),
            values,
        })
    }
}

/// Parses the value of `--expect`: `300 users` or `85/s`.
pub fn parse_expected(text: &str) -> Result<ExpectedLoad, CapacityError> {
    let unclear = || CapacityError::Unclear {
        given: text.to_owned(),
        expected: "a load such as `300 users` or `85/s`",
    };
    if let Some(users) = text
        .trim()
        .strip_suffix("users")
        .or_else(|| text.trim().strip_suffix("user"))
    {
        let users: u32 = users.trim().parse().map_err(|_| unclear())?;
        // Zero users hold on every stack, and the answer would be worthless.
        return if users > 0 {
            Ok(ExpectedLoad::Users(users))
        } else {
            Err(unclear())
        };
    }
    let rate: Rate = text.parse().map_err(|_| unclear())?;
    if rate.get() > 0.0 {
        Ok(ExpectedLoad::Rate(rate.get()))
    } else {
        Err(unclear())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_has_a_key_and_values() {
        let sweep = Sweep::parse("stack.limits.api.cpus=0.25, 0.5,1").unwrap();
        assert_eq!((sweep.key.as_str(), sweep.values.len()), ("stack.limits.api.cpus", 3));
        for nonsense in ["", "cpus", "=1", "a=1,,2"] {
            assert!(Sweep::parse(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_load_is_users_or_a_rate() {
        assert_eq!(parse_expected("300 users").unwrap(), ExpectedLoad::Users(300));
        assert_eq!(parse_expected("90/min").unwrap(), ExpectedLoad::Rate(1.5));
        for nonsense in ["users", "0 users", "-3 users", "85", "0/s"] {
            assert!(parse_expected(nonsense).is_err(), "{nonsense}");
        }
    }
}
