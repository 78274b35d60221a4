#include "traces/export/export.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "traces/error.hpp"
#include "traces/export/sink.hpp"
#include "traces/format/reader.hpp"
#include "traces/format/writer.hpp"
#include "traces/import/core_files.hpp"
#include "traces/import/merge.hpp"
#include "traces/output_file.hpp"

namespace baton::traces {
namespace {

constexpr std::size_t batch = 4096;

template <class Number>
void append(std::string& line, Number value, int base = 10) {
  std::array<char, 24> digits;
  line.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr);
}

/// All accesses of a trace, in its order or by turns.
std::unique_ptr<OrderedStream> whole(const TraceFiles& files, const std::string& name) {
  if (!files.stream_per_core()) return files.open(0, maximum_cores);
  std::vector<std::unique_ptr<OrderedStream>> streams;
  for (std::size_t i = 0; i < files.streams(); ++i) streams.push_back(files.open(i, maximum_cores));
  return std::make_unique<Merge>(std::move(streams), name);
}

template <class Take>
void for_each_access(OrderedStream& stream, Take take) {
  std::vector<OrderedOperation> read(batch);
  while (const std::size_t n = stream.next(read)) {
    for (std::size_t i = 0; i < n; ++i) {
      if (is_access(read[i].operation.kind)) take(read[i]);
    }
  }
}

char letter(Kind kind) {
  return kind == Kind::store ? 'w' : kind == Kind::rmw ? 'm' : 'r';
}

Exported to_text(const TraceFiles& files, const TraceParameters& from, const std::string& path) {
  Exported result;
  result.files = {path};
  if (files.stream_per_core() && files.streams() > 1) {
    result.lost.push_back(files.format->gates()
                              ? "of the order among cores, all but one order that keeps the recorded one"
                              : "nothing, but an order among cores was made up: they take turns");
  }
  TextSink sink(path);
  std::string line;
  for_each_access(*whole(files, from.path), [&](const OrderedOperation& one) {
    const Operation& operation = one.operation;
    line.clear();
    append(line, one.core);
    line += {' ', letter(operation.kind), ' '};
    append(line, operation.address, 16);
    line += ' ';
    append(line, operation.size);
    if (operation.gap_cycles != 0) {
      line += ' ';
      append(line, operation.gap_cycles);
    }
    line += '\n';
    sink.write(line);
    ++result.accesses;
  });
  sink.finish();
  return result;
}

std::string for_core(std::string path, std::uint32_t core) {
  const std::size_t at = path.find(core_placeholder);
  if (at != std::string::npos) path.replace(at, core_placeholder.size(), std::to_string(core));
  return path;
}

void check_output(const std::string& path, const TraceFiles& files) {
  for (const std::string& input : files.paths) {
    if (same_file(path, input)) {
      throw InputError(path, "", "is a file of the trace itself, found as the output, allowed another file");
    }
  }
}

Exported to_din(const TraceFiles& files, const TraceParameters& from, const std::string& path) {
  Exported result;
  result.lost = {"sizes", "other work between accesses",
                 "that a read-modify-write is atomic: a read and a write"};
  std::vector<std::unique_ptr<TextSink>> sinks;
  const bool many = names_all_cores(path);
  std::string line;
  for_each_access(*whole(files, from.path), [&](const OrderedOperation& one) {
    if (one.core > 0 && !many) {
      throw InputError(path, "",
                       "din has one file a core, found accesses of core " + std::to_string(one.core) +
                           ", allowed a path with {core}");
    }
    while (sinks.size() <= one.core) {
      result.files.push_back(for_core(path, static_cast<std::uint32_t>(sinks.size())));
      check_output(result.files.back(), files);
      sinks.push_back(std::make_unique<TextSink>(result.files.back()));
    }
    const Kind kind = one.operation.kind;
    line.clear();
    for (const char label : {'0', '1'}) {
      if ((label == '0' && kind == Kind::store) ||
          (label == '1' && kind != Kind::store && kind != Kind::rmw)) {
        continue;
      }
      line += {label, ' '};
      append(line, one.operation.address, 16);
      line += '\n';
    }
    sinks[one.core]->write(line);
    ++result.accesses;
  });
  for (const auto& sink : sinks) sink->finish();
  return result;
}

/// The number that one of a recording has in its copy; 0 if it is lost. Those that are lost leave their
/// numbers.
std::uint32_t number_in(const std::vector<std::uint32_t>& copied, std::uint32_t number) {
  return number < copied.size() ? copied[number] : 0;
}

std::vector<std::uint32_t> copy_types(const format::Recording& recording, format::Writer& writer) {
  std::vector<std::uint32_t> copied;
  for (format::Type type : recording.types()) {
    const bool lost = type == format::Type{};
    type.element = number_in(copied, type.element);
    for (format::Member& member : type.members) member.type = number_in(copied, member.type);
    copied.push_back(lost ? 0 : writer.type(type));
  }
  return copied;
}

std::vector<std::uint32_t> copy_locations(const format::Recording& recording,
                                          const std::vector<std::uint32_t>& types, format::Writer& writer) {
  std::vector<std::uint32_t> copied;
  for (format::Location location : recording.locations()) {
    location.type = number_in(types, location.type);
    copied.push_back(location == format::Location{} ? 0 : writer.location(location));
  }
  return copied;
}

Exported copy_recording(const TraceParameters& from, const std::string& path) {
  const auto damage = from.salvage ? format::Damage::salvage : format::Damage::refuse;
  const format::Recording recording(from.path, damage);
  Exported result;
  result.files = {path};
  result.lost = recording.damage();
  format::Writer writer(path, recording.properties());
  if (recording.property("program").empty()) writer.property("program", "unknown");
  if (!result.lost.empty()) writer.property("salvaged", std::to_string(result.lost.size()) + " gaps");
  const std::vector<std::uint32_t> types = copy_types(recording, writer);
  const std::vector<std::uint32_t> locations = copy_locations(recording, types, writer);
  std::vector<format::Record> read(batch);
  for (std::uint32_t thread = 0; thread < recording.threads(); ++thread) {
    writer.append(thread, {});
    const auto stream = recording.stream(thread);
    while (const std::size_t n = stream->next(read)) {
      for (format::Record& record : std::span(read).first(n)) {
        record.location = number_in(locations, record.location);
        result.accesses += record.event <= format::Event::rmw ? 1 : 0;
      }
      writer.append(thread, std::span(read).first(n));
    }
  }
  for (format::DataSymbol symbol : recording.symbols()) {
    symbol.type = number_in(types, symbol.type);
    writer.symbol(symbol);
  }
  writer.finish();
  return result;
}

Exported to_recording(const TraceFiles& files, const TraceParameters& from, const std::string& path) {
  if (path.ends_with(".gz") || path.ends_with(".zst")) {
    throw InputError(
        path, "", "a recording is compressed already, found an extension that compresses, allowed another");
  }
  if (files.format->name() == "recording") return copy_recording(from, path);
  Exported result;
  result.files = {path};
  if (!files.stream_per_core() || files.format->gates()) result.lost = {"the order among cores"};
  format::Writer writer(path,
                        {{"program", from.path}, {"converted_from", std::string(files.format->name())}});
  std::uint32_t threads = 0;
  const auto take = [&](const OrderedOperation& one) {
    const Operation& operation = one.operation;
    const bool atomic = operation.kind == Kind::rmw;
    const format::Record record{.address = operation.address,
                                .work_cycles = operation.gap_cycles,
                                .size = operation.size,
                                .event = operation.kind == Kind::store ? format::Event::store
                                         : atomic                      ? format::Event::rmw
                                                                       : format::Event::load,
                                .order = atomic ? format::MemoryOrder::seq_cst : format::MemoryOrder::none};
    for (; threads <= one.core; ++threads) writer.append(threads, {});
    writer.append(one.core, {&record, 1});
    ++result.accesses;
  };
  // Core by core where that is possible: no order is to be kept.
  for (std::size_t i = 0; i < files.streams(); ++i) for_each_access(*files.open(i, maximum_cores), take);
  writer.finish();
  return result;
}

using Exporter = Exported (*)(const TraceFiles&, const TraceParameters&, const std::string&);
struct Named {
  const char* name;
  Exporter exporter;
};
constexpr std::array<Named, 3> exporters{{{"text", to_text}, {"din", to_din}, {"recording", to_recording}}};

}  // namespace

const std::vector<std::string>& export_formats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Named& one : exporters) all.emplace_back(one.name);
    return all;
  }();
  return names;
}

Exported export_trace(const TraceParameters& from, const std::string& format, const std::string& path) {
  const auto named = std::ranges::find_if(exporters, [&](const Named& one) { return format == one.name; });
  if (named == exporters.end()) {
    std::string allowed;
    for (const Named& one : exporters) allowed += (allowed.empty() ? "" : ", ") + std::string(one.name);
    throw InputError(path, "", "unknown format to convert to, found \"" + format + "\", allowed " + allowed);
  }
  const TraceFiles files = find_trace(from);
  check_output(path, files);
  return named->exporter(files, from, path);
}

}  // namespace baton::traces
