//! Q: what waits to be sent, what is not worth waiting for, and what is sent again.

use std::time::Duration;

use telltale::protocol::{Config, Emit, EmitError, Retries, TransportKind, Watch};

use crate::runner::{script, Case};
use crate::script::{config, play, play_joined, reconnecting, Stage};
use crate::section::polling::joined;

pub const CASES: &[Case] = &[
    script(
        "Q01",
        "early events, then what waited, then connect, then what connect sends",
        q01,
    ),
    script(
        "Q02",
        "what was emitted while down is sent once, before connect",
        q02,
    ),
    script("Q03", "volatile while down is dropped", q03)
        .unlike("the reference client sends it after reconnecting"),
    script("Q04", "volatile while opening is dropped", q04),
    script(
        "Q05",
        "volatile behind an emit that has not gone out is dropped",
        q05,
    ),
    script(
        "Q06",
        "a dropped volatile that asks for an answer fails at once",
        q06,
    )
    .unlike("the reference client never calls back"),
    script(
        "Q07",
        "what waits is bounded, and what had to go is told",
        q07,
    ),
    script(
        "Q08",
        "what was accepted and did not go out is kept or told",
        q08,
    ),
    script("Q09", "leaving on connect sends what waited first", q09),
    script(
        "Q10",
        "what was emitted after leaving is sent when we are back",
        q10,
    ),
    script("Q11", "a retry goes on where the connection ended", q11),
    script("Q12", "a retry gives up after its last try", q12),
    script(
        "Q13",
        "a retry that is answered is not tried again, whatever the answer",
        q13,
    )
    .unlike("the reference client takes the answer for an error and sends thrice"),
    script("Q14", "a retry emitted on connect is sent once", q14),
    script(
        "Q15",
        "tries are not used up while there is no connection",
        q15,
    ),
    script(
        "Q16",
        "who listens to what goes out hears it when it goes out",
        q16,
    ),
];

fn q01() {
    play(
        config(),
        r#"
        emit ["a"]
        connect
        C open …
        emit ["b"]
        S> OPEN
        C> 40
        S> 42["early"]
        S> 40{"sid":"S1"}
        ! message early []
        C> 42["a"]
        C> 42["b"]
        ! connected S1
        emit ["c"]
        C> 42["c"]
        "#,
    );
}

fn q02() {
    play_joined(
        reconnecting(),
        r#"
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        emit ["x"]
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        C> 42["x"]
        ! connected S2
        "#,
    );
}

fn q03() {
    play_joined(
        reconnecting(),
        r#"
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        emit volatile ["x"]
        ! emit refused: volatile, and there is no connection
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        "#,
    );
}

fn q04() {
    play(
        config(),
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        emit volatile ["x"]
        ! emit refused: volatile, and there is no connection
        S> 40{"sid":"S1"}
        ! connected S1
        "#,
    );
}

/// Within one turn of the driver: what the first one wrote has not been taken to the transport yet.
fn q05() {
    let mut stage = Stage::joined(config());
    let now = stage.now;
    let first = stage.client.emit(Emit::new("a", vec![]), now);
    let second = stage.client.emit(Emit::new("b", vec![]).volatile(), now);
    assert_eq!(first, Ok(None));
    assert_eq!(second, Err(EmitError::NotWritable));
    stage.drain();
    stage.play(
        r#"
        C> 42["a"]
        emit volatile ["c"]
        C> 42["c"]
        "#,
    );
}

fn q06() {
    play(
        config(),
        "emit volatile ack=1000 [\"x\"]
        ! emit refused: volatile, and there is no connection
        wait 5000",
    );
}

fn q07() {
    let mut config = config();
    config.limits.buffered_emits = 2;
    play(
        config,
        r#"
        emit ["a"]
        emit ["b"]
        emit ["c"]
        ! dropped a
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        C> 42["b"]
        C> 42["c"]
        ! connected S1
        "#,
    );
}

/// What a transport has been given may have arrived: that is told as an answer that will not come, if one was asked
/// for. What it has not been given waits for the next connection.
fn q08() {
    let mut config = reconnecting();
    config.transports.order = vec![TransportKind::Polling];
    joined(config, "OPEN", "").play(
        r#"
        emit ack=60000 ["given"]
        C post 420["given"]
        emit ack=60000 ["kept"]
        emit ["kept, too"]
        S post!
        C close
        ! disconnected transport error…
        ! no answer 0: socket has been disconnected
        ! reconnecting 1
        wait 1000
        C get …
        S get OPEN
        C post 40
        C get …
        S post
        S get 40{"sid":"S2"}
        C post 422["kept"]
        ! connected S2
        C get …
        S post
        C post 42["kept, too"]
        S get 432["yes"]
        ! answer 1 ["yes"]
        C get …
        "#,
    );
}

fn q09() {
    play(
        config(),
        r#"
        emit ["x"]
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        C> 42["x"]
        ! connected S1
        disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        "#,
    );
}

fn q10() {
    play_joined(
        config(),
        r#"
        disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        emit ack=20000 ["x"]
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        C> 420["x"]
        ! connected S2
        S> 430["yes"]
        ! answer 0 ["yes"]
        "#,
    );
}

fn q11() {
    play_joined(
        retrying(2),
        r#"
        emit ack=80 ["first"]
        C> 420["first"]
        emit ack=80 ["second"]
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        C> 421["first"]
        ! connected S2
        wait 80
        C> 422["first"]
        S> 432["yes"]
        ! answer 0 ["yes"]
        C> 423["second"]
        "#,
    );
}

fn q12() {
    play_joined(
        retrying(3),
        r#"
        emit ack=80 ["x"]
        C> 420["x"]
        wait 80
        C> 421["x"]
        wait 80
        C> 422["x"]
        wait 80
        C> 423["x"]
        wait 80
        ! no answer 0: operation has timed out
        wait 1000
        "#,
    );
}

fn q13() {
    play_joined(
        retrying(2),
        r#"
        emit ack=80 ["x"]
        C> 420["x"]
        S> 430["ok"]
        ! answer 0 ["ok"]
        wait 1000
        "#,
    );
}

fn q14() {
    play_joined(
        retrying(2),
        r#"
        emit ["x"]
        C> 420["x"]
        S> 430[]
        wait 1000
        "#,
    );
}

fn q15() {
    play_joined(
        retrying(1),
        r#"
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        emit ack=80 ["x"]
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        C> 420["x"]
        ! connected S2
        wait 80
        C> 421["x"]
        S> 431[]
        ! answer 0 []
        "#,
    );
}

fn q16() {
    let mut stage = Stage::new(config());
    stage.client.watch(Watch {
        sent: true,
        ..Watch::default()
    });
    stage.play(
        r#"
        emit ["x",1]
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        ! sent x [1]
        C> 42["x",1]
        ! connected S1
        S> 425["q"]
        ! message q [] asks
        answer [1]
        C> 435[1]
        "#,
    );
}

/// A client that sends again until it is answered, so often after the first time.
fn retrying(count: u32) -> Config {
    let mut config = reconnecting();
    config.retries = Some(Retries {
        count,
        ack_timeout: Duration::from_millis(80),
    });
    config
}
