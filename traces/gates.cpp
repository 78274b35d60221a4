#include "traces/gates.hpp"

#include <cinttypes>
#include <cstdio>

namespace baton::traces {

std::string describe_await(Address counter, std::uint64_t value) {
  char object[24];
  std::snprintf(object, sizeof object, "0x%" PRIx64, counter & ~Address{0} >> 2);
  if (is_lock(counter)) return std::string("the lock ") + object;
  if (is_sum(counter)) return "signal " + std::to_string(value) + " of the condition " + object;
  return "counter " + std::to_string(counter) + " of the recorded order to reach " + std::to_string(value);
}

}  // namespace baton::traces
