//! `diapason ab`: what it refuses before anything is brought up.

use crate::workspace::{Workspace, code, words};

/// A scenario on a stack of one service that no engine is asked for.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.scenario();
    let put = |name: &str, text: &str| std::fs::write(workspace.path().join(name), text).unwrap();
    std::fs::create_dir(workspace.path().join("stacks")).unwrap();
    put("stacks/compose.yml", "services: { web: { image: none } }\n");
    put(
        "stacks/none.toml",
        "name = 'none'\ndescription = 'd'\n[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 80\n",
    );
    put(
        "stacks/attached.toml",
        "name = 'attached'\ndescription = 'd'\n[attach]\nurl = 'http://127.0.0.1:9'\n",
    );
    workspace
}

#[test]
fn what_cannot_be_compared_in_turns_is_refused_before_anything_is_brought_up() {
    let workspace = workspace();
    let ramp = "phase.steady.workload={ executor = 'ramping-users', stages = [{ to = 9, over = '2s' }] }";
    for (arguments, told, hint) in [
        (&[][..], "both sides are the same", "hint: name what differs"),
        (
            &["--a", "stack.env.A=1", "--b", "stack.env.A=1"],
            "both sides are the same",
            "hint: name what differs",
        ),
        (
            &["--b", "phase.steady.duration=9s"],
            "`phase.steady.duration` of side B is no setting of a stack",
            "hint: sides differ in `stack.…` alone",
        ),
        (&["--b", "stack.imgae.web=x"], "unknown field `imgae`", "hint: a key is"),
        (&["--b", "v1", "--b", "v2"], "two revisions", "hint: give each side one"),
        (
            &["--b", "v9"],
            "cannot check out `v9`",
            "hint: the Compose file's repository",
        ),
        (
            &["--b", "stack.use=attached"],
            "the stack `attached` is attached to",
            "hint: use a stack file with `[compose]`",
        ),
        (
            &["--b", "stack.env.A=1", "--set", ramp],
            "needs constant load",
            "hint: give every judged phase",
        ),
        (
            &["--b", "stack.env.A=1", "--set", "phase.steady.duration=auto"],
            "are of one length",
            "hint: give it a fixed `duration`",
        ),
        (&["--at-most-time", "soon"], "invalid value 'soon'", "--help"),
    ] {
        let output = workspace.diapason(&[&["ab", "short.toml"], arguments].concat());
        let text = words(&output);
        assert_eq!(code(&output), 2, "{arguments:?}: {text}");
        assert!(text.contains(told) && text.contains(hint), "{arguments:?}: {text}");
    }
    // No folder was made for any of them.
    assert!(!workspace.path().join("reports").exists());
}

#[test]
fn the_help_says_the_exit_codes() {
    let text = words(&Workspace::new().diapason(&["ab", "--help"]));
    assert!(text.contains("3    undecided when the time was over"), "{text}");
}
