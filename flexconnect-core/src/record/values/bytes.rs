//! Cells of text and bytes: in one buffer with offsets, as views, or all of one length.

use std::sync::Arc;

use arrow_array::builder::GenericByteViewBuilder;
use arrow_array::types::{
    BinaryType, BinaryViewType, ByteArrayType, ByteViewType, LargeBinaryType, LargeUtf8Type, StringViewType,
    Utf8Type,
};
use arrow_array::{ArrayRef, FixedSizeBinaryArray, GenericByteArray, GenericByteViewArray};
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;

use super::read;
use crate::predicate::Value;
use crate::record::fixed::Cells;
use crate::scalar::json::Reason;

/// A type of cells of any length: text, or bytes.
pub(super) trait Kind: 'static {
    /// What its values are made of.
    type Native: ?Sized + AsRef<[u8]>;

    fn read(value: &Value) -> Result<&Self::Native, Reason>;
}

macro_rules! kind {
    ($native:ty, $read:path => $($arrow:ty)*) => {$(
        impl Kind for $arrow {
            type Native = $native;

            fn read(value: &Value) -> Result<&$native, Reason> {
                $read(value)
            }
        }
    )*};
}

kind!(str, read::text => Utf8Type LargeUtf8Type StringViewType);
kind!([u8], read::bytes => BinaryType LargeBinaryType BinaryViewType);

/// `Utf8`, `Binary` and their large kin.
pub(super) struct Bytes<T: ByteArrayType> {
    offsets: Vec<T::Offset>,
    values: Vec<u8>,
}

impl<T: ByteArrayType> Bytes<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Bytes { offsets: no_offsets(capacity), values: Vec::new() }
    }
}

fn no_offsets<O: ArrowNativeType>(capacity: usize) -> Vec<O> {
    let mut offsets = Vec::with_capacity(capacity + 1);
    offsets.push(O::default());
    offsets
}

impl<T: ByteArrayType + Kind> Cells<Value, Reason> for Bytes<T> {
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        let bytes = T::read(value)?.as_ref();
        let end = self.values.len().checked_add(bytes.len()).and_then(T::Offset::from_usize);
        let end = end.ok_or_else(|| {
            format!(
                "the cells of one batch have more than 2 GiB; declare the column as Large{}",
                T::DATA_TYPE
            )
        })?;
        self.values.extend_from_slice(bytes);
        self.offsets.push(end);
        Ok(())
    }

    fn push_null(&mut self) {
        self.offsets.extend(self.offsets.last().copied());
    }

    fn bytes(&self) -> usize {
        self.values.len() + size_of_val(&self.offsets[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let offsets = std::mem::replace(&mut self.offsets, no_offsets(len));
        let room = self.values.len();
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(room));
        let offsets = OffsetBuffer::new(offsets.into());
        Ok(Arc::new(GenericByteArray::<T>::try_new(offsets, values.into(), nulls)?))
    }
}

/// `Utf8View` and `BinaryView`.
pub(super) struct Views<T: ByteViewType + ?Sized> {
    views: GenericByteViewBuilder<T>,
    bytes: usize,
}

impl<T: ByteViewType + ?Sized> Views<T> {
    pub(super) fn new() -> Self {
        Views { views: GenericByteViewBuilder::new(), bytes: 0 }
    }
}

impl<T> Cells<Value, Reason> for Views<T>
where
    T: ByteViewType<Native = <T as Kind>::Native> + Kind,
    <T as Kind>::Native: AsRef<<T as Kind>::Native>,
{
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        let native = <T as Kind>::read(value)?;
        self.views.try_append_value(native).map_err(|error| error.to_string())?;
        self.bytes += AsRef::<[u8]>::as_ref(native).len() + size_of::<u128>();
        Ok(())
    }

    fn push_null(&mut self) {
        // Arrow's own null is a view of length 0; which cells are null is decided in `finish`.
        self.views.append_null();
        self.bytes += size_of::<u128>();
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn finish(&mut self, _len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        self.bytes = 0;
        let (views, blocks, _) = self.views.finish().into_parts();
        Ok(Arc::new(GenericByteViewArray::<T>::try_new(views, blocks, nulls)?))
    }
}

/// `FixedSizeBinary`.
pub(super) struct FixedBytes {
    size: usize,
    values: Vec<u8>,
}

impl FixedBytes {
    /// `None` for a size below 0, which Arrow does not allow.
    pub(super) fn new(size: i32, capacity: usize) -> Option<Self> {
        let size = usize::try_from(size).ok()?;
        // A size can be anything, and the memory is taken before a row has come.
        let capacity = if size <= 64 { capacity * size } else { 0 };
        Some(FixedBytes { size, values: Vec::with_capacity(capacity) })
    }
}

impl Cells<Value, Reason> for FixedBytes {
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        let bytes = read::bytes(value)?;
        if bytes.len() != self.size {
            return Err(
                format!("it has {} bytes, the column takes exactly {}", bytes.len(), self.size).into()
            );
        }
        self.values.extend_from_slice(bytes);
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.resize(self.values.len() + self.size, 0);
    }

    fn bytes(&self) -> usize {
        self.values.len()
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let values = Buffer::from_vec(std::mem::take(&mut self.values));
        let size = i32::try_from(self.size).unwrap_or(i32::MAX);
        Ok(Arc::new(FixedSizeBinaryArray::try_new_with_len(size, values, nulls, len)?))
    }
}
