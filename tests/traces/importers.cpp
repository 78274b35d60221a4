// Formats of other tools: small samples read to the last field, and what is wrong said with its place.
#include "tests/traces/import_support.hpp"
#include "traces/export/export.hpp"
#include "traces/format/reader.hpp"
#include "traces/gates.hpp"
#include "traces/import/formats/gap.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

constexpr auto load = Kind::load;
constexpr auto store = Kind::store;
constexpr auto rmw = Kind::rmw;

std::string sample(const std::string& name) {
  return std::string(BATON_SOURCE_DIR) + "/traces/import/samples/" + name;
}

std::vector<Operation> of_core(TraceWorkload& workload, int core) {
  return drain(*workload.stream(core));
}

std::vector<Operation> of_core(const std::string& path, int core) {
  TraceWorkload workload({.path = path});
  return of_core(workload, core);
}

Operation gate(Kind kind, Address number, std::uint32_t value) {
  return {.address = number, .gap_cycles = value, .size = 0, .kind = kind, .completes = false};
}

/// The error of a file with these lines, without its name.
std::string problem(const std::string& name, const std::string& content) {
  TemporaryFolder folder;
  const std::string path = folder.write(name, content);
  const std::string text = read_error(path, 1);
  return text.starts_with(path + ": ") ? text.substr(path.size() + 2) : text;
}

}  // namespace

TEST_CASE("din") {
  CHECK(of_core(sample("sample.din"), 0) ==
        std::vector<Operation>{{0x7fff0010, 1, 8, load}, {0x7fff0018, 2, 8, store}, {0x601040, 0, 8, load}});
  CHECK(problem("a.din", "0 10\n5 10\n") ==
        "line 2: unknown label, found \"5\", allowed 0 (read), 1 (write), 2 (instruction fetch), 3 (unknown "
        "access), 4 (flush)");
  CHECK(problem("a.din", "0 xyz\n") ==
        "line 1: the address is not hexadecimal, found \"xyz\", allowed hexadecimal digits up to "
        "ffffffffffffffff, with or without 0x");
  CHECK(problem("a.din", "0\n") == "line 1: the address is missing, found \"0\", allowed label address");
}

TEST_CASE("lackey") {
  TraceWorkload workload({.path = sample("sample.lackey")});
  CHECK(workload.format().name() == "lackey");
  CHECK(of_core(workload, 0) == std::vector<Operation>{{0x4222cac, 1, 4, load},
                                                       {0x4222cac, 0, 4, store},
                                                       {0x1ffeffe7e0, 2, 8, load},
                                                       {0x1ffeffe7d8, 0, 8, store}});
  TemporaryFolder folder;
  CHECK(TraceWorkload({.path = folder.write("by_content", " L 10,8\n")}).format().name() == "lackey");
  const std::string allowed =
      ", allowed I, L, S or M and address,size as in \"L 1ffefff7e0,8\"; let valgrind write to a file of its "
      "own "
      "with --log-file";
  CHECK(problem("a.lackey", " L 10,8\nhello\n") == "line 2: not a line of lackey, found \"hello\"" + allowed);
  CHECK(problem("a.lackey", " L 10\n") == "line 1: not a line of lackey, found \" L 10\"" + allowed);
  CHECK(problem("a.lackey", " L 10,0\n") == "line 1: not a line of lackey, found \" L 10,0\"" + allowed);
}

TEST_CASE("Prospero: decimal addresses, a file a thread") {
  for (const char* name : {"sstprospero-0-0.trace", "sstprospero-{core}-0.trace"}) {
    TraceWorkload workload({.path = sample(name)});
    CHECK(workload.format().name() == "prospero");
    REQUIRE(workload.cores() == 2);
    CHECK(of_core(workload, 0) ==
          std::vector<Operation>{{6295616, 10, 8, load}, {6295616, 0, 8, store}, {6295680, 3, 4, store}});
    CHECK(of_core(workload, 1) == std::vector<Operation>{{6295616, 12, 8, load}});
  }
  const std::string allowed = ", allowed cycle R|W address size, numbers decimal, a size of 1 to 65535";
  CHECK(problem("a.prospero", "1 R 2 8\n1 R 2\n") ==
        "line 2: not a record of Prospero, found \"1 R 2\"" + allowed);
  CHECK(problem("a.prospero", "1 R 0x20 8\n") == "line 1: a wrong field, found \"1 R 0x20 8\"" + allowed);
  CHECK(problem("a.prospero", "1 R 18446744073709551616 8\n") ==
        "line 1: a wrong field, found \"1 R 18446744073709551616 8\"" + allowed);
}

