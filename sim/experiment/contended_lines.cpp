#include "sim/experiment/contended_lines.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "sim/experiment/line_fields.hpp"
#include "sim/experiment/recorded_names.hpp"

namespace baton::experiment {
namespace {

using sim::bytes_within;
using sim::BytesOfLine;
using sim::CoreTouches;
using sim::LineTable;
using sim::LineTouches;
using sim::Sharing;
using traces::Address;

constexpr std::size_t most_places = 8;   // of code, and of allocations, a line in the report
constexpr std::size_t most_fields = 64;  // a line in the report

std::string hex(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%" PRIx64, number);
  return text;
}

std::string range(std::uint32_t first, std::uint32_t last) {
  return std::to_string(first) + (last == first ? "" : "-" + std::to_string(last));
}

/// "0-7,16-23": bytes of the line.
std::string byte_ranges(std::uint64_t mask, std::uint32_t granule) {
  std::string text;
  for (std::uint32_t bit = 0; bit < 64; ++bit) {
    if ((mask >> bit & 1U) == 0) continue;
    std::uint32_t end = bit;
    while (end < 63 && (mask >> (end + 1) & 1U) != 0) ++end;
    text += (text.empty() ? "" : ",") + range(bit * granule, (end + 1) * granule - 1);
    bit = end;
  }
  return text;
}

const char* name_of(Sharing sharing) {
  switch (sharing) {
    case Sharing::read_only:
      return "read_only";
    case Sharing::cold:
      return "cold";
    case Sharing::capacity:
      return "capacity";
    case Sharing::renewal:
      return "renewal";
    case Sharing::other:
      return "other";
    case Sharing::false_sharing:
      return "false";
    case Sharing::true_sharing:
      return "true";
    default:
      return "none";
  }
}

void add_touches(const traces::Operation& operation, std::uint32_t core, const ReportedLines& lines,
                 LineTouches& touches) {
  const std::uint64_t size = std::max<std::uint64_t>(operation.size, 1);
  lines.each(operation.address, size, [&](LineNumber line) {
    const BytesOfLine bytes = bytes_within(operation, line, lines.line_bytes());
    touches.add(line, core, operation.kind, bytes.first, bytes.size);
  });
}

/// The accesses of all streams to the lines: they are the same each time they are read.
void read_streams(traces::Workload& workload, const ReportedLines& lines, LineTouches& touches) {
  if (workload.program() != nullptr || workload.ordered() != nullptr) return;  // seen in the run
  std::vector<std::unique_ptr<traces::OperationStream>> streams;
  for (int core = 0; core < workload.cores(); ++core) streams.push_back(workload.stream(core));
  std::array<traces::Operation, 512> fetched;
  // In turns: streams of one file for all cores keep what is read ahead for the others.
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t core = 0; core < streams.size(); ++core) {
      if (!streams[core] || streams[core]->value_dependent()) continue;
      const std::size_t n = streams[core]->next(fetched);
      for (std::size_t i = 0; i < n; ++i)
        if (traces::is_access(fetched[i].kind)) add_touches(fetched[i], core, lines, touches);
      if (n == 0)
        streams[core].reset();
      else
        more = true;
    }
  }
}

/// What a recording says of the lines.
class RecordingReport {
 public:
  RecordingReport(const traces::format::Recording& recording, const ReportedLines& lines)
      : names_(recording, lines), line_bytes_(lines.line_bytes()) {}

  /// `touches`: nullptr if nobody has been seen.
  void describe(LineNumber line, const std::map<std::uint32_t, CoreTouches>* touches,
                std::uint32_t granule_bytes, Json& object) const {
    add_symbols(line, object);
    const Names* const names = names_.of(line);
    if (touches != nullptr) add_fields(*touches, line, granule_bytes, names, object);
    if (names == nullptr) return;
    add_allocations(*names, line, object);
    add_places(*names, object);
  }

 private:
  Json location(std::uint32_t number) const {
    if (number == 0 || number >= recording().locations().size()) return {{"function", "unknown"}};
    const traces::format::Location& at = recording().locations()[number];
    if (at.function.empty() && at.file.empty())
      return {{"function", "unknown"}};  // lost, or but for its type
    Json object{{"function", at.function}};
    if (!at.file.empty()) object["file"] = at.file;
    if (at.line != 0) object["line"] = at.line;
    return object;
  }

