#pragma once
// A recorded program whose lines we know: threads that count, falsely sharing one line and truly another.

#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "sim/experiment/json.hpp"
#include "tests/experiment/program.hpp"
#include "traces/format/writer.hpp"

namespace baton::test {

using experiment::Json;

inline constexpr traces::Address counters = 0x601040;  // begins a line; a counter of 8 bytes for each thread
inline constexpr traces::Address lock = 0x602000;      // all threads' read-modify-writes of one word
inline constexpr traces::Address heap = 0x7f0000001040;

/// The threads count in a word of their own of one line, and together in one word; in turns.
inline void record(const std::string& path, std::uint32_t threads, std::uint64_t times) {
  namespace format = traces::format;
  using format::Event;
  format::Writer writer(path, {{"program", "counting"}});
  const auto main = writer.location({"main", "/src/counting.c", 30});
  const auto own = writer.location({"count_own", "/src/counting.c", 12});
  const auto all = writer.location({"count_all", "/src/counting.c", 17});
  const auto counter = writer.type({"", 8, 0, 0, {{0, 8, 0, "count"}}});
  const auto slot = writer.type({"Slot", 16, 0, 0, {{0, 8, 0, "key"}, {8, 8, 0, "value"}}});
  const auto array = writer.type({"", 64, 8, counter, {}});
  const auto slots = writer.location(main, slot);
  writer.symbol({counters, 64, "counters", array});
  writer.symbol({lock, 4, "total"});
  const auto add = [&](std::uint32_t thread, const format::Record& record) {
    writer.append(thread, {&record, 1});
  };
  add(0, {.address = heap - 64, .value = 256, .location = slots, .event = Event::allocate});
  std::uint64_t sequence = 0;
  for (std::uint64_t i = 0; i < times; ++i)
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      add(thread, {.address = counters + 8 * thread, .location = own, .size = 8, .event = Event::load});
      add(thread, {.address = counters + 8 * thread,
                   .location = own,
                   .work_cycles = 3,
                   .size = 8,
                   .event = Event::store});
      add(thread, {.address = heap + 16 * thread, .location = own, .size = 16, .event = Event::store});
      add(thread, {.address = lock,
                   .sequence = sequence++,
                   .location = all,
                   .size = 4,
                   .event = Event::rmw,
                   .order = format::MemoryOrder::relaxed});
    }
  writer.finish();
}

inline Json replayed(const std::string& arguments, const std::string& protocol = "mesi") {
  const auto ran =
      test::baton("replay counting.baton --protocol " + protocol + " --quiet -o r.json " + arguments);
  CAPTURE(ran.err);
  REQUIRE(ran.status == 0);
  return Json::parse(read_file("r.json"));
}

inline const Json& line_at(const Json& results, const std::string& address) {
  for (const Json& line : results["lines"])
    if (line["line"] == address) return line;
  throw std::runtime_error("no line " + address);
}

}  // namespace baton::test
