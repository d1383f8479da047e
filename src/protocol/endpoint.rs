//! Where a server is: one checked place that becomes the URL of a transport.
//!
//! Everything that could make the browser's own URL parser see another host is refused here. Credentials are refused
//! too: a URL is written to logs by everyone on the way. The token travels in the CONNECT packet.

use std::fmt;

use crate::protocol::io::TransportKind;

/// Longer URLs are refused by the reference client as well, because matching them costs.
const MAX_LENGTH: usize = 8000;

/// A server's address, HTTP path, namespace and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    secure: bool,
    authority: String,
    path: String,
    namespace: String,
    query: String,
}

impl Endpoint {
    /// Reads an absolute URL as `io(url)` does: `https://host:port/namespace?query`. The HTTP path is `/socket.io/`.
    ///
    /// # Errors
    /// [`UrlError`], by what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if url.len() > MAX_LENGTH {
            return Err(UrlError::TooLong);
        }
        if has_gap(url) {
            return Err(UrlError::Character);
        }
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return Err(UrlError::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, namespace) = match before_query.find('/') {
            Some(slash) => before_query.split_at(slash),
            None => (before_query, "/"),
        };
        check_authority(authority)?;
        for pair in query.split('&') {
            check_key(pair.split('=').next().unwrap_or_default())?;
        }
        Self {
            secure,
            authority: authority.to_owned(),
            path: "/socket.io/".to_owned(),
            namespace: String::new(),
            query: query.to_owned(),
        }
        .with_namespace(namespace)
    }

    /// The same server under another HTTP path; a slash is put at either end where there is none.
    ///
    /// # Errors
    /// [`UrlError::Path`] if it holds `?`, `#`, `\`, a blank or a control character.
    pub fn with_path(mut self, path: &str) -> Result<Self, UrlError> {
        if has_gap(path) || path.contains(['?', '#', '\\']) {
            return Err(UrlError::Path);
        }
        let inner = path.trim_matches('/');
        self.path = if inner.is_empty() {
            "/".to_owned()
        } else {
            ["/", inner, "/"].concat()
        };
        Ok(self)
    }

    /// The same server, without the slash at the end of the HTTP path. Socket.IO's `addTrailingSlash: false`.
    #[must_use]
    pub fn without_trailing_slash(mut self) -> Self {
        if self.path.len() > 1 {
            self.path.truncate(self.path.trim_end_matches('/').len());
        }
        self
    }

    /// The same server's namespace `namespace`.
    ///
    /// # Errors
    /// [`UrlError::Namespace`] if it does not begin with `/`, or holds a comma, which ends it on the wire, a blank or a
    /// control character.
    pub fn with_namespace(mut self, namespace: &str) -> Result<Self, UrlError> {
        check_namespace(namespace)?;
        namespace.clone_into(&mut self.namespace);
        Ok(self)
    }

    /// The same server with one more query parameter, encoded as `encodeURIComponent` does.
    ///
    /// # Errors
    /// [`UrlError::ReservedQuery`] for a key that Engine.IO sets itself.
    pub fn with_query(mut self, key: &str, value: &str) -> Result<Self, UrlError> {
        check_key(key)?;
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode_component(key, &mut self.query);
        self.query.push('=');
        encode_component(value, &mut self.query);
        Ok(self)
    }

    /// The namespace; `/` is the main one.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The URL of a WebSocket to this server.
    #[must_use]
    pub fn websocket_url(&self) -> String {
        self.url(TransportKind::WebSocket, &[])
    }

    /// The URL of a transport, with further parameters at its end, as the reference client orders them.
    #[must_use]
    pub fn url(&self, kind: TransportKind, parameters: &[(&str, &str)]) -> String {
        let (scheme, name) = match (kind, self.secure) {
            (TransportKind::WebSocket, true) => ("wss://", "websocket"),
            (TransportKind::WebSocket, false) => ("ws://", "websocket"),
            (TransportKind::Polling, true) => ("https://", "polling"),
            (TransportKind::Polling, false) => ("http://", "polling"),
        };
        let gap = if self.query.is_empty() { "" } else { "&" };
        let query = [&self.query, gap, "EIO=4&transport=", name].concat();
        let mut url = [scheme, &self.authority, &self.path, "?", &query].concat();
        for (key, value) in parameters {
            url.push('&');
            url.push_str(key);
            url.push('=');
            encode_component(value, &mut url);
        }
        url
    }
}

