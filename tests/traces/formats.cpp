// Is every record read exactly, and every malformed one refused with its place?
#include "tests/traces/import_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

constexpr auto load = Kind::load;
constexpr auto store = Kind::store;

const std::string allowed_hex = ", allowed hexadecimal digits up to ffffffffffffffff, with or without 0x";

}  // namespace

TEST_CASE("text: every field, blank lines, comments, Windows line ends") {
  TemporaryFolder folder;
  const std::string path = folder.write("a.trace",
                                        "# a comment\r\n\r\n"
                                        "2 w 168ffd70\r\n"
                                        "  0\tr   0x61EC70  4 \r\n"
                                        "\n \t \n"
                                        "1 m 0X10 65535 4294967295 # trailing\n"
                                        "3 L ffffffffffffffff\n"
                                        "3 S 0000000000000000000000003d 16\n"
                                        "0 R 8#\n"
                                        "0 W 9\n"
                                        "0 M b 1 0");
  const auto read = read_global(path);
  const std::vector<Operation> expected{{0x168ffd70, 0, 8, store},
                                        {0x61ec70, 0, 4, load},
                                        {0x10, 4294967295U, 65535, Kind::rmw},
                                        {~std::uint64_t{0}, 0, 1, load},
                                        {0x3d, 0, 16, store},
                                        {8, 0, 8, load},
                                        {9, 0, 7, store},
                                        {0xb, 0, 1, Kind::rmw}};
  CHECK(operations(read) == expected);
  const std::vector<std::uint32_t> cores{2, 0, 1, 3, 3, 0, 0, 0};
  for (std::size_t i = 0; i < read.size(); ++i) CHECK(read[i].core == cores[i]);
  CHECK(operations(read_global(path, 1)) == expected);
}

