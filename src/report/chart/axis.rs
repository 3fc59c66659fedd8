//! The vertical axis, linear or logarithmic.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;

/// An axis of positive numbers. The library's own logarithmic axis names powers of ten only, which on a range from 20 to
/// 300 is a single one.
pub(super) struct Vertical {
    pub range: Range<f64>,
    pub logarithmic: bool,
}

impl Ranged for Vertical {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        if !self.logarithmic {
            return RangedCoordf64::from(self.range.clone()).map(value, limit);
        }
        let logarithms = self.range.start.log10()..self.range.end.log10();
        // 0 has no logarithm: what lies below the axis is drawn on its lower end.
        RangedCoordf64::from(logarithms).map(&value.max(self.range.start).log10(), limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if self.logarithmic {
            ticks(&self.range)
        } else {
            RangedCoordf64::from(self.range.clone()).key_points(hint)
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// 1, 2 and 5 times each power of ten; powers of ten alone on a range of more than three decades.
fn ticks(range: &Range<f64>) -> Vec<f64> {
    let decades = (range.end / range.start).log10();
    // Three ticks a decade stay legible up to three decades; beyond, their labels would touch.
    let steps: &[f64] = if decades > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let mut ticks = Vec::new();
    // From the whole power below the range, whose double or fivefold may lie within it.
    let mut power = 10_f64.powf(range.start.log10().floor());
    while power <= range.end {
        ticks.extend(steps.iter().map(|step| step * power));
        power *= 10.0;
    }
    ticks.retain(|tick| range.contains(tick));
    ticks
}

/// A number on the axis, with at most three decimals and without trailing zeros.
pub(super) fn number(value: f64) -> String {
    let rounded = format!("{value:.3}");
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_has_enough_ticks() {
        let texts = |range| ticks(&range).into_iter().map(number).collect::<Vec<_>>().join(" ");
        assert_eq!(texts(18.0..350.0), "20 50 100 200");
        assert_eq!(texts(0.4..12.0), "0.5 1 2 5 10");
        assert_eq!(texts(0.9..20_000.0), "1 10 100 1000 10000");
    }

    #[test]
    fn both_axes_fill_the_height() {
        for logarithmic in [false, true] {
            let axis = Vertical {
                range: 1.0..100.0,
                logarithmic,
            };
            assert_eq!(axis.map(&1.0, (300, 0)), 300);
            assert_eq!(axis.map(&100.0, (300, 0)), 0);
        }
        let axis = Vertical {
            range: 1.0..100.0,
            logarithmic: true,
        };
        assert_eq!(axis.map(&10.0, (300, 0)), 150);
    }
}
