//! Waiting for one of several servers.

/// Erlang's C formula: the probability that an arrival finds all of c servers taken, each of them busy for the share ρ of the
/// time; 1 if ρ is 1 or more. For Poisson arrivals and exponential service; the offered load is a = cρ erlangs:
///
/// ```text
///             aᶜ/c! · 1/(1 − ρ)
/// C = ─────────────────────────────────
///      Σₖ₌₀ᶜ⁻¹ aᵏ/k! + aᶜ/c! · 1/(1 − ρ)
/// ```
///
/// Gross and Harris, "Fundamentals of Queueing Theory", section 2.3.
pub fn erlang_c(servers: u32, busy: f64) -> f64 {
    let busy = busy.max(0.0);
    if busy >= 1.0 {
        return 1.0;
    }
    // The loss formula by its recurrence B(k) = aB(k − 1) / (k + aB(k − 1)), which cannot overflow as powers and factorials do.
    let offered = f64::from(servers) * busy;
    let lost = (1..=servers).fold(1.0, |lost, count| offered * lost / (f64::from(count) + offered * lost));
    lost / (1.0 - busy * (1.0 - lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_formula_says() {
        let by_the_sum = |servers: u32, busy: f64| {
            let offered = f64::from(servers) * busy;
            let mut terms = vec![1.0];
            for count in 1..=servers {
                terms.push(terms[terms.len() - 1] * offered / f64::from(count));
            }
            let all = terms.pop().unwrap_or_default() / (1.0 - busy);
            all / (terms.iter().sum::<f64>() + all)
        };
        for servers in [1, 2, 5, 10, 50] {
            for busy in [0.05, 0.5, 0.75, 0.97] {
                let (found, expected) = (erlang_c(servers, busy), by_the_sum(servers, busy));
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{servers} × {busy}: {found} {expected}"
                );
            }
        }
        // Of one server an arrival waits as often as it is busy; of two, 2ρ²/(1 + ρ).
        assert!((erlang_c(1, 0.6) - 0.6).abs() < 1e-12);
        assert!((erlang_c(2, 0.5) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn whoever_finds_no_server_or_none_with_time_left_waits() {
        for (servers, busy) in [(0, 0.0), (0, 0.5), (3, 1.0), (1, 7.0), (100_000, 1.0)] {
            assert_eq!(
                erlang_c(servers, busy).to_bits(),
                1.0_f64.to_bits(),
                "{servers} × {busy}"
            );
        }
        assert_eq!(erlang_c(4, 0.0).to_bits(), 0.0_f64.to_bits());
        assert!(erlang_c(100_000, 0.999).is_finite());
    }
}
