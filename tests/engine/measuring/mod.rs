//! One real gate, one real fault, one real capacity step and one replay: they measure, so nothing runs beside them. What they hold in its breadth is
//! held by golden evidence, and on demand by `ci/faults`.

mod ab;
mod capacity;
mod faults;
mod replay;
mod stack;
