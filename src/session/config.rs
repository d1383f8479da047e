//! Which servers a page speaks to: `config.json`, read once.
//!
//! The same files serve any installation, so a wrong configuration is the most likely fault of all, and it is met by
//! the person who can mend it. Every error names the key, what was found there and what belongs there; unknown keys are
//! errors too, because a misspelt key is a setting that silently does nothing.

use std::fmt;

use crate::backend::{Backend, Kind};
use crate::domain::Text;
use crate::json::{self, Value};
use crate::protocol::{self, TransportKind};

/// The most servers one page speaks to: each costs a connection.
pub const MAX_SERVERS: usize = 8;

/// The servers of a page, in the order in which they are configured; [`crate::domain::Source`] is the index.
#[derive(Clone)]
pub struct Config {
    /// At least one, at most [`MAX_SERVERS`].
    pub servers: Vec<Server>,
    /// The language for whoever has chosen none (`lang`, BCP 47), where it is not to be the browser's.
    pub language: Option<String>,
}

/// One configured server.
#[derive(Clone)]
pub struct Server {
    /// Its vocabulary.
    pub kind: Kind,
    /// What people call it, and the fragment (`#/media/<name>/…`): `kind` unless configured.
    pub name: Text,
    /// Absolute, without a slash at the end: REST paths are appended to it.
    pub url: String,
    /// Where its Socket.IO is.
    pub socket: protocol::Config,
    /// Whether the server plays a simulated meeting when asked to (only demonstrations do).
    pub demo_scenario: bool,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The text is no JSON.
    Syntax(json::Error),
    /// A key is missing.
    Missing {
        /// Which, as a path (`servers[0].url`).
        key: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A key has a value that cannot be used.
    Wrong {
        /// Which, as a path.
        key: String,
        /// What stands there, shortened.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A key that nobody reads.
    Unknown {
        /// Which, as a path.
        key: String,
        /// The keys there are.
        known: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Syntax(error) => write!(f, "the file is {error}"),
            ConfigError::Missing { key, expected } => {
                write!(f, "`{key}` is missing: it must be {expected}")
            }
            ConfigError::Wrong {
                key,
                found,
                expected,
            } => write!(f, "`{key}` is {found}: it must be {expected}"),
            ConfigError::Unknown { key, known } => {
                write!(f, "`{key}` is no setting: there are {known}")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a configuration. A URL that begins with `/` lies on `origin`, the page's own (`https://example.org`).
    ///
    /// # Errors
    /// The first thing that is wrong, with its key.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let root = json::parse(text).map_err(ConfigError::Syntax)?;
        if !matches!(root, Value::Object(_)) {
            return Err(wrong("config.json", &root, "an object with `servers`"));
        }
        known_keys(&root, "", &["servers", "lang"], "`servers` and `lang`")?;
        let language = match root.get("lang") {
            Value::Null => None,
            Value::String(tag) if is_language(tag) => Some(tag.clone()),
            other => return Err(wrong("lang", other, "a language tag such as \"de\"")),
        };
        let expected = "a list of 1 to 8 servers";
        let list = match root.get("servers") {
            Value::Null => return Err(missing("servers", expected)),
            Value::Array(list) if (1..=MAX_SERVERS).contains(&list.len()) => list,
            other => return Err(wrong("servers", other, expected)),
        };
        let mut servers: Vec<Server> = Vec::new();
        for (index, entry) in list.iter().enumerate() {
            let server = Server::parse(entry, &format!("servers[{index}]"), origin)?;
            if servers.iter().any(|other| other.name == server.name) {
                let expected = "a name that no other server has";
                return Err(wrong(
                    &format!("servers[{index}].name"),
                    &Value::from(server.name.as_str()),
                    expected,
                ));
            }
            servers.push(server);
        }
        Ok(Self { servers, language })
    }
}

impl Server {
    /// What speaks its vocabulary.
    pub(super) fn backend(&self) -> &'static dyn Backend {
        self.kind.backend()
    }

    fn parse(entry: &Value, at: &str, origin: &str) -> Result<Self, ConfigError> {
        const KINDS: &str = "\"analysis\", \"library\", \"meeting\" or \"interview\"";
        const URL: &str =
            "a URL that begins with https:// (or / for this page's own server); http:// only from a page on http://";
        if !matches!(entry, Value::Object(_)) {
            return Err(wrong(at, entry, "an object with `kind` and `url`"));
        }
        known_keys(
            entry,
            at,
            &["kind", "url", "name", "path", "transports", "demo_scenario"],
            "`kind`, `url`, `name`, `path`, `transports` and `demo_scenario`",
        )?;
        let key = |name: &str| format!("{at}.{name}");

        let kind = entry.get("kind");
        if kind.is_null() {
            return Err(missing(&key("kind"), KINDS));
        }
        let Some(kind) = kind.as_str().and_then(Kind::named) else {
            return Err(wrong(&key("kind"), kind, KINDS));
        };

        let name = match entry.get("name") {
            Value::Null => Text::name(kind.name()),
            given => given.as_str().and_then(Text::name),
        };
        let Some(name) = name.filter(|name| !name.as_str().contains('/')) else {
            return Err(wrong(&key("name"), entry.get("name"), "a name without `/`"));
        };

        let given = entry.get("url");
        if given.is_null() {
            return Err(missing(&key("url"), URL));
        }
        let url = given.as_str().and_then(|url| absolute(url, origin));
        let Some(url) = url else {
            return Err(wrong(&key("url"), given, URL));
        };

        let path = match entry.get("path") {
            Value::Null => Some(kind.profile().socket_path),
            given => given.as_str(),
        };
        let socket = path
            .filter(|path| path.starts_with('/') && is_plain(path))
            .and_then(|path| socket(&url, path, kind.profile().namespace));
        let Some(mut socket) = socket else {
            let expected = "where Socket.IO listens, like \"/socket.io/\"";
            return Err(wrong(&key("path"), entry.get("path"), expected));
        };

        match entry.get("transports") {
            Value::Null => {}
            given => {
                let Some(order) = transports(given) else {
                    let expected = "a list of \"websocket\" and \"polling\", in the order in which to try them";
                    return Err(wrong(&key("transports"), given, expected));
                };
                socket.transports.order = order;
            }
        }

        let demo_scenario = match entry.get("demo_scenario") {
            Value::Null => Some(false),
            given => given.as_bool(),
        };
        let Some(demo_scenario) = demo_scenario else {
            let found = entry.get("demo_scenario");
            return Err(wrong(&key("demo_scenario"), found, "true or false"));
        };

        Ok(Self {
            kind,
            name,
            url,
            socket,
            demo_scenario,
        })
    }
}

/// Socket.IO listens on the same origin as the REST paths, wherever those begin.
fn socket(url: &str, path: &str, namespace: &str) -> Option<protocol::Config> {
    let mut config = protocol::Config::new(origin_of(url)).ok()?;
    config.endpoint = (config.endpoint.with_path(path).ok()?)
        .with_namespace(namespace)
        .ok()?;
    Some(config)
}

/// Each transport at most once, and one at least.
fn transports(given: &Value) -> Option<Vec<TransportKind>> {
    let mut order = Vec::new();
    for name in given.as_array() {
        let kind = match name.as_str()? {
            "websocket" => TransportKind::WebSocket,
            "polling" => TransportKind::Polling,
            _ => return None,
        };
        if order.contains(&kind) {
            return None;
        }
        order.push(kind);
    }
    (!order.is_empty()).then_some(order)
}

/// `https://example.org` of `https://example.org/analysis`.
fn origin_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/');
    end.map_or(url, |end| &url[..after_scheme + end])
}

/// Refuses what would send a token in the clear from a secure page, credentials in a URL, and anything with a query,
/// a fragment or white space.
fn absolute(url: &str, origin: &str) -> Option<String> {
    let full = if url.starts_with('/') && !url.starts_with("//") {
        format!("{origin}{url}")
    } else {
        url.to_owned()
    };
    let host = (full.strip_prefix("https://"))
        .or_else(|| {
            full.strip_prefix("http://")
                .filter(|_| origin.starts_with("http://"))
        })?
        .split('/')
        .next()?;
    let good = !host.is_empty() && !host.contains('@') && is_plain(&full);
    good.then(|| full.trim_end_matches('/').to_owned())
}

fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\' | b'"' | b'<'))
}

