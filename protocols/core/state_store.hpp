#pragma once
// The set of states that a search has seen, each with the state it was first reached from. States are byte
// strings of at most 255 bytes and get numbers in the order of arrival, so the numbers double as a
// breadth-first queue.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace baton {

class StateStore {
 public:
  using Number = std::uint32_t;

  StateStore();
  /// Returns true if the key is new; it then has number size() - 1.
  bool add(std::string_view key, Number parent);
  std::string_view key(Number state) const;
  Number parent(Number state) const { return states_[state].parent; }
  std::uint64_t size() const { return states_.size(); }

 private:
  struct State {
    Number parent;
    std::uint32_t tag;  ///< upper half of the key's hash
    std::uint64_t offset;
  };

  std::uint64_t append(std::string_view key);
  void grow();

  static constexpr std::uint64_t chunk_bytes = std::uint64_t{1} << 20;
  static constexpr Number no_state = 0xFFFFFFFF;

  std::vector<std::unique_ptr<char[]>> chunks_;  ///< keys, each behind its length; none crosses a chunk's end
  std::uint64_t end_ = 0;
  std::vector<State> states_;
  std::vector<Number> slots_;  ///< open addressing, a power of two, at most half full
};

}  // namespace baton
