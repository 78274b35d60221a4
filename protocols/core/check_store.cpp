#include "protocols/core/check_store.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace baton::checker {

std::uint64_t hash_of(std::string_view key) {
  std::uint64_t h = key.size();
  while (!key.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = key.size() < 8 ? key.size() : 8;
    std::memcpy(&word, key.data(), n);
    h = mix(h ^ word) + 0x9E3779B97F4A7C15U;
    key.remove_prefix(n);
  }
  return mix(h);
}

StateId Shard::add(std::string_view key_bytes, std::uint64_t hash, StateId parent) {
  std::size_t slot = first_slot(hash);
  for (; slots_[slot] != no_state; slot = (slot + 1) & (slots_.size() - 1)) {
    const std::uint32_t state = slots_[slot];
    if (hashes_[state] == hash && (compact_ || key(state) == key_bytes))
      return state << shard_bits | static_cast<StateId>(number_);
  }
  const std::uint32_t state = size();
  if (state == max_states) throw std::length_error("more states than the checker has numbers for");
  slots_[slot] = state;
  hashes_.push_back(hash);
  parents_.push_back(parent);
  offsets_.push_back(keys_.append(key_bytes));
  if (hashes_.size() * 4 > slots_.size() * 3) grow();
  return state << shard_bits | static_cast<StateId>(number_);
}

std::string_view Shard::key(std::uint32_t state) const {
  const std::uint64_t offset = offsets_[state - older_begin_];
  return compact_ && state < newest_begin_ ? older_keys_.at(offset) : keys_.at(offset);
}

void Shard::begin_level() {
  if (!compact_) return;
  offsets_.erase(offsets_.begin(), offsets_.begin() + (newest_begin_ - older_begin_));
  older_begin_ = newest_begin_;
  newest_begin_ = size();
  older_keys_ = std::exchange(keys_, {});
}

std::uint64_t Shard::bytes() const {
  return hashes_.capacity() * sizeof(std::uint64_t) + parents_.capacity() * sizeof(StateId) +
         offsets_.capacity() * sizeof(std::uint64_t) + slots_.capacity() * sizeof(std::uint32_t) +
         (keys_.chunks.size() + older_keys_.chunks.size()) * chunk_bytes;
}

void Shard::grow() {
  slots_.assign(slots_.size() * 2, no_state);
  for (std::uint32_t i = 0; i < size(); ++i) {
    std::size_t slot = first_slot(hashes_[i]);
    while (slots_[slot] != no_state) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = i;
  }
}

std::uint64_t Shard::Arena::append(std::string_view key_bytes) {
  const std::uint64_t needs = key_bytes.size() + 2;
  if (needs > chunk_bytes) throw std::length_error("a state's key is too long");
  if (chunks.empty() || end % chunk_bytes + needs > chunk_bytes || end == chunks.size() * chunk_bytes) {
    end = chunks.size() * chunk_bytes;
    chunks.push_back(std::make_unique_for_overwrite<char[]>(chunk_bytes));
  }
  char* at = chunks.back().get() + end % chunk_bytes;
  const auto size = static_cast<std::uint16_t>(key_bytes.size());
  std::memcpy(at, &size, 2);
  std::memcpy(at + 2, key_bytes.data(), key_bytes.size());
  return std::exchange(end, end + needs);
}

std::string_view Shard::Arena::at(std::uint64_t offset) const {
  const char* key = chunks[offset / chunk_bytes].get() + offset % chunk_bytes;
  std::uint16_t size = 0;
  std::memcpy(&size, key, 2);
  return {key + 2, size};
}

}  // namespace baton::checker