TEST_CASE("text: what is wrong is said with its line") {
  TemporaryFolder folder;
  const auto error = [&folder](const std::string& line) {
    const std::string path = folder.write("a.trace", "0 r 10\n\n" + line);
    const std::string text = read_error(path, 4, "text");
    REQUIRE(text.starts_with(path + ": line 3: "));
    return text.substr(path.size() + 10);
  };
  CHECK(error("0 x 10\n") ==
        "unknown op, found \"x\", allowed r or l (load), w or s (store), m (read-modify-write)");
  CHECK(error("0 rw 10\n") ==
        "unknown op, found \"rw\", allowed r or l (load), w or s (store), m (read-modify-write)");
  CHECK(error("4 r 10\n") == "the core is out of range, found \"4\", allowed 0 to 3");
  CHECK(error("99999999999999999999999 r 10\n") ==
        "the core is out of range, found \"99999999999999999999999\", allowed 0 to 3");
  CHECK(error("-1 r 10\n") == "the core is not a decimal number, found \"-1\", allowed 0 to 3");
  CHECK(error("0 r 1ffffffffffffffff\n") ==
        "the address is too large, found \"1ffffffffffffffff\"" + allowed_hex);
  CHECK(error("0 r 12g4\r\n") == "the address is not hexadecimal, found \"12g4\"" + allowed_hex);
  CHECK(error("0 r 0x") == "the address is not hexadecimal, found \"0x\"" + allowed_hex);
  CHECK(error("0") == "the op is missing, found \"0\", allowed core op address [size] [gap]");
  CHECK(error("0 r\r\n") == "the address is missing, found \"0 r\", allowed core op address [size] [gap]");
  CHECK(error("0 r 10 0") == "the size is out of range, found \"0\", allowed 1 to 65535");
  CHECK(error("0 r 10 65536") == "the size is out of range, found \"65536\", allowed 1 to 65535");
  CHECK(error("0 r fffffffffffffffc 5") ==
        "the access ends beyond the last address, found \"0 r fffffffffffffffc 5\", allowed up to "
        "ffffffffffffffff");
  CHECK(error("0 r 10 4 x") == "the gap is not a decimal number, found \"x\", allowed 0 to 4294967295");
  CHECK(error("0 r 10 4 4294967296") ==
        "the gap is out of range, found \"4294967296\", allowed 0 to 4294967295");
  CHECK(error("0 r 10 4 5 6") ==
        "too many fields, found \"0 r 10 4 5 6\", allowed core op address [size] [gap]");
  CHECK(error(std::string("\x01\xff\0z", 4)) ==
        "the core is not a decimal number, found \"\\x01\\xff\\x00z\", allowed 0 to 3");
  CHECK(error(std::string(300'000, ' ')) ==
        "the line is too long, found more than 262143 bytes, allowed at most that many");
}

TEST_CASE("text: records across the blocks of the reader") {
  TemporaryFolder folder;
  std::string text;
  std::vector<Operation> expected;
  for (std::uint64_t i = 0; text.size() < 1'000'000; ++i) {
    char line[64];
    std::snprintf(line, sizeof line, "%u r %llx 8\n", static_cast<unsigned>(i % 4),
                  static_cast<unsigned long long>(i * i * i));
    text += line;
    expected.push_back({i * i * i, 0, 8, load});
  }
  const bool same = operations(read_global(folder.write("a.trace", text), 777)) == expected;
  CHECK(same);
  text += "0 r zz\n";
  const std::string path = folder.write("b.trace", text);
  CHECK(read_error(path).starts_with(path + ": line " + std::to_string(expected.size() + 1) + ": "));
}

TEST_CASE("labels: every record, work adds up, work at the end is dropped") {
  TemporaryFolder folder;
  folder.write("x_0.data",
               "2 0x10\r\n\r\n2 A\r\n0 0x7f0a3b28\r\n1 0x7f0a3b29\n2 ffffffff\n0 FFFFFFFFFFFFFFFF\n2 0x5");
  folder.write("x_1.data", "# idle\n");
  folder.write("x_2.data", "1 8\n");
  const std::vector<Operation> core0{
      {0x7f0a3b28, 26, 8, load}, {0x7f0a3b29, 0, 7, store}, {~std::uint64_t{0}, 4294967295U, 1, load}};
  for (const char* name : {"x_{core}.data", "x_0.data"}) {
    TraceWorkload workload({.path = folder / name});
    REQUIRE(workload.cores() == 3);
    CHECK(workload.ordered() == nullptr);
    CHECK(drain(*workload.stream(0)) == core0);
    CHECK(drain(*workload.stream(1)).empty());
    CHECK(drain(*workload.stream(2)) == std::vector<Operation>{{8, 0, 8, store}});
  }
  TraceWorkload any({.path = folder / "x_2.data", .cores = 5});
  CHECK(any.cores() == 5);
  CHECK(drain(*any.stream(0), 1) == core0);
  CHECK(drain(*any.stream(4)).empty());
}

TEST_CASE("labels: what is wrong is said with its line") {
  TemporaryFolder folder;
  const auto error = [&folder](const std::string& line) {
    const std::string path = folder.write("alone.data", "0 10\r\n\r\n" + line);
    const std::string text = read_error(path, 1, "labels");
    REQUIRE(text.starts_with(path + ": line 3: "));
    return text.substr(path.size() + 10);
  };
  CHECK(error("3 0x1") ==
        "unknown label, found \"3\", allowed 0 (load), 1 (store), 2 (cycles of other work)");
  CHECK(error("00 0x1") ==
        "unknown label, found \"00\", allowed 0 (load), 1 (store), 2 (cycles of other work)");
  CHECK(error("0 0x1g") == "the address is not hexadecimal, found \"0x1g\"" + allowed_hex);
  CHECK(error("1 0x10000000000000000") ==
        "the address is too large, found \"0x10000000000000000\"" + allowed_hex);
  CHECK(error("2") == "the number of cycles is missing, found \"2\", allowed label value");
  CHECK(error("0 1 2") == "too many fields, found \"0 1 2\", allowed label value");
  CHECK(error("2 0x100000000") ==
        "the other work before one access is too long, found \"0x100000000\" after 0 cycles, allowed "
        "4294967295 cycles in all");
  folder.write("alone.data", "0 10\n2 ffffffff\n2 1\n0 10\n");
  CHECK(read_error(folder / "alone.data", 1) == (folder / "alone.data") +
                                                    ": line 3: the other work before one access is too long, "
                                                    "found \"1\" after 4294967295 cycles, allowed "
                                                    "4294967295 cycles in all");
}

TEST_CASE("labels: which files belong together") {
  TemporaryFolder folder;
  for (int core = 0; core < 12; ++core) {
    folder.write((core < 10 ? "p0" : "p") + std::to_string(core) + ".gz.data", "0 10\n");
  }
  folder.write("p.gz.data", "not one of them");
  folder.write("p1x.gz.data", "not one of them");
  CHECK(TraceWorkload({.path = folder / "p07.gz.data"}).cores() == 12);
  CHECK(read_error(folder / "p{core}.gz.data", 8) ==
        (folder / "p{core}.gz.data") +
            ": the trace has more cores than the machine, found files of 12 cores, allowed at most 8 (or "
            "\"threads\": \"scheduled\": they share cores)");
  std::filesystem::remove(folder / "p03.gz.data");
  CHECK(read_error(folder / "p{core}.gz.data") ==
        (folder / "p{core}.gz.data") +
            ": the file of core 3 is missing, found one of core 4, allowed cores 0, 1, 2, … without a gap");
  folder.write("p2.gz.data", "0 10\n");
  CHECK(read_error(folder / "p{core}.gz.data") ==
        (folder / "p{core}.gz.data") + ": two files for core 2, found " + (folder / "p02.gz.data") + " and " +
            (folder / "p2.gz.data"));
  CHECK(read_error(folder / "q{core}.data") ==
        (folder / "q{core}.data") + ": no file of any core was found, allowed q0.data and so on");
  CHECK(read_error(folder / "{core}/x.data") ==
        (folder / "{core}/x.data") + ": {core} is misplaced, allowed only in the file's name");
  folder.write("alone.data", "0 10\n");
  CHECK(read_error(folder / "alone.data", 0, "auto", Order::global) ==
        (folder / "alone.data") +
            ": the order \"global\" is not possible: a trace of the format labels records no order between "
            "cores, "
            "allowed \"free\"");
  CHECK(read_error(folder / "p{core}.gz.data", 0, "text") != "no error");
}

TEST_CASE("formats are told apart by their first record") {
  TemporaryFolder folder;
  CHECK(TraceWorkload({.path = folder.write("a", "# x\n\n0 r 10\n")}).format().name() == "text");
  CHECK(TraceWorkload({.path = folder.write("b", "# x\n\n0 10\n")}).format().name() == "labels");
  const std::string path = folder.write("c", "\n0 x 10\n");
  CHECK(read_error(path) ==
        path + ": line 2: not of a known trace format, found \"0 x 10\", allowed " + format_names());
  CHECK(format_names().find("labels, ") != std::string::npos);
  CHECK(read_error(path, 4, "csv") ==
        path + ": unknown trace format, found \"csv\", allowed auto, " + format_names());
  folder.write("x_0.data", "0 r 10\n");
  CHECK(read_error(folder / "x_{core}.data") ==
        (folder / "x_{core}.data") +
            ": a trace of the format text has all cores in one file, allowed a path without {core}");
}

TEST_CASE("a trace without an access is an error, as is a missing file or a folder") {
  TemporaryFolder folder;
  const std::string empty = ": the trace is empty, found no access, allowed at least one";
  for (const char* format : {"auto", "text", "labels"}) {
    for (const char* content : {"", "\r\n\r\n", "# only a comment"}) {
      const std::string path = folder.write("a.trace", content);
      CHECK(read_error(path, 4, format) == path + empty);
    }
  }
  const std::string work = folder.write("work.data", "2 10\n");
  CHECK(read_error(work) == work + empty);
  CHECK_THROWS_WITH(inspect({.path = work}), work + empty);
  CHECK(read_error(folder / "none") == (folder / "none") + ": cannot be opened: No such file or directory");
  CHECK(read_error(folder / "") == (folder / "") + ": is not a trace, found a directory, allowed a file");
}

TEST_CASE("the number of cores is discovered") {
  TemporaryFolder folder;
  const std::string path = folder.write("a.trace", "0 r 10\n9 r 10\n3 r 10\n");
  CHECK(TraceWorkload({.path = path}).cores() == 10);
  CHECK(TraceWorkload({.path = path, .cores = 16}).cores() == 16);
  const std::string wild = folder.write("b.trace", "0 r 10\n65536 r 10\n");
  CHECK(read_error(wild, 0) ==
        wild + ": line 2: the core is out of range, found \"65536\", allowed 0 to 65535");
}

TEST_CASE("a summary counts what is there") {
  TemporaryFolder folder;
  const std::string path =
      folder.write("a.trace", "0 r 0 8 5\n1 w 3c 8\n5 m 40 4\n0 r fffffffffffffffe 2\n0 r 1000 200 7\n");
  const TraceSummary summary = inspect({.path = path});
  CHECK(summary.format == "text");
  CHECK(summary.accesses == 5);
  CHECK(summary.loads == 3);
  CHECK(summary.stores == 1);
  CHECK(summary.rmws == 1);
  CHECK(summary.cores == 6);
  CHECK(summary.bytes == 8 + 8 + 4 + 2 + 200);
  CHECK(summary.work_cycles == 12);
  // Lines 0 and 1, the last one of the address space, and the four from 0x1000.
  CHECK(summary.footprint_lines == 2 + 1 + 4);
}
