// Small instrumented programs, recorded by `baton record`, against what they do.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "traces/format/reader.hpp"

namespace {

using namespace baton::traces::format;
namespace fs = std::filesystem;

const std::string programs = BATON_RECORDED_PROGRAMS;

bool exists(const std::string& program) {
  if (fs::exists(programs + "/" + program)) return true;
  WARN(program + " has not been built: no clang");
  return false;
}

struct Run {
  int status = -1;
  std::string output;  ///< both streams
  std::string file;
};

/// `baton record OPTIONS -o FILE -- COMMAND`, the command's program in `programs`.
Run run(const std::string& options, const std::string& command) {
  const std::string base =
      (fs::temp_directory_path() / ("baton-record-" + std::to_string(getpid()))).string();
  Run result{-1, "", base + ".baton"};
  const std::string line = std::string(BATON_PROGRAM) + " record " + options + " -o " + result.file + " -- " +
                           command + " > " + base + ".out 2>&1";
  fs::remove(result.file);
  result.status = WEXITSTATUS(std::system(line.c_str()));
  std::stringstream text;
  text << std::ifstream(base + ".out").rdbuf();
  result.output = text.str();
  fs::remove(base + ".out");
  return result;
}

/// All records of a file, a vector a thread.
struct Recorded {
  explicit Recorded(const Run& run) : Recorded(run.file) { fs::remove(run.file); }
  explicit Recorded(const std::string& file) : recording(file) {
    for (std::uint32_t thread = 0; thread < recording.threads(); ++thread) {
      threads.emplace_back(recording.records(thread));
      const auto stream = recording.stream(thread);
      std::size_t read = 0;
      while (read < threads.back().size()) read += stream->next(std::span(threads.back()).subspan(read));
    }
  }
  std::uint64_t count(Event event, std::uint64_t address) const {
    std::uint64_t result = 0;
    for (const auto& records : threads) {
      result +=
          static_cast<std::uint64_t>(std::count_if(records.begin(), records.end(), [&](const Record& record) {
            return record.event == event && record.address == address;
          }));
    }
    return result;
  }
  std::uint64_t address(const std::string& name) const {
    for (const DataSymbol& symbol : recording.symbols()) {
      if (symbol.name == name) return symbol.address;
    }
    FAIL("no variable " << name);
    return 0;
  }

