//! One benchmark a stage, small enough to repeat often: where a regression came from.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use permdelta::delta::{Library, Plan, compare};
use permdelta::metadata::{SharedNames, parse};
use permdelta::policy::{Policy, builtin_rules, judge_change};
use permdelta::report::{self, Context, SarifOptions};
use permdelta::source::FileKind;

use crate::bare;
use crate::generator::{Scale, State, org};
use crate::memory::Memory;

/// One file of about 350 KB, after the bare event loop over it.
pub(crate) fn parse_one_file(criterion: &mut Criterion) {
    let (_, content) = org(Scale::of_sets(1, 0), State::Base).remove(0);
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(content.len() as u64));
    group.bench_function("bare events", |bencher| bencher.iter(|| bare::events(&content)));
    let shared = SharedNames::default();
    let mut names = shared.local();
    group.bench_function("one file", |bencher| {
        bencher.iter_batched(
            || content.clone(),
            |content| parse(FileKind::PermissionSet, content, &mut names),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// What follows the reading of two small orgs.
pub(crate) fn stages_of_a_check(criterion: &mut Criterion) {
    let scale = Scale { usual: 10, large: 1, small: 0, profiles: 2, groups: 2 };
    let mut memory = Memory::default();
    let base = memory.add("base", org(scale, State::Base));
    let head = memory.add("head", org(scale, State::Head));
    let policy = Policy::unconfigured(&builtin_rules().expect("built-in rules"));
    let plan = Plan::comparison(&base, &head);
    let mut library = Library::default();
    library.fill(&plan, &memory);
    let comparison = compare(&plan, &base, &head, &library);
    let context = Context {
        guarantee: false,
        command: "check",
        base: Some(&base.origin),
        head: &head.origin,
        policy: &policy,
        policy_from: "built-in",
        policy_id: None,
        fail_on: None,
        read: library.read_count(),
        names: library.names(),
        shown: None,
    };
    let judged = || judge_change(&policy, &comparison, &library);
    let report = report::of_change(&context, &comparison, Some(judged()));
    let mut group = criterion.benchmark_group("check");
    group.bench_function("compare", |bencher| bencher.iter(|| compare(&plan, &base, &head, &library)));
    group.bench_function("judge", |bencher| bencher.iter(judged));
    group.bench_function("build report", |bencher| {
        bencher.iter_batched(
            judged,
            |findings| report::of_change(&context, &comparison, Some(findings)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("render JSON", |bencher| bencher.iter(|| report::render_json(black_box(&report))));
    group.bench_function("render SARIF", |bencher| {
        bencher.iter(|| report::render_sarif(black_box(&report), SarifOptions::default()));
    });
    group.finish();
}
