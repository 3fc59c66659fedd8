//! Local addresses that connections come from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::WireError;

/// Most local addresses in one range; more are taken for a typing error.
const MOST: u128 = 1 << 16;

/// One local address, `127.0.0.2`, or all from the first to the last, `127.0.0.2..127.0.0.20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct SourceAddresses {
    first: IpAddr,
    last: IpAddr,
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl SourceAddresses {
    fn all(self) -> impl Iterator<Item = IpAddr> {
        (number(self.first)..=number(self.last)).map(move |number| match self.first {
            IpAddr::V4(_) => Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).into(),
            IpAddr::V6(_) => Ipv6Addr::from(number).into(),
        })
    }
}

/// Every address of the ranges; fails if one of them is not this machine's.
pub(super) fn checked(ranges: &[SourceAddresses]) -> Result<Vec<IpAddr>, WireError> {
    let addresses: Vec<IpAddr> = ranges.iter().flat_map(|range| range.all()).collect();
    for address in &addresses {
        // Nothing is sent: binding alone tells whether the address is this machine's.
        UdpSocket::bind((*address, 0)).map_err(|source| WireError::NotLocal {
            address: *address,
            source,
        })?;
    }
    Ok(addresses)
}

impl FromStr for SourceAddresses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = |part: &str| {
            let parsed = part.trim().parse::<IpAddr>();
            parsed.map_err(|_| format!("`{part}` is not an IP address such as `127.0.0.2` or `::1`"))
        };
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (address(first)?, address(last)?);
        if first.is_ipv4() != last.is_ipv4() {
            return Err(format!("`{text}` goes from one kind of address to the other"));
        }
        if first > last {
            return Err(format!("`{text}` ends before it begins"));
        }
        if number(last) - number(first) >= MOST {
            return Err(format!("`{text}` has more than {MOST} addresses"));
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for SourceAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(f)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

impl TryFrom<String> for SourceAddresses {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<SourceAddresses> for String {
    fn from(addresses: SourceAddresses) -> Self {
        addresses.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_both_its_ends() {
        let all = |text: &str| -> Vec<String> {
            let range: SourceAddresses = text.parse().unwrap();
            assert_eq!(range.to_string(), text);
            range.all().map(|address| address.to_string()).collect()
        };
        assert_eq!(all("127.0.0.254..127.0.1.1").len(), 4);
        assert_eq!(all("127.0.0.254..127.0.1.1")[3], "127.0.1.1");
        assert_eq!(all("::1"), ["::1"]);
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        let told = |text: &str| text.parse::<SourceAddresses>().unwrap_err();
        assert!(told("127.0.0.9..127.0.0.2").ends_with("ends before it begins"));
        assert!(told("localhost").contains("is not an IP address"));
        assert!(told("127.0.0.1..::1").contains("one kind of address"));
        assert!(told("10.0.0.0..11.0.0.0").contains("more than 65536"));
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let elsewhere = "192.0.2.1".parse().unwrap();
        let error = checked(&[elsewhere]).unwrap_err();
        assert!(matches!(error, WireError::NotLocal { .. }), "{error}");
        assert_eq!(checked(&["127.0.0.2..127.0.0.4".parse().unwrap()]).unwrap().len(), 3);
    }
}
