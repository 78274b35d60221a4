// What recording costs: example programs of traces/record/examples, built plain and by baton-c++ (here,
// once), alone and under `baton record`.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "tests/bench/cases.hpp"
#include "traces/format/reader.hpp"

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

}  // namespace

void add_recordings() {
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
