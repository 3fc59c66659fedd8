//! The Universal Scalability Law: throughput against concurrency, with contention and loss of coherency.

use serde::{Deserialize, Serialize};

use super::Estimate;
use super::bootstrap::{RESAMPLES, Residuals, interval};
use super::least_squares::minimise;

/// Fewest levels of load that a fit of three parameters is tried on.
// Twice the number of parameters: with fewer the curve passes through the levels and explains nothing.
pub const FEWEST_LEVELS: usize = 6;
/// The least ratio of the greatest concurrency to the smallest.
// Contention and coherency cannot be told apart on a short piece of the curve.
const LEAST_SPREAD: f64 = 3.0;
/// The greatest root mean square of the relative residuals of a fit that is shown.
const WORST_RMS: f64 = 0.10;
/// The greatest relative residual of a single level.
const WORST_LEVEL: f64 = 0.25;
/// Ratio of the greatest concurrency drawn to the greatest measured.
// The curve is an extrapolation there: half as far again is as much as its intervals can carry.
const BEYOND: f64 = 1.5;
/// Points of the drawn curve.
const DRAWN: u32 = 60;

/// One curve: X(N) = λN / (1 + σ(N−1) + κN(N−1)).
///
/// Gunther, "Guerrilla Capacity Planning" (2007), chapter 4: λ is the throughput at a concurrency of 1, σ the contention for
/// shared resources, κ the cost of keeping each pair coherent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UslCurve {
    /// λ, throughput per second at a concurrency of 1.
    pub lambda: f64,
    /// Contention σ.
    pub sigma: f64,
    /// Coherency κ.
    pub kappa: f64,
}

impl UslCurve {
    fn denominator(&self, n: f64) -> f64 {
        // Below a concurrency of 1 a strong contention would bring the denominator to 0.
        (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)).max(1e-9)
    }

    /// Throughput per second at a concurrency of `n`.
    pub fn at(&self, n: f64) -> f64 {
        self.lambda * n / self.denominator(n)
    }

    /// The knee N* = √((1−σ)/κ), above which throughput falls with concurrency; `None` if there is none.
    pub fn knee(&self) -> Option<f64> {
        (self.kappa > 0.0 && self.sigma < 1.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }

    fn from_parameters(parameters: [f64; 3]) -> Self {
        Self {
            lambda: parameters[0].exp(),
            sigma: parameters[1],
            kappa: parameters[2],
        }
    }
}

/// The level of a closed system that a level of Poisson arrivals stands for: (requests at once, throughput per second), from
/// the mean concurrency and the throughput of the open one.
///
/// A request of a closed system of N meets the state that the system has with N − 1 (arrival theorem: Reiser and Lavenberg,
/// "Mean-value analysis of closed multichain queuing networks", Journal of the ACM 27, 1980); a Poisson arrival meets the mean
/// state. The open system at a mean concurrency of N − 1 so answers in the time of the closed one of N, and N over that time is
/// the throughput: exact for one queue and for delays, up to 12 % low for a queue with four servers. A concurrency of 0 stands for
/// nothing: (0, 0).
pub fn closed_level(concurrency: f64, throughput: f64) -> (f64, f64) {
    if concurrency > 0.0 {
        let at_once = concurrency + 1.0;
        (at_once, throughput * at_once / concurrency)
    } else {
        (0.0, 0.0)
    }
}

/// A level of load with its fitted value and residual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UslLevel {
    /// Requests at once in the closed system that the level stands for.
    pub concurrency: f64,
    /// Throughput per second of that closed system, by its measured response time.
    pub throughput: f64,
    /// Throughput per second by the curve.
    pub fitted: f64,
    /// ln(measured / fitted): about the relative difference.
    pub residual: f64,
}

/// A point of the curve with its band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UslPoint {
    /// Concurrency.
    pub concurrency: f64,
    /// Throughput per second with its 95 % interval.
    pub throughput: Estimate,
}

/// A fit with its intervals and residuals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usl {
    /// The curve of least squares.
    pub curve: UslCurve,
    /// λ, throughput per second at a concurrency of 1.
    pub lambda: Estimate,
    /// Contention σ.
    pub sigma: Estimate,
    /// Coherency κ.
    pub kappa: Estimate,
    /// The knee N*; `None` unless the data show one, that is κ's interval lies above 0.
    pub knee: Option<Estimate>,
    /// Throughput per second at the knee.
    pub peak: Option<Estimate>,
    /// True if the knee lies within 1.5 × the greatest concurrency measured; beyond that it is extrapolated too far.
    pub knee_within_reach: bool,
    /// The levels with their residuals.
    pub levels: Vec<UslLevel>,
    /// Root mean square of the residuals.
    pub rms: f64,
    /// The curve with its band, up to 1.5 × the greatest concurrency measured.
    pub drawn: Vec<UslPoint>,
}

