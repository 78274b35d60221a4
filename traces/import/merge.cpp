#include "traces/import/merge.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "traces/error.hpp"
#include "traces/gates.hpp"

namespace baton::traces {
namespace {

constexpr std::size_t batch = 512;
/// Formats number counters densely; a damaged number must not cost memory.
constexpr Address maximum_counters = Address{1} << 24;

}  // namespace

Merge::Merge(std::vector<std::unique_ptr<OrderedStream>> inputs, std::string name) : name_(std::move(name)) {
  for (auto& stream : inputs) {
    Input& input = inputs_.emplace_back();
    input.stream = std::move(stream);
    input.core = static_cast<std::uint32_t>(inputs_.size() - 1);
    input.read.resize(batch);
  }
}

std::size_t Merge::next(std::span<OrderedOperation> out) {
  std::size_t n = 0;
  std::size_t waiting = 0;  // inputs in a row that gave nothing
  while (n < out.size() && !inputs_.empty()) {
    if (turn_ >= inputs_.size()) turn_ = 0;
    Input& input = inputs_[turn_];
    const std::uint64_t before = input.taken;
    if (take(input, out[n])) {
      ++n;
      waiting = 0;
      ++turn_;
    } else if (!input.stream) {
      inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(turn_));
      waiting = 0;
    } else {
      // It may have advanced a counter before it began to wait.
      waiting = input.taken == before ? waiting + 1 : 0;
      if (waiting > inputs_.size()) {
        throw InputError(name_, "",
                         "the recorded order has a cycle: core " + std::to_string(input.core) +
                             " and all others that have not ended wait for each other");
      }
      ++turn_;
    }
  }
  return n;
}

bool Merge::take(Input& input, OrderedOperation& out) {
  while (true) {
    if (input.next == input.count) {
      input.count = input.stream->next(input.read);
      input.next = 0;
      if (input.count == 0) {
        input.stream = nullptr;
        return false;
      }
    }
    const Operation& operation = input.read[input.next].operation;
    if (operation.kind == Kind::await) {
      if (!pass(operation)) return false;
    } else if (operation.kind == Kind::advance) {
      advance(operation);
    } else if (operation.kind == Kind::work) {
      input.work_cycles += operation.gap_cycles;
    } else {
      out = {operation, input.core};
      constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max();
      out.operation.gap_cycles = static_cast<std::uint32_t>(
          std::min(std::exchange(input.work_cycles, 0) + operation.gap_cycles, longest));
      ++input.next;
      ++input.taken;
      return true;
    }
    ++input.next;
    ++input.taken;
  }
}

bool Merge::pass(const Operation& await) {
  std::uint64_t& value = counter(await.address);
  if (!is_lock(await.address)) return value >= await.gap_cycles;
  const bool free = value == 0;
  value = 1;
  return free;
}

void Merge::advance(const Operation& advance) {
  std::uint64_t& value = counter(advance.address);
  if (is_lock(advance.address))
    value = 0;
  else
    value = is_sum(advance.address) ? value + advance.gap_cycles
                                    : std::max<std::uint64_t>(value, advance.gap_cycles);
}

std::uint64_t& Merge::counter(Address number) {
  if (is_lock(number) || is_sum(number)) return objects_[number];
  if (number >= maximum_counters) {
    throw InputError(name_, "",
                     "the recorded order is corrupt: there is no counter " + std::to_string(number));
  }
  if (number >= counters_.size()) counters_.resize(std::max<std::size_t>(number + 1, counters_.size() * 2));
  return counters_[number];
}

}  // namespace baton::traces
