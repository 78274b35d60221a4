// What recording costs: example programs of traces/record/examples, built plain and by baton-c++ (here,
// once), alone and under `baton record`.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "tests/bench/cases.hpp"
#include "traces/format/reader.hpp"
#include "traces/format/writer.hpp"
#include "traces/synthetic/random.hpp"

namespace baton::bench {
namespace {

namespace fs = std::filesystem;

const fs::path& folder() {
  struct Temporary {
    fs::path path = fs::temp_directory_path() / ("baton-bench-" + std::to_string(getpid()));
    Temporary() { fs::create_directory(path); }
    ~Temporary() { fs::remove_all(path); }
  };
  static const Temporary temporary;
  return temporary.path;
}

/// Seconds that the command takes.
double run(const std::string& command) {
  const auto begin = std::chrono::steady_clock::now();
  if (std::system((command + " > /dev/null 2>&1").c_str()) != 0)
    throw std::runtime_error("failed: " + command);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The path of the program, without ".plain" and ".recorded".
std::string build(const std::string& name) {
  static std::map<std::string, std::string> built;
  const auto [place, added] = built.try_emplace(name, (folder() / name).string());
  if (added) {
    const std::string record = std::string(BATON_SOURCE_DIR) + "/traces/record/";
    const std::string arguments =
        " -std=c++20 -O2 -pthread " + record + "examples/" + name + ".cpp -o " + place->second;
    run("c++" + arguments + ".plain");
    run("BATON_BUILD=" BATON_BINARY_DIR " BATON_CXX=c++ " + record + "baton-c++" + arguments + ".recorded");
  }
  return place->second;
}

void measure(benchmark::State& state, const std::string& name, const std::string& arguments) {
  const std::string program = build(name);
  const std::string file = program + ".baton";
  double plain = 0, recorded = 0, records = 0, bytes = 0;
  for (auto _ : state) {
    plain += run(program + ".plain " + arguments);
    const double seconds =
        run(BATON_BINARY_DIR "/baton record -o " + file + " -- " + program + ".recorded " + arguments);
    state.SetIterationTime(seconds);
    recorded += seconds;
    const traces::format::Recording recording(file);
    for (std::uint32_t i = 0; i < recording.threads(); ++i)
      records += static_cast<double>(recording.records(i));
    bytes += static_cast<double>(fs::file_size(file));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.counters["slowdown"] = recorded / plain;
  state.counters["bytes_per_record"] = bytes / records;
}

/// One thread's records: `spread` 0 walks through an array, else most addresses are anywhere in so many
/// bytes.
std::string made_up(std::uint64_t spread) {
  constexpr std::size_t records = 20'000'000;
  const std::string file = (folder() / ("made_up_" + std::to_string(spread) + ".baton")).string();
  traces::format::Writer writer(file, {});
  traces::Random random(1, spread);
  std::vector<traces::format::Record> block(1000);
  traces::Address next = 1 << 20;
  for (std::size_t done = 0; done < records; done += block.size()) {
    for (auto& record : block) {
      next = spread == 0 ? next + 8 : (1 << 20) + random.below(spread) / 8 * 8;
      record.address = next;
      record.size = 8;
      record.event = random.below(4) == 0 ? traces::format::Event::store : traces::format::Event::load;
      record.location = static_cast<std::uint32_t>(random.below(20));
      record.work_cycles = static_cast<std::uint32_t>(random.below(4));
    }
    writer.append(0, block);
  }
  for (std::uint32_t i = 1; i < 20; ++i) writer.location({"function", "file.cpp", i});
  writer.finish();
  return file;
}

/// Reads a recording of one thread.
void read(benchmark::State& state, std::uint64_t spread) {
  const std::string file = made_up(spread);
  std::vector<traces::format::Record> block(1024);
  std::uint64_t records = 0;
  for (auto _ : state) {
    const traces::format::Recording recording(file);
    const auto stream = recording.stream(0);
    while (const std::size_t n = stream->next(block)) records += n;
    benchmark::DoNotOptimize(block.front());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.counters["bytes_per_record"] = static_cast<double>(fs::file_size(file)) *
                                       static_cast<double>(state.iterations()) / static_cast<double>(records);
}

}  // namespace

void add_recordings() {
  const auto add_read = [](const char* name, std::uint64_t spread) {
    benchmark::RegisterBenchmark((std::string("read_recording/") + name).c_str(),
                                 [=](benchmark::State& state) { read(state, spread); })
        ->Iterations(3)
        ->Unit(benchmark::kMillisecond);
  };
  add_read("array", 0);
  add_read("anywhere", 1 << 26);

  const auto add = [](const char* name, const char* arguments) {
    benchmark::RegisterBenchmark((std::string("recording/") + name).c_str(),
                                 [=](benchmark::State& state) { measure(state, name, arguments); })
        ->UseManualTime()
        ->Iterations(3)
        ->Unit(benchmark::kMillisecond);
  };
  add("ms_queue", "4 200000");
  add("mutex_queue", "4 200000");
  add("hash_map", "4 300000");
  add("counters", "4 500000");
  add("parallel_sort", "4 1000000");
  add("larson", "4 50000");
}

}  // namespace baton::bench