/// Steps of the bisection: enough for every digit of a number of users.
// More than a float has bits.
const BISECTIONS: u32 = 100;

impl Usl {
    /// Journeys per second of `users` who each pause for `pause` seconds a journey in all, by the curve.
    ///
    /// Solves n = X · R(n) with X = (U − n) / pause for the mean number n in the system (interactive response-time law), where a
    /// request meets n · (U − 1) / U others (approximate mean-value analysis: Schweitzer 1979, Bard 1979).
    pub fn of_users(&self, users: u32, pause: f64) -> f64 {
        let users = f64::from(users);
        if users < 1.0 {
            return 0.0;
        }
        let stay = |inside: f64| {
            let at_once = inside * (users - 1.0) / users + 1.0;
            at_once / self.curve.at(at_once)
        };
        let (mut low, mut high) = (0.0, users);
        for _ in 0..BISECTIONS {
            let inside = f64::midpoint(low, high);
            if (users - inside) * stay(inside) > inside * pause {
                low = inside;
            } else {
                high = inside;
            }
        }
        low / stay(low)
    }
}

/// Reason for having no fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfit {
    /// Too few levels for three parameters.
    #[error("{0} levels of load are too few: three parameters need {FEWEST_LEVELS} or more")]
    TooFew(usize),
    /// The levels span too narrow a range of concurrency.
    #[error("the levels reach from {low:.2} to {high:.2} at once: a curve needs three times the least or more")]
    NoSpread {
        /// The smallest concurrency.
        low: f64,
        /// The greatest.
        high: f64,
    },
    /// The law does not describe the data.
    #[error("the law does not describe what was measured: off by {:.0} % on average, {:.0} % at one level", rms * 100.0, worst * 100.0)]
    Poor {
        /// Root mean square of the relative residuals.
        rms: f64,
        /// The greatest of them.
        worst: f64,
    },
}

/// Fits the law to (concurrency, throughput per second) by non-linear least squares on ln X, which weighs every level by its
/// relative error; intervals by a bootstrap of the residuals.
pub fn fit(levels: &[(f64, f64)], seed: u64) -> Result<Usl, Misfit> {
    // The fit is on logarithms, which 0 does not have.
    let mut levels: Vec<(f64, f64)> = levels.iter().copied().filter(|(n, x)| *n > 0.0 && *x > 0.0).collect();
    levels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (low, high) = match levels.as_slice() {
        [first, .., last] if levels.len() >= FEWEST_LEVELS => (first.0, last.0),
        _ => return Err(Misfit::TooFew(levels.len())),
    };
    if high < LEAST_SPREAD * low {
        return Err(Misfit::NoSpread { low, high });
    }
    let curve = least_squares(&levels, None);
    let residuals: Vec<f64> = levels.iter().map(|(n, x)| (x / curve.at(*n)).ln()).collect();
    let rms = (residuals.iter().map(|residual| residual.powi(2)).sum::<f64>() / residuals.len() as f64).sqrt();
    let worst = residuals
        .iter()
        .fold(0.0_f64, |worst, residual| worst.max(residual.abs()));
    if rms > WORST_RMS || worst > WORST_LEVEL {
        return Err(Misfit::Poor { rms, worst });
    }
    let curves = resampled(&levels, &curve, &residuals, seed);
    let estimate = |of: &dyn Fn(&UslCurve) -> f64| interval(of(&curve), curves.iter().map(of).collect());
    let (sigma, kappa) = (estimate(&|curve| curve.sigma), estimate(&|curve| curve.kappa));
    // Resamples without a knee have it at infinity.
    let knee = |curve: &UslCurve| curve.knee().unwrap_or(f64::INFINITY);
    // A knee is shown only if the loss of coherency is significant: else any curve has one somewhere.
    let shown = curve.knee().filter(|_| kappa.low > 0.0);
    let reach = BEYOND * high;
    Ok(Usl {
        lambda: estimate(&|curve| curve.lambda),
        sigma,
        kappa,
        knee: shown.map(|_| estimate(&knee)),
        peak: shown.map(|_| estimate(&|curve| curve.at(knee(curve).clamp(1.0, 1e12)))),
        knee_within_reach: shown.is_some_and(|knee| knee <= reach),
        levels: levels
            .iter()
            .zip(&residuals)
            .map(|((n, x), residual)| UslLevel {
                concurrency: *n,
                throughput: *x,
                fitted: curve.at(*n),
                residual: *residual,
            })
            .collect(),
        rms,
        drawn: (1..=DRAWN)
            // Closer together at low concurrency, where the curve bends.
            .map(|step| reach * (f64::from(step) / f64::from(DRAWN)).powi(2))
            .map(|n| UslPoint {
                concurrency: n,
                throughput: estimate(&|curve| curve.at(n)),
            })
            .collect(),
        curve,
    })
}

