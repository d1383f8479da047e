use std::fmt::Debug;

use super::*;
use crate::json::{parse, write};
use serde::Deserialize;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Progress {
    percent: f64,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Id(String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, u8);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stage {
    Queued,
    Running(u8),
    Between(u8, u8),
    Failed { why: String },
}

// E19
#[test]
fn a_tuple_is_the_list_of_arguments_and_anything_else_the_first() {
    reads(r#"["m1",40]"#, ("m1".to_owned(), 40_u32));
    reads(r#"["m1",40,"offset"]"#, ("m1".to_owned(), 40_u32));
    reads(r#"["m1"]"#, ("m1".to_owned(), None::<u32>));
    reads("[]", (None::<u32>, None::<u32>));
    reads(r#"["m1","offset"]"#, "m1".to_owned());
    reads(r#"["m1","offset"]"#, Id("m1".to_owned()));
    reads(r#"["m1"]"#, ());
    reads("[]", ());
    reads("[]", None::<Progress>);
    reads("[[1,2],3]", vec![1, 2]);
    reads("[[1,2],3]", ((1, 2), 3));
    reads("[1,2,3]", Pair(1, 2));
    reads("[[1,2,3]]", (Pair(1, 2),));
    reads(
        r#"[{"percent":1,"more":[]}]"#,
        Progress {
            percent: 1.0,
            note: None,
        },
    );
    reads("[null]", Value::Null);
    reads(
        r#"["a",{"b":[1]}]"#,
        (Value::from("a"), parse(r#"{"b":[1]}"#).unwrap()),
    );
}

#[test]
fn numbers_are_javascripts() {
    reads("[65.0]", 65_u8);
    reads("[-1]", -1_i64);
    reads("[65]", 65.0_f32);
    reads("[9007199254740991]", 9_007_199_254_740_991_u64);
    assert!(from_args::<u8>(parse("[256]").unwrap().as_array()).is_err());
    assert!(from_args::<u8>(parse("[1.5]").unwrap().as_array()).is_err());
    assert!(from_args::<u8>(parse("[-1]").unwrap().as_array()).is_err());
    assert!(from_args::<u8>(parse(r#"["1"]"#).unwrap().as_array()).is_err());
    assert!(from_args::<u64>(&[f64::INFINITY.into()]).is_err());
}

#[test]
fn variants_are_read_and_written_as_serde_names_them() {
    for (text, stage) in [
        (r#"["queued"]"#, Stage::Queued),
        (r#"[{"running":7}]"#, Stage::Running(7)),
        (r#"[{"between":[1,2]}]"#, Stage::Between(1, 2)),
        (
            r#"[{"failed":{"why":"no model"}}]"#,
            Stage::Failed {
                why: "no model".into(),
            },
        ),
    ] {
        writes(&stage, text);
        reads(text, stage);
    }
    for text in [
        "[7]",
        "[{}]",
        r#"["nope"]"#,
        r#"["running"]"#,
        r#"[{"queued":1}]"#,
    ] {
        assert!(
            from_args::<Stage>(parse(text).unwrap().as_array()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn what_is_of_another_shape_is_an_error_that_says_what_was_expected() {
    let args = parse(r#"[{"percent":"many"}]"#).unwrap();

    let error = from_args::<Progress>(args.as_array()).unwrap_err();

    let expected = r#"invalid type: string "many", expected f64"#;
    assert_eq!(error.to_string(), expected);
}

#[test]
fn arguments_are_written_as_they_are_read() {
    writes(&("m1", 40), r#"["m1",40]"#);
    writes(&["a", "b"], r#"["a","b"]"#);
    writes(&Pair(1, 2), "[1,2]");
    writes("m1", r#"["m1"]"#);
    writes(&Id("m1".into()), r#"["m1"]"#);
    writes(&(), "[]");
    writes(&((),), "[null]");
    writes(&None::<u8>, "[null]");
    writes(&Some((1, 2)), "[[1,2]]");
    writes(&vec![1, 2], "[[1,2]]");
    writes(&(vec![1], 'é', true, -0.5_f32), r#"[[1],"é",true,-0.5]"#);
    writes(
        &Progress {
            percent: 40.0,
            note: None,
        },
        r#"[{"percent":40,"note":null}]"#,
    );
    let map = std::collections::BTreeMap::from([(7, "x")]);
    writes(&map, r#"[{"7":"x"}]"#);
    let map = std::collections::BTreeMap::from([(true, "x")]);
    assert!(to_args(&map).is_err());
}

#[test]
fn attachments_stay_attachments() {
    let bytes = Bytes::from(vec![1, 2]);
    let args = to_args(&("f", &bytes)).unwrap();
    assert_eq!(args[1], Value::Bytes([1, 2].into()));

    let (_, read) = from_args::<(String, Bytes)>(&args).unwrap();
    assert_eq!(read, bytes);
    let (_, list) = from_args::<(String, Vec<u8>)>(&args).unwrap();
    assert_eq!(list, [1, 2]);
    let (_, value) = from_args::<(String, Value)>(&args).unwrap();
    assert_eq!(value, args[1]);
    assert_eq!(
        from_value::<Bytes>(&parse("[1,2]").unwrap()).unwrap(),
        bytes
    );
    assert!(from_value::<Bytes>(&parse("[256]").unwrap()).is_err());
}

#[track_caller]
fn reads<T: DeserializeOwned + PartialEq + Debug>(args: &str, expected: T) {
    let args = parse(args).unwrap();

    assert_eq!(from_args::<T>(args.as_array()), Ok(expected), "{args:?}");
}

#[track_caller]
fn writes<T: Serialize + ?Sized>(value: &T, expected: &str) {
    let args = to_args(value).unwrap();

    assert_eq!(write(&Value::Array(args)), expected);
}
