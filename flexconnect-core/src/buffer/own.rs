//! Buffers that make their own room, and so are written in safe code.

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{ColumnBuffer, Fault, Slot};

/// A buffer that checks its room with every value; [`Own`] makes it a [`ColumnBuffer`].
///
/// For values that are looked up or built on the way (dictionaries, views, unions), where a check is a small part of
/// the cost. The methods are those of [`ColumnBuffer`].
pub trait Growing: Send + 'static {
    /// An empty buffer, which holds no memory yet.
    fn new() -> Self;

    /// Values pushed since the last [`finish`](Self::finish).
    fn len(&self) -> usize;

    /// Whether there is no value.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the value that lies under a null.
    fn push_default(&mut self);

    /// Bytes held by the values.
    fn bytes(&self) -> usize;

    /// The first value that did not fit since the last call; called before [`finish`](Self::finish).
    fn take_fault(&mut self) -> Option<Fault> {
        None
    }

    /// The values as an array of this type, under these nulls; leaves the buffer empty.
    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef;
}

/// A buffer that makes its own room.
#[derive(Debug)]
pub struct Own<G>(G);

impl<'s, G: Growing> Slot<'s, Own<G>> {
    /// The buffer, to append one value to.
    #[inline]
    pub fn get_mut(self) -> &'s mut G {
        &mut self.into_buffer().0
    }
}

// SAFETY: nothing is written without a check, so there is always room.
unsafe impl<G: Growing> ColumnBuffer for Own<G> {
    fn new() -> Self {
        Own(G::new())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn reserve(&mut self, _more: usize) {}

    #[inline]
    fn push_default(slot: Slot<'_, Self>) {
        slot.get_mut().push_default();
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.0.take_fault()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        self.0.finish(data_type, nulls)
    }
}
