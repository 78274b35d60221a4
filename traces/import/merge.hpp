#pragma once
// Streams of one core each, with the recorded order among them, as one stream in a global order.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "traces/operation.hpp"

namespace baton::traces {

/// The cores take turns, an access each; a core at a Kind::await whose counter has not reached its value
/// loses its turn. Gives accesses only. Deterministic.
class Merge final : public OrderedStream {
 public:
  /// `name` is the trace's, for errors.
  Merge(std::vector<std::unique_ptr<OrderedStream>> inputs, std::string name);

  /// Throws InputError if the inputs do, or if all that have not ended wait for each other.
  std::size_t next(std::span<OrderedOperation> out) override;

 private:
  struct Input {
    std::unique_ptr<OrderedStream> stream;
    std::uint32_t core = 0;
    std::vector<OrderedOperation> read;
    std::size_t count = 0;
    std::size_t next = 0;
    std::uint64_t taken = 0;        ///< operations of any kind
    std::uint64_t work_cycles = 0;  ///< of Kind::work, for the next access
  };

  /// The input's next access; false if it waits or has ended, which sets input.stream to null.
  bool take(Input& input, OrderedOperation& out);
  /// False if the await is to wait; of a lock that is free, takes it.
  bool pass(const Operation& await);
  void advance(const Operation& advance);
  std::uint64_t& counter(Address number);

  std::vector<Input> inputs_;  ///< that have not ended
  std::size_t turn_ = 0;
  std::vector<std::uint64_t> counters_;
  std::unordered_map<Address, std::uint64_t> objects_;  ///< locks and sums
  std::string name_;
};

}  // namespace baton::traces
