//! The beginning of a value in its place.

use core::fmt::{self, Write};
use core::net::IpAddr;

use super::mask;

/// An open label that holds less than what it was made from: the first characters of a text, or the network of an address.
///
/// Its name may be that of an identifier, `ip` or `user_id`. How much is kept is for the program to judge: what is left must
/// be shared by many.
///
/// ```
/// use datapunk_metrics::privacy::{Network, Truncate};
/// use datapunk_metrics::{Counter, LabelSet, MetricSet};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct ClientLabels<'a> {
///     #[label(max = 100)]
///     client_ip: Truncate<'a>,
/// }
///
/// /// Metrics of the door.
/// #[derive(MetricSet)]
/// struct DoorMetrics {
///     /// Connections refused, by network.
///     door_refusals_total: Counter<ClientLabels<'static>>,
/// }
///
/// let network = Network::of([192, 0, 2, 17].into());
/// DoorMetrics::METRICS.door_refusals_total.with(ClientLabels { client_ip: network.label() }).inc();
/// assert_eq!(network.label().as_str(), "192.0.2.0/24");
/// assert_eq!(Truncate::characters("größe-17", 4).as_str(), "größ");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Truncate<'a>(&'a str);

impl<'a> Truncate<'a> {
    /// The first `count` characters of a text.
    #[must_use]
    pub fn characters(text: &'a str, count: usize) -> Self {
        let end = text
            .char_indices()
            .nth(count)
            .map_or(text.len(), |(end, _)| end);
        Self(&text[..end])
    }

    /// What is kept.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Truncate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As it is exposed.
        f.debug_tuple("Truncate").field(&mask(self.0)).finish()
    }
}

/// Room for `255.255.255.0/24` and `ffff:ffff:ffff::/48`.
const ROOM: usize = 24;

/// The network that an address is in: a `/24` of IPv4, a `/48` of IPv6. Providers give out smaller ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    text: [u8; ROOM],
    length: usize,
}

impl Network {
    /// That of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let mut network = Self {
            text: [0; ROOM],
            length: 0,
        };
        // There is room for every network.
        let _ = match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                write!(network, "{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                let first = core::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
                write!(network, "{first}/48")
            }
        };
        network
    }

    /// It as the value of a label.
    #[must_use]
    pub fn label(&self) -> Truncate<'_> {
        Truncate(core::str::from_utf8(&self.text[..self.length]).unwrap_or_default())
    }
}

impl Write for Network {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.text.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Network")
            .field(&self.label().as_str())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_networks() {
        for (address, network) in [
            ("192.0.2.255", "192.0.2.0/24"),
            ("255.255.255.255", "255.255.255.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("ffff:ffff:ffff:ffff::1", "ffff:ffff:ffff::/48"),
            ("::1", "::/48"),
            ("::ffff:192.0.2.1", "192.0.2.0/24"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(Network::of(address).label().as_str(), network);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(Truncate::characters("äöü", 2).as_str(), "äö");
        assert_eq!(Truncate::characters("ab", 5).as_str(), "ab");
        assert_eq!(Truncate::characters("ab", 0).as_str(), "");
    }
}
