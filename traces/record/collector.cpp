#include "traces/record/collector.hpp"

#include <algorithm>
#include <tuple>

namespace baton::record {

using traces::format::Event;
using traces::format::MemoryOrder;
using traces::format::Record;

bool Collector::collect() {
  std::uint32_t index = control_.full.exchange(none, std::memory_order_acq_rel);
  if (index == none) return false;
  std::vector<std::uint32_t> list;
  for (; index != none; index = chunk_at(control_, index).next.load(std::memory_order_relaxed)) {
    list.push_back(index);
  }
  for (auto i = list.rbegin(); i != list.rend(); ++i) {  // the list had the last one first
    Chunk& chunk = chunk_at(control_, *i);
    empty(chunk);
    chunk.state.store(ChunkState::free, std::memory_order_relaxed);
    chunk.slots.store(0, std::memory_order_relaxed);
    push_free(control_, *i);
  }
  return true;
}

void Collector::finish() {
  while (collect()) {
  }
  std::vector<Chunk*> rest;
  const std::uint32_t used = std::min(control_.fresh.load(), chunks);
  for (std::uint32_t i = 0; i < used; ++i) {
    Chunk& chunk = chunk_at(control_, i);
    if (chunk.state.load(std::memory_order_acquire) != ChunkState::free) rest.push_back(&chunk);
  }
  std::sort(rest.begin(), rest.end(), [](const Chunk* a, const Chunk* b) {
    return std::tie(a->thread, a->number) < std::tie(b->thread, b->number);
  });
  for (Chunk* const chunk : rest) {
    empty(*chunk);
    chunk->state.store(ChunkState::free);
  }
  for (; threads_ < std::max(control_.threads.load(), 1U); ++threads_) writer_.append(threads_, {});
  for (const traces::format::DataSymbol& variable : symbols_.variables()) writer_.symbol(variable);
  for (const traces::format::Type& type : symbols_.types()) writer_.type(type);
}

void Collector::empty(Chunk& chunk) {
  const std::uint32_t slots = std::min(chunk.slots.load(std::memory_order_acquire), chunk_slots);
  if (chunk.thread >= control_.threads.load(std::memory_order_relaxed)) return;  // the program has spoilt it
  for (; threads_ <= chunk.thread; ++threads_) writer_.append(threads_, {});
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < slots; ++i) {
    const Slot& slot = chunk.slot[i];
    Record& record = buffer_[count++];
    record.address = slot.what & low_48;
    record.event = static_cast<Event>(slot.what >> 48 & 0xff);
    record.order = static_cast<MemoryOrder>(slot.what >> 56 & 7);
    record.success = (slot.what & success_bit) != 0;
    record.size = static_cast<std::uint32_t>(slot.code >> 48);
    record.work_cycles = slot.work;
    record.location = location(slot.code & low_48, slot.context);
    if ((slot.what & extended_bit) != 0 && i + 1 < slots) {
      const Slot& second = chunk.slot[++i];
      record.sequence = second.what;
      record.value = second.code;
    } else {
      record.sequence = traces::format::unordered;
      record.value = 0;
    }
    if (record.event == Event::allocate) record.location = allocation(record, slot.code & low_48);
  }
  records_ += count;
  writer_.append(chunk.thread, {buffer_.data(), count});
}

std::uint32_t Collector::location(std::uint64_t code, std::uint32_t context) {
  if (code == 0) return 0;
  Recent& recent = recent_[(code ^ context * 0x9E3779B9U) % recent_.size()];
  if (recent.code != code || recent.context != context)
    recent = {code, context, find_location(code, context)};
  return recent.location;
}

std::uint32_t Collector::find_location(std::uint64_t code, std::uint32_t context) {
  const auto [known, added] = codes_.try_emplace(code);
  if (added) {
    const Place& here = place(code);
    known->second = {
        here.location.function.empty() && here.location.file.empty() ? 0 : writer_.location(here.location),
        here.users};
  }
  if (known->second.users) return known->second.location;
  const auto [found, unseen] = in_context_[code].try_emplace(context, known->second.location);
  if (!unseen) return found->second;
  // In a function of a library: the user's line that, by one or more calls, came to it.
  for (std::uint32_t at = context; at != 0 && at < maximum_contexts; at = control_.context[at].parent) {
    const Place& caller = place(control_.context[at].call);
    if (!caller.users) continue;
    found->second = writer_.location(caller.location);
    break;
  }
  return found->second;
}

/// The location, with the type that the memory is for.
std::uint32_t Collector::allocation(const Record& record, std::uint64_t code) {
  const auto [type, added] = allocated_.try_emplace(code);
  if (added) {
    find_modules();
    type->second = symbols_.allocated(code);
  }
  if (type->second == 0 || record.value % symbols_.types()[type->second - 1].bytes != 0)
    return record.location;
  const auto [typed, unseen] =
      typed_.try_emplace(std::uint64_t{record.location} << 32 | type->second, record.location);
  if (unseen) typed->second = writer_.location(record.location, type->second);
  return typed->second;
}

const Place& Collector::place(std::uint64_t code) {
  const auto [found, added] = places_.try_emplace(code);
  if (added) {
    find_modules();
    found->second = symbols_.place(code);
  }
  return found->second;
}

void Collector::find_modules() {
  const std::uint32_t count = std::min(control_.modules.load(std::memory_order_acquire), maximum_modules);
  for (; modules_ < count; ++modules_) {
    symbols_.add(control_.module[modules_].path, control_.module[modules_].base);
  }
}

}  // namespace baton::record
