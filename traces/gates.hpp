#pragma once
// Counters of Kind::await and Kind::advance that follow other rules than those of operation.hpp, told by
// their numbers: what a trace records of locks and signals without saying who came first. They are as
// deterministic as the machine that decides it.

#include <string>

#include "traces/operation.hpp"

namespace baton::traces {

/// A lock: an await takes it when nobody has it, those that wait in the order in which they came; an advance
/// gives it back. `object` is what distinguishes it, as its address.
constexpr Address lock_counter(Address object) {
  return object | Address{1} << 63;
}
constexpr bool is_lock(Address counter) {
  return counter >> 63 != 0;
}

/// A sum: an advance adds its value.
constexpr Address sum_counter(Address object) {
  return (object & ~Address{0} >> 2) | Address{1} << 62;
}
constexpr bool is_sum(Address counter) {
  return counter >> 62 == 1;
}

/// For reports: "counter 7 of the recorded order to reach 3", "the lock 0x600040".
std::string describe_await(Address counter, std::uint64_t value);

}  // namespace baton::traces
