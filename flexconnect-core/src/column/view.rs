//! `Utf8View` and `BinaryView`: short values inline, long ones in blocks.

use std::fmt;
use std::sync::Arc;

use arrow_array::builder::GenericByteViewBuilder;
use arrow_array::types::ByteViewType;
use arrow_array::{ArrayRef, GenericByteViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use crate::buffer::{Fault, FirstFault, Growing, Own, Slot};

/// Values as views of 16 bytes; those longer than 12 bytes lie in blocks that the views point into.
pub struct ViewBuffer<T: ByteViewType + ?Sized> {
    builder: GenericByteViewBuilder<T>,
    len: usize,
    bytes: usize,
    fault: FirstFault,
}

/// Values up to this length are part of their view.
const INLINE: usize = 12;

impl<T: ByteViewType + ?Sized> ViewBuffer<T> {
    #[inline]
    pub(crate) fn push<V: AsRef<T::Native> + AsRef<[u8]>>(&mut self, value: V) {
        let bytes: &[u8] = value.as_ref();
        let length = bytes.len();
        self.bytes += if length > INLINE { length } else { 0 };
        if self.builder.try_append_value(value).is_err() {
            self.fault.record(self.len, || {
                format!("a view holds values of at most 4 GiB, and this one has {length} bytes")
            });
            self.builder.append_null();
        }
        self.len += 1;
    }
}

impl<T: ByteViewType + ?Sized> Growing for ViewBuffer<T>
where
    T::Native: 'static,
{
    fn new() -> Self {
        ViewBuffer { builder: GenericByteViewBuilder::new(), len: 0, bytes: 0, fault: FirstFault::default() }
    }

    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn push_default(&mut self) {
        // Arrow's own null is a view of length 0; which values are null is decided in `finish`.
        self.builder.append_null();
        self.len += 1;
    }

    fn bytes(&self) -> usize {
        self.len * size_of::<u128>() + self.bytes
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let (views, blocks, _) = self.builder.finish().into_parts();
        self.len = 0;
        self.bytes = 0;
        Arc::new(GenericByteViewArray::<T>::new(views, blocks, nulls))
    }
}

impl<T: ByteViewType + ?Sized> fmt::Debug for ViewBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewBuffer").field("len", &self.len).field("bytes", &self.bytes).finish()
    }
}

impl<T: ByteViewType<Native: 'static> + ?Sized> Slot<'_, Own<ViewBuffer<T>>> {
    /// Appends one value.
    #[inline]
    pub(crate) fn push<V: AsRef<T::Native> + AsRef<[u8]>>(self, value: V) {
        self.get_mut().push(value);
    }
}
