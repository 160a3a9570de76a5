//! Addresses of the internet: as text, or as the number or bytes they are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arrow_array::ArrayRef;
use arrow_array::types::UInt32Type;
use arrow_schema::DataType;

use super::encoding::{FixedSizeBinary, UInt32};
use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{BytesReader, Column, FromColumn, IntegerReader, Item, Mismatch};
use crate::buffer::{Fault, FixedBytesBuffer, PrimitiveBuffer, Slot};

/// Implements types that are columns of the text they display and parse.
macro_rules! parsed {
    ($($rust:ty: $what:literal;)*) => {$(
        impl<E: TextEncoding> Column<E> for $rust {
            type Buffer = E::Buffer;

            fn data_type() -> DataType {
                E::data_type()
            }

            #[inline]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                E::Buffer::push_display(slot, self);
            }
        }

        impl<E> Item<E> for $rust where $rust: Column<E> {}

        impl<E: TextEncoding> FromColumn<E> for $rust {
            type Reader = TextReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                TextReader::new(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let text = reader.get(row);
                text.parse().map_err(|_| Box::new(Fault::new(row, format!(concat!("{:?} is not ", $what), text))))
            }
        }
    )*};
}

parsed! {
    IpAddr: "an IP address";
    Ipv4Addr: "an IPv4 address";
    Ipv6Addr: "an IPv6 address";
}

#[cfg(feature = "url")]
parsed! {
    url::Url: "a URL";
}

/// `as = "UInt32"`: the address as a number, its first part the highest.
impl Column<UInt32> for Ipv4Addr {
    type Buffer = PrimitiveBuffer<UInt32Type>;

    fn data_type() -> DataType {
        DataType::UInt32
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(self.to_bits());
    }
}

impl FromColumn<UInt32> for Ipv4Addr {
    type Reader = IntegerReader<UInt32Type>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        IntegerReader::new(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.get::<u32>(row).map(Ipv4Addr::from_bits)
    }
}

/// `as = "FixedSizeBinary(16)"`: the address as its bytes.
impl Column<FixedSizeBinary<16>> for Ipv6Addr {
    type Buffer = FixedBytesBuffer<16>;

    fn data_type() -> DataType {
        FixedBytesBuffer::<16>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_array(&self.octets());
    }
}

impl FromColumn<FixedSizeBinary<16>> for Ipv6Addr {
    type Reader = BytesReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.array::<16>(row).map(Ipv6Addr::from)
    }
}
