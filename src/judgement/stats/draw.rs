//! Draws from the distributions that resampling and simulation need, written here instead of adding a crate.

use rand::Rng;

/// A draw from the standard normal distribution. Marsaglia and Bray, "A convenient method for generating normal variables",
/// SIAM Review 6 (1964).
pub fn normal(random: &mut impl Rng) -> f64 {
    loop {
        let (x, y): (f64, f64) = (random.random_range(-1.0..1.0), random.random_range(-1.0..1.0));
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// A draw from the gamma distribution of that shape, at least 1, and scale 1. Marsaglia and Tsang, "A simple method for
/// generating gamma variables", ACM Transactions on Mathematical Software 26 (2000).
fn gamma(shape: f64, random: &mut impl Rng) -> f64 {
    let scale = shape - 1.0 / 3.0;
    let spread = 1.0 / (9.0 * scale).sqrt();
    loop {
        let x = normal(random);
        let cube = (1.0 + spread * x).powi(3);
        let level: f64 = random.random_range(f64::MIN_POSITIVE..1.0);
        if cube > 0.0 && level.ln() < 0.5 * x * x + scale - scale * cube + scale * cube.ln() {
            return scale * cube;
        }
    }
}

/// A draw from Beta(a, b), both at least 1: X / (X + Y) for gamma-distributed X and Y of those shapes.
pub(super) fn beta(a: f64, b: f64, random: &mut impl Rng) -> f64 {
    let x = gamma(a, random);
    x / (x + gamma(b, random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    const DRAWS: u32 = 100_000;

    /// Mean and variance of many draws.
    fn moments(mut draw: impl FnMut(&mut SmallRng) -> f64) -> (f64, f64) {
        let mut random = SmallRng::seed_from_u64(1);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..DRAWS {
            let value = draw(&mut random);
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(DRAWS);
        (mean, squares / f64::from(DRAWS) - mean * mean)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let (mean, variance) = moments(normal);
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        // Beta(a, b): mean a/(a+b), variance ab/((a+b)²(a+b+1)).
        for (a, b) in [(1.0, 1.0), (1.0, 20.0), (95.0, 6.0), (950.0, 51.0)] {
            let (mean, variance) = moments(|random| beta(a, b, random));
            let all = a + b;
            let (expected, spread) = (a / all, a * b / (all * all * (all + 1.0)));
            assert!(
                (mean - expected).abs() < 4.0 * (spread / f64::from(DRAWS)).sqrt(),
                "{a} {b}: {mean}"
            );
            assert!((variance / spread - 1.0).abs() < 0.05, "{a} {b}: {variance}");
        }
    }
}
