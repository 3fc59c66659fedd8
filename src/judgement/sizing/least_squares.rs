//! Least squares in three parameters.

/// Solves A·x = b for a symmetric positive definite matrix; `None` if it is not one.
pub(super) fn solve(matrix: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    // Cholesky: A = L·Lᵀ.
    let mut lower = [[0.0; 3]; 3];
    for row in 0..3 {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| lower[row][at] * lower[column][at]).sum();
            let rest = matrix[row][column] - known;
            if row == column {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                lower[row][row] = rest.sqrt();
            } else {
                lower[row][column] = rest / lower[column][column];
            }
        }
    }
    let mut half = [0.0; 3];
    for row in 0..3 {
        let known: f64 = (0..row).map(|at| lower[row][at] * half[at]).sum();
        half[row] = (right[row] - known) / lower[row][row];
    }
    let mut solution = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3).map(|at| lower[at][row] * solution[at]).sum();
        solution[row] = (half[row] - known) / lower[row][row];
    }
    Some(solution)
}

/// The parameters that minimise the sum of squared residuals, none below its bound.
///
/// `model` gives the residual of a point and its derivatives by each parameter. Gauss–Newton steps damped as by Levenberg and
/// Marquardt, each cut to the bounds; ends when a step no longer helps. Marquardt, "An algorithm for least-squares estimation
/// of nonlinear parameters", SIAM Journal 11 (1963).
pub(super) fn minimise<P>(
    points: &[P],
    start: [f64; 3],
    bounds: [f64; 3],
    model: impl Fn(&P, &[f64; 3]) -> (f64, [f64; 3]),
) -> [f64; 3] {
    let squares = |at: &[f64; 3]| points.iter().map(|point| model(point, at).0.powi(2)).sum::<f64>();
    let (mut best, mut sum, mut damping) = (start, squares(&start), 1e-3);
    for _ in 0..200 {
        let (mut matrix, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
        for point in points {
            let (residual, slopes) = model(point, &best);
            for row in 0..3 {
                right[row] -= slopes[row] * residual;
                for column in 0..3 {
                    matrix[row][column] += slopes[row] * slopes[column];
                }
            }
        }
        for parameter in 0..3 {
            // A parameter at its bound whose step would go below it is held there; the others are solved without it.
            if best[parameter] <= bounds[parameter] && right[parameter] < 0.0 {
                matrix[parameter] = [0.0; 3];
                for line in &mut matrix {
                    line[parameter] = 0.0;
                }
                matrix[parameter][parameter] = 1.0;
                right[parameter] = 0.0;
            } else {
                // Scaled by the diagonal, so that parameters of different sizes are damped alike. The summand keeps a
                // zero from staying singular.
                matrix[parameter][parameter] = matrix[parameter][parameter] * (1.0 + damping) + 1e-300;
            }
        }
        let Some(step) = solve(matrix, right) else {
            damping *= 10.0;
            continue;
        };
        let next: [f64; 3] = std::array::from_fn(|at| (best[at] + step[at]).max(bounds[at]));
        let reached = squares(&next);
        if reached < sum {
            let gain = (sum - reached) / sum.max(1e-300);
            (best, sum, damping) = (next, reached, (damping / 10.0).max(1e-12));
            if gain < 1e-12 {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let solution = solve([[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]], [8.0, 15.0, 11.0]).unwrap();
        for (found, expected) in solution.into_iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{solution:?}");
        }
        assert_eq!(
            solve([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [1.0; 3]),
            None
        );
    }

    #[test]
    fn a_parameter_stays_at_its_bound_where_the_data_want_it_below() {
        // y = 2 + 3x − x² with the third parameter held at 0 or more: the best straight line through the points.
        let points: Vec<(f64, f64)> = (0..5).map(f64::from).map(|x| (x, 2.0 + 3.0 * x - x * x)).collect();
        let model = |(x, y): &(f64, f64), at: &[f64; 3]| (at[0] + at[1] * x + at[2] * x * x - y, [1.0, *x, x * x]);
        let free = minimise(&points, [0.0; 3], [-10.0; 3], model);
        assert!((free[2] + 1.0).abs() < 1e-6, "{free:?}");
        let held = minimise(&points, [0.0; 3], [-10.0, -10.0, 0.0], model);
        // Σ(x−2)(y−ȳ)/Σ(x−2)² = −10/10 and ȳ = 2.
        assert!(
            (held[0] - 4.0).abs() < 1e-6 && (held[1] + 1.0).abs() < 1e-6 && held[2] == 0.0,
            "{held:?}"
        );
    }
}