TEST_CASE("drmemtrace: threads in the order of their records, locked instructions are one access") {
  TraceWorkload workload({.path = sample("sample.drmemtrace"), .order = Order::global});
  CHECK(workload.cores() == 2);
  const auto read = drain(*workload.ordered(), 2);
  CHECK(operations(read) == std::vector<Operation>{{0x7ffd90c13950, 1, 8, store},
                                                   {0x7ffd90c13940, 2, 8, rmw},
                                                   {0x7fdf64e2adc8, 1, 4, load}});
  CHECK(read[1].core == 0);
  CHECK(read[2].core == 1);
  TemporaryFolder folder;
  const std::string other = folder.write("a", "  12  7: W0.T292 write 8 byte(s) @ 0x2345 by PC 0x6789\n");
  TraceWorkload by_content({.path = other});
  CHECK(by_content.format().name() == "drmemtrace");
  CHECK(of_core(by_content, 0) == std::vector<Operation>{{0x2345, 0, 8, store}});
  CHECK(problem("a.drmemtrace", "1 1: 7 read 8 byte(s) @ 0x10 by PC 0x1\n2 1: 7 red 8 byte(s)\n")
            .starts_with(
                "line 2: not a line of drmemtrace's view tool, found \"2 1: 7 red 8 byte(s)\", allowed "));
  CHECK(problem("a.drmemtrace", "1 1: 7 read 8 byte(s) @ 0x10 by PC 0x1\n2 1: 8 read 8 byte(s) @ 0x10 by\n")
            .starts_with(
                "line 2: the trace has more threads than the machine has cores, found thread number 2 "));
}

