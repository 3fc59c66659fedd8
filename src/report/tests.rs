//! A run that was saved and loaded again yields the same document.

use std::fs;

use super::{Document, sample};
use crate::error::Hint;
use crate::runs::RunFolder;
use crate::secrets::masked_toml;

#[test]
fn what_is_saved_is_what_is_loaded() {
    let base = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(base.path(), "gate").unwrap();
    let record = sample::record(&folder.evidence());
    folder.save(&record).unwrap();
    let loaded = RunFolder::open(folder.path()).unwrap().load().unwrap();
    assert_eq!(loaded.scenario, masked_toml(&record.scenario));
    assert_eq!(loaded.plan, record.plan);
    assert_eq!(loaded.environment, record.environment);
    assert_eq!(loaded.stack, record.stack);
    assert_eq!(loaded.started, record.started);
    assert_eq!(loaded.evidence.observations, record.evidence.observations);
    assert_eq!(loaded.evidence.recording.limits, record.evidence.recording.limits);
    assert_eq!(
        Document::new(&loaded, sample::judgement()),
        Document::new(&record, sample::judgement())
    );
}

#[test]
fn a_run_may_be_compressed_file_by_file() {
    let base = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(base.path(), "gate").unwrap();
    let record = sample::record(&folder.evidence());
    folder.save(&record).unwrap();
    let files = [
        "plan.json",
        "run.json",
        "environment.json",
        "stack.json",
        "scenario.toml",
        "evidence/observations.json",
    ];
    for name in files
        .into_iter()
        .chain(["evidence/recording.json", "evidence/recording.hlog"])
    {
        let path = folder.path().join(name);
        let packed = fs::File::create(folder.path().join(format!("{name}.gz"))).unwrap();
        let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &fs::read(&path).unwrap()).unwrap();
        packed.finish().unwrap();
        fs::remove_file(path).unwrap();
    }
    let loaded = RunFolder::open(folder.path()).unwrap().load().unwrap();
    assert_eq!(loaded.scenario, masked_toml(&record.scenario));
    assert_eq!(
        Document::new(&loaded, sample::judgement()),
        Document::new(&record, sample::judgement())
    );
    // Damage is reported with a hint.
    fs::write(folder.path().join("evidence/recording.json.gz"), "no gzip").unwrap();
    let error = folder.load().unwrap_err();
    assert!(error.hint().unwrap().contains("cut short"), "{:?}", error.hint());
    fs::write(folder.path().join("plan.json.gz"), "no gzip").unwrap();
    let error = folder.load().unwrap_err();
    assert!(error.to_string().ends_with("plan.json.gz"), "{error}");
}
