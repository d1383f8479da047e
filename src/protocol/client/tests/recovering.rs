//! Connection state recovery.

use super::*;

const KEPT: &str = r#"40{"sid":"S1","pid":"P1"}"#;

// S01
#[test]
fn what_was_missed_comes_before_the_answer_and_is_told_before_connected() {
    let mut rig = kept();
    rig.receive(r#"42["news",1,"off1"]"#);
    rig.close(1006);
    rig.next_attempt();

    let joins = [r#"2> 40{"pid":"P1","offset":"off1","token":"t1"}"#];
    assert_eq!(rig.receive(OPEN), joins);
    assert_eq!(rig.receive(r#"42["news",2,"off2"]"#), [""; 0]);
    let lines = rig.receive(KEPT);

    assert_eq!(lines, [r#"message news [2,"off2"]"#, "recovered S1"]);
    rig.close(1006);
    rig.next_attempt();
    let joins = [r#"3> 40{"pid":"P1","offset":"off2","token":"t1"}"#];
    assert_eq!(rig.receive(OPEN), joins);
}

// S02
#[test]
fn without_an_event_the_pid_goes_alone() {
    let mut rig = kept();
    rig.close(1006);
    rig.next_attempt();

    assert_eq!(rig.receive(OPEN), [r#"2> 40{"pid":"P1","token":"t1"}"#]);
    let answer = r#"40{"sid":"S2","pid":"P2"}"#;
    assert_eq!(rig.receive(answer), ["connected S2"]);
}

// S05
#[test]
fn an_event_that_asks_for_an_answer_has_no_offset() {
    let mut rig = kept();
    rig.receive(r#"42["a",1,"off1"]"#);
    rig.receive(r#"42["b",2]"#);
    rig.receive(r#"427["c","off3"]"#);
    rig.close(1006);
    rig.next_attempt();

    let joins = [r#"2> 40{"pid":"P1","offset":"off1","token":"t1"}"#];
    assert_eq!(rig.receive(OPEN), joins);
}

// S06, C01
#[test]
fn a_server_that_gives_no_pid_keeps_nothing() {
    let mut rig = kept();
    rig.receive(r#"42["a","off1"]"#);
    rig.close(1006);
    rig.next_attempt();
    rig.receive(OPEN);

    assert_eq!(rig.receive(r#"40{"sid":"S2"}"#), ["connected S2"]);

    rig.close(1006);
    rig.next_attempt();
    assert_eq!(rig.receive(OPEN), [r#"3> 40{"token":"t1"}"#]);
}

// S07
#[test]
fn a_session_that_either_side_ended_is_not_asked_for_again() {
    for by_us in [true, false] {
        let mut rig = kept();
        rig.receive(r#"42["a","off1"]"#);
        if by_us {
            rig.input(Input::Disconnect);
            rig.input(Input::Connect);
        } else {
            rig.receive("41");
            rig.next_attempt();
        }

        assert_eq!(rig.receive(OPEN), [r#"2> 40{"token":"t1"}"#]);
    }
}

// S08
#[test]
fn a_missed_attachment_comes_before_the_answer_too() {
    let mut rig = kept();
    rig.close(1006);
    rig.next_attempt();
    rig.receive(OPEN);

    rig.receive(r#"451-["b",{"_placeholder":true,"num":0},"off2"]"#);
    assert_eq!(rig.receive_bytes(&[1]), [""; 0]);

    let lines = rig.receive(KEPT);
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("message b"), "{lines:?}");
    rig.close(1006);
    rig.next_attempt();
    let joins = [r#"3> 40{"pid":"P1","offset":"off2","token":"t1"}"#];
    assert_eq!(rig.receive(OPEN), joins);
}

fn kept() -> Rig {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);
    assert_eq!(rig.receive(KEPT), ["connected S1"]);
    rig
}