TEST_CASE("gem5 packet traces") {
  TraceWorkload workload({.path = sample("sample.ptrc")});
  CHECK(workload.format().name() == "gem5");
  CHECK(of_core(workload, 0) == std::vector<Operation>{{0x7fff0010, 0, 8, load},
                                                       {0x7fff0018, 0, 4, store},
                                                       {0x601040, 0, 8, rmw},
                                                       {0x601080, 0, 64, store}});
  std::ifstream file(sample("sample.ptrc"), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  const std::string place = " of the decompressed file: ";
  CHECK(problem("a.gem5", good.substr(0, 2)) ==
        "byte offset 0" + place +
            "is not a gem5 trace, found fewer than four bytes, allowed gem5 and messages");
  CHECK(problem("a.gem5", "x" + good) ==
        "byte offset 0" + place + "is not a gem5 trace, found other first bytes, allowed gem5");
  CHECK(problem("a.gem5", good.substr(0, 4)) ==
        "byte offset 4" + place + "the header is missing, found the end of the file, allowed a PacketHeader");
  CHECK(problem("a.gem5", good.substr(0, good.size() - 1))
            .ends_with(place +
                       "the file is truncated, found its end inside a message, allowed whole messages"));
  std::string beyond = good;  // the second packet with its address, a varint, moved to the end of memory
  const std::string address("\x90\x80\xfc\xff\x07");
  const std::string last("\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  const auto at = beyond.find(address);
  REQUIRE(at != std::string::npos);
  beyond.replace(at, address.size(), last);
  beyond[at - 8] = static_cast<char>(beyond[at - 8] + last.size() - address.size());  // the message's length
  CHECK(
      problem("a.gem5", beyond)
          .ends_with(place +
                     "a packet ends beyond the last address, found address 18446744073709551612 and size 8"));
}

TEST_CASE("gem5: each command has its kind") {
  // MemCmd::Command; those that are not here are no accesses.
  const std::map<std::uint64_t, Kind> kinds{{1, load},  {4, store}, {16, store}, {22, store}, {24, load},
                                            {25, load}, {26, load}, {27, store}, {30, rmw},   {34, rmw}};
  std::string trace("gem5\0", 5);  // an empty header
  std::vector<Operation> expected;
  for (std::uint64_t command = 0; command < 100; ++command) {
    // Fields 2, 3 and 4 as varints below 128: the command, the address, the size.
    trace += {6, 2 << 3, static_cast<char>(command), 3 << 3, static_cast<char>(command), 4 << 3, 8};
    if (kinds.contains(command)) expected.push_back({command, 0, 8, kinds.at(command)});
  }
  TemporaryFolder folder;
  CHECK(of_core(folder.write("a.gem5", trace), 0) == expected);
}

TEST_CASE("work before an access stops at the longest that an access can have") {
  constexpr std::uint64_t longest = 4'294'967'295;
  Gap gap;
  const auto after = [&gap](std::initializer_list<std::uint64_t> parts) {
    for (const std::uint64_t part : parts) gap.add(part);
    return gap.take();
  };
  CHECK(after({longest - 1, 1}) == longest);
  CHECK(after({longest, 1}) == longest);
  CHECK(after({1, longest, longest}) == longest);
  CHECK(after({~std::uint64_t{0}, ~std::uint64_t{0}}) == longest);
  CHECK(after({2, 3}) == 5);
  CHECK(after({}) == 0);
}

TEST_CASE("SynchroTrace: events wait for what they depend on") {
  const std::string path = sample("synchrotrace/sigil.events.out-{core}");
  TraceWorkload workload({.path = path, .order = Order::recorded});
  CHECK(workload.format().name() == "synchrotrace");
  REQUIRE(workload.cores() == 2);
  const Address barrier = 3 * 65536;
  CHECK(of_core(workload, 0) == std::vector<Operation>{{0x601010, 12, 4, load},
                                                       {0x601000, 0, 8, store},
                                                       gate(Kind::advance, 3, 1),
                                                       gate(Kind::advance, 7, 1),  // thread 2 may start
                                                       gate(Kind::advance, 3, 2),
                                                       {0x1000, 0, 4, rmw},
                                                       gate(Kind::advance, barrier, 1),
                                                       gate(Kind::await, barrier + 1, 1),
                                                       gate(Kind::advance, 3, 3),
                                                       {0x601008, 4, 8, store},
                                                       gate(Kind::advance, 3, 4),
                                                       gate(Kind::await, 8, 1),  // thread 2 has ended
                                                       gate(Kind::advance, 3, 5),
                                                       gate(Kind::advance, 5, 1)});
  CHECK(of_core(workload, 1) == std::vector<Operation>{gate(Kind::await, 7, 1),
                                                       gate(Kind::await, lock_counter(0x600040), 1),
                                                       {0x600040, 0, 4, rmw},
                                                       gate(Kind::advance, 6, 1),
                                                       {0x601000, 0, 8, load},  // has the lock: need not wait
                                                       gate(Kind::advance, 6, 2),
                                                       {0x600040, 0, 4, rmw},
                                                       gate(Kind::advance, lock_counter(0x600040), 1),
                                                       gate(Kind::advance, 6, 3),
                                                       {0x1000, 0, 4, rmw},
                                                       gate(Kind::advance, barrier + 1, 1),
                                                       gate(Kind::await, barrier, 1),
                                                       gate(Kind::advance, 6, 4),
                                                       gate(Kind::advance, 8, 1)});
  TraceWorkload any_file({.path = sample("synchrotrace/sigil.events.out-2"), .order = Order::global});
  std::vector<std::uint32_t> cores;
  for (const OrderedOperation& one : drain(*any_file.ordered())) cores.push_back(one.core);
  CHECK(cores == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1, 1, 0});
}

TEST_CASE("SynchroTrace: locks exclude, conditions wait for their signals") {
  TemporaryFolder folder;
  folder.write("sigil.events.out-1", "^ 1^0x40\n^ 1^0x40\n^ 2^0x40\n^ 6^0x80&0x40\n^ 12^0x90\n");
  const std::string path =
      folder.write("sigil.events.out-2", "^ 9^0x50\n^ 10^0x50\n^ 10^0x50\n^ 7^0x80\n^ 8^0x80\n");
  const Address mutex = lock_counter(0x40);
  const Address spin = lock_counter(0x50);
  const auto without_events = [&](int core) {
    TraceWorkload workload({.path = path, .order = Order::recorded});
    auto all = of_core(workload, core);
    std::erase_if(all, [](const Operation& one) { return one.kind == Kind::advance && one.address < 65536; });
    return all;
  };
  const auto object = [](Address address) { return Operation{address, 0, 4, rmw}; };
  // Taken twice, and not free before it has been given back twice: not when the thread waits.
  CHECK(without_events(0) ==
        std::vector<Operation>{gate(Kind::await, mutex, 1), object(0x40), object(0x40), object(0x40),
                               object(0x80), object(0x40), gate(Kind::advance, mutex, 1),
                               gate(Kind::await, sum_counter(0x80), 1), gate(Kind::await, mutex, 1),
                               object(0x40), object(0x90), gate(Kind::advance, mutex, 1)});
  // One that the thread does not have is not given back.
  CHECK(without_events(1) == std::vector<Operation>{gate(Kind::await, spin, 1), object(0x50), object(0x50),
                                                    gate(Kind::advance, spin, 1), object(0x50), object(0x80),
                                                    gate(Kind::advance, sum_counter(0x80), 1), object(0x80),
                                                    gate(Kind::advance, sum_counter(0x80), 1)});
  // In one order: a lock that the other has is waited for.
  folder.write("sigil.events.out-1", "^ 1^0x40\n@ 0,0,1,0 * 0x100 0x107\n^ 2^0x40\n");
  folder.write("sigil.events.out-2", "^ 1^0x40\n@ 0,0,1,0 * 0x200 0x207\n^ 2^0x40\n");
  TraceWorkload global({.path = path, .order = Order::global});
  std::vector<std::uint32_t> cores;
  for (const OrderedOperation& one : drain(*global.ordered())) cores.push_back(one.core);
  CHECK(cores == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1});
}