  void add_symbols(LineNumber line, Json& object) const {
    const Address begin = line * line_bytes_;
    for (const traces::format::DataSymbol& symbol : recording().symbols()) {
      if (symbol.address >= begin + line_bytes_) break;
      if (symbol.address + symbol.bytes <= begin) continue;
      Json one{{"name", symbol.name}, {"address", hex(symbol.address)}, {"bytes", symbol.bytes}};
      // Where the line begins in the variable, or the variable in the line.
      if (symbol.address <= begin)
        one["line_at"] = begin - symbol.address;
      else
        one["in_line_at"] = symbol.address - begin;
      object["symbols"].push_back(std::move(one));
    }
  }

  void add_fields(const std::map<std::uint32_t, CoreTouches>& touches, LineNumber line,
                  std::uint32_t granule_bytes, const Names* names, Json& object) const {
    const auto held = names_.blocks(names);
    const auto fields = line_fields(touches, line_bytes_, granule_bytes, [&](std::uint32_t byte) {
      return names_.field_at(line * line_bytes_ + byte, held);
    });
    for (std::size_t i = 0; i < std::min(fields.size(), most_fields); ++i)
      object["fields"].push_back({{"name", fields[i].name},
                                  {"bytes", range(fields[i].first_byte, fields[i].last_byte)},
                                  {"read_by", number_ranges(fields[i].read_by)},
                                  {"written_by", number_ranges(fields[i].written_by)}});
    if (fields.size() > most_fields) object["more_fields"] = fields.size() - most_fields;
  }

  /// Those that the line was accessed for; if there are none, all.
  void add_allocations(const Names& names, LineNumber line, Json& object) const {
    const Address begin = line * line_bytes_;
    std::vector<const std::pair<const Names::Allocation, Names::Use>*> used;
    for (const auto& one : names.allocations)
      if (one.second.accesses != 0) used.push_back(&one);
    if (used.empty())
      for (const auto& one : names.allocations) used.push_back(&one);
    std::ranges::stable_sort(used, std::ranges::greater(),
                             [](const auto* one) { return one->second.accesses; });
    for (std::size_t i = 0; i < std::min(used.size(), most_places); ++i) {
      const auto& [allocation, use] = *used[i];
      Json one = location(allocation.location);
      if (const std::uint32_t type = names_.type_of(allocation.location);
          type < recording().types().size() && !recording().types()[type].name.empty())
        one["type"] = recording().types()[type].name;
      one["address"] = hex(allocation.address);
      one["bytes"] = allocation.bytes;
      if (allocation.address <= begin)
        one["line_at"] = begin - allocation.address;
      else
        one["in_line_at"] = allocation.address - begin;
      one["thread"] = allocation.thread;
      one["times"] = use.times;
      one["accesses"] = use.accesses;
      object["allocations"].push_back(std::move(one));
    }
    if (used.size() > most_places) object["more_allocations"] = used.size() - most_places;
  }

  void add_places(const Names& names, Json& object) const {
    const auto total = [](const Names::Place& place) {
      return place.accesses[0] + place.accesses[1] + place.accesses[2];
    };
    std::vector<std::pair<std::uint32_t, const Names::Place*>> places;
    for (const auto& [number, place] : names.places) places.emplace_back(number, &place);
    std::ranges::stable_sort(
        places, [&](const auto& a, const auto& b) { return total(*a.second) > total(*b.second); });
    for (std::size_t i = 0; i < std::min(places.size(), most_places); ++i) {
      const Names::Place& place = *places[i].second;
      Json one = location(places[i].first);
      one["loads"] = place.accesses[0];
      one["stores"] = place.accesses[1];
      one["rmws"] = place.accesses[2];
      one["threads"] = place.threads;
      object["locations"].push_back(std::move(one));
    }
    if (places.size() > most_places) object["more_locations"] = places.size() - most_places;
  }

  const traces::format::Recording& recording() const { return names_.recording(); }

  RecordedNames names_;
  std::uint32_t line_bytes_;
};