  Recording recording;
  std::vector<std::vector<Record>> threads;
};

constexpr std::array<const char*, events> names{
    "load",           "store",         "rmw",           "fence",     "mutex_lock",    "mutex_unlock",
    "read_lock",      "write_lock",    "rwlock_unlock", "cond_wait", "cond_woken",    "cond_signal",
    "cond_broadcast", "barrier_enter", "barrier_leave", "once",      "thread_create", "thread_start",
    "thread_join",    "thread_end",    "allocate",      "release",   "region_begin",  "region_end"};
constexpr std::array<const char*, 7> orders{"none",    "relaxed", "consume", "acquire",
                                            "release", "acq_rel", "seq_cst"};

/// "LINE: EVENT VARIABLE BYTES [ORDER] [failed]"
std::string text(const Recorded& recorded, const Record& record) {
  std::string name = "*";
  for (const DataSymbol& symbol : recorded.recording.symbols()) {
    if (record.address < symbol.address || record.address >= symbol.address + symbol.bytes) continue;
    name = symbol.name;
    if (record.address > symbol.address) name += "+" + std::to_string(record.address - symbol.address);
    break;
  }
  const std::uint64_t bytes = record.event == Event::allocate ? record.value : record.size;
  std::string line = std::to_string(recorded.recording.locations()[record.location].line) + ": " +
                     names[static_cast<std::size_t>(record.event)] + " " + name + " " + std::to_string(bytes);
  if (record.order != MemoryOrder::none)
    line += std::string(" ") + orders[static_cast<std::size_t>(record.order)];
  return line + (record.success ? "" : " failed");
}

/// What the comments of accesses.c say.
std::vector<std::string> expected_accesses() {
  std::vector<std::string> result;
  std::ifstream source(std::string(BATON_SOURCE_DIR) + "/tests/record/programs/accesses.c");
  std::string line;
  for (int number = 1; std::getline(source, line); ++number) {
    const std::size_t comment = line.find("// ");
    if (comment == std::string::npos) continue;
    std::stringstream list(line.substr(comment + 3));
    for (std::string one; std::getline(list, one, ',');) {
      result.push_back(std::to_string(number) + ": " + one.substr(one.find_first_not_of(' ')));
    }
  }
  return result;
}

/// The field that a record is of: of a variable, or of an allocation whose type is known.
std::string field(const Recorded& recorded, const Record& record) {
  const auto& types = recorded.recording.types();
  for (const DataSymbol& symbol : recorded.recording.symbols()) {
    if (record.address < symbol.address || record.address >= symbol.address + symbol.bytes) continue;
    return symbol.name + field_at(types, symbol.type, record.address - symbol.address).value_or(" padding");
  }
  for (const Record& one : recorded.threads[0]) {  // of which the program frees none before its stores
    if (one.event != Event::allocate || record.address - one.address >= one.value) continue;
    const std::uint32_t type = recorded.recording.locations()[one.location].type;
    return field_in_allocation(types, type, one.value, record.address - one.address).value_or("unknown");
  }
  return "nowhere";
}

/// What the comments of a source say of their lines is what the program stores to there.
void check_fields(const std::string& program, const std::string& source) {
  const Run one = run("", programs + "/" + program);
  INFO(program << ": " << one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  const std::string path = std::string(BATON_SOURCE_DIR) + "/tests/record/programs/" + source;
  std::map<std::uint32_t, std::set<std::string>> found;
  for (const Record& record : recorded.threads[0]) {
    const Location& at = recorded.recording.locations()[record.location];
    const bool stores = record.event == Event::store || record.event == Event::rmw;
    if ((stores || record.event == Event::mutex_lock) && at.file.ends_with("/" + source))
      found[at.line].insert(field(recorded, record));
  }
  std::ifstream file(path);
  std::string line;
  for (std::uint32_t number = 1; std::getline(file, line); ++number) {
    const std::size_t comment = line.find(";  ");
    if (comment == std::string::npos || line.find("// ") == std::string::npos) continue;
    INFO(source << ":" << number);
    const std::string name = line.substr(line.find("// ") + 3);
    const std::size_t star = std::min(name.find('*'), name.size());
    std::string names;
    const bool known = std::any_of(found[number].begin(), found[number].end(), [&](const auto& one) {
      names += one + "; ";
      return star == name.size()
                 ? one == name
                 : one.starts_with(name.substr(0, star)) && one.ends_with(name.substr(star + 1));
    });
    INFO("found " << names << "expected " << name);
    CHECK(known);
  }
}

/// The sequence numbers of every domain: each once, without a gap, growing within a thread.
void check_order(const Recorded& recorded) {
  std::map<std::uint32_t, std::vector<std::uint64_t>> domains;
  for (const auto& records : recorded.threads) {
    std::map<std::uint32_t, std::uint64_t> last;
    for (const Record& record : records) {
      if (record.sequence == unordered) continue;
      const std::uint32_t domain = order_domain(record.address);
      const auto [place, first] = last.try_emplace(domain, record.sequence);
      if (!first && place->second >= record.sequence) FAIL("a thread's sequence falls in domain " << domain);
      place->second = record.sequence;
      domains[domain].push_back(record.sequence);
    }
  }
  for (auto& [domain, numbers] : domains) {
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != i) FAIL("domain " << domain << " has " << numbers[i] << " as number " << i);
    }
  }
}