TEST_CASE("SynchroTrace: the largest number of an event") {
  TemporaryFolder folder;
  const std::string large = ", found 4294967295, allowed at most 4294967294, found ";
  CHECK(problem("sigil.events.out-1", "4294967294,1,0,0,0,1 $ 0x0 0x7\n") == "no error");
  CHECK(problem("sigil.events.out-1", "4294967295,1,0,0,0,0\n") ==
        "line 1: an event's number is too large" + large + "\"4294967295,1,0,0,0,0\"");
  CHECK(problem("sigil.events.out-1", "4294967294,1,0,0,0,0\n@ 0,0,0,0\n") ==
        "line 2: an event's number is too large" + large + "\"@ 0,0,0,0\"");
  CHECK(problem("sigil.events.out-1", "0,1 # 2 4294967295 0x0 0x7\n") ==
        "line 1: an event's number is too large" + large + "\"0,1 # 2 4294967295 0x0 0x7\"");
}

TEST_CASE("SynchroTrace: the form without event numbers") {
  TemporaryFolder folder;
  const std::string path = folder.write("sigil.events.out-1",
                                        "@ 3,1,2,0 * 0x1006 0x1009 * 0x20 0x20 \n! 10\n# 2 7 0x10 0x13 # 3 0 "
                                        "0x40 0x47 # 30000 1 0x48 0x48\n^ 1^0x80&0x90\n");
  CHECK(of_core(path, 0) == std::vector<Operation>{{0x1006, 4, 2, load},
                                                   {0x1008, 0, 2, load},
                                                   {0x20, 0, 1, load},
                                                   gate(Kind::advance, 3, 1),
                                                   gate(Kind::await, 6, 8),
                                                   {0x10, 0, 4, load},
                                                   gate(Kind::await, 9, 1),
                                                   {0x40, 0, 8, load},
                                                   {0x48, 0, 1, load},  // from the operating system
                                                   gate(Kind::advance, 3, 2),
                                                   gate(Kind::await, lock_counter(0x80), 1),
                                                   {0x80, 0, 4, rmw},
                                                   gate(Kind::advance, 3, 3),
                                                   // The thread ends with the lock.
                                                   gate(Kind::advance, lock_counter(0x80), 1),
                                                   gate(Kind::advance, 5, 1)});
  const std::string begin = "line 1: not an event of SynchroTrace, found ";
  CHECK(problem("sigil.events.out-1", "1,1,1,1,1\n").starts_with(begin + "\"1,1,1,1,1\", allowed "));
  CHECK(problem("sigil.events.out-1", "1,1,0,0,1,1 $ 0x9 0x8\n").starts_with(begin));
  CHECK(problem("sigil.events.out-1", "1,2,0,0,0,0\n") ==
        "line 1: an event of another thread, allowed thread 1 in this file, found \"1,2,0,0,0,0\"");
  CHECK(problem("sigil.events.out-1", "1,1,pth_ty:5^0x10\n")
            .find("sigil.pthread.out is missing, which names the barrier 16, found \"1,1,pth_ty:5^0x10\"") !=
        std::string::npos);
  folder.write("sigil.pthread.out", "##5\n");
  CHECK(read_error(path, 1) ==
        (folder / "sigil.pthread.out") +
            ": line 1: not a line of sigil.pthread.out, found \"##5\", allowed ##address,thread and "
            "**address,thread,thread… in decimal");
}

