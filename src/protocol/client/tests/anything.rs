//! Whatever comes, in whatever order and time.

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Frame(u64, Frame),
    Input(Input),
    Emit(Emit),
    Connect(SocketId, bool),
    Say(Result<Option<Value>, String>),
    FollowTimeout,
}

proptest! {
    #![proptest_config(crate::protocol::reproducible())]

    #[test]
    fn no_sequence_of_inputs_panics_grows_or_lies(
        seed in any::<u64>(),
        steps in proptest::collection::vec((0_u64..40_000, step()), 1..80),
    ) {
        let mut rig = Rig::seeded(config(), seed);
        let second = rig.client.socket("/b").unwrap();
        rig.client.set_auth(second, Auth::Ask);
        let (count, ack_timeout) = (2, Duration::from_millis(700));
        rig.client.set_retries(second, Some(Retries { count, ack_timeout }));
        rig.client.watch(Watch { sent: true, packets: true });
        rig.input(Input::Connect);
        rig.command(|client, now| client.connect(second, now));
        for (pass, step) in steps {
            match step {
                Step::FollowTimeout => {
                    if let Some(deadline) = rig.client.poll_timeout() {
                        rig.now = rig.now.max(deadline);
                    }
                    rig.input(Input::Timeout);
                    // A timer that is due again at once would spin.
                    prop_assert!(rig.client.poll_timeout().is_none_or(|next| next > rig.now));
                }
                Step::Frame(age, frame) => {
                    rig.pass(pass % 5_000);
                    let transport = TransportId(rig.transport.0.saturating_sub(age));
                    rig.input(Input::Received(transport, frame));
                }
                Step::Input(input) => {
                    rig.pass(pass);
                    rig.input(input);
                }
                Step::Say(auth) => {
                    if let Some(request) = rig.auth_asked {
                        rig.input(Input::Auth(request, auth));
                    }
                }
                Step::Connect(socket, wanted) => {
                    rig.command(|client, now| match wanted {
                        true => client.connect(socket, now),
                        false => client.disconnect(socket, now),
                    });
                }
                Step::Emit(emit) => {
                    rig.pass(pass % 1_000);
                    let _ = rig.client.emit(emit, rig.now);
                    rig.drain();
                }
            }
            let open = matches!(rig.client.link, Link::Opening | Link::Open);
            prop_assert_eq!(rig.client.engine.is_some(), open);
            prop_assert_eq!(rig.open.is_some(), open, "the driver's transport and the link differ");
            for member in &rig.client.members {
                let is_up = member.is_joining() || member.is_connected();
                prop_assert!(open || !is_up, "a socket is up without a connection");
                prop_assert!(!matches!(rig.client.link, Link::Down) || !member.needs_link());
            }
            for socket in rig.client.sockets() {
                let state = rig.client.state_of(socket);
                let connected = matches!(state, State::Connected { .. });
                // That the page was left is told when it is back.
                if *state != State::Suspended {
                    prop_assert_eq!(rig.told_connected.contains(&socket), connected, "events and state differ");
                }
                prop_assert!(rig.client.buffers(socket).waiting <= 100);
            }
            let opens = rig.client.counters().opens;
            prop_assert!(opens <= 81 + rig.now.since_origin().as_secs());
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let text = |text: &str| Frame::Text(text.to_owned());
    let frame = prop_oneof![
        4 => Just(text(OPEN)),
        4 => Just(text(JOINED)),
        2 => Just(text("2")),
        4 => Just(text(r#"42["x",1]"#)),
        1 => Just(text(r#"427["ask"]"#)),
        1 => Just(text("41")),
        3 => Just(text(r#"40/b,{"sid":"S2"}"#)),
        2 => Just(text(r#"42/b,["x"]"#)),
        1 => Just(text("41/b,")),
        1 => Just(text(r#"44/b,{"message":"no"}"#)),
        1 => Just(text(r#"44{"message":"no"}"#)),
        2 => Just(text(r#"452-["b",{"_placeholder":true,"num":1}]"#)),
        1 => "4[0-6][0-9]{0,2}-?\\PC{0,10}".prop_map(Frame::Text),
        1 => any::<String>().prop_map(Frame::Text),
        3 => proptest::collection::vec(any::<u8>(), 0..20).prop_map(Frame::Binary),
    ];
    let input = prop_oneof![
        3 => Just(Input::Connect),
        1 => Just(Input::Disconnect),
        1 => Just(Input::RetryNow),
        2 => Just(Input::Timeout),
        1 => Just(Input::Closed(TransportId(1), Closed::default())),
        1 => Just(Input::Page(Page::Visible)),
        1 => Just(Input::Page(Page::Hidden)),
        1 => Just(Input::Page(Page::Online)),
        1 => Just(Input::Page(Page::Offline)),
        1 => Just(Input::Page(Page::Leaving)),
        1 => Just(Input::Page(Page::Woke)),
        1 => Just(Input::Page(Page::Restored)),
    ];
    let socket = || (0_usize..3).prop_map(SocketId::at);
    let emit = (socket(), any::<bool>(), proptest::option::of(0_u64..5_000)).prop_map(
        |(socket, volatile, ack)| {
            let mut emit = Emit::new("e", vec![Value::Bytes(Arc::from([1]))]).on(socket);
            emit.volatile = volatile;
            emit.ack_timeout = ack.map(Duration::from_millis);
            emit
        },
    );
    prop_oneof![
        5 => (prop_oneof![9 => Just(0_u64), 1 => 1_u64..3], frame).prop_map(|(age, frame)| Step::Frame(age, frame)),
        2 => input.prop_map(Step::Input),
        1 => emit.prop_map(Step::Emit),
        2 => prop_oneof![3 => Just(Ok(None)), 1 => Just(Err(String::new()))].prop_map(Step::Say),
        1 => (socket(), any::<bool>()).prop_map(|(socket, wanted)| Step::Connect(socket, wanted)),
        2 => Just(Step::FollowTimeout),
    ]
}