/// A mutex is locked and unlocked in turn, by the same thread, in the recorded order.
void check_mutex(const Recorded& recorded, std::uint64_t address) {
  std::map<std::uint64_t, std::pair<Event, std::size_t>> by_order;
  for (std::size_t thread = 0; thread < recorded.threads.size(); ++thread) {
    for (const Record& record : recorded.threads[thread]) {
      if (record.address != address || record.event < Event::mutex_lock) continue;
      by_order[record.sequence] = {record.event, thread};
    }
  }
  std::pair<Event, std::size_t> before{Event::mutex_unlock, 0};
  for (const auto& [sequence, now] : by_order) {
    REQUIRE(now.first == (before.first == Event::mutex_lock ? Event::mutex_unlock : Event::mutex_lock));
    if (now.first == Event::mutex_unlock) REQUIRE(now.second == before.second);
    before = now;
  }
}

void check_accesses(const std::string& program) {
  const Run one = run("--region", programs + "/" + program);
  INFO(one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  CHECK(recorded.recording.property("ended") == "exit 0");
  CHECK_FALSE(recorded.recording.property("compiler").empty());
  REQUIRE(recorded.threads.size() == 1);
  std::vector<std::string> found;
  for (const Record& record : recorded.threads[0]) found.push_back(text(recorded, record));
  CHECK(found == expected_accesses());
  check_order(recorded);
}

void check_stress(const std::string& program, std::uint64_t threads, std::uint64_t times) {
  const Run one = run("--yield 16", programs + "/" + program + " return " + std::to_string(threads) + " " +
                                        std::to_string(times));
  INFO(one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  CHECK(recorded.recording.property("yield_every") == "16");
  CHECK(recorded.threads.size() == threads + 1);
  CHECK(recorded.count(Event::rmw, recorded.address("counter")) == threads * times);
  CHECK(recorded.count(Event::mutex_lock, recorded.address("mutex")) == threads * times);
  CHECK(recorded.count(Event::load, recorded.address("guarded")) == threads * times);
  CHECK(recorded.count(Event::store, recorded.address("guarded")) == threads * times);
  check_order(recorded);
  check_mutex(recorded, recorded.address("mutex"));
  std::set<std::uint64_t> created, joined;
  for (const Record& record : recorded.threads[0]) {
    if (record.event == Event::thread_create) created.insert(record.value);
    if (record.event == Event::thread_join) joined.insert(record.value);
  }
  CHECK(created.size() == threads);
  CHECK(created == joined);
  for (std::size_t thread = 1; thread < recorded.threads.size(); ++thread) {
    CHECK(recorded.threads[thread].front().event == Event::thread_start);
    CHECK(recorded.threads[thread].back().event == Event::thread_end);
  }
}

/// However the program ends, all that its threads did is there.
void check_ending(const std::string& mode, const std::string& ended) {
  const Run one = run("", programs + "/threads_cmake " + mode + " 4 2000");
  INFO(mode << ": " << one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  CHECK(recorded.recording.property("ended").starts_with(ended));
  CHECK(recorded.count(Event::rmw, recorded.address("counter")) == 8000);
  CHECK(recorded.count(Event::mutex_unlock, recorded.address("mutex")) == 8000);
  check_order(recorded);
}

TEST_CASE("what g++ compiles is recorded access by access, with its lines") {
  check_accesses("accesses_gcc");
}

TEST_CASE("what clang compiles is recorded access by access, with its lines") {
  if (exists("accesses_clang")) check_accesses("accesses_clang");
}

TEST_CASE("fields of variables and of allocations have the names of the source") {
  check_fields("fields_gcc", "fields.cpp");
  check_fields("fields_c_gcc", "fields.c");
  if (!exists("fields_clang")) return;
  check_fields("fields_clang", "fields.cpp");
  check_fields("fields_c_clang", "fields.c");
}

TEST_CASE("atomics and locks of many threads are recorded in one order, without a gap") {
  check_stress("threads_cmake", 2, 20000);
  check_stress("threads_cmake", 16, 2000);
  if (exists("threads_clang")) check_stress("threads_clang", 8, 2000);
}

TEST_CASE("a program that ends in a thread, or is killed, has lost no record") {
  check_ending("exit", "exit 3");
  check_ending("abort", "signal 6");
  check_ending("segv", "signal 11");
  check_ending("kill", "signal 9");
}

TEST_CASE("a forked child is not recorded, and that is said") {
  const Run one = run("", programs + "/threads_cmake fork 2 1000");
  INFO(one.output);
  REQUIRE(one.status == 0);
  CHECK(one.output.find("forked") != std::string::npos);
  const Recorded recorded(one);
  CHECK(recorded.recording.property("forks_not_recorded") == "1");
  CHECK(recorded.count(Event::rmw, recorded.address("counter")) == 2000);
  check_order(recorded);
}

TEST_CASE("only what a program does in its region is recorded") {
  const Run one = run("--region", programs + "/threads_cmake region 0 1000");
  INFO(one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  CHECK(recorded.count(Event::rmw, recorded.address("counter")) == 10);
  CHECK(recorded.count(Event::store, recorded.address("guarded")) == 10);
  check_order(recorded);
}

TEST_CASE("a program that marks no region is recorded without an access, and that is said") {
  const Run none = run("--region", programs + "/threads_cmake return 2 10");
  INFO(none.output);
  REQUIRE(none.status == 0);
  CHECK(none.output.find(
            "marked no region (baton_region_begin of baton/record.h), so the recording has no access") !=
        std::string::npos);
  const Recorded recorded(none);
  CHECK(recorded.count(Event::rmw, recorded.address("counter")) == 0);
}

TEST_CASE("a thread's own stack and the work between accesses can be left out") {
  const std::string command = programs + "/threads_cmake return 2 1000";
  const auto records_of = [](const Recorded& recorded) {
    std::size_t count = 0;
    for (const auto& thread : recorded.threads) count += thread.size();
    return count;
  };
  const Recorded all(run("", command));
  const Recorded less(run("--no-stack --no-work", command));
  CHECK(records_of(less) < records_of(all));
  CHECK(less.count(Event::rmw, less.address("counter")) == 2000);
  CHECK(less.count(Event::store, less.address("guarded")) == 2000);
  const auto works = [](const Record& record) { return record.work_cycles > 0; };
  CHECK(std::any_of(all.threads[1].begin(), all.threads[1].end(), works));
  CHECK(std::none_of(less.threads[1].begin(), less.threads[1].end(), works));
  CHECK(less.recording.property("own_stack") == "left out");
  CHECK(less.recording.property("work") == "not measured");
}

TEST_CASE("work is time on a processor: sleep is left out, computing where nothing is recorded is not") {
  const Recorded recorded(run("", programs + "/threads_cmake absent 1 1"));
  std::vector<double> milliseconds;
  const double per_millisecond = std::stod(recorded.recording.property("work_cycles_per_second")) / 1000;
  const auto guarded = recorded.address("guarded");
  for (const Record& record : recorded.threads[0]) {
    if (record.event == Event::store && record.address == guarded) {
      milliseconds.push_back(record.work_cycles / per_millisecond);
    }
  }
  REQUIRE(milliseconds.size() == 3);
  CHECK(milliseconds[1] < 20);  // of 200
  CHECK(milliseconds[2] > 40);  // of 50 of processor time
}

TEST_CASE("a limit of records is kept, and the program runs on") {
  const Run one = run("--records 5000", programs + "/threads_cmake return 4 5000");
  INFO(one.output);
  REQUIRE(one.status == 0);
  const Recorded recorded(one);
  CHECK(recorded.recording.property("limited") == "records");
  CHECK(recorded.recording.property("ended") == "exit 0");
  std::size_t records = 0;
  for (const auto& thread : recorded.threads) records += thread.size();
  CHECK(records <= 5000);
  CHECK(records > 3000);
  check_order(recorded);
}

TEST_CASE("limits of bytes and seconds stop a recording") {
  Run one = run("--bytes 1KiB", programs + "/threads_cmake return 2 300000");
  INFO(one.output);
  CHECK(one.status == 0);
  CHECK(Recording(one.file).property("limited") == "bytes");
  // Of a short program nothing is missing, but blocks are whole.
  one = run("--bytes 2KiB", programs + "/threads_cmake return 2 100");
  CHECK(one.status == 0);
  CHECK(one.output.find("Note: the file is larger than --bytes, 2048: blocks are written whole.\n") !=
        std::string::npos);
  CHECK(fs::file_size(one.file) > 2048);
  CHECK(Recording(one.file).property("limited") == "bytes, exceeded by the last blocks; complete");
  CHECK(Recording(one.file).property("ended") == "exit 0");
  CHECK(Recording(one.file).property("work_cap_us").empty());
  one = run("--bytes 1MiB --work-cap 7", programs + "/threads_cmake return 2 100");
  CHECK(one.status == 0);
  CHECK(one.output.find("larger") == std::string::npos);
  CHECK(Recording(one.file).property("limited").empty());
  CHECK(Recording(one.file).property("work_cap_us") == "7");
  one = run("--seconds 0.05", programs + "/threads_cmake return 2 1000000");
  CHECK(one.status == 0);
  CHECK(Recording(one.file).property("limited") == "seconds");
  fs::remove(one.file);
}

TEST_CASE("the shipped recordings are whole and small, and have no paths of the machine that made them") {
  std::uintmax_t bytes = 0;
  int files = 0;
  for (const auto& entry :
       fs::directory_iterator(std::string(BATON_SOURCE_DIR) + "/traces/record/examples/traces")) {
    INFO(entry.path());
    const Recorded recorded(entry.path().string());
    check_order(recorded);
    for (const Location& location : recorded.recording.locations()) {
      CHECK((!location.file.starts_with("/") || location.file.starts_with("/usr/")));
    }
    CHECK(recorded.recording.property("ended") == "exit 0");
    bytes += entry.file_size();
    ++files;
  }
  CHECK(files == 7);
  CHECK(bytes < 2 << 20);
}

TEST_CASE("the example of false sharing shares one line, its padded twin none") {
  const auto lines = [](const std::string& name) {
    const Recorded recorded(std::string(BATON_SOURCE_DIR) + "/traces/record/examples/traces/" + name +
                            ".baton");
    const std::uint64_t counters = recorded.address("counters");
    std::set<std::uint64_t> result;
    for (std::size_t thread = 1; thread < recorded.threads.size(); ++thread) {
      for (const Record& record : recorded.threads[thread]) {
        if (record.event == Event::rmw && record.address >= counters) result.insert(record.address / 64);
      }
    }
    return result.size();
  };
  CHECK(lines("counters") == 1);
  CHECK(lines("padded_counters") == 4);
}

TEST_CASE("bad use of baton record is refused, and leaves no file") {
  const auto refused = [](const std::string& options, const std::string& command, const std::string& why) {
    const Run one = run(options, command);
    INFO(one.output);
    CHECK(one.status == 2);
    CHECK(one.output.find(why) != std::string::npos);
    CHECK_FALSE(fs::exists(one.file));
  };
  refused("", "/bin/true", "not instrumented");
  refused("", "./no-such-program", "cannot be run");
  refused("", "", "needs \"-- PROGRAM\"");
  refused("--bytes 3", "/bin/true", "--bytes");
  refused("--records 0", "/bin/true", "--records");
  const std::string line = std::string(BATON_PROGRAM) + " record -o /no/such/folder/x.baton -- " + programs +
                           "/threads_cmake return 1 1 2> /dev/null";
  CHECK(WEXITSTATUS(std::system(line.c_str())) == 2);
}

}  // namespace
