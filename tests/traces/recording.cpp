// The recording format: what is written is read, in any part, and damage is found and salvaged.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "traces/error.hpp"
#include "traces/export/export.hpp"
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
  std::filesystem::remove(path);  // ext4 would flush a file that is overwritten
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

/// Where the file's blocks are: those of a content, in its order.
std::vector<std::size_t> offsets_of(const std::string& bytes, Content content) {
  std::vector<std::size_t> offsets;
  BlockHeader header;
  for (std::size_t at = bytes.find(block_magic); at != std::string::npos; at = bytes.find(block_magic, at)) {
    if (!read_header(std::string_view(bytes).substr(at), header)) break;
    if (header.content == content) offsets.push_back(at);
    at += block_header_bytes + header.stored;
  }
  return offsets;
}

/// The block at an offset, with its header.
std::string block_of(const std::string& bytes, std::size_t at) {
  BlockHeader header;
  REQUIRE(read_header(std::string_view(bytes).substr(at), header));
  return bytes.substr(at, block_header_bytes + header.stored);
}

void spoil(std::string& bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
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
    bytes += pack({.version = 1, .content = content, .count = count, .first = first}, entries);
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
  bytes +=
      pack({.version = 1, .content = Content::index, .count = static_cast<std::uint32_t>(blocks)}, index);
  put_number(trailer, checksum(trailer));
  const std::string path = scratch("version1");
  write_bytes(path, bytes + trailer + "BATONEND");
  for (const bool header : {true, false}) {
    if (!header) {
      std::string headless = bytes + trailer + "BATONEND";
      spoil(headless, 8);  // it is of version 0 then: only its blocks tell the right one
      write_bytes(path, headless);
    }
    const Recording recording(path, header ? Damage::refuse : Damage::salvage);
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
    writer.symbol({1, 2, "s", writer.type({"t", 8, 0, 0, {{0, 8, 0, "m"}}})});
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

TEST_CASE("a recording is salvaged without its header, but not one of another version") {
  Sample sample("header");
  const std::string good = bytes_of(sample.path);
  for (const std::size_t byte : {0, 8, 12, 20}) {
    std::string bad = good;
    spoil(bad, byte);
    write_bytes(sample.path, bad);
    INFO("byte " << byte);
    CHECK_FALSE(problem_of(sample.path).empty());
    const Recording recording(sample.path, Damage::salvage);
    REQUIRE(recording.damage().size() == 1);
    CHECK(recording.damage()[0].find("byte offset ") == 0);
    CHECK((read_all(*recording.stream(0)) == sample.threads[0]));
    CHECK((read_all(*recording.stream(1)) == sample.threads[1]));
    CHECK(recording.property("program") == "the sample");
  }
  write_bytes(sample.path, good.substr(good.find(block_magic) - 4));
  CHECK(Recording(sample.path, Damage::salvage).records(0) == sample.threads[0].size());
  write_bytes(sample.path, "BATONREC and nothing that is one");
  CHECK_THROWS_AS(Recording(sample.path, Damage::salvage), InputError);

  std::string other = good;
  other[8] = 3;
  const std::size_t end = good.find(block_magic) - 8;
  const std::uint64_t sum = checksum(std::string_view(other).substr(0, end));
  for (std::size_t i = 0; i < 8; ++i) other[end + i] = static_cast<char>(sum >> (8 * i));
  write_bytes(sample.path, other);
  CHECK_THROWS_WITH(Recording(sample.path, Damage::salvage),
                    Catch::EndsWith("a recording of another version, found 3, allowed 1 to 2"));
}

TEST_CASE("a block that is there twice is kept once") {
  Sample sample("twice");
  const std::string good = bytes_of(sample.path);
  const std::size_t second = offsets_of(good, Content::records).at(1);
  const std::size_t symbols = offsets_of(good, Content::symbols).at(0);
  const std::string block = block_of(good, second);
  std::string bad = good;
  bad.insert(symbols, block_of(good, symbols));
  bad.insert(second, block);
  write_bytes(sample.path, bad);
  CHECK_FALSE(problem_of(sample.path).empty());
  const Recording recording(sample.path, Damage::salvage);
  CHECK(recording.damage() ==
        std::vector<std::string>{"byte offset " + std::to_string(second + block.size()) +
                                     ": records 131072 to 262143 of thread 0 a second time, left out",
                                 "byte offset " +
                                     std::to_string(symbols + block.size() + block_of(good, symbols).size()) +
                                     ": symbols 0 to 1 a second time, left out"});
  CHECK((read_all(*recording.stream(0)) == sample.threads[0]));
  CHECK(recording.symbols().size() == 2);
}

TEST_CASE("a block of another version is left out") {
  Sample sample("mixed");
  const std::string good = bytes_of(sample.path);
  const std::size_t symbols = offsets_of(good, Content::symbols).at(0);
  const std::string stray = pack({.version = 1, .content = Content::symbols, .first = 2}, "");
  for (const bool header : {true, false}) {
    std::string bad = good;
    bad.insert(symbols, stray);
    if (!header) spoil(bad, 0);
    write_bytes(sample.path, bad);
    CHECK_FALSE(problem_of(sample.path).empty());
    const Recording recording(sample.path, Damage::salvage);
    CHECK(recording.damage().back() == "byte offset " + std::to_string(symbols) + ": " +
                                           std::to_string(stray.size()) + " bytes are damaged");
    CHECK(recording.symbols().size() == 2);
  }
}

TEST_CASE("a damaged block of locations or symbols costs only its own") {
  const std::string path = scratch("names");
  const std::string copy = scratch("names_copy");
  const std::string longest(2 * 1024 * 1024, 'x');  // a block each
  {
    Writer writer(path, {{"program", "p"}});
    for (std::uint32_t i = 1; i <= 3; ++i) CHECK(writer.location({longest, "a.cpp", i}) == i);
    for (std::uint64_t i = 0; i < 3; ++i) writer.symbol({i, 1, longest});
    const Record records[] = {{.location = 1}, {.location = 2}, {.location = 3}};
    writer.append(0, records);
    writer.finish();
  }
  std::string bytes = bytes_of(path);
  const auto locations = offsets_of(bytes, Content::locations);
  const auto symbols = offsets_of(bytes, Content::symbols);
  REQUIRE(locations.size() == 3);
  REQUIRE(symbols.size() == 3);
  spoil(bytes, locations[1] + block_header_bytes + 3);
  spoil(bytes, symbols[2] + block_header_bytes + 3);
  write_bytes(path, bytes);
  const Recording recording(path, Damage::salvage);
  REQUIRE(recording.damage().size() == 4);
  CHECK_THAT(recording.damage()[2], Catch::StartsWith("locations 2 to 2 are lost: "));
  CHECK(recording.damage()[3] == "the names of variables 2 to 2 are lost");
  REQUIRE(recording.locations().size() == 4);
  CHECK(recording.locations()[1].line == 1);
  CHECK(recording.locations()[2] == Location{});
  CHECK(recording.locations()[3].line == 3);
  CHECK(recording.symbols().size() == 2);

  export_trace({.path = path, .salvage = true}, "recording", copy);
  const Recording copied(copy);
  const auto records = read_all(*copied.stream(0));
  REQUIRE(records.size() == 3);
  CHECK(copied.locations().at(records[0].location).line == 1);
  CHECK(records[1].location == 0);
  CHECK(copied.locations().at(records[2].location).line == 3);
  CHECK(copied.property("salvaged") == "4 gaps");
  std::filesystem::remove(path);
  std::filesystem::remove(copy);
}

TEST_CASE("a damaged block of types costs only the fields") {
  const std::string path = scratch("lost_types");
  const std::string copy = scratch("lost_types_copy");
  const std::string longest(2 * 1024 * 1024, 'x');  // a block each
  {
    Writer writer(path, {{"program", "p"}});
    CHECK(writer.type({longest, 16, 0, 0, {{0, 8, 0, "a"}, {8, 8, 0, "b"}}}) == 1);
    CHECK(writer.type({longest, 24, 0, 0, {{0, 16, 0, "c"}}}) == 2);
    CHECK(writer.type({"Pair", 32, 0, 0, {{0, 16, 1, "first"}, {16, 16, 2, "second"}}}) == 3);
    CHECK(writer.type({"Last", 8, 0, 0, {{0, 8, 0, "d"}}}) == 4);
    for (std::uint32_t i = 1; i <= 4; ++i) writer.symbol({i * 64, 32, "s", i});
    for (std::uint32_t i = 1; i <= 4; ++i) CHECK(writer.location({"main", "a.cpp", 1, i}) == i);
    CHECK(writer.location(0, 2) == 5);
    const Record records[] = {{.value = 8, .location = 2, .event = Event::allocate},
                              {.value = 8, .location = 3, .event = Event::allocate},
                              {.value = 8, .location = 5, .event = Event::allocate}};
    writer.append(0, records);
    writer.finish();
  }
  const auto field = [](const Recording& recording, std::size_t symbol, std::uint64_t offset) {
    return field_at(recording.types(), recording.symbols()[symbol].type, offset).value_or("nothing");
  };
  std::string bytes = bytes_of(path);
  const auto types = offsets_of(bytes, Content::types);
  REQUIRE(types.size() == 3);
  spoil(bytes, types[1] + block_header_bytes + 3);
  write_bytes(path, bytes);
  CHECK(problem_of(path).find("byte offset " + std::to_string(types[1]) + ": ") == 0);
  export_trace({.path = path, .salvage = true}, "recording", copy);
  const Recording salvaged(path, Damage::salvage);
  REQUIRE(salvaged.damage().size() == 2);
  CHECK_THAT(salvaged.damage()[1], Catch::StartsWith("types 2 to 2 are lost: "));
  const Recording copied(copy);
  CHECK(salvaged.types().size() == 5);
  CHECK(copied.types().size() == 4);  // numbered anew
  for (const Recording* recording : {&salvaged, &copied}) {
    CHECK(field(*recording, 0, 8) == ".b");
    CHECK(field(*recording, 1, 8).empty());  // of a lost type: the variable's name is enough
    CHECK(field(*recording, 2, 8) == ".first.b");
    CHECK(field(*recording, 2, 16) == ".second");
    CHECK(field(*recording, 3, 0) == ".d");
    const auto records = read_all(*recording->stream(0));
    REQUIRE(records.size() == 3);
    const auto type_of = [&](std::size_t i) {
      const std::uint32_t type = recording->locations().at(records[i].location).type;
      return recording->types().at(type).name;
    };
    CHECK(type_of(0).empty());
    CHECK(type_of(1) == "Pair");
    CHECK(type_of(2).empty());
  }
  // What of the copy has lost its type is the place alone.
  CHECK(read_all(*copied.stream(0))[2].location == 0);
  std::filesystem::remove(path);
  std::filesystem::remove(copy);
}

TEST_CASE("the index tells what is missing at the ends") {
  Sample sample("ends");
  const std::string good = bytes_of(sample.path);
  const auto records = offsets_of(good, Content::records);
  REQUIRE(records.size() == 4);  // of thread 0: three, of thread 1: one
  std::string bad = good;
  spoil(bad, records[2] + 500);
  spoil(bad, records[3] + 500);
  write_bytes(sample.path, bad);
  const Recording recording(sample.path, Damage::salvage);
  REQUIRE(recording.threads() == 2);
  CHECK(recording.records(0) == 262'144);
  CHECK(recording.records(1) == 0);
  REQUIRE(recording.damage().size() == 3);
  CHECK(recording.damage()[1] == "thread 0 lacks records 262144 to 299999");
  CHECK(recording.damage()[2] == "thread 1 lacks records 0 to 999");

  // Between two blocks, so that nothing is in pieces.
  write_bytes(sample.path, good.substr(0, records[1]));
  const Recording cut(sample.path, Damage::salvage);
  CHECK(cut.records(0) == 131'072);
  REQUIRE(cut.damage().size() == 3);
  CHECK_THAT(cut.damage()[2], Catch::StartsWith("the index is lost"));
}