/// Why a text is no server's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// It does not begin with `http://`, `https://`, `ws://` or `wss://`.
    Scheme,
    /// There is no host, or it has a character that hosts have not.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// It holds a user name or a password.
    Credentials,
    /// It holds a blank or a control character.
    Character,
    /// It is longer than 8000 bytes.
    TooLong,
    /// The HTTP path holds what a path cannot.
    Path,
    /// The namespace does not begin with `/`, or holds a comma, a blank or a control character.
    Namespace,
    /// `EIO`, `transport`, `sid`, `t` and `b64` are Engine.IO's own.
    ReservedQuery,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the URL does not begin with http://, https://, ws:// or wss://",
            Self::Host => "the URL has no host, or a wrong one",
            Self::Port => "the URL's port is not a number from 1 to 65535",
            Self::Credentials => "the URL holds a user name; the token belongs in auth",
            Self::Character => "the URL holds a blank or a control character",
            Self::TooLong => "the URL is longer than 8000 bytes",
            Self::Path => "the path holds a character that a path cannot have",
            Self::Namespace => {
                "the namespace does not begin with /, or holds a comma, a blank or a control character"
            }
            Self::ReservedQuery => "the query holds a key that Engine.IO sets itself",
        })
    }
}

impl std::error::Error for UrlError {}

