//! The `diapason` program; everything lives in the library.

fn main() -> std::process::ExitCode {
    diapason::cli::main()
}
