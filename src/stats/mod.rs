//! Pure statistics: no clock, no input, no output. Each function documents its formula and its source.
