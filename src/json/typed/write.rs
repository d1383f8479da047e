//! A type's value, written as values.

use std::cell::Cell;

use serde::ser::{self, Error as _};
use serde::{Serialize, Serializer};

use super::Error;
use crate::json::{self, Value};

pub fn value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    value.serialize(Writer { is_list: None })
}

pub fn args<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Value>, Error> {
    let is_list = Cell::new(false);
    let is_list = &is_list;
    let written = value.serialize(Writer {
        is_list: Some(is_list),
    })?;
    Ok(match written {
        Value::Array(args) if is_list.get() => args,
        Value::Null if is_list.get() => Vec::new(),
        first => vec![first],
    })
}

/// Writes one value.
struct Writer<'a> {
    /// At the top: where to say that the value is a tuple, and so a list of arguments.
    is_list: Option<&'a Cell<bool>>,
}

impl Writer<'_> {
    fn is_list(&self) {
        if let Some(is_list) = self.is_list {
            is_list.set(true);
        }
    }
}

impl Serializer for Writer<'_> {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    fn serialize_bool(self, flag: bool) -> Result<Value, Error> {
        Ok(Value::Bool(flag))
    }

    fn serialize_i8(self, number: i8) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_i16(self, number: i16) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_i32(self, number: i32) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    #[allow(clippy::cast_precision_loss)] // as JavaScript would
    fn serialize_i64(self, number: i64) -> Result<Value, Error> {
        self.serialize_f64(number as f64)
    }

    fn serialize_u8(self, number: u8) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_u16(self, number: u16) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_u32(self, number: u32) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    #[allow(clippy::cast_precision_loss)]
    fn serialize_u64(self, number: u64) -> Result<Value, Error> {
        self.serialize_f64(number as f64)
    }

    fn serialize_f32(self, number: f32) -> Result<Value, Error> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Result<Value, Error> {
        Ok(Value::Number(number))
    }

    fn serialize_char(self, letter: char) -> Result<Value, Error> {
        Ok(Value::String(letter.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, Error> {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, Error> {
        Ok(Value::Bytes(bytes.into()))
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        self::value(value)
    }

    /// `()` at the top is no argument at all.
    fn serialize_unit(self) -> Result<Value, Error> {
        self.is_list();
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        Ok(Value::object([(variant, self::value(value)?)]))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Elements, Error> {
        Ok(Elements::default())
    }

    fn serialize_tuple(self, _length: usize) -> Result<Elements, Error> {
        self.is_list();
        Ok(Elements::default())
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Elements, Error> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Elements, Error> {
        Ok(Elements {
            variant: Some(variant),
            ..Elements::default()
        })
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Members, Error> {
        Ok(Members::default())
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Members, Error> {
        Ok(Members::default())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Members, Error> {
        Ok(Members {
            variant: Some(variant),
            ..Members::default()
        })
    }
}

/// The elements of an array so far.
#[derive(Default)]
pub struct Elements {
    elements: Vec<Value>,
    variant: Option<&'static str>,
}

impl Elements {
    fn push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        self.elements.push(value(element)?);
        Ok(())
    }

    fn finish(self) -> Value {
        in_variant(self.variant, Value::Array(self.elements))
    }
}

/// The members of an object so far.
#[derive(Default)]
pub struct Members {
    members: Vec<(String, Value)>,
    variant: Option<&'static str>,
    key: Option<String>,
}

impl Members {
    fn push<T: Serialize + ?Sized>(&mut self, key: &str, member: &T) -> Result<(), Error> {
        self.members.push((key.to_owned(), value(member)?));
        Ok(())
    }

    fn finish(self) -> Value {
        in_variant(self.variant, Value::Object(self.members))
    }
}

fn in_variant(variant: Option<&str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::object([(variant, value)]),
        None => value,
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Value;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        self.push(element)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Value;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        self.push(element)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &T) -> Result<(), Error> {
        self.push(field)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleVariant for Elements {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &T) -> Result<(), Error> {
        self.push(field)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeMap for Members {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(match value(key)? {
            Value::String(key) => key,
            number @ Value::Number(_) => json::write(&number),
            _ => return Err(Error::custom("a key is neither a string nor a number")),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, member: &T) -> Result<(), Error> {
        let key = self.key.take().unwrap_or_default();
        self.push(&key, member)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for Members {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        member: &T,
    ) -> Result<(), Error> {
        self.push(key, member)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for Members {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        member: &T,
    ) -> Result<(), Error> {
        self.push(key, member)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}
