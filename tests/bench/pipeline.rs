//! Benchmarks of the pipeline on generated orgs.
//!
//! `cargo bench -- ratio` states the speed on an org of 120 MB as a ratio to the bare event loop; any other
//! argument goes to criterion, which measures the stages on small input; without one, both run. As a test
//! (without `--bench`, or with `--test`) every stage runs once and the big org is left out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod bare;
mod chance;
mod generator;
mod memory;
mod names;
mod ratio;
mod stages;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let measured = arguments.iter().any(|argument| argument == "--bench");
    let mut others = arguments.iter().filter(|argument| *argument != "--bench").peekable();
    let everything = others.peek().is_none();
    let only_ratio = others.any(|argument| argument == "ratio");
    if measured && (everything || only_ratio) {
        ratio::run();
        ratio::run_effective();
        ratio::run_rules();
    }
    if only_ratio {
        return;
    }
    let mut criterion = criterion::Criterion::default().configure_from_args();
    stages::parse_one_file(&mut criterion);
    stages::stages_of_a_check(&mut criterion);
    criterion.final_summary();
}