fn least_squares(levels: &[(f64, f64)], near: Option<&UslCurve>) -> UslCurve {
    let model = |(n, x): &(f64, f64), at: &[f64; 3]| {
        let curve = UslCurve::from_parameters(*at);
        let below = curve.denominator(*n);
        (
            // Logarithms, because the error of a throughput is proportional to it.
            (curve.at(*n) / x).ln(),
            [1.0, -(n - 1.0) / below, -n * (n - 1.0) / below],
        )
    };
    let squares = |at: &[f64; 3]| levels.iter().map(|level| model(level, at).0.powi(2)).sum::<f64>();
    let steepest = levels.iter().map(|(n, x)| x / n).fold(0.0, f64::max).ln();
    let starts = match near {
        Some(near) => vec![[near.lambda.ln(), near.sigma, near.kappa]],
        // Three starts: from no contention the gradient of a saturated curve may lead into a wrong valley.
        None => vec![[steepest, 0.0, 0.0], [steepest, 0.05, 1e-3], [steepest, 0.5, 1e-2]],
    };
    let found = starts
        .into_iter()
        // Contention and coherency are no less than 0 by the law's meaning. Near −745 the exponential becomes 0, and
        // its logarithm infinite.
        .map(|start| minimise(levels, start, [-700.0, 0.0, 0.0], model))
        .min_by(|one, other| squares(one).total_cmp(&squares(other)));
    UslCurve::from_parameters(found.unwrap_or([steepest, 0.0, 0.0]))
}