fn has_gap(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Whether this can be a namespace.
///
/// # Errors
/// [`UrlError::Namespace`] if it does not begin with `/`, or holds a comma, a blank or a control character.
pub(super) fn check_namespace(namespace: &str) -> Result<(), UrlError> {
    if !namespace.starts_with('/') || namespace.contains(',') || has_gap(namespace) {
        return Err(UrlError::Namespace);
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), UrlError> {
    if ["EIO", "transport", "sid", "t", "b64"].contains(&key) {
        return Err(UrlError::ReservedQuery);
    }
    Ok(())
}

fn check_authority(authority: &str) -> Result<(), UrlError> {
    if authority.contains('@') {
        return Err(UrlError::Credentials);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(UrlError::Host)?;
            if !address
                .chars()
                .all(|c| c.is_ascii_hexdigit() || ":.".contains(c))
            {
                return Err(UrlError::Host);
            }
            let port = match port.strip_prefix(':') {
                None if port.is_empty() => None,
                None => return Err(UrlError::Port),
                port => port,
            };
            (address, port)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    // Hosts beyond ASCII are the browser's to translate; these characters would make it see another host.
    if host.is_empty() || host.contains(['\\', '%', '<', '>', '"', '^', '|', '`', '{', '}']) {
        return Err(UrlError::Host);
    }
    if let Some(port) = port {
        let digits = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
        if !digits || !matches!(port.parse::<u16>(), Ok(1..)) {
            return Err(UrlError::Port);
        }
    }
    Ok(())
}

fn encode_component(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // H02, H11
    #[test]
    fn a_url_becomes_the_url_of_a_websocket_and_a_namespace() {
        for (url, websocket, namespace) in [
            (
                "http://h",
                "ws://h/socket.io/?EIO=4&transport=websocket",
                "/",
            ),
            (
                "https://h/",
                "wss://h/socket.io/?EIO=4&transport=websocket",
                "/",
            ),
            (
                "ws://h:8080",
                "ws://h:8080/socket.io/?EIO=4&transport=websocket",
                "/",
            ),
            (
                "WSS://h/#x",
                "wss://h/socket.io/?EIO=4&transport=websocket",
                "/",
            ),
            (
                "http://h/a/b?x=1",
                "ws://h/socket.io/?x=1&EIO=4&transport=websocket",
                "/a/b",
            ),
            (
                "http://[::1]:3000",
                "ws://[::1]:3000/socket.io/?EIO=4&transport=websocket",
                "/",
            ),
            (
                "http://bücher.example?a=b=c",
                "ws://bücher.example/socket.io/?a=b=c&EIO=4&transport=websocket",
                "/",
            ),
        ] {
            let endpoint = Endpoint::parse(url).unwrap();

            assert_eq!(endpoint.websocket_url(), websocket, "{url}");
            assert_eq!(endpoint.namespace(), namespace, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_an_error() {
        for (url, error) in [
            ("", UrlError::Scheme),
            ("/socket.io", UrlError::Scheme),
            ("javascript://h", UrlError::Scheme),
            ("http://", UrlError::Host),
            ("http:///x", UrlError::Host),
            ("http://a\\b", UrlError::Host),
            ("http://[::1", UrlError::Host),
            ("http://[h]", UrlError::Host),
            ("http://[::1]3000", UrlError::Port),
            ("http://h:", UrlError::Port),
            ("http://h:0", UrlError::Port),
            ("http://h:65536", UrlError::Port),
            ("http://h:+80", UrlError::Port),
            ("http://h:８０", UrlError::Port),
            ("http://token@h", UrlError::Credentials),
            ("http://user:password@h", UrlError::Credentials),
            ("http://h /x", UrlError::Character),
            ("http://h\n", UrlError::Character),
            ("http://h/a,b", UrlError::Namespace),
            ("http://h?EIO=3", UrlError::ReservedQuery),
            ("http://h?x=1&sid=stolen", UrlError::ReservedQuery),
        ] {
            assert_eq!(Endpoint::parse(url), Err(error), "{url}");
        }
        assert_eq!(
            Endpoint::parse(&["http://h/", &"x".repeat(8000)].concat()),
            Err(UrlError::TooLong)
        );
    }

    #[test]
    fn a_path_gets_its_slashes() {
        for (path, expected) in [
            ("/socket.io", "ws://h/socket.io/?"),
            ("live/ws", "ws://h/live/ws/?"),
            ("/", "ws://h/?"),
            ("", "ws://h/?"),
        ] {
            let url = Endpoint::parse("http://h")
                .unwrap()
                .with_path(path)
                .unwrap()
                .websocket_url();

            assert!(url.starts_with(expected), "{path}: {url}");
        }
        for path in ["/a?b", "/a#b", "/a b", "\\\\evil"] {
            let endpoint = Endpoint::parse("http://h").unwrap();

            assert_eq!(endpoint.with_path(path), Err(UrlError::Path), "{path}");
        }
    }

    // H04
    #[test]
    fn the_slash_at_the_end_of_a_path_can_be_left_out() {
        for (path, expected) in [("/foo/", "ws://h/foo?"), ("/", "ws://h/?")] {
            let endpoint = Endpoint::parse("http://h").unwrap();

            let url = (endpoint.with_path(path).unwrap())
                .without_trailing_slash()
                .websocket_url();

            assert!(url.starts_with(expected), "{path}: {url}");
        }
    }

    // H03
    #[test]
    fn a_query_is_encoded_as_javascript_does() {
        let endpoint = Endpoint::parse("http://h").unwrap();

        let endpoint = endpoint
            .with_query("&a", "&=?a")
            .unwrap()
            .with_query("é", "(1)")
            .unwrap();

        assert_eq!(
            endpoint.websocket_url(),
            "ws://h/socket.io/?%26a=%26%3D%3Fa&%C3%A9=(1)&EIO=4&transport=websocket"
        );
        assert_eq!(
            endpoint.with_query("transport", "x"),
            Err(UrlError::ReservedQuery)
        );
    }
}
