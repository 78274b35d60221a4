// The recording format: what is written is read, in any part, and damage is found and salvaged.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "traces/error.hpp"
#include "traces/format/block.hpp"
#include "traces/format/bytes.hpp"
#include "traces/format/reader.hpp"
#include "traces/format/writer.hpp"

using namespace baton::traces;
using namespace baton::traces::format;

namespace {

std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / (name + std::to_string(getpid()) + ".baton")).string();
}

/// Records of every event with fields from small to the largest.
std::vector<Record> random_records(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  const auto number = [&] { return random() >> (random() % 64); };
  std::vector<Record> records(count);
  for (Record& record : records) {
    record.address = number();
    record.sequence = random() % 3 == 0 ? number() & ~std::uint64_t{1} : unordered;
    record.value = random() % 2 == 0 ? 0 : number();
    record.location = static_cast<std::uint32_t>(random() % 4 == 0 ? random() % 50'000 : random() % 5);
    record.work_cycles = static_cast<std::uint32_t>(number());
    record.size = static_cast<std::uint32_t>(random() % 3 == 0 ? number() : 8);
    record.event = static_cast<Event>(random() % events);
    record.order = static_cast<MemoryOrder>(random() % 7);
    record.success = random() % 4 != 0;
  }
  return records;
}

std::vector<Record> read_all(RecordStream& stream) {
  std::vector<Record> all;
  std::vector<Record> some(777);
  while (const std::size_t n = stream.next(some)) {
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string problem_of(const std::string& path) {
  try {
    const Recording recording(path);
    for (std::uint32_t thread = 0; thread < recording.threads(); ++thread)
      read_all(*recording.stream(thread));
  } catch (const InputError& error) {
    return error.place() + ": " + std::string(error.what()).substr(error.file().size());
  }
  return "";
}

/// Two threads of 3 and 1 blocks.
struct Sample {
  explicit Sample(const std::string& name) : path(scratch(name)) {
    threads = {random_records(1, 300'000), random_records(2, 1000)};
    // Small numbers, so that blocks end by their records and not by their bytes.
    for (Record& record : threads[0]) {
      record.address &= 0xffff;
      record.sequence = unordered;
      record.value = 0;
    }
    Writer writer(path, {{"program", "sample"}, {"command", "sample 1"}});
    for (std::size_t i = 0; i < threads[0].size(); i += 1000) {
      writer.append(0, std::span(threads[0]).subspan(i, 1000));
      if (i == 5000) writer.append(1, threads[1]);
    }
    CHECK(writer.location({"main", "a.cpp", 3}) == 1);
    CHECK(writer.location({"f", "", 0}) == 2);
    CHECK(writer.location({"main", "a.cpp", 3}) == 1);
    writer.symbol({200, 8, "b"});
    writer.symbol({100, 50, "a"});
    writer.property("ended", "exit status 0");
    writer.property("program", "the sample");
    writer.finish();
  }
  ~Sample() { std::filesystem::remove(path); }

  std::string path;
  std::vector<std::vector<Record>> threads;
};

}  // namespace

TEST_CASE("a recording is read as it was written") {
  const Sample sample("whole");
  const Recording recording(sample.path);
  CHECK(recording.properties() ==
        Properties{{"program", "the sample"}, {"command", "sample 1"}, {"ended", "exit status 0"}});
  CHECK(recording.property("ended") == "exit status 0");
  CHECK(recording.property("none").empty());
  CHECK(recording.locations() == std::vector<Location>{{}, {"main", "a.cpp", 3}, {"f", "", 0}});
  CHECK(recording.symbols() == std::vector<DataSymbol>{{100, 50, "a"}, {200, 8, "b"}});
  REQUIRE(recording.threads() == 2);
  for (std::uint32_t thread = 0; thread < 2; ++thread) {
    CHECK(recording.records(thread) == sample.threads[thread].size());
    CHECK((read_all(*recording.stream(thread)) == sample.threads[thread]));
  }
}

TEST_CASE("types are read as they were written, and name what lies at an offset") {
  const std::string path = scratch("types");
  const std::vector<Type> types{
      {},
      {"", 16, 0, 0, {{0, 8, 0, "hits"}, {8, 1, 0, "ready"}, {8, 2, 0, "age"}, {12, 4, 0, "state"}}},
      {"", 64, 16, 1, {}},
      {"Pool", 96, 0, 0, {{0, 16, 1, ""}, {16, 64, 2, "slots"}, {80, 8, 0, "a"}, {80, 16, 1, "b"}}}};
  {
    Writer writer(path, {{"program", "types"}});
    writer.append(0, {});
    for (std::uint32_t i = 1; i < types.size(); ++i) CHECK(writer.type(types[i]) == i);
    writer.symbol({100, 96, "pool", 3});
    const auto place = writer.location({"main", "a.cpp", 3});
    CHECK(writer.location(place, 3) == 2);
    CHECK(writer.location(0, 1) == 3);
    CHECK(writer.location(place, 3) == 2);
    writer.finish();
  }
  const Recording recording(path);
  CHECK(recording.types() == types);
  CHECK(recording.symbols() == std::vector<DataSymbol>{{100, 96, "pool", 3}});
  CHECK(recording.locations() ==
        std::vector<Location>{{}, {"main", "a.cpp", 3}, {"main", "a.cpp", 3, 3}, {"", "", 0, 1}});
  const auto at = [&](std::uint64_t offset) { return field_at(types, 3, offset).value_or("nothing"); };
  CHECK(at(7) == ".hits");  // of the base class
  CHECK(at(8) == ".(ready|age)");
  CHECK(at(9) == ".age");
  CHECK(at(10) == "nothing");
  CHECK(at(16) == ".slots[0].hits");
  CHECK(at(79) == ".slots[3].state");
  CHECK(at(80) == ".(a|b)");
  CHECK(at(92) == ".b.state");
  CHECK(at(96) == "nothing");
  CHECK(field_at(types, 0, 5) == "");
  CHECK(field_in_allocation(types, 3, 96, 7) == "Pool.hits");
  CHECK(field_in_allocation(types, 3, 192, 96 + 76) == "Pool[1].slots[3].state");
  CHECK(!field_in_allocation(types, 0, 96, 7));
  std::filesystem::remove(path);
}

TEST_CASE("types that overlap at every level, as only damage makes them, end") {
  std::vector<Type> types(1);
  for (std::uint32_t i = 0; i < 1000; ++i)
    types.push_back({"", 8, 0, 0, {{0, 8, i, "a"}, {0, 8, i, "b"}, {0, 8, i, "c"}}});
  CHECK(field_at(types, 2, 0) == ".(a|b|c)");
  field_at(types, 1000, 0);
}

TEST_CASE("recordings of version 1, which have no types, are read") {
  std::string bytes = "BATONREC";
  put_number(bytes, std::uint32_t{1});
  put_number(bytes, std::uint32_t{0});
  put_number(bytes, checksum(bytes));
  std::string index;
  std::uint64_t blocks = 0;
  const auto add = [&](Content content, std::uint32_t count, std::uint64_t first,
                       const std::string& entries) {
    put_number(index, std::uint64_t{bytes.size()});
    put_number(index, first);
    put_number(index, static_cast<std::uint32_t>(content));
    put_number(index, std::uint32_t{0});
    put_number(index, count);
    bytes += pack({.content = content, .count = count, .first = first}, entries);
    ++blocks;
  };
  std::string location;
  put_text(location, "main");
  put_text(location, "a.c");
  put_varint(location, 7);
  std::string symbol;
  put_varint(symbol, 4096);
  put_varint(symbol, 8);
  put_text(symbol, "total");
  add(Content::records, 0, 0, "");
  add(Content::locations, 1, 1, location);
  add(Content::symbols, 1, 0, symbol);
  add(Content::orders, order_domains, 0, std::string(3 * order_domains, '\0'));
  std::string trailer;
  put_number(trailer, std::uint64_t{bytes.size()});
  bytes += pack({.content = Content::index, .count = static_cast<std::uint32_t>(blocks)}, index);
  put_number(trailer, checksum(trailer));
  const std::string path = scratch("version1");
  write_bytes(path, bytes + trailer + "BATONEND");
  {
    const Recording recording(path);
    CHECK(recording.locations()[1] == Location{"main", "a.c", 7});
    CHECK(recording.symbols() == std::vector<DataSymbol>{{4096, 8, "total"}});
    CHECK(recording.types().size() == 1);
  }
  bytes[8] = 3;
  write_bytes(path, bytes + trailer + "BATONEND");
  CHECK(problem_of(path) ==
        "byte offset 8: : byte offset 8: a recording of another version, found 3, allowed 1 to 2");
  std::filesystem::remove(path);
}

TEST_CASE("a recording is read from any record on") {
  const Sample sample("seek");
  const Recording recording(sample.path);
  const auto stream = recording.stream(0);
  for (const std::uint64_t index : {std::uint64_t{299'999}, std::uint64_t{0}, std::uint64_t{131'072},
                                    std::uint64_t{131'071}, std::uint64_t{200'000}}) {
    stream->seek(index);
    Record record;
    REQUIRE(stream->next({&record, 1}) == 1);
    CHECK((record == sample.threads[0][index]));
  }
  stream->seek(300'000);
  Record record;
  CHECK(stream->next({&record, 1}) == 0);
}

TEST_CASE("a thread without records and a recording without threads are recordings") {
  const std::string path = scratch("empty");
  {
    Writer writer(path, {{"program", "p"}});
    writer.append(0, {});
    writer.finish();
  }
  CHECK(Recording(path).threads() == 1);
  CHECK(Recording(path).records(0) == 0);
  {
    Writer writer(path, {{"program", "p"}});
    writer.finish();
  }
  CHECK(Recording(path).threads() == 0);
  std::filesystem::remove(path);
}

TEST_CASE("a recording that is not finished leaves nothing") {
  const std::string folder = scratch("folder");
  std::filesystem::create_directory(folder);
  { Writer writer(folder + "/x.baton", {{"program", "p"}}); }
  CHECK(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
  CHECK_THROWS_AS(Writer(folder + "/x.baton", {}), InputError);
}

TEST_CASE("every wrong byte of a recording is noticed") {
  const std::string path = scratch("flip");
  {
    Writer writer(path, {{"program", "p"}});
    writer.append(0, random_records(3, 20));
    writer.location({"f", "a.cpp", 1});
    writer.symbol({1, 2, "s"});
    writer.finish();
  }
  const std::string good = bytes_of(path);
  REQUIRE(problem_of(path).empty());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write_bytes(path, bad);
    INFO("byte " << i);
    CHECK_FALSE(problem_of(path).empty());
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    write_bytes(path, good.substr(0, size));
    INFO("size " << size);
    CHECK_FALSE(problem_of(path).empty());
  }
  std::filesystem::remove(path);
}

TEST_CASE("damage is reported where it is, and the rest salvaged") {
  Sample sample("damaged");
  const std::string good = bytes_of(sample.path);
  // The second block of thread 0 is the second in the file: thread 1's comes at the end.
  const std::size_t first = good.find(block_magic);
  const std::size_t second = good.find(block_magic, first + 1);
  std::string bad = good;
  bad[second + 1000] = static_cast<char>(bad[second + 1000] ^ 1);
  write_bytes(sample.path, bad);
  CHECK(problem_of(sample.path).find("byte offset " + std::to_string(second) + ": ") == 0);
  CHECK(problem_of(sample.path).find("the block is corrupt, found checksum ") != std::string::npos);

  const Recording recording(sample.path, Damage::salvage);
  REQUIRE(recording.damage().size() == 2);
  CHECK(recording.damage()[0].find("byte offset " + std::to_string(second) + ": ") == 0);
  CHECK(recording.damage()[1] == "thread 0 lacks records 131072 to 262143");
  std::vector<Record> expected(sample.threads[0].begin(), sample.threads[0].begin() + 131'072);
  expected.insert(expected.end(), sample.threads[0].begin() + 262'144, sample.threads[0].end());
  CHECK((read_all(*recording.stream(0)) == expected));
  CHECK((read_all(*recording.stream(1)) == sample.threads[1]));
  CHECK(recording.locations().size() == 3);

  write_bytes(sample.path, good.substr(0, second + 500));
  CHECK(problem_of(sample.path) ==
        "byte offset " + std::to_string(second + 500) + ": : byte offset " + std::to_string(second + 500) +
            ": the recording is truncated, found the end of the file at byte " +
            std::to_string(second + 500) + ", allowed a whole recording; --salvage keeps its whole blocks");
  const Recording begun(sample.path, Damage::salvage);
  REQUIRE(begun.threads() == 1);
  CHECK(begun.records(0) == 131'072);
}
