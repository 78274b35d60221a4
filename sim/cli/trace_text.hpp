#pragma once
// What baton trace prints.

#include <cstdint>

#include "traces/import/inspect.hpp"

namespace baton::cli {

/// The first accesses of each core; of a recording, its first records.
void print_head(const traces::TraceParameters& parameters, std::uint64_t count);
void print_summary(const traces::TraceParameters& parameters, const traces::TraceSummary& summary);
/// Besides the summary.
void print_statistics(const traces::TraceParameters& parameters, const traces::TraceSummary& summary);

}  // namespace baton::cli