Json costs(const LineTable::Row& row, const LineTable& table, std::uint32_t line_bytes) {
  const sim::LineCounts& counts = row.counts;
  Json object{{"line", hex(row.line * line_bytes)}, {"stall_cycles", counts.stall_cycles}};
  object["stall_share"] =
      table.total_stall_cycles() == 0
          ? 0.0
          : static_cast<double>(counts.stall_cycles) / static_cast<double>(table.total_stall_cycles());
  if (table.dropped_stall_cycles() != 0)
    object["stall_cycles_missing_at_most"] = table.dropped_stall_cycles();
  object["misses"] = counts.misses[0] + counts.misses[1] + counts.misses[2];
  object["misses_load"] = counts.misses[0];
  object["misses_store"] = counts.misses[1];
  object["misses_rmw"] = counts.misses[2];
  constexpr std::array<const char*, sim::miss_causes> causes{
      "misses_cold", "misses_replaced", "misses_renewed", "misses_sharing", "misses_other"};
  for (std::size_t i = 0; i < causes.size(); ++i) object[causes[i]] = counts.causes[i];
  object["upgrades"] = counts.upgrades;
  object["transfers_from_caches"] = counts.from_caches;
  object["transfers_from_home"] = counts.from_home;
  object["invalidations"] = counts.invalidations;
  if (counts.updates != 0) object["updates"] = counts.updates;
  object["recalls"] = counts.recalls;
  if (counts.deviations != 0) {
    object["order_deviations"] = counts.deviations;
    object["order_displacement_max"] = counts.most_displaced;
  }
  return object;
}

void add_cores(const std::map<std::uint32_t, CoreTouches>& touches, const LineTable::Row& row,
               const LineTable& table, const LineTouches& all, Json& object) {
  const std::uint64_t can_be_true = sim::true_misses(row.line, row.counts, table.causes(), touches);
  object["sharing"] = name_of(sim::sharing_of(touches, row.counts, can_be_true));
  object["misses_true_at_most"] = can_be_true;
  std::map<std::uint32_t, std::uint64_t> owned;  // of the bytes that are written
  for (std::uint32_t bit = 0; bit < 64; ++bit) {
    const int owner = sim::owner_of(touches, bit);
    const auto writes = [bit](const auto& one) { return (one.second.written >> bit & 1U) != 0; };
    if (owner >= 0 && std::ranges::any_of(touches, writes))
      owned[static_cast<std::uint32_t>(owner)] |= std::uint64_t{1} << bit;
  }
  std::uint64_t readers = 0;
  std::uint64_t writers = 0;
  Json cores = Json::array();
  for (const auto& [core, of_core] : touches) {
    readers += of_core.read != 0 ? 1 : 0;
    writers += of_core.written != 0 ? 1 : 0;
    cores.push_back({{"core", core},
                     {"loads", of_core.accesses[0]},
                     {"stores", of_core.accesses[1]},
                     {"rmws", of_core.accesses[2]},
                     {"bytes_read", byte_ranges(of_core.read, all.granule_bytes())},
                     {"bytes_written", byte_ranges(of_core.written, all.granule_bytes())},
                     {"bytes_owned", byte_ranges(owned[core], all.granule_bytes())}});
  }
  object["readers"] = readers;
  object["writers"] = writers;
  object["cores_touching"] = std::move(cores);
  if (!all.complete()) object["cores_missing"] = true;
}

}  // namespace

Json describe_lines(const LineTable& table, LineTouches& touches, const PointConfig& config,
                    std::uint64_t seed) {
  const std::uint32_t line_bytes = config.machine.cache.line_bytes;
  const auto rows = table.costliest(config.options.lines);
  const ReportedLines lines(rows, line_bytes);
  Json list = Json::array();
  if (rows.empty()) return list;
  read_streams(*make_workload(config.workload, config.machine, seed), lines, touches);
  std::unique_ptr<traces::format::Recording> recording;
  if (config.workload.kind == "trace") recording = open_recording(config.workload);
  std::optional<RecordingReport> names;
  if (recording) names.emplace(*recording, lines);
  for (const auto& row : rows) {
    Json object = costs(row, table, line_bytes);
    if (const auto* of_line = touches.of(row.line)) add_cores(*of_line, row, table, touches, object);
    if (names) names->describe(row.line, touches.of(row.line), touches.granule_bytes(), object);
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace baton::experiment
