#include "protocols/core/state_store.hpp"

#include <cstring>
#include <stdexcept>

namespace baton {
namespace {

std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::uint64_t hash(std::string_view key) {
  std::uint64_t h = key.size();
  while (!key.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = key.size() < 8 ? key.size() : 8;
    std::memcpy(&word, key.data(), n);
    h = mix(h ^ word) + 0x9E3779B97F4A7C15U;
    key.remove_prefix(n);
  }
  return h;
}

// The slot comes from the tag alone, so that growing does not have to hash the keys again.
std::size_t first_slot(std::uint32_t tag, std::size_t slots) {
  return static_cast<std::size_t>(tag * 0x9E3779B97F4A7C15U >> 32U) & (slots - 1);
}

}  // namespace

StateStore::StateStore() : slots_(1U << 12U, no_state) {}

bool StateStore::add(std::string_view key_bytes, Number parent) {
  const auto tag = static_cast<std::uint32_t>(hash(key_bytes) >> 32U);
  std::size_t slot = first_slot(tag, slots_.size());
  for (; slots_[slot] != no_state; slot = (slot + 1) & (slots_.size() - 1))
    if (states_[slots_[slot]].tag == tag && key(slots_[slot]) == key_bytes) return false;
  slots_[slot] = static_cast<Number>(states_.size());
  states_.push_back({parent, tag, append(key_bytes)});
  if (states_.size() * 2 > slots_.size()) grow();
  return true;
}

std::string_view StateStore::key(Number state) const {
  const std::uint64_t offset = states_[state].offset;
  const char* at = chunks_[offset / chunk_bytes].get() + offset % chunk_bytes;
  return {at + 1, static_cast<unsigned char>(*at)};
}

std::uint64_t StateStore::append(std::string_view key_bytes) {
  if (key_bytes.size() > 255) throw std::length_error("a state's key has more than 255 bytes");
  const std::uint64_t needs = key_bytes.size() + 1;
  if (chunks_.empty() || end_ % chunk_bytes + needs > chunk_bytes || end_ == chunks_.size() * chunk_bytes) {
    end_ = chunks_.size() * chunk_bytes;
    chunks_.push_back(std::make_unique<char[]>(chunk_bytes));
  }
  char* at = chunks_.back().get() + end_ % chunk_bytes;
  *at = static_cast<char>(key_bytes.size());
  std::memcpy(at + 1, key_bytes.data(), key_bytes.size());
  const std::uint64_t offset = end_;
  end_ += needs;
  return offset;
}

void StateStore::grow() {
  slots_.assign(slots_.size() * 4, no_state);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    std::size_t slot = first_slot(states_[i].tag, slots_.size());
    while (slots_[slot] != no_state) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<Number>(i);
  }
}

}  // namespace baton