/// Whether this looks like a language tag: that it is one, the browser says when it is used.
fn is_language(tag: &str) -> bool {
    /// The longest that BCP 47 asks programs to take.
    const MOST: usize = 35;
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_alphanumeric())
    };
    tag.len() <= MOST && tag.split('-').all(is_part)
}

fn known_keys(
    value: &Value,
    at: &str,
    keys: &[&str],
    known: &'static str,
) -> Result<(), ConfigError> {
    let unknown = value
        .as_object()
        .iter()
        .map(|(name, _)| name)
        .find(|name| !keys.contains(&name.as_str()));
    let Some(name) = unknown else {
        return Ok(());
    };
    let name = Text::new(name, 40);
    let key = if at.is_empty() {
        name.to_string()
    } else {
        format!("{at}.{name}")
    };
    Err(ConfigError::Unknown { key, known })
}

fn missing(key: &str, expected: &'static str) -> ConfigError {
    ConfigError::Missing {
        key: key.to_owned(),
        expected,
    }
}

fn wrong(key: &str, found: &Value, expected: &'static str) -> ConfigError {
    ConfigError::Wrong {
        key: key.to_owned(),
        found: Text::new(&json::write(found), 60).to_string(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://page.example";

    #[test]
    fn a_configuration_is_read() {
        let config = Config::parse(
            r#"{"servers":[
                {"kind":"analysis","url":"/analysis/","path":"/analysis/socket.io/"},
                {"kind":"meeting","name":"Meetings","url":"https://rt.example:8443","demo_scenario":true}
            ]}"#,
            ORIGIN,
        )
        .ok()
        .unwrap();

        let [analysis, meeting] = &config.servers[..] else {
            panic!("two servers are configured")
        };
        assert_eq!(analysis.kind.name(), "analysis");
        assert_eq!(analysis.name.as_str(), "analysis");
        assert_eq!(analysis.url, "https://page.example/analysis");
        assert_eq!(
            analysis.socket.endpoint.websocket_url(),
            "wss://page.example/analysis/socket.io/?EIO=4&transport=websocket"
        );
        assert_eq!(meeting.name.as_str(), "Meetings");
        assert_eq!(
            meeting.socket.endpoint.websocket_url(),
            "wss://rt.example:8443/socket.io/?EIO=4&transport=websocket"
        );
        assert!(meeting.demo_scenario && !analysis.demo_scenario);
    }

    #[test]
    fn the_transports_are_tried_in_the_configured_order() {
        use TransportKind::{Polling, WebSocket};
        for (key, order) in [
            ("", &[WebSocket, Polling][..]),
            (r#","transports":["polling"]"#, &[Polling]),
            (r#","transports":["websocket"]"#, &[WebSocket]),
            (
                r#","transports":["polling","websocket"]"#,
                &[Polling, WebSocket],
            ),
        ] {
            let text = format!(r#"{{"servers":[{{"kind":"analysis","url":"/"{key}}}]}}"#);

            let config = Config::parse(&text, ORIGIN).ok().unwrap();

            assert_eq!(config.servers[0].socket.transports.order, order, "{key}");
        }
    }

    #[test]
    fn a_page_may_have_a_language_of_its_own() {
        for (key, language) in [
            ("", None),
            (r#""lang":null,"#, None),
            (r#""lang":"de-AT","#, Some("de-AT")),
        ] {
            let text = format!(r#"{{{key}"servers":[{{"kind":"analysis","url":"/"}}]}}"#);

            let config = Config::parse(&text, ORIGIN).ok().unwrap();

            assert_eq!(config.language.as_deref(), language);
        }
    }

    #[test]
    fn every_fault_names_its_key() {
        let with = |server: &str| format!(r#"{{"servers":[{server}]}}"#);
        for (text, said) in [
            ("{".to_owned(), "not JSON"),
            ("[]".to_owned(), "`config.json` is []"),
            ("{}".to_owned(), "`servers` is missing"),
            (r#"{"servers":[]}"#.to_owned(), "`servers` is []"),
            (r#"{"server":[]}"#.to_owned(), "`server` is no setting"),
            (
                r#"{"servers":[],"lang":"de_DE"}"#.to_owned(),
                "`lang` is \"de_DE\"",
            ),
            (
                r#"{"servers":[],"lang":["de"]}"#.to_owned(),
                "`lang` is [\"de\"]",
            ),
            (with("1"), "`servers[0]` is 1"),
            (with(r#"{"url":"/"}"#), "`servers[0].kind` is missing"),
            (
                with(r#"{"kind":"drishti","url":"/"}"#),
                "`servers[0].kind` is \"drishti\"",
            ),
            (
                with(r#"{"kind":"analysis"}"#),
                "`servers[0].url` is missing",
            ),
            (
                with(r#"{"kind":"analysis","url":"http://a.example"}"#),
                "`servers[0].url` is \"http://a.example\"",
            ),
            (
                with(r#"{"kind":"analysis","url":"javascript:alert(1)"}"#),
                "`servers[0].url`",
            ),
            (
                with(r#"{"kind":"analysis","url":"https://u:p@a.example"}"#),
                "`servers[0].url`",
            ),
            (
                with(r#"{"kind":"analysis","url":"//a.example"}"#),
                "`servers[0].url`",
            ),
            (
                with(r#"{"kind":"analysis","url":"/?token=1"}"#),
                "`servers[0].url`",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","path":"socket.io"}"#),
                "`servers[0].path` is \"socket.io\"",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","transports":["polling","polling"]}"#),
                "`servers[0].transports` is [\"polling\",\"polling\"]",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","transports":"polling"}"#),
                "`servers[0].transports` is \"polling\"",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","transports":["webtransport"]}"#),
                "`servers[0].transports`",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","pth":"/x/"}"#),
                "`servers[0].pth` is no setting",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","name":""}"#),
                "`servers[0].name` is \"\"",
            ),
            (
                with(r#"{"kind":"analysis","url":"/","demo_scenario":1}"#),
                "`servers[0].demo_scenario` is 1",
            ),
            (
                with(r#"{"kind":"analysis","url":"/"},{"kind":"analysis","url":"/b"}"#),
                "`servers[1].name` is \"analysis\"",
            ),
        ] {
            let error = Config::parse(&text, ORIGIN).err().unwrap().to_string();

            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_page_on_http_may_name_servers_on_http() {
        let text = r#"{"servers":[{"kind":"meeting","url":"http://127.0.0.1:1/"}]}"#;

        assert!(Config::parse(text, "http://127.0.0.1:4173").is_ok());
    }
}
