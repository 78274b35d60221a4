#pragma once
// Reads a whole recording in one order of all threads that agrees with everything that was recorded of it.

#include <functional>

#include "traces/format/reader.hpp"

namespace baton::traces::format {

/// Calls f(record, thread) for each record: those of a thread in its order, those of an order domain by
/// sequence numbers, a thread's after its creation, what follows a join after the thread's end. Other records
/// come in any order. Where the recording was limited, and does not say, it goes on with the first thread.
/// Throws InputError.
void each_in_order(const Recording& recording, const std::function<void(const Record&, std::uint32_t)>& f);

}  // namespace baton::traces::format
