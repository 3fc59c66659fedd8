//! One real gate, one real fault and one real capacity step: they measure, so nothing runs beside them. What they hold in its breadth is
//! held by golden evidence, and on demand by `ci/faults`.

mod capacity;
mod faults;
mod stack;