/// Curves fitted to the fitted levels with resampled residuals.
fn resampled(levels: &[(f64, f64)], curve: &UslCurve, residuals: &[f64], seed: u64) -> Vec<UslCurve> {
    let mut residuals = Residuals::new(residuals, 3, seed);
    let resample = |_| {
        let anew: Vec<(f64, f64)> = levels
            .iter()
            .map(|(n, _)| (*n, curve.at(*n) * residuals.draw().exp()))
            .collect();
        least_squares(&anew, Some(curve))
    };
    (0..RESAMPLES).map(resample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    const TRUTH: UslCurve = UslCurve {
        lambda: 40.0,
        sigma: 0.06,
        kappa: 0.0009,
    };

    fn measured(noise: f64, seed: u64) -> Vec<(f64, f64)> {
        let mut random = SmallRng::seed_from_u64(seed);
        // The sum of twelve uniform draws is close to normal with variance 1.
        let mut normal = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>();
        [0.5, 1.0, 2.0, 4.0, 8.0, 14.0, 20.0, 32.0, 45.0]
            .into_iter()
            .map(|n| (n, TRUTH.at(n) * (noise * normal()).exp()))
            .collect()
    }

    #[test]
    fn exact_data_give_the_parameters_back() {
        let usl = fit(&measured(0.0, 1), 1).unwrap();
        assert!((usl.curve.lambda - 40.0).abs() < 1e-4, "{:?}", usl.curve);
        assert!((usl.curve.sigma - 0.06).abs() < 1e-6, "{:?}", usl.curve);
        assert!((usl.curve.kappa - 0.0009).abs() < 1e-7, "{:?}", usl.curve);
        // √((1 − 0.06) / 0.0009)
        assert!((usl.knee.unwrap().point - 32.318).abs() < 0.01);
        assert!(usl.knee_within_reach);
    }

    #[test]
    fn the_intervals_hold_the_true_parameters_as_often_as_they_say() {
        let mut held = [0; 4];
        for seed in 0..60 {
            let usl = fit(&measured(0.02, seed), seed).unwrap();
            held[0] += u32::from(usl.lambda.contains(TRUTH.lambda));
            held[1] += u32::from(usl.sigma.contains(TRUTH.sigma));
            held[2] += u32::from(usl.kappa.contains(TRUTH.kappa));
            held[3] += u32::from(usl.knee.is_some_and(|knee| knee.contains(TRUTH.knee().unwrap())));
        }
        // 95 % of 60 are 57; fewer than 54 has a chance below 5 % each.
        assert!(held.iter().all(|count| *count >= 54), "{held:?} of 60");
    }

    /// Response time of M/M/c by Erlang's C.
    fn open_response(servers: u32, service: f64, rate: f64) -> f64 {
        let all = f64::from(servers) / service;
        service + crate::sizing::erlang_c(servers, rate / all) / (all - rate)
    }

    #[test]
    fn open_levels_stand_for_the_closed_system_of_the_same_servers() {
        // A closed system of N without pauses keeps min(N, c) servers busy.
        for (servers, tolerance) in [(1, 1e-9), (4, 0.12)] {
            for load in [0.05, 0.3, 0.5, 0.7, 0.9, 0.97] {
                let rate = load * f64::from(servers) / 0.04;
                let concurrency = rate * open_response(servers, 0.04, rate);
                let (at_once, throughput) = closed_level(concurrency, rate);
                let truth = at_once.min(f64::from(servers)) / 0.04;
                assert!(
                    (throughput / truth - 1.0).abs() <= tolerance,
                    "{servers} servers at {load}: {throughput} instead of {truth}"
                );
            }
        }
        assert_eq!(closed_level(0.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn users_who_pause_are_predicted() {
        let levels: Vec<(f64, f64)> = (1..=9)
            .map(|tenth| 2.5 * f64::from(tenth))
            .map(|rate| closed_level(rate * open_response(1, 0.04, rate), rate))
            .collect();
        let usl = fit(&levels, 1).unwrap();
        // Without pauses one server is always busy; few users with long pauses meet an empty system.
        assert!((usl.of_users(5, 0.0) - 25.0).abs() < 0.1, "{}", usl.of_users(5, 0.0));
        assert!(
            (usl.of_users(2, 10.0) - 2.0 / 10.04).abs() < 1e-3,
            "{}",
            usl.of_users(2, 10.0)
        );
        // Exact mean-value analysis of 30 users, 1 s of pause, 40 ms of service.
        let exact = (1..=30).map(f64::from).fold((0.0, 0.0), |(queue, _), users| {
            let stay = 0.04 * (1.0 + queue);
            let throughput = users / (1.0 + stay);
            (throughput * stay, throughput)
        });
        let predicted = usl.of_users(30, 1.0);
        assert!(
            (predicted / exact.1 - 1.0).abs() < 0.06,
            "{predicted} instead of {}",
            exact.1
        );
        assert!(usl.of_users(0, 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_system_that_scales_has_no_knee() {
        let levels: Vec<(f64, f64)> = (1..9).map(|n| (f64::from(n), 25.0 * f64::from(n))).collect();
        let usl = fit(&levels, 1).unwrap();
        assert_eq!(usl.knee, None);
        assert!(usl.curve.sigma < 1e-6 && usl.curve.kappa < 1e-6, "{:?}", usl.curve);
    }

    #[test]
    fn the_curve_ends_half_beyond_what_was_measured() {
        let usl = fit(&measured(0.01, 3), 3).unwrap();
        assert!((usl.drawn.last().unwrap().concurrency - 67.5).abs() < 1e-9);
        let middle = &usl.drawn[40].throughput;
        assert!(middle.low < middle.point && middle.point < middle.high, "{middle:?}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(fit(&measured(0.0, 1)[..5], 1), Err(Misfit::TooFew(5)));
        let alike: Vec<(f64, f64)> = (0..8).map(|at| (10.0 + f64::from(at), 100.0)).collect();
        assert!(matches!(fit(&alike, 1), Err(Misfit::NoSpread { .. })));
        // Throughput that jumps up and down with the load follows no such law.
        let jumps: Vec<(f64, f64)> = (1..9)
            .map(|n| (f64::from(n), if n % 2 == 0 { 90.0 } else { 40.0 }))
            .collect();
        let refused = fit(&jumps, 1).unwrap_err();
        assert!(matches!(refused, Misfit::Poor { .. }), "{refused}");
    }
}
