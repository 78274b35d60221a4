#include "sim/experiment/recorded_names.hpp"

#include <algorithm>

#include "traces/format/in_order.hpp"

namespace baton::experiment {

using traces::Address;

namespace {

constexpr std::size_t most_allocations = 1 << 12;  // of a line, while the recording is read

/// As the streams have it: an object of synchronisation is a word.
std::uint64_t bytes_accessed(const traces::format::Record& record) {
  using traces::format::Event;
  if (record.event <= Event::rmw) return std::max<std::uint32_t>(record.size, 1);
  return record.event >= Event::mutex_lock && record.event <= Event::once ? 4 : 0;
}

std::size_t kind_of(traces::format::Event event) {
  using traces::format::Event;
  if (event == Event::load || event == Event::barrier_leave || event == Event::once) return 0;
  return event == Event::store ? 1 : 2;
}

/// Of what has been released, the half that the line was accessed least for.
void forget_unused(Names& names) {
  std::vector<std::map<Names::Allocation, Names::Use>::iterator> released;
  for (auto one = names.allocations.begin(); one != names.allocations.end(); ++one) {
    const auto live = names.live.find(one->first.address);
    if (live == names.live.end() || live->second != &*one) released.push_back(one);
  }
  const auto half = released.begin() + static_cast<std::ptrdiff_t>(released.size() / 2);
  std::ranges::nth_element(released, half, {}, [](const auto& one) { return one->second.accesses; });
  for (auto one = released.begin(); one != half; ++one) names.allocations.erase(*one);
}

}  // namespace

RecordedNames::RecordedNames(const traces::format::Recording& recording, const ReportedLines& lines)
    : recording_(recording), lines_(lines) {
  traces::format::each_in_order(recording_,
                                [this](const auto& record, std::uint32_t thread) { take(record, thread); });
}

void RecordedNames::take(const traces::format::Record& record, std::uint32_t thread) {
  using traces::format::Event;
  if (record.event == Event::release) return release(record.address);
  const bool allocates = record.event == Event::allocate;
  const std::uint64_t bytes = allocates ? record.value : bytes_accessed(record);
  if (bytes == 0) return;
  lines_.each(record.address, bytes, [&](LineNumber line) {
    Names& names = names_[line];
    if (allocates) return allocate(names, {record.address, bytes, record.location, thread});
    Names::Place& place = names.places[record.location];
    ++place.accesses[kind_of(record.event)];
    place.threads.insert(thread);
    auto allocation = names.live.upper_bound(record.address);
    if (allocation == names.live.begin()) return;
    auto& [where, use] = *(--allocation)->second;
    if (record.address - where.address < where.bytes) ++use.accesses;
  });
}

void RecordedNames::allocate(Names& names, const Names::Allocation& allocation) {
  if (names.allocations.size() >= most_allocations) forget_unused(names);
  auto& known = *names.allocations.try_emplace(allocation).first;
  ++known.second.times;
  names.live[allocation.address] = &known;
  bytes_[allocation.address] = allocation.bytes;
}

void RecordedNames::release(Address address) {
  const auto bytes = bytes_.find(address);
  if (bytes == bytes_.end()) return;
  lines_.each(address, bytes->second, [&](LineNumber line) { names_[line].live.erase(address); });
  bytes_.erase(bytes);
}

std::uint32_t RecordedNames::type_of(std::uint32_t location) const {
  return location < recording_.locations().size() ? recording_.locations()[location].type : 0;
}

std::set<RecordedNames::Block> RecordedNames::blocks(const Names* names) const {
  std::set<Block> result;
  if (names == nullptr) return result;
  for (const auto& [allocation, use] : names->allocations)
    if (use.accesses != 0)
      result.insert({allocation.address, allocation.bytes, type_of(allocation.location)});
  return result;
}

std::optional<std::string> RecordedNames::field_at(Address address, const std::set<Block>& blocks) const {
  const auto& symbols = recording_.symbols();
  const auto after = std::ranges::upper_bound(symbols, address, {}, &traces::format::DataSymbol::address);
  if (after != symbols.begin() && address - (after - 1)->address < (after - 1)->bytes) {
    const traces::format::DataSymbol& symbol = *(after - 1);
    const auto inside = traces::format::field_at(recording_.types(), symbol.type, address - symbol.address);
    return inside ? std::optional(symbol.name + *inside) : std::nullopt;
  }
  std::optional<std::string> name;
  for (const Block& block : blocks) {
    if (address < block.address || address - block.address >= block.bytes) continue;
    const auto here = traces::format::field_in_allocation(recording_.types(), block.type, block.bytes,
                                                          address - block.address);
    if (!here || (name && name != here)) return std::nullopt;
    name = here;
  }
  return name;
}

}  // namespace baton::experiment