TEST_CASE("a trace comes back from every format that can say all of it") {
  TemporaryFolder folder;
  const std::string text =
      folder.write("a.text", "0 r 10 4\n2 w 3f 200 7\n1 m ffffffffffffffff 1 4294967295\n0 w 20 8 1\n");
  for (const char* name : {"b.text", "b.text.gz", "b.text.zst"}) {
    const Exported done = export_trace({.path = text}, "text", folder / name);
    CHECK(done.accesses == 4);
    CHECK(done.lost.empty());
    CHECK(read_global(folder / name).size() == 4);
    CHECK(operations(read_global(folder / name)) == operations(read_global(text)));
  }
  const Exported done = export_trace({.path = text}, "recording", folder / "b.baton");
  CHECK(done.lost == std::vector<std::string>{"the order among cores"});
  for (int core = 0; core < 3; ++core)
    CHECK(drain(*TraceWorkload({.path = folder / "b.baton"}).stream(core)).size() >= 1);
  CHECK(of_core(folder / "b.baton", 0) == std::vector<Operation>{{0x10, 0, 4, load}, {0x20, 1, 8, store}});
  export_trace({.path = folder / "b.baton"}, "recording", folder / "c.baton");
  CHECK(format::Recording(folder / "c.baton").properties() ==
        format::Recording(folder / "b.baton").properties());
  CHECK(of_core(folder / "c.baton", 2) == of_core(folder / "b.baton", 2));

  const Exported din = export_trace({.path = text}, "din", folder / "d_{core}.din");
  CHECK(din.lost.size() == 3);
  CHECK(din.files.size() == 3);
  CHECK(of_core(folder / "d_{core}.din", 0) ==
        std::vector<Operation>{{0x10, 0, 8, load}, {0x20, 0, 8, store}});
  CHECK(of_core(folder / "d_{core}.din", 1) ==
        std::vector<Operation>{{~std::uint64_t{0}, 0, 1, load}, {~std::uint64_t{0}, 0, 1, store}});
  CHECK_THROWS_WITH(
      export_trace({.path = text}, "din", folder / "e.din"),
      (folder / "e.din") + ": din has one file a core, found accesses of core 2, allowed a path with {core}");
  CHECK_FALSE(std::filesystem::exists(folder / "e.din"));
  CHECK_THROWS_WITH(
      export_trace({.path = text}, "csv", folder / "e.csv"),
      (folder / "e.csv") + ": unknown format to convert to, found \"csv\", allowed text, din, recording");
}

TEST_CASE("a summary says who shares the lines") {
  TemporaryFolder folder;
  const TraceSummary summary = inspect({.path = folder.write("a.text",
                                                             "0 r 0\n0 w 8\n"
                                                             "0 r 40\n1 r 48\n"
                                                             "0 w 80\n1 r 80\n1 r 80\n"
                                                             "0 w c0\n1 m c8\n")});
  CHECK(summary.lines_of == std::array<std::uint64_t, 4>{1, 1, 1, 1});
  CHECK(summary.accesses_of == std::array<std::uint64_t, 4>{2, 2, 3, 2});
  REQUIRE(summary.hottest.size() == 3);
  CHECK(summary.hottest[0].line == 0x80);
  CHECK(summary.hottest[0].accesses == 3);
  CHECK(summary.hottest[0].sharing == Sharing::one_writer);
  CHECK(summary.by_core[1].accesses == 4);
  CHECK(summary.sizes == std::map<std::uint32_t, std::uint64_t>{{8, 9}});
}
